# Generated from aio/http/plan.py by tools/generate. Do not edit.
"""What a request comes to: checked before anything is sent. at-commands 9."""

from ...core.compat import const
from ...core.url import split

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_METHODS = ("HEAD", "GET", "DELETE", "PUT", "POST")  # numbers of +UHTTPC
_DELETE = const(2)
_PUT = const(3)

_LONGEST_TIMEOUT_S = const(180)
_SHORTEST_TIMEOUT_S = const(30)


class Order:
    """`cmd` of +UHTTPC, `wanted`: settings of the profile as (operation, value …), `body`: bytes,
    an object with `readinto`, or None, `size`: of the body, None if nobody knows, `file`: the
    name of a file that has it already, `kind`: parameters that tell its type, `save`: where the
    answer is to be kept, `direct`: whether it comes by the direct link."""

    if TYPE_CHECKING:
        tls: Any
        body: Any
        size: int | None
        file: str | None
        save: str | None

    def __init__(self, http, method: str, url: str, timeout_ms: int, options):
        modem = http.modem
        if not isinstance(method, str) or not isinstance(url, str):
            raise TypeError("method, URL: strings wanted")
        if not isinstance(timeout_ms, int):
            raise TypeError("timeout_ms: an integer wanted")
        if timeout_ms < 1:
            raise ValueError("timeout_ms: 1 or more wanted")
        method = method.upper()
        if method not in _METHODS:
            raise ValueError("method: one of " + " ".join(_METHODS))
        self.cmd = _METHODS.index(method)
        secure, self.host, port, self.path = split(url)
        self.tls = self.body = self.size = self.file = self.save = None
        self.kind = ()
        linked = modem.http_profiles == 1  # the module with one has the link, too
        # On the link nothing waits for a slow reader: only where the flow of bytes can be stopped.
        self.direct = linked and bool(modem.flow) and self.cmd < _DELETE
        named = ":" not in self.host and self.host.strip("0123456789.")
        more = []
        if secure or options or self.cmd >= _PUT:
            from .options import dress

            more = dress(self, modem, secure, linked, options)
        self.wanted: list[Any] = [(1 if named else 0, self.host)]
        if self.tls is not None:
            self.wanted.append((6, 1, self.tls.number))
        self.wanted.append((5, port))  # behind TLS, as switching that on may change it
        if linked:
            self.wanted.append((10, 1 if self.direct else 0))
        self.seconds = min(max(-(-timeout_ms // 1000), _SHORTEST_TIMEOUT_S), _LONGEST_TIMEOUT_S)
        if self.seconds != _LONGEST_TIMEOUT_S:
            more.append((7, self.seconds))
        self.wanted += more
