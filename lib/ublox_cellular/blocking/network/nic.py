# Generated from aio/network/nic.py by tools/generate. Do not edit.
"""The modem as a network interface, like MicroPython's `network.AbstractNIC`.
At-commands 1.4, 2.1, 2.2.
"""

from ...core.command import sendable
from ...core.compat import const

_RADIO_MS = const(180000)  # +CFUN, at most (at-commands 1.6)
_FULL = const(1)
_DENIED = const(3)
_PREFERRED = const(0x30)  # state of an IPv6 address, as in MicroPython's stack

# Results of `status()`, with the numbers of MicroPython's Wi-Fi interfaces on the Pico.
STAT_IDLE = 0  # no connection is wanted
STAT_CONNECTING = 1
STAT_NO_IP = 2  # registered; the data connection is being brought up
STAT_GOT_IP = 3
STAT_CONNECT_FAIL = -1  # failed: see modem.network.wanted.failed
STAT_DENIED = -2  # the network refuses; attempts continue

_SIGNAL = ("rssi", "rsrp", "rsrq", "sinr")
_IDENTITY = ("imei", "imsi", "iccid", "model", "firmware")


def ifconfig(modem):
    """(address, mask, gateway, DNS), IPv4; "0.0.0.0" where the network sent nothing.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    found = _parameters(modem)
    return (
        found["address"] or "0.0.0.0",
        found["mask"] or "255.255.255.255",
        found["gateway"] or "0.0.0.0",
        _server(found, False),
    )


def _server(found: dict, six=None) -> str:
    """The first DNS server of a family (`six`: IPv6; None: a family of which the context has an
    address, as the other cannot be reached); "0.0.0.0" if there is none."""
    for server in found["dns"]:
        own = "address6" if ":" in server else "address"
        if (":" in server) == six or (six is None and found[own]):
            return server
    return "0.0.0.0"


def ipconfig(modem, *what, **settings):
    """One setting: "addr4" (address, mask), "gw4", "dns", "addr6" (a list of (address, state, 0,
    0)), "mtu", "has_dhcp4", "has_autoconf6" (whether there is an address from the network). `dns=`
    chooses a DNS server, see `network.set_dns`. `ValueError` for anything else.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    if len(what) + len(settings) != 1 or (settings and "dns" not in settings):
        raise ValueError("one of addr4, gw4, dns, addr6, mtu, has_dhcp4, has_autoconf6; or dns=")
    if settings:
        modem.network.set_dns(settings["dns"])
        return None
    name = what[0]
    if name not in ("addr4", "gw4", "dns", "addr6", "mtu", "has_dhcp4", "has_autoconf6"):
        raise ValueError("unknown setting: %s" % name)
    found = _parameters(modem)
    if name == "addr4":
        return (found["address"] or "0.0.0.0", found["mask"] or "255.255.255.255")
    if name == "gw4":
        return found["gateway"] or "0.0.0.0"
    if name == "dns":
        return _server(found)
    if name == "mtu":
        return found["mtu"]
    if name == "has_dhcp4":
        return found["address"] is not None
    six = found["address6"]
    if name == "has_autoconf6":
        return six is not None
    return [(six, _PREFERRED, 0, 0)] if six else []


def config(modem, *what, **settings):
    """One parameter: "imei", "imsi", "iccid", "model", "firmware", "apn", "operator" (its name, or
    None), "rat" (technology in use, or None), "mno" (MNO profile), "baudrate". `apn=`, `rat=`,
    `mno=` set a parameter if it differs, see `define`, `set_rats`, `set_profile` of
    `modem.network`. `ValueError` for any other name; there is no "mac".

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    if len(what) + len(settings) != 1:
        raise ValueError("one parameter, by name or name=value")
    network = modem.network
    for name, value in settings.items():
        _set(network, name, value)
        return None
    name = what[0]
    if name in _IDENTITY:
        return getattr(modem, name)()
    if name == "apn":
        return (_attach(network))["apn"]
    if name == "operator":
        return (network.operator())[1]
    if name == "rat":
        return (network.operator())[2]
    if name == "mno":
        return network.profile()
    if name == "baudrate":
        return modem.baudrate
    raise ValueError("unknown parameter: %s" % name)


def _set(network, name: str, value) -> None:
    if name == "apn":
        sendable(value)
        network.define(1, value, (_attach(network))["kind"])
    elif name == "rat":
        network.set_rats(value)
    elif name == "mno":
        network.set_profile(value)
    else:
        raise ValueError("cannot be set: %s" % name)


def _attach(network) -> dict:
    """The context that is the bearer of the attach."""
    for row in network.contexts():
        if row["cid"] == 1:
            return row
    return {"apn": "", "kind": "IP"}


def status(modem, what=""):
    """State of the connection, one of the constants above; or "rssi", "rsrp" in dBm, "rsrq",
    "sinr" in dB (None if not known). Without an argument nothing is sent, except the steps of a
    wanted connection that is not active yet, as in `isconnected()`.

    Raises `ValueError` for another argument; `CommandError`, `CommandTimeout`, `Garbled`,
    `ModuleReset`, `InUse`, `Cancelled`, see core/errors.py.
    """
    if what:
        if what not in _SIGNAL:
            raise ValueError("unknown status: %s" % what)
        return (modem.network.signal())[what]
    if modem.isconnected():
        return STAT_GOT_IP
    network = modem.network
    wanted = network.wanted
    if wanted is None:
        return STAT_IDLE
    if wanted.failed is not None:
        return STAT_CONNECT_FAIL
    if network.registered():
        return STAT_NO_IP
    return STAT_DENIED if network.stat == _DENIED else STAT_CONNECTING


def active(modem, on: "bool | None" = None) -> bool:
    """Whether the radio is on (+CFUN). True switches it on, which registers; False off, which ends
    the data connection and discards the settings of `connect()`. A restart switches it on again.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = modem.channel
    now = (channel.row(1, b"+CFUN?"))[0]
    if not isinstance(now, int):
        raise channel.garbled("no number")
    now = now == _FULL
    if on is None or bool(on) == now:
        return now
    if not on and modem.network.wanted is not None:
        modem.disconnect()
    channel.command(b"+CFUN", _FULL if on else 0, timeout_ms=_RADIO_MS)
    if not on:
        modem.network.set_up(False)
    return bool(on)


def _parameters(modem) -> dict:
    """Parameters of the connection's context; before it is active, only its address."""
    from ...core.errors import CommandError

    network = modem.network
    cid = network.wanted.cid if network.wanted is not None else 1
    try:
        found = network.parameters(cid)
    except CommandError:
        found = {"address": None, "mask": None, "gateway": None, "dns": (), "mtu": None}
        found["address6"] = None
    if not found["address"] and not found["address6"]:
        found["address"], found["address6"] = network.address(cid)
    return found
