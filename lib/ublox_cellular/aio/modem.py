"""What both modules are to the application: one object that owns the channel and the state.

What is not needed all the time is a function in a file of its own, imported when it is first
called, or a service: what a program does not use costs it no memory. The indexes are strings
because a dictionary of the same takes three times the heap.
"""

from ..core.compat import const, describe
from ..core.events import EventQueue
from ..core.port import Port
from ..wait_aio import nudge
from . import entry, lazily
from .at import Channel

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any, Callable

    from .device.recovery import Recovery
    from .files import Files
    from .http import Http
    from .mqtt import Mqtt
    from .network import Network
    from .power import Power
    from .security import Security
    from .security.ssl import Ssl
    from .sockets import SocketPool
    from .sockets.socket import Socket

# Kinds of events, first argument of `on_event(kind, a, b)` (event.py).
_EVENT_RESET = const(1)
_KEPT = ("network", "socket_pool")

# Where the functions and the services are: a file, or file:Class, and what is in it, by lines;
# a file with "/" is outside the flavours.
_FUNCTIONS = (
    "device.power_on attach power_on reboot \n"
    "device.power_off power_off emergency_off \n"
    "device.baudrate set_baudrate \n"
    "network.connection connect \n"
    "network.keep_up disconnect run catch_up close \n"
    "device.identity unlock sim_state use_pin imei imsi iccid model firmware \n"
    "device.own_command at \n"
    "/streams open_connection start_server \n"
    "/install install \n"
    "network.nic ifconfig ipconfig config status active \n"
    "network.radio scan \n"
    "network.dns resolve \n"
    "network.ping ping \n"
    "device.clock clock set_clock time_zone_update \n"
    "device.saved_state save_state \n"
)
_SERVICES = (
    "network:Network network \n"
    "sockets:SocketPool socket_pool \n"
    "power:Power power \n"
    "device.recovery:Recovery recovery \n"
    "files:Files files \n"
    "security:Security security \n"
    "security.ssl:Ssl ssl \n"
    "http:Http http \n"
    "mqtt:Mqtt mqtt \n"
)


