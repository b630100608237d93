"""CoAP by the module's own client: what it reports of the request it is at. A5 8.

Only SARA-R5 has it. The requests are in request.py, payloads of several blocks in blocks.py, the
profiles stored on the module in profiles.py.

Of CoAP no document of the module has: Observe, and answers of a multicast group (`NotSupported`);
how DELETE is asked for (a sibling's form is used, `NotSupported` where the firmware refuses it);
which operation sets the flag for release assistance (it can be read only); the detail of a code,
which is 0 in every example, see `second_field`; most codes of +UCOAPER.
"""

from binascii import unhexlify

from ...core.compat import const
from .. import entry, lazily
from ..at import Lock

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Concatenate, ParamSpec, TypeVar

    _P = ParamSpec("_P")
    _R = TypeVar("_R")

    def _without_method(
        request: "Callable[Concatenate[Coap, str, _P], _R]",
    ) -> "Callable[Concatenate[Coap, _P], _R]": ...


_FUNCTIONS = "request request \nprofiles store load profiles settings set_rai \n"
_METHODS = ("get", "put", "post", "delete")

_DATA = b"+UCOAPCD:"
_FEW = const(16)


class Coap:
    """`modem.coap`: requests to a server, one at a time; other callers wait.

    `buffer`: what answers are read into, a bytearray of the application's, or one of 1024 bytes
    that is made at the first request. `second_field`: what the module means by the second field
    of +UCOAPCD, which no document says: "format", the content format of the answer, or "detail",
    the detail of its code (5 of "4.05").
    """

    if TYPE_CHECKING:
        from ..coap.profiles import load as load
        from ..coap.profiles import profiles as profiles
        from ..coap.profiles import set_rai as set_rai
        from ..coap.profiles import settings as settings
        from ..coap.profiles import store as store
        from ..coap.request import request as request

        get = put = post = delete = _without_method(request)
        buffer: bytearray | memoryview | None
        placed: dict[int, Any] | None
        into: Any

    def __init__(self, modem):
        self.modem = modem
        self.channel = channel = modem.channel
        self.lock = Lock()
        self.buffer = None
        self.second_field = "format"
        self.placed = None  # settings of the module's current profile; None: unknown
        self.stored = {}  # the same by number of a stored profile, where they came from us
        self.life = 0  # of the module: how often it has restarted
        self.cmd = 0  # the +UCOAPC it is at, 0: none,
        self.began = 0  # since when
        self.secure = False  # and whether that takes up a TLS session
        self.wanted = False  # a caller waits for what it reports
        self.into = None
        self.clear()
        channel.on_urc(_DATA[:-1], self._arrived)
        channel.on_urc(b"+UCOAPCR", self._ended)
        channel.lexer.full = self._full

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            if name in _METHODS:
                request = self.request
                return lambda *arguments, **options: request(name, *arguments, **options)
            return lazily(self, entry(_FUNCTIONS, name), name, "coap.")

    @property
    def tls_sessions(self) -> int:
        """How many TLS sessions of the module are in use."""
        return 1 if self.secure and (self.cmd or self.wanted) else 0

    def clear(self) -> None:
        """Nothing has come for the request that begins."""
        self.result = None  # of +UCOAPCR
        self.answers = 0  # +UCOAPCD that have come
        self.kind = self.second = self.more = 0  # what the last one says
        self.block = -1  # its number among the blocks of the answer
        self.sent = -1  # that of the last block of a payload, if this is it
        self.count = 0  # bytes in `into`
        self.excess = 0  # bytes that it had no room for
        self.poured = 0  # bytes that were handed on before those
        self.damaged = False

    # ---- what the module reports ----------------------------------------------------------------

    def _full(self, lexer) -> bool:
        """The line buffer is full of one line: of an answer the digits are taken out, and the line
        goes on after them. So an answer may have any length."""
        buf = lexer.buf
        if buf.find(_DATA, 0, len(_DATA)) != 0:
            return False
        first = buf.find(b'"', 0, lexer.end) + 1
        last = buf.find(b'"', first, lexer.end)
        n = ((lexer.end if last < 0 else last) - first) >> 1
        if not first or not n:
            self.damaged = True
            return False
        self._take(buf, first, n)
        last = first + 2 * n
        for i in range(lexer.end - last):  # one digit, or what comes after the last one
            buf[first + i] = buf[last + i]
        lexer.end -= 2 * n
        return True

    def _take(self, buf, at: int, n: int) -> None:
        """Put `n` bytes, two digits each from `buf[at]` on, where the answer is read to. In one go
        where there is memory for that; without it, a byte at a time."""
        if not self.wanted:
            return
        into = self.into
        room = len(into) - self.count
        if n > room:
            self.excess += n - room
            n = room
        to = self.count
        self.count = to + n
        if n > _FEW:
            try:
                digits: Any = memoryview(buf)[at : at + 2 * n]
                into[to : to + n] = unhexlify(digits)
                return
            except MemoryError:
                pass
            except ValueError:
                self.damaged = True
                return
        for i in range(n):
            high = _nibble(buf[at])
            low = _nibble(buf[at + 1])
            if high < 0 or low < 0:
                self.damaged = True
                return
            into[to + i] = high << 4 | low
            at += 2

    def _arrived(self, line) -> None:
        """+UCOAPCD: an answer, or a block of it."""
        kind = line.number()
        second = line.number()
        if not self.wanted:
            return
        first = 0
        last = -1
        if kind is not None and 2 <= kind <= 5 and second is not None and line.quoted():
            first = line.pos + 1
            last = line.buf.find(b'"', first, line.stop)
        if last < 0 or (last - first) & 1:
            self.damaged = True
            return
        self._take(line.buf, first, (last - first) >> 1)
        self.kind = kind
        self.second = second
        self.answers += 1
        line.pos = last + 2
        if last + 1 == line.stop:  # as A5 8.4.2 prints one
            self.more = 0
        elif line.buf[last + 1] != 44 or not self._tail(line):
            self.damaged = True

    def _tail(self, line) -> bool:
        """Whether what comes after the digits is as it must be: <more>, or that and the number and
        the size of a block. Of an answer in blocks none may be missing."""
        more = line.number()
        if more != 0 and more != 1:
            return False
        before = self.more
        self.more = more
        if line.pos == line.stop:
            return self.block < 0 and (before == 1 or self.answers == 1)
        number = line.number()
        size = line.number()
        if number is None or size is None or line.pos != line.stop:
            return False
        if more or before:
            self.block += 1
            return number == self.block
        return number == self.sent  # of a payload to the server

    def _ended(self, line) -> None:
        """+UCOAPCR: the request is over."""
        cmd = line.number()
        result = line.number()
        if result is None or (cmd != self.cmd and self.cmd):
            return
        self.cmd = 0
        if self.wanted and self.result is None:  # said twice, the first one counts
            self.result = result

    def lost(self) -> None:
        """The module has restarted, or slept so deeply that its profile is gone."""
        self.life += 1
        self.cmd = 0
        self.placed = None


def _nibble(c: int) -> int:
    """The value of a hexadecimal digit, -1 if it is none."""
    if 48 <= c <= 57:
        return c - 48
    c |= 32
    return c - 87 if 97 <= c <= 102 else -1
