# Generated from aio/modem.py by tools/generate. Do not edit.
"""What both modules are to the application: one object that owns the channel and the state."""

from ..core.compat import const
from ..core.errors import ENODEV, CommandError, ModemError, ModuleLost, NotSupported
from ..core.port import Port
from ..core.urc import EventQueue
from .at import Channel

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from .network import Network
    from .sockets import SocketPool

# Kinds of events, first argument of `on_event(kind, a, b)`.
EVENT_RESET = const(1)  # the module restarted by itself
EVENT_REGISTRATION = const(2)  # a: stat of +CEREG
EVENT_CONNECTION = const(3)  # a: 1 data connection up, 0 lost
EVENT_DATA = const(4)  # a: socket, b: bytes waiting
EVENT_CLOSED = const(5)  # a: socket closed by the other side
EVENT_ACCEPTED = const(6)  # a: new socket, b: the listening one

_GREETING = "cellular ready"
_BOOT_MS = const(15000)  # from the power key to the first answer, generously (ubxlib 2.1: 6 s)
_OFF_MS = const(40000)  # +CPWROFF, at most (at-commands 1.6)
_LATER = ("security", "files", "http", "mqtt", "mqttsn", "coap", "ftp", "power", "ppp", "mux")


class Modem:
    """Base of `SaraR5` and `LexiR10`.

    `uart`: an object like `machine.UART`, `busio.UART` or pyserial's; a `TypeError` names what it
    lacks. `power_key`: optional pin with `value(level)` or callable taking the level, where 0 pulls
    PWR_ON low (`power_key_inverted=True` where a transistor inverts it). `baudrate`: the rate the
    UART was made with; `uart_kwargs`: what `uart.init()` must be told again when it changes.
    `rx_size`, `tx_size`: bytes of the line and the command buffer; `events`: length of the queue.

    `on_event(kind, a, b)` is called from `poll()` and never in the middle of a command; without
    it events stay in `events`, where `events.lost` counts what did not fit.
    """

    model_name = ""
    max_sockets = 0
    power_key_ms = 0
    services = {
        "network": ("network", "Network"),
        "socket_pool": ("sockets", "SocketPool"),
    }

    if TYPE_CHECKING:
        network: Network
        socket_pool: SocketPool

    def __init__(
        self,
        uart,
        *,
        power_key=None,
        power_key_inverted: bool = False,
        baudrate: int = 115200,
        uart_kwargs=None,
        rx_size: int = 512,
        tx_size: int = 512,
        events: int = 16,
    ):
        self.channel = Channel(Port(uart, uart_kwargs), rx_size, tx_size)
        self.channel.configure = self._configure
        self.channel.on_reset = self._was_reset
        self.baudrate = baudrate
        self.attached = False
        self.on_event = None
        self.events = EventQueue(events)
        self._power_key = power_key
        self._power_key_inverted = power_key_inverted
        self._loaded = {}

    def __getattr__(self, name: str):
        """Services are imported when they are first used, so that others cost no memory."""
        if name == "_loaded":  # not made yet
            raise AttributeError(name)
        loaded = self._loaded
        if name in loaded:
            return loaded[name]
        if name not in self.services:
            if name in _LATER:
                raise NotSupported(self.model_name, name + " (or this version has it not yet)")
            raise AttributeError(name)
        module, cls = self.services[name]
        loaded[name] = getattr(__import__(module, globals(), None, (cls,), 1), cls)(self)
        return loaded[name]

    # ---- the channel ------------------------------------------------------------------------

    @property
    def trace(self):
        """`trace(direction, line)`, called for everything on the wire; secrets are blanked."""
        return self.channel.trace

    @trace.setter
    def trace(self, hook) -> None:
        self.channel.trace = hook

    def poll(self) -> None:
        """Take what has arrived and call `on_event` for it. Never waits, allocates nothing."""
        self.channel.poll()
        if self.on_event:
            while True:
                entry = self.events.take()
                if entry is None:
                    break
                self.on_event(entry[0], entry[1], entry[2])

    def run(self, interval_ms: int = 20) -> None:
        """Poll for ever: the background task of a program with callbacks."""
        while True:
            self.poll()
            self.channel.sleep(interval_ms)

    def at(self, command: str, timeout_ms: int = 10000):
        """Send a command of the application's own, without its "AT"; the answer lines as strings.

        For commands the driver does not know. `ValueError` if `command` holds a control character.
        """
        for c in command:
            if ord(c) < 32 or ord(c) > 126:
                raise ValueError("character %d cannot be sent in a command" % ord(c))
        return self.channel.command(command.encode(), timeout_ms=timeout_ms, plain=True)

    # ---- coming and going -------------------------------------------------------------------

    def attach(self, *, rates=None, timeout_ms: int = 60000, sockets: str = "close") -> None:
        """Take over a module that is running, whatever an earlier host program left it in.

        `rates`: baud rates to try besides `baudrate` (None: the usual ones, (): no other).
        `sockets`: "close" those left open, "adopt" them (`socket_pool.adopted`), or "keep" out
        of it. Raises `ModuleLost` (with what was heard) or `ModemError` for a wrong model.
        """
        if sockets not in ("close", "adopt", "keep"):
            raise ValueError("sockets: close, adopt or keep")
        from .attach import BAUD_RATES, find

        channel = self.channel
        channel.acquire(settle=False)
        try:
            rates = BAUD_RATES if rates is None else rates
            self.baudrate = find(channel, self.baudrate, rates, timeout_ms)
            self._configure()
            self._check_model(channel.ask(b"+CGMM", plain=True))
            self._first_settings()
            channel.restarted = False
        finally:
            channel.release()
        self.attached = True
        if sockets != "keep":
            self.socket_pool.sweep(sockets == "adopt")

    def power_on(self, timeout_ms: int = _BOOT_MS, **attach_options) -> None:
        """Switch the module on if it does not answer, and attach to it.

        Without a `power_key` it must be switched on by other means. Options as of `attach`.
        """
        try:
            self.attach(rates=(), timeout_ms=1000, **attach_options)
            return
        except ModuleLost:
            if self._power_key is None:
                self.attach(timeout_ms=max(timeout_ms, 60000), **attach_options)
                return
        self._press_power_key(self.power_key_ms)
        began = self.channel.port.ticks_ms()
        while True:
            try:
                self.attach(rates=(), timeout_ms=1000, **attach_options)
                return
            except ModuleLost:
                if self.channel.elapsed(began) > timeout_ms:
                    break
        self.attach(timeout_ms=60000, **attach_options)

    def _press_power_key(self, ms: int) -> None:
        key = getattr(self._power_key, "value", self._power_key)
        pressed = 1 if self._power_key_inverted else 0
        key(pressed)
        try:
            self.channel.sleep(ms)
        finally:
            key(1 - pressed)

    def power_off(self) -> None:
        """Switch the module off in order (`+CPWROFF`): it detaches and saves its settings."""
        self.channel.command(b"+CPWROFF", timeout_ms=_OFF_MS)
        self._gone()

    def reboot(self) -> None:
        """Restart the module (`+CFUN=16`) and attach to it again."""
        self.channel.command(b"+CFUN", 16, timeout_ms=_OFF_MS)
        self._gone()
        self.channel.sleep(1000)  # it answers a little longer before it goes down
        self.power_on()

    def close(self) -> None:
        """Close all sockets. The module stays on and connected."""
        if "socket_pool" in self._loaded:
            self.socket_pool.close_all()

    def _gone(self) -> None:
        self._was_reset()
        self.channel.restarted = False
        self.attached = False

    def _was_reset(self) -> None:
        for service in self._loaded.values():
            service.lost()
        self.events.put(EVENT_RESET)

    # ---- settings the driver relies on ------------------------------------------------------

    def _configure(self) -> None:
        """Volatile settings, after attach and after every restart; the channel is held."""
        channel = self.channel
        channel.ask(b"E0")
        channel.echo_expected = False
        channel.suspect = False
        channel.ask(b"+CMEE", 1)
        channel.ask(b"+UDCONF", 1, 0)  # some firmware keeps the hex mode over a restart
        if "socket_pool" in self._loaded:
            self.socket_pool.hex_mode = False
        if "network" in self._loaded:
            self.network.configure()

    def _first_settings(self) -> None:
        """Settings the module keeps: written only where they differ."""
        channel = self.channel
        try:
            rows = channel.ask(b"+CSGT", b"?")
            if not rows or rows[0][:2] != [_GREETING, 1]:
                channel.ask(b"+CSGT", 1, _GREETING)
            channel.greeting = _GREETING.encode()
        except CommandError:  # without it a restart is still seen by its lost settings
            channel.greeting = b""

    def _check_model(self, lines) -> None:
        name = lines[0] if lines else "nothing"
        if not name.startswith(self.model_name):
            raise ModemError(ENODEV, "%s expected, the module says %s" % (self.model_name, name))

    # ---- identity ---------------------------------------------------------------------------

    def imei(self) -> str:
        """The 15 digits of the equipment."""
        return self._plain(b"+CGSN")

    def imsi(self) -> str:
        """The 15 digits of the subscription. Needs a SIM without, or with its, PIN."""
        return self._plain(b"+CIMI")

    def model(self) -> str:
        """Such as "SARA-R510S"."""
        return self._plain(b"+CGMM")

    def firmware(self) -> str:
        """Modem and application version, such as "02.05,A00.01"."""
        return self._plain(b"I9")

    def iccid(self) -> str:
        """The number of the SIM card."""
        lines = self.channel.command(b"+CCID?", plain=True)
        return lines[0].split(": ")[-1] if lines else ""

    def _plain(self, command: bytes) -> str:
        for line in self.channel.command(command, plain=True):
            if not line.startswith("+"):  # a URC nobody knows
                return line
        return ""

    # ---- shorthand --------------------------------------------------------------------------

    def connect(self, apn: str = "", **options) -> None:
        """From any state to a usable data connection: see `Network.connect`."""
        self.network.connect(apn, **options)

    def disconnect(self) -> None:
        self.network.disconnect()

    def isconnected(self) -> bool:
        return self.network.isconnected()

    def ifconfig(self):
        """(address, mask, gateway, DNS) as strings, as MicroPython's interfaces give it."""
        return self.network.ifconfig()

    def resolve(self, host: str, timeout_ms: int = 70000) -> str:
        """The address of a host name: see `Network.resolve`."""
        return self.network.resolve(host, timeout_ms)

    def socket(self, family: int = 2, kind: int = 1, proto: int = 0):
        """A socket of this module, as `socket_pool.socket` makes it."""
        return self.socket_pool.socket(family, kind, proto)
