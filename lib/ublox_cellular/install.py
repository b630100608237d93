"""`modem.install()`: programs and libraries without support for a modem use it by the modules that
they import: `socket`, `ssl`, `tls`, `network`, on CPython also `select`. Blocking flavour only.

    modem.connect("iot.example")
    with modem.install():
        import requests                     # or umqtt.simple, mqtt_as, ntptime …
        print(requests.get("https://api.example/").text)

Modules that were imported before keep their names, on a PC its network, unless they are listed:
`modem.install(into=(requests,))` replaces the names of `socket`, `ssl` … in such a module as well.
`uninstall()` and the end of the `with` block restore everything that was replaced; libraries that
were imported meanwhile keep the modem's modules.
"""

import sys

from .core.errors import NotSupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EOPNOTSUPP = 95
_NAMES = ("socket", "usocket", "ssl", "ussl", "tls", "network")
_READ = 1
_WRITE = 4
_ERROR = 8
_HANG_UP = 16


def install(modem, apn: str = "", into: "Any" = ()) -> "Installed":
    """Put `socket`, `ssl`, `tls` and `network` over this modem into `sys.modules`; returns an
    `Installed`, which is a context manager. `apn`: for `network.WLAN(…).connect()`, "" for the
    settings of `modem.connect()`. `into`: modules that were imported before and shall use the
    modem, too. `NotSupported` in the asyncio flavour."""
    if "aio" in type(modem).__module__:
        raise NotSupported(_EOPNOTSUPP, "the asyncio flavour", "install(): see open_connection()")
    if not isinstance(apn, str):
        raise TypeError("apn: string wanted")
    into = tuple(into) if isinstance(into, (tuple, list)) else (into,)
    for module in into:
        if not isinstance(module, type(sys)):
            raise TypeError("into: imported modules wanted")
    return Installed(modem, apn, into)


class Installed:
    """The modules of `install()`. `network`: the module of that name."""

    def __init__(self, modem, apn: str, into=()):
        self.before: Any = {}
        self.changed: Any = []
        self.network = NetworkModule(modem, apn)
        modules: Any = {
            "socket": modem.socket_pool,
            "usocket": modem.socket_pool,
            "ssl": modem.ssl,
            "ussl": modem.ssl,
            "tls": modem.ssl,
            "network": self.network,
        }
        if sys.implementation.name == "cpython":  # whose `select` supports descriptors only
            modules["select"] = Select(modem)
        for name in modules:
            old = self.before[name] = sys.modules.get(name)
            sys.modules[name] = modules[name]
            for module in into if old is not None else ():
                self._change(module, old, modules[name])

    def _change(self, module, old, new) -> None:
        """Replace names of an imported module that are `old`, or were imported from it."""
        for name in dir(module):
            value = getattr(module, name)
            if value is old:
                better = new
            elif callable(value) and value is getattr(old, name, None) and hasattr(new, name):
                better = getattr(new, name)
            else:
                continue
            self.changed.append((module, name, value))
            setattr(module, name, better)

    def uninstall(self) -> None:
        """Restore the earlier modules; a second call does nothing."""
        changed, self.changed = self.changed, []
        for module, name, value in changed:
            setattr(module, name, value)
        before, self.before = self.before, {}
        for name in before:
            if before[name] is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = before[name]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.uninstall()


class NetworkModule:
    """Replaces the `network` module: a `WLAN` that is the modem."""

    STA_IF = 0
    AP_IF = 1
    STAT_IDLE = 0
    STAT_CONNECTING = 1
    STAT_NO_IP = 2
    STAT_GOT_IP = 3
    STAT_CONNECT_FAIL = -1
    STAT_WRONG_PASSWORD = -2
    STAT_NO_AP_FOUND = -3

    def __init__(self, modem, apn: str):
        self.interface = Interface(modem, apn)

    def WLAN(self, interface_id: int = 0) -> "Interface":
        """The modem, for every interface id."""
        return self.interface

    def hostname(self, name: "str | None" = None) -> str:
        """A cellular module has none: the value is only stored."""
        if name is not None:
            self.interface.hostname = name
        return self.interface.hostname

    def country(self, code: "str | None" = None) -> str:
        """Without effect here: the value is only stored."""
        if code is not None:
            self.interface.country = code
        return self.interface.country


