# Generated from aio/modem.py by tools/generate. Do not edit.
"""What both modules are to the application: one object that owns the channel and the state.

What is not needed all the time is a function in a file of its own, imported when it is first
called (`LAZY`), or a service (`SERVICES`): what a program does not use costs it no memory.
"""

from ..core.compat import const
from ..core.events import EventQueue
from ..core.port import Port
from .at import Channel

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any, Callable

    from .network import Network
    from .socket import Socket
    from .sockets import SocketPool

# Kinds of events, first argument of `on_event(kind, a, b)` (event.py).
_EVENT_RESET = const(1)


class Modem:
    """Base of `SaraR5` and `LexiR10`.

    `uart`: an object like `machine.UART`, `busio.UART` or pyserial's; a `TypeError` names what it
    lacks. `power_key`: optional pin with `value(level)`, or callable taking the level, where 0
    pulls PWR_ON low (`power_key_inverted=True` where a transistor inverts it). `baudrate`: the
    rate the UART was made with; `uart_kwargs`: what `uart.init()` must be told again with a new
    one. `rx_size`, `tx_size`: bytes of the line and the command buffer; `events`: length of the
    queue.

    `on_event(kind, a, b)` is called from `poll()` and never in the middle of a command; without
    it events stay in `events`, where `events.lost` counts what did not fit. `channel.trace`, if
    set, is called as `trace(direction, line)` for all on the wire, secrets blanked out.
    """

    name = ""
    sockets = 0  # how many the module has
    key_ms = 0  # PWR_ON low to switch on
    chooses_context = False  # +USOCR takes IP type and context

    SERVICES = {"network": ("network", "Network"), "socket_pool": ("sockets", "SocketPool")}
    LAZY = {
        "attach": "bringup",
        "power_on": "bringup",
        "power_off": "bringup",
        "reboot": "bringup",
        "imei": "identity",
        "imsi": "identity",
        "iccid": "identity",
        "model": "identity",
        "firmware": "identity",
        "at": "identity",
        "connect": "connection",
        "disconnect": "connection",
        "ifconfig": "connection",
        "resolve": "resolver",
    }
    OWN = {}

    def __init__(
        self,
        uart,
        *,
        power_key=None,
        power_key_inverted=False,
        baudrate=115200,
        uart_kwargs=None,
        rx_size=512,
        tx_size=512,
        events=16,
    ):
        self.loaded = {}
        self.channel = channel = Channel(Port(uart, uart_kwargs), rx_size, tx_size)
        channel.configure = self.configure
        channel.on_reset = self.lost
        self.baudrate = baudrate
        self.on_event = None
        self.events = EventQueue(events)
        self.power_key = power_key
        self.pressed = 1 if power_key_inverted else 0

    def __getattr__(self, name: str):
        if name == "loaded":  # not made yet
            raise AttributeError(name)
        loaded = self.loaded
        if name in loaded:
            return loaded[name]
        file = self.OWN.get(name) or self.LAZY.get(name)
        if file:
            function = getattr(__import__(file, globals(), None, (name,), 1), name)
            return lambda *args, **options: function(self, *args, **options)
        if name not in self.SERVICES:
            from .absent import absent

            raise absent(self.name, name)
        file, kind = self.SERVICES[name]
        loaded[name] = getattr(__import__(file, globals(), None, (kind,), 1), kind)(self)
        return loaded[name]

    def poll(self) -> None:
        """Take what has arrived and call `on_event` for it. Never waits, allocates nothing."""
        self.channel.poll()
        while self.on_event:
            entry = self.events.take()
            if entry is None:
                break
            self.on_event(entry[0], entry[1], entry[2])

    def run(self, interval_ms: int = 20) -> None:
        """Poll for ever: the background task of a program with callbacks."""
        while True:
            self.poll()
            self.channel.sleep(interval_ms)

    def configure(self) -> None:
        """Restore volatile settings after a restart; the channel is held."""
        from .bringup import configure

        configure(self)

    def lost(self) -> None:
        """The module has restarted: nothing of what it was told is left."""
        for service in self.loaded.values():
            service.lost()
        self.events.put(_EVENT_RESET)

    def isconnected(self) -> bool:
        """Whether the data connection is up, as far as the module has told."""
        self.channel.poll()
        return self.network.up

    def socket(self, family: int = 2, kind: int = 1, proto: int = 0) -> "Socket":
        """A socket of this module: see `SocketPool.socket`."""
        return self.socket_pool.socket(family, kind, proto)

    def close(self) -> None:
        """Close all sockets. The module stays on and connected."""
        if "socket_pool" in self.loaded:
            self.socket_pool.close_all()

    if TYPE_CHECKING:
        network: Network
        socket_pool: SocketPool
        on_event: Callable[[int, int, int], Any] | None

        def attach(
            self, *, rates: Any = None, timeout_ms: int = 60000, sockets: str = "close"
        ) -> None:
            """See bringup.py."""

        def power_on(self, timeout_ms: int = 15000, **options: Any) -> None:
            """See bringup.py."""

        def power_off(self) -> None:
            """See bringup.py."""

        def reboot(self) -> None:
            """See bringup.py."""

        def connect(
            self,
            apn: str = "",
            *,
            user: str = "",
            password: str = "",
            timeout_ms: int = 180000,
            progress: Callable[[str], Any] | None = None,
        ) -> None:
            """See connection.py."""

        def disconnect(self) -> None:
            """See connection.py."""

        def ifconfig(self) -> tuple[str, str, str, str]:
            """See connection.py."""
            return ("", "", "", "")

        def resolve(self, host: str, timeout_ms: int = 70000) -> str:
            """See resolver.py."""
            return host

        def imei(self) -> str:
            """See identity.py; so for imsi, iccid, model, firmware."""
            return ""

        def imsi(self) -> str:
            return ""

        def iccid(self) -> str:
            return ""

        def model(self) -> str:
            return ""

        def firmware(self) -> str:
            return ""

        def at(self, command: str, timeout_ms: int = 10000) -> list[str]:
            """See identity.py."""
            return []
