# Generated from aio/network/__init__.py by tools/generate. Do not edit.
"""What the module tells about registration, data connection and names."""

from ...core.compat import const
from ..at import Lock

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_EVENT_REGISTRATION = const(2)
_EVENT_CONNECTION = const(3)

_LAST_STAT = const(11)  # of 3GPP TS 27.007
_REGISTERED = (1, 5, 9, 10)  # with packet service: home, roaming, and both without CSFB


class Network:
    """`modem.network`. `stat` is the last status of +CEREG (1 home, 5 roaming), None before the
    first; `cell` and `cause` what came with it, see registration.py; `up` whether the data
    connection stands; `wanted` what `connect()` was told, while the connection is to be kept;
    `async_dns` whether a module that can answer name look-ups by URC, holding up nobody, shall
    do so."""

    if TYPE_CHECKING:
        cell: Any
        cause: Any
        timers: Any
        wanted: Any

    if TYPE_CHECKING:
        from .contexts import activate as activate
        from .contexts import address as address
        from .contexts import contexts as contexts
        from .contexts import deactivate as deactivate
        from .contexts import define as define
        from .contexts import parameters as parameters
        from .contexts import undefine as undefine
        from .keep_up import doubt as doubt
        from .keep_up import trouble as trouble
        from .keep_up import works as works
        from .radio import deregister as deregister
        from .radio import operator as operator
        from .radio import profile as profile
        from .radio import select as select
        from .radio import set_profile as set_profile
        from .status import failure as failure
        from .status import radio_connected as radio_connected
        from .status import registration as registration
        from .status import serving_cell as serving_cell
        from .status import signal as signal

    def __init__(self, modem):
        self.modem = modem
        self.stat = None
        self.cell = self.cause = self.timers = None
        self.up = False
        self.restored = None  # check sum of the wish for what stood when the state was saved
        self.downs = 0  # how often the data connection was lost
        self.doubted = 0  # the module is to be asked whether it stands; 2, 3: again
        self.wanted = None
        self.cid = 1  # the context of data
        self.written = None  # the context as it was written last: number, type, APN
        # By `select()`, `set_rats()`, `set_bands()`, `set_authentication()` of this program.
        self.chosen = self.chosen_rats = self.chosen_bands = self.chosen_user = None
        self.down_since = None  # when it began that a connection is wanted and none stands
        self.async_dns = True
        self.turn = Lock()  # one connect() at a time
        self.lock = Lock()  # one look-up at a time: the answer does not tell whose it is
        self.found = None  # its answer: the address, "" for none
        self.asked = None  # when it was asked for, while that has not come
        on_urc = modem.channel.on_urc
        on_urc(b"+CEREG", self.told)
        on_urc(b"+CGEV", self._context)
        on_urc(b"+UUDNSRN", self._resolved)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            from .index import find

            return find(self, name)

    def registered(self) -> bool:
        return self.stat in _REGISTERED

    def told(self, line) -> None:
        """+CEREG, from its status on."""
        stat = line.number()
        if stat is None or not 0 <= stat <= _LAST_STAT:  # damaged
            return
        if line.pos < line.stop:
            from .registration import details

            details(self, line)
        if stat != self.stat:
            self.stat = stat
            self.modem.events.put(_EVENT_REGISTRATION, stat)
            if stat not in _REGISTERED:
                self.set_up(False)

    def _context(self, line) -> None:
        text = line.text()  # such as "NW PDN DEACT 1"
        if "DETACH" in text or ("PDN DEACT " in text and text.split(" ")[-1] == str(self.cid)):
            self.set_up(False)

    def set_up(self, up: bool) -> None:
        """The data connection stands, or is lost."""
        if up != self.up:
            self.up = up
            self.downs += not up
            self.modem.events.put(_EVENT_CONNECTION, 1 if up else 0)

    def _resolved(self, line) -> None:
        # One manual prints the URC without its result code.
        good = line.quoted() or line.number() == 0
        self.found = line.text() if good else ""
        self.asked = None

    def lost(self) -> None:
        """The module has restarted."""
        self.doubted = 0
        self.stat = self.asked = self.cell = self.cause = self.timers = None
        self.set_up(False)
        if self.wanted is not None:
            self.wanted.authenticated = False  # not every firmware keeps it
