# Generated from aio/http/__init__.py by tools/generate. Do not edit.
"""HTTP by the module's own client: profiles, and what it tells of them. A5 10, A10 7.

The requests are in request.py, their answers in response.py; LEXI-R10 can store its profile and
pass bodies without its file system: direct_link_lexi_r10.py.
"""

from ...core.compat import const
from ...core.url import split
from .. import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Concatenate, ParamSpec, TypeVar

    _P = ParamSpec("_P")
    _R = TypeVar("_R")

    def _without_method(
        request: "Callable[Concatenate[Http, str, _P], _R]",
    ) -> "Callable[Concatenate[Http, _P], _R]": ...


_POSTS = (4, 5, 7)  # some firmware reports the posting of data as that of a file
_METHODS = ("get", "head", "delete", "put", "post")
# Of a module that has them.
_OWN = "direct_link open_link store load factory recall \n"

_EOPNOTSUPP = const(95)


class Slot:
    """One HTTP profile of the module, and the request that uses it."""

    if TYPE_CHECKING:
        response: Any
        cmd: int | None
        result: int | None
        settings: list[Any] | None
        vote: Any

    def __init__(self, channel, number: int):
        self.channel = channel
        self.number = number
        self.held = False  # by a request, or by a response that is not closed:
        self.response = None  # a weak reference to it
        self.cmd = None  # of the +UHTTPC the module is at
        self.result = None  # of its +UUHTTPCR
        self.reset = False  # the module has restarted since the request began
        self.began = self.limit_ms = 0  # when the module was told, how long it may be at it
        self.asked = self.patience_ms = 0  # when we were, how long the caller waits
        self.settings = None  # what it was told with +UHTTP; None: unknown
        self.lost = False  # since then it has restarted, or slept and has the stored ones
        self.swept = False  # no file of an earlier request is left
        self.vote = None  # against deep sleep
        self.secure = False  # it takes up a TLS session of the module

    def left(self) -> int:
        """How long its caller still waits, at least 1 ms."""
        return max(1, self.patience_ms - self.channel.elapsed(self.asked))


class Http:
    """`modem.http`. `answer_file`, `content_file`: names of the module's files for answers and for
    bodies that are sent, "#" stands for the profile; `timeout_s`: after how many seconds without
    progress the module gave or gives up the last request (+UHTTP operation 7)."""

    if TYPE_CHECKING:
        from .request import request as request

        get = head = delete = put = post = _without_method(request)

    def __init__(self, modem):
        self.modem = modem
        self.channel = modem.channel
        self.answer_file = "http_answer_#"
        self.content_file = "http_content_#"
        self.timeout_s = 180
        self.slots = [None] * modem.http_profiles
        self.tls_sessions = 0  # in use
        self.stored = None  # settings that a LEXI-R10 has again after a deep sleep
        modem.channel.on_urc(b"+UUHTTPCR", self._done)
        modem.channel.on_urc(b"+UHTTPCR", self._done)  # as A10 7.3 prints it

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            if name == "request":
                return lazily(self, "http.request", name)
            if name in _METHODS:
                request = self.request
                return lambda *arguments, **options: request(name, *arguments, **options)
            file = entry(_OWN, name)
            try:
                return lazily(self, file and file + self.modem.SUFFIX, name, "http.")
            except ImportError:
                from ..not_supported import Absent

                raise Absent(_EOPNOTSUPP, self.modem.name, "stored HTTP profile (+UHTTPNV)")

    def slot(self, number: int) -> Slot:
        found = self.slots[number]
        if found is None:
            found = self.slots[number] = Slot(self.channel, number)
        return found

    def _done(self, line) -> None:
        number = line.number()
        cmd = line.number()
        result = line.number()
        if number is None or not 0 <= number < len(self.slots) or result not in (0, 1):
            return
        slot = self.slot(number)
        if slot.cmd is not None and (cmd == slot.cmd or (slot.cmd in _POSTS and cmd in _POSTS)):
            slot.cmd = None
            slot.result = result
            if not slot.held:  # whoever wanted it has given up
                from .profile import over

                over(self, slot)

    def lost(self) -> None:
        """The module has restarted, or slept so deeply that the profiles are gone."""
        for slot in self.slots:
            if slot is not None:
                slot.settings = slot.cmd = None
                slot.lost = True
                slot.reset = slot.held
                if not slot.held and slot.secure:
                    from .profile import over

                    over(self, slot)


# ---- what a request is --------------------------------------------------------------------------
#
# What a request comes to: checked before anything is sent. at-commands 9.


_NUMBERED = ("HEAD", "GET", "DELETE", "PUT", "POST")  # numbers of +UHTTPC
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
        if method not in _NUMBERED:
            raise ValueError("method: one of " + " ".join(_NUMBERED))
        self.cmd = _NUMBERED.index(method)
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
