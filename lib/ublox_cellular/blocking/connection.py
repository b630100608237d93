# Generated from aio/connection.py by tools/generate. Do not edit.
"""From any state to a usable data connection, as far as sockets need it. A5 2.2, A10 2.3."""

from ..core.command import sendable
from ..core.compat import const
from ..core.errors import Cancelled, CommandError, ModemError

_POLL_MS = const(5000)  # a lost URC must not cost the connection
_RADIO_MS = const(180000)  # +CFUN, +COPS, at most (at-commands 1.6)
_SIM_MS = const(20000)
_SIM_BUSY = const(14)
_DENIED = const(3)
_LONGEST_APN = const(99)
_LONGEST_USER = const(64)

_ENODEV = const(19)
_ETIMEDOUT = const(110)
_ECANCELED = const(125)


def connect(modem, apn="", *, user="", password="", timeout_ms=180000, progress=None) -> None:
    """Do what is missing between the module's state and a usable data connection.

    `apn`: of the operator, at most 99 characters; "" keeps what the module has. `progress` is
    called with the name of the stage, again and again while it lasts; returning False gives up
    (`Cancelled`). Raises `ModemError` (SIM, not registered) or `CommandError`.
    """
    sendable(apn, _LONGEST_APN)
    sendable(user, _LONGEST_USER)
    sendable(password, _LONGEST_USER)

    def tell(stage: str) -> None:
        if progress and progress(stage) is False:
            raise Cancelled(_ECANCELED, "connect")

    channel = modem.channel
    began = channel.port.ticks_ms()
    _sim_ready(channel, tell)
    tell("context")
    if user:
        modem.authenticate(user, password)
    if apn:
        _define_context(channel, apn)
    tell("radio")
    _radio_on(channel)
    _register(channel, modem.network, began, timeout_ms, tell)
    tell("activation")
    modem.activate(max(10000, timeout_ms - channel.elapsed(began)))
    modem.network.set_up(True)
    tell("connected")


def _sim_ready(channel, tell) -> None:
    began = channel.port.ticks_ms()
    while True:
        tell("sim")
        try:
            rows = channel.command(b"+CPIN", b"?")
            if rows and rows[0] == ["READY"]:
                return
            raise ModemError(_ENODEV, "SIM not usable, it says %s" % rows)
        except CommandError as error:
            if error.code != _SIM_BUSY or channel.elapsed(began) > _SIM_MS:
                raise
        channel.pause(500)


def _define_context(channel, apn: str) -> None:
    for row in channel.command(b"+CGDCONT", b"?", least=3):
        # After the attach the network's name of it is shown, which may have a suffix.
        if row[0] == 1 and str(row[2]).lower().startswith(apn.lower()):
            return
    channel.command(b"+CFUN", 0, timeout_ms=_RADIO_MS)
    channel.command(b"+CGDCONT", 1, "IP", apn)


def _radio_on(channel) -> None:
    if (channel.row(1, b"+CFUN", b"?"))[0] != 1:
        channel.command(b"+CFUN", 1, timeout_ms=_RADIO_MS)
    if (channel.row(1, b"+COPS", b"?"))[0] == 2:
        channel.command(b"+COPS", 0, timeout_ms=_RADIO_MS, abortable=True)


def _read_form(line) -> bool:
    """+CEREG: the answer to the read command has <n> in front, then an unquoted <stat>."""
    line.number()
    return line.pos < line.stop and not line.quoted()


def _register(channel, network, began: int, timeout_ms: int, tell) -> None:
    asked = None
    while not network.registered():
        if asked is None or channel.elapsed(asked) > _POLL_MS:
            network.stat = (channel.row(2, b"+CEREG", b"?", shape=_read_form))[1]
            asked = channel.port.ticks_ms()
            continue
        tell("registration")
        if channel.elapsed(began) > timeout_ms:
            stat = "denied" if network.stat == _DENIED else "status %s" % network.stat
            raise ModemError(_ETIMEDOUT, "not registered within %d ms: %s" % (timeout_ms, stat))
        channel.poll()
        channel.sleep(20)


def disconnect(modem) -> None:
    """Give the data connection up; the module stays registered."""
    modem.deactivate()
    modem.network.set_up(False)


def ifconfig(modem):
    """(address, mask, gateway, DNS); what the network does not tell is "0.0.0.0"."""
    address = gateway = dns = "0.0.0.0"
    for row in modem.channel.command(b"+CGPADDR", 1, least=2):
        address = str(row[1]).split(" ")[0]
    try:
        for row in modem.channel.command(b"+CGCONTRDP", 1):
            gateway = (row[4:] or [None])[0] or gateway
            dns = (row[5:] or [None])[0] or dns
    except CommandError:
        pass
    return (address, "255.255.255.255", gateway, dns)
