# Generated from aio/mqtt/session_request.py by tools/generate. Do not edit.
"""What a session with a broker (MQTT) or a gateway (MQTT-SN) is made by, before it is told."""

from ...core.compat import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_CLIENT = const(0)  # operation of +UMQTT and of +UMQTTSN

_PORT = const(1883)
_SECURE_PORT = const(8883)
_LONGEST_MS = const(0x1FFFFFFF)  # what a clock that goes round can measure


class Order:
    """`wanted`: settings as (operation, value …), `host`, `tls`, `clean`, `keepalive`: what the
    session is made by."""

    if TYPE_CHECKING:
        wanted: list[Any]
        tls: Any

    def __init__(self, host: str, keepalive: int, clean):
        self.host = host
        self.keepalive = keepalive
        self.clean = clean
        self.wanted = []
        self.tls = None

    def secure(self, modem, tls, operation: int) -> int:
        """Want TLS (DTLS) by `operation` if a profile or True is given; the port that goes with
        it."""
        self.tls = tls or None
        if not tls:
            return _PORT
        if tls is True:
            self.tls = tls = modem.security.default
        if not hasattr(tls, "hold"):
            raise TypeError("tls: a profile of modem.security, or True")
        self.wanted.append((operation, 1, tls.number))
        return _SECURE_PORT


def within(name: str, value, most: int) -> int:
    """`value` if it is an integer from 0 to `most`; `TypeError`, `ValueError`."""
    if not isinstance(value, int):
        raise TypeError(name + ": integer wanted")
    if not 0 <= value <= most:
        raise ValueError("%s: 0 to %d" % (name, most))
    return value


def duration(ms) -> int:
    """A time limit in milliseconds, checked."""
    return within("timeout_ms", ms, _LONGEST_MS)


def port_of(port, usual: int) -> int:
    """A port, or the usual one where there is none."""
    if port is None:
        return usual
    if not within("port", port, 65535):
        raise ValueError("port: 1 to 65535")
    return port


class Limit:
    """A time limit that counts from where it was made, however long what comes in between takes.
    `TypeError`, `ValueError`."""

    def __init__(self, channel, ms):
        self.channel = channel
        self.ms = duration(ms)
        self.began = channel.port.ticks_ms()

    def left(self) -> int:
        """What is left of it; a little in any case, so that it is a command that runs out."""
        return self.channel.remaining(self.ms, self.began)


def with_identity(service, order, limit) -> None:
    """Without a client id it is the IMEI, which not every firmware takes by itself (ubxlib)."""
    if order is not None and order.wanted[0][0] != _CLIENT:
        channel = service.channel
        channel.acquire(limit.left())
        try:
            lines = channel.ask(b"+CGSN", plain=True)
        finally:
            channel.release()
        for line in lines:
            if line.isdigit():  # else an unknown URC
                order.wanted.insert(0, (_CLIENT, line))
                return
        raise channel.garbled("no IMEI")


def begin_by(service, begin, order, limit) -> None:
    """`begin(service, order, limit)` with the security profile of `order`, or of the settings the
    module has, held for the host meanwhile; then its session for a later one is collected."""
    if order is None:
        tls, name = service.secured()
    else:
        tls, name = order.tls, order.host
    service.tls = None if tls is None else (tls, name)
    if tls is None:
        begin(service, order, limit)
        return
    tls.hold(name, limit.left())
    try:
        begin(service, order, limit)
    finally:
        tls.let_go(service.connecting)  # given up, the module may be at it all the same
    tls.collect()
