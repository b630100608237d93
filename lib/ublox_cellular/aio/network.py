"""What the module tells about registration, data connection and names."""

from ..core.compat import const
from ..wait_aio import Lock

_EVENT_REGISTRATION = const(2)
_EVENT_CONNECTION = const(3)


class Network:
    """`modem.network`. `stat` is the last status of +CEREG (1 home, 5 roaming), None before the
    first; `up` whether the data connection stands; `async_dns` whether a module that can answer
    name look-ups by URC, holding up nobody, shall do so."""

    def __init__(self, modem):
        self.modem = modem
        self.stat = None
        self.up = False
        self.async_dns = True
        self.lock = Lock()  # one look-up at a time: the answer does not tell whose it is
        self.found = None  # its answer: the address, "" for none
        self.asked = None  # when it was asked for, while that has not come
        on_urc = modem.channel.on_urc
        on_urc(b"+CEREG", self._registration)
        on_urc(b"+CGEV", self._context)
        on_urc(b"+UUDNSRN", self._resolved)

    def registered(self) -> bool:
        return self.stat == 1 or self.stat == 5

    def _registration(self, line) -> None:
        stat = line.number()
        if stat is not None and stat != self.stat:
            self.stat = stat
            self.modem.events.put(_EVENT_REGISTRATION, stat)
            if not self.registered():
                self.set_up(False)

    def _context(self, line) -> None:
        if line.begins(b"+CGEV: NW DETACH") or line.begins(b"+CGEV: NW PDN DEACT"):
            self.set_up(False)

    def set_up(self, up: bool) -> None:
        """The data connection stands, or is lost."""
        if up != self.up:
            self.up = up
            self.modem.events.put(_EVENT_CONNECTION, 1 if up else 0)

    def _resolved(self, line) -> None:
        # One manual prints the URC without its result code.
        good = line.quoted() or line.number() == 0
        self.found = line.text() if good else ""
        self.asked = None

    def lost(self) -> None:
        """The module has restarted."""
        self.stat = self.asked = None
        self.set_up(False)
