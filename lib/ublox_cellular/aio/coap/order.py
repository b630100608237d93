"""What a CoAP request is to be, checked before anything is sent. A5 8.2, at-commands 7."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import NotSupported
from ...core.url import place

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_METHODS = ("GET", "DELETE", "PUT", "POST")  # numbers of +UCOAPC, from 1
_GET = const(1)
_DELETE = const(2)
_PUT = const(3)

# What the module's <fmt> 0 to 7 stands for, by name and by IANA's number.
_FORMATS = (
    "text/plain", "application/link-format", "application/xml", "application/octet-stream",
    "application/rdf+xml", "application/exi", "application/json", "application/cbor",
)  # fmt: skip
NUMBERS = (0, 40, 41, 42, 43, 47, 50, 60)
_TEXT = const(0)
_OCTETS = const(3)
_LONGEST_URI = const(783)
_LONGEST_PART = const(255)
_LONGEST_MS = const(0x1FFFFFFF)  # what a clock that goes round can measure
_ETIMEDOUT = const(110)
_EOPNOTSUPP = const(95)


class Order:
    """What a request is to be, checked before anything is sent. `cmd` of +UCOAPC, `uri` as it is
    sent, None for that of the current profile, `host`, `secure`, `format` as the module counts
    them, `began`: when it was asked for."""

    if TYPE_CHECKING:
        tls: Any
        uri: Any
        sink: Any

    def __init__(self, coap, method: str, uri, payload, content_format, tls, timeout_ms):
        method = _text("method", method).upper()
        if method not in _METHODS:
            raise ValueError("method: one of " + " ".join(_METHODS))
        if not isinstance(timeout_ms, int):
            raise TypeError("timeout_ms: an integer wanted")
        if not 1 <= timeout_ms <= _LONGEST_MS:
            raise ValueError("timeout_ms: 1 or more wanted")
        self.channel = coap.channel
        self.cmd = _METHODS.index(method) + 1
        self.began = coap.channel.port.ticks_ms()
        self.timeout_ms = timeout_ms
        self.secure = False
        self.uri = self.sink = None
        self.host = ""
        if uri is not None:
            self.uri = sendable(_text("uri", uri), _LONGEST_URI)
            self.secure, self.host = check_uri(coap.modem, uri)
        self.tls = _security(coap.modem, self.secure, uri, tls)
        self.secure = self.secure or uri is None  # perhaps
        self.format = _format(content_format, payload)
        if self.cmd < _PUT and (content_format is not None or not _empty(payload)):
            raise ValueError("payload: PUT and POST have one")

    def left(self) -> int:
        """How long the caller still waits."""
        return self.channel.remaining(self.timeout_ms, self.began)

    def late(self) -> bool:
        """Whether the caller's time is over."""
        return self.channel.elapsed(self.began) >= self.timeout_ms

    def name(self) -> str:
        """For messages."""
        return "AT+UCOAPC=%d" % self.cmd

    def timeout(self, what: str) -> Exception:
        """The exception for having waited for `what` in vain."""
        from ...core.coap_errors import CoapTimeout

        return CoapTimeout(_ETIMEDOUT, self.name(), self.timeout_ms, what)

    def failure(self, reason) -> Exception:
        """The exception for what +UCOAPER reports, (class, code) or None."""
        from ...core.coap_errors import coap_error

        error_class, code = reason or (0, 0)
        return coap_error(self.name(), error_class, code)


def _text(name: str, value) -> str:
    if not isinstance(value, str):
        raise TypeError(name + ": a string wanted")
    return value


def _empty(payload) -> bool:
    return isinstance(payload, (str, bytes, bytearray, memoryview)) and not len(payload)


def check_uri(modem, uri: str):
    """(whether it is secure, host) of a URI; `ValueError` for what is none, or too long in one of
    its parts; `NotSupported` for a group, whose answers no document describes."""
    scheme, mark, rest = uri.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in ("coap", "coaps", "coap+tcp", "coaps+tcp"):
        raise ValueError("URI: coap:// coaps:// coap+tcp:// or coaps+tcp:// wanted")
    if "#" in rest:
        raise ValueError("URI: without a fragment")
    for c in rest:
        if not "!" <= c <= "~":
            raise ValueError("URI: %r must be percent-encoded" % c)
    end = 0
    while end < len(rest) and rest[end] not in "/?":
        end += 1
    host, colon, port = place(rest[:end])
    path, _, query = rest[end:].partition("?")
    open_ended = rest[:1] == "[" and "]" not in rest[:end]
    if (
        not host
        or open_ended
        or "@" in host
        or (colon and not (port.isdigit() and 0 < int(port) < 65536))
    ):
        raise ValueError("URI: host[:port] wanted, port 1 to 65535")
    for part, name in ((host, "host"), (path, "path"), (query, "query")):
        if len(part) > _LONGEST_PART:
            raise ValueError("URI: %s of at most %d characters" % (name, _LONGEST_PART))
    first = host.partition(".")[0]
    if (first.isdigit() and 224 <= int(first) < 240) or (":" in host and host[:2].lower() == "ff"):
        raise NotSupported(_EOPNOTSUPP, modem.name, "CoAP to a group (multicast)")
    return scheme[:5] == "coaps", host


def _security(modem, secure: bool, uri, tls):
    """The security profile, where one is needed; None also for a URI that the module has."""
    if not secure and (uri is not None or not tls):
        if tls:
            raise ValueError("tls wants a URI that begins with coaps:// or coaps+tcp://")
        return None
    if tls is None or tls is True:
        return modem.security.default
    if not hasattr(tls, "hold"):
        raise TypeError("tls: a profile of modem.security, or True")
    return tls


def _format(wanted, payload) -> int:
    """A content format as the module counts them."""
    if wanted is None:
        return _TEXT if isinstance(payload, str) else _OCTETS
    if isinstance(wanted, str) and wanted in _FORMATS:
        return _FORMATS.index(wanted)
    if isinstance(wanted, int) and wanted in NUMBERS:
        return NUMBERS.index(wanted)
    if not isinstance(wanted, (str, int)):
        raise TypeError("content_format: a name or IANA's number wanted")
    raise ValueError("content_format: %s, or their numbers" % ", ".join(_FORMATS))