class Interface:
    """`network.WLAN(network.STA_IF)`: the modem with the methods of a Wi-Fi interface. Names and
    passwords of access points are ignored, signal and scan refer to the cellular network."""

    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, modem, apn: str):
        self.modem = modem
        self.apn = apn
        self.hostname = "cellular"
        self.country = "XX"

    def active(self, on: "bool | None" = None) -> bool:
        """Whether the radio is on; True switches it on, False off."""
        return self.modem.active() if on is None else self.modem.active(bool(on))

    def connect(self, ssid: "Any" = None, key: "Any" = None, **options: "Any") -> None:
        """Start the data connection, without waiting for it: `isconnected()` reports it."""
        modem = self.modem
        if modem.network.wanted is None and not modem.isconnected():
            modem.connect(self.apn, wait=False)

    def disconnect(self) -> None:
        """End the data connection."""
        self.modem.disconnect()

    def isconnected(self) -> bool:
        """Whether the data connection is active."""
        return self.modem.isconnected()

    def status(self, what: "str | None" = None) -> "Any":
        """A STAT number; "rssi" in dBm."""
        return self.modem.status(what) if what else self.modem.status()

    def ifconfig(self, settings: "Any" = None) -> "Any":
        """(address, mask, gateway, DNS)."""
        return self.modem.ifconfig()

    def ipconfig(self, *what: "Any", **settings: "Any") -> "Any":
        """As `modem.ipconfig`."""
        return self.modem.ipconfig(*what, **settings)

    def scan(self) -> "Any":
        """(name, plmn, channel, RSSI, security, hidden) of each operator, like access points."""
        found = []
        for _, name, _, plmn, _ in self.modem.scan():
            found.append((name.encode(), plmn.encode(), 0, 0, 0, False))
        return found

    def config(self, *what: "Any", **settings: "Any") -> "Any":
        """As `modem.config`; "essid" is the operator, settings of Wi-Fi are ignored."""
        if not what:
            return None
        name = what[0]
        if name in ("essid", "ssid"):
            return self.modem.config("operator") or ""
        if name in ("hostname", "dhcp_hostname"):
            return self.hostname
        if name in ("pm", "txpower", "channel", "reconnects", "security"):
            return 0
        return self.modem.config(name)


class Select:
    """Replaces the `select` module on CPython: polls sockets of the modem."""

    POLLIN = _READ
    POLLOUT = _WRITE
    POLLERR = _ERROR
    POLLHUP = _HANG_UP
    error = OSError

    def __init__(self, modem):
        self.modem = modem

    def poll(self) -> "Poll":
        """A poll object: register, unregister, modify, poll, ipoll."""
        return Poll(self.modem)

    def select(self, reading: "Any", writing: "Any", failing: "Any", timeout: "Any" = None):
        """Three lists of the sockets that are ready; `timeout` in seconds."""
        poll = Poll(self.modem)
        for sock in reading:
            poll.register(sock, _READ)
        for sock in writing:
            poll.register(sock, poll.wanted.get(sock, 0) | _WRITE)
        ready = dict(poll.poll(None if timeout is None else timeout * 1000))
        found = []
        for socks, bits in ((reading, _READ | _HANG_UP | _ERROR), (writing, _WRITE | _ERROR)):
            found.append([sock for sock in socks if ready.get(sock, 0) & bits])
        return found[0], found[1], [sock for sock in failing if ready.get(sock, 0) & _ERROR]


class Poll:
    """The object of `select.poll()`."""

    def __init__(self, modem):
        self.modem = modem
        self.wanted: Any = {}

    def register(self, sock: "Any", events: int = _READ | _WRITE) -> None:
        self.wanted[sock] = events

    def modify(self, sock: "Any", events: int) -> None:
        if sock not in self.wanted:
            raise OSError(2, "not registered")
        self.wanted[sock] = events

    def unregister(self, sock: "Any") -> None:
        self.wanted.pop(sock, None)

    def poll(self, timeout: "Any" = None) -> "Any":
        """[(socket, events)] of the ready sockets, after at most `timeout` ms (None, or below 0:
        for ever)."""
        channel = self.modem.channel
        began = channel.port.ticks_ms()
        while True:
            found = []
            for sock in list(self.wanted):
                events = sock.ioctl(3, self.wanted[sock])
                if events:
                    found.append((sock, events))
            passed = channel.elapsed(began)
            if found or (timeout is not None and 0 <= timeout <= passed):
                return found
            channel.proceed("select")
            channel.sleep(1 if passed < 200 else 5)

    def ipoll(self, timeout: "Any" = None, flags: int = 0) -> "Any":
        """The same as an iterator."""
        return iter(self.poll(timeout))