class Modem:
    """Base of `SaraR5` and `LexiR10`.

    `uart`: an object like `machine.UART`, `busio.UART` or pyserial's; a `TypeError` names what it
    lacks. `baudrate`: the rate the UART was made with; `uart_kwargs`: what `uart.init()` must be
    told again with a new one. `flow`: True where RTS and CTS are wired (`&K3`), False where not
    (`&K0`), None leaves the module's setting. `pin`: of the SIM, entered when it is asked for.
    `state`: what `save_state()` gave before this microcontroller slept or restarted. `rx_size`,
    `tx_size`: bytes of the line and the command buffer; `events`: length of the queue. Further
    arguments are wires: `power_key`, `power_sense`, `reset`, `dtr`, `rts`, `ri`, `wake_gpio`, see
    core/pins.py.

    `on_event(kind, a, b)` is called from `poll()` and never in the middle of a command; without
    it events stay in `events`, where `events.lost` counts what did not fit. `channel.trace`, if
    set, is called as `trace(direction, line)` for all on the wire, secrets blanked out.
    """

    # What a module is, defined by its class: a default here would only cost memory.
    if TYPE_CHECKING:
        name: str
        sockets: int  # how many the module has
        http_profiles: int  # the module with only one has a direct link and stores it
        key_ms: int  # PWR_ON low to switch on
        keeps_sockets: bool  # through deep sleep, always-on ones
        chooses_context: bool  # +USOCR takes IP type and context
        emergency: bool  # there is a documented way to switch off a module that hangs
        OWN: str  # functions only this module has, or has of its own: lines as above
        SUFFIX: str  # of files that each module has of its own
        TLS_TRAITS: tuple[int, bool, bool]
        PROFILE_TRAITS: tuple[tuple[int, int], tuple[int, int], bool, bool, bool]
        KEY_LIMITS: str

    if TYPE_CHECKING:
        pins: Any
        sleeper: Power | None
        flow: bool | None
        pin: str
        trouble: Any
        pin_refused: Any

    if TYPE_CHECKING:
        from ..install import install as install
        from ..streams import open_connection as open_connection
        from ..streams import start_server as start_server
        from .device.baudrate import set_baudrate as set_baudrate
        from .device.clock import clock as clock
        from .device.clock import set_clock as set_clock
        from .device.clock import time_zone_update as time_zone_update
        from .device.identity import firmware as firmware
        from .device.identity import iccid as iccid
        from .device.identity import imei as imei
        from .device.identity import imsi as imsi
        from .device.identity import model as model
        from .device.identity import sim_state as sim_state
        from .device.identity import unlock as unlock
        from .device.identity import use_pin as use_pin
        from .device.own_command import at as at
        from .device.power_off import emergency_off as emergency_off
        from .device.power_off import power_off as power_off
        from .device.power_on import attach as attach
        from .device.power_on import power_on as power_on
        from .device.power_on import reboot as reboot
        from .device.saved_state import save_state as save_state
        from .network.connection import connect as connect
        from .network.dns import resolve as resolve
        from .network.keep_up import catch_up as catch_up
        from .network.keep_up import close as close
        from .network.keep_up import disconnect as disconnect
        from .network.keep_up import run as run
        from .network.nic import active as active
        from .network.nic import config as config
        from .network.nic import ifconfig as ifconfig
        from .network.nic import ipconfig as ipconfig
        from .network.nic import status as status
        from .network.ping import ping as ping
        from .network.radio import scan as scan

    def __init__(
        self,
        uart,
        *,
        baudrate=115200,
        uart_kwargs=None,
        flow=None,
        pin="",
        state=None,
        rx_size=512,
        tx_size=512,
        events=16,
        **pins,
    ):
        for number in (baudrate, rx_size, tx_size, events):
            if not isinstance(number, int) or not isinstance(pin, str):
                from .not_supported import wrong_type

                raise wrong_type(pin, baudrate, rx_size, tx_size, events)
        self.loaded = {}
        self.channel = channel = Channel(Port(uart, uart_kwargs), rx_size, tx_size)
        channel.configure = self.configure
        channel.on_reset = self.lost
        self.baudrate = baudrate
        self.flow = flow
        self.pin = pin
        self.on_event = None
        self.trouble = None  # what went wrong last where nobody waits: run()
        self.events = EventQueue(events)
        self.pins = self.sleeper = None  # the latter is `power`, once that is in use
        self.resumed = self.pin_refused = False
        self.as_saved = False  # all that is known of the module is what a saved state says
        if pins:
            from ..core.pins import Pins

            self.pins = Pins(pins)
        if state is not None and state != b"":
            from .device.saved_state import restore

            restore(self, state)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            if name == "loaded":  # not made yet
                raise AttributeError(name)
            loaded = self.loaded
            if name in loaded:
                return loaded[name]
            own = entry(self.OWN, name)
            file = own or entry(_FUNCTIONS, name) or entry(_SERVICES, name)
            file, _, kind = file.partition(":")
            if not file:
                from .not_supported import absent

                raise absent(self, name)
            if not kind:
                return lazily(self, file, name)
            loaded[name] = lazily(self, file, kind)()
            return loaded[name]

    def poll(self) -> None:
        """Take what has arrived and call `on_event` for it. Never waits, allocates nothing."""
        self.channel.poll()
        if self.sleeper is not None:
            self.sleeper.drowse()
        while self.on_event:
            entry = self.events.take()
            if entry is None:
                break
            self.on_event(entry[0], entry[1], entry[2])

    async def configure(self) -> None:
        """Restore volatile settings after a restart; the channel is held."""
        from .device.power_on import configure

        await configure(self)

    def lost(self) -> None:
        """The module has restarted: nothing of what it was told is left. What a deep sleep may
        have left is looked at when it is configured again."""
        slept = self.sleeper is not None and self.sleeper.slept()
        self.channel.started = self.channel.port.ticks_ms()
        for name in self.loaded:
            if not slept or not self.keeps_sockets or name not in _KEPT:
                self.loaded[name].lost()
        if not slept:
            self.events.put(_EVENT_RESET)

    def isconnected(self) -> bool:
        """Whether the data connection is up, as far as the module has told. If it is wanted and
        is not, this call does a part of the work (asyncio: a task does)."""
        self.channel.poll()
        network = self.network
        if network.wanted is not None and (network.doubted or not network.up):
            nudge(network.wanted)
        return network.up

    def socket(self, family: int = 2, type: int = 1, proto: int = 0) -> "Socket":
        """A socket of this module, `SOCK_STREAM` (1) or `SOCK_DGRAM` (2); the module's own is made
        when it is needed. `OSError(ENFILE)` when the application has as many as the module."""
        return self.socket_pool.socket(family, type, proto)

    if TYPE_CHECKING:
        network: Network
        socket_pool: SocketPool
        power: Power
        recovery: Recovery
        files: Files
        security: Security
        ssl: Ssl
        http: Http
        mqtt: Mqtt
        on_event: Callable[[int, int, int], Any] | None


if describe:
    describe(Modem)
