# Generated from aio/network/activation_sara_r5.py by tools/generate. Do not edit.
"""The PSD profile between context and internal stack, and settings only SARA-R5 has. A5 2.2."""

from ...core.compat import const
from ...core.errors import CommandError
from ..at import accepted, send_off

_PROFILE = const(0)
_ACTIVATE_MS = const(180000)  # +UPSDA, at most (at-commands 1.6)
_ASK_MS = const(5000)
_LOOK_MS = const(20)
_EIO = const(5)

# PSD profile protocol that fits a context type (A5 2.2.1).
_PROTOCOLS = {"IP": 0, "IPV6": 1, "IPV4V6": 2}


def settings(modem) -> None:
    """Settings the module keeps; the channel is held."""
    channel = modem.channel
    # With one-shot autobaud the module is silent after a restart until it is spoken to.
    rows = channel.ask(b"+IPR?", least=1)
    if rows and rows[0][0] == 0:
        channel.ask(b"+IPR", modem.baudrate)
        channel.pause(100)
        modem.store_settings()


def watch(modem) -> None:
    """Let the URCs of the PSD profile be understood from now on."""
    channel = modem.channel
    if b"+UUPSDA" not in channel.urcs:
        modem.activated = None  # result of the last +UPSDA, while nobody has taken it
        modem.awaited = 0  # results that are still to come, some of which nobody waits for
        channel.on_urc(b"+UUPSDA", lambda line: _activated(modem, line))
        channel.on_urc(b"+UUPSDD", lambda line: _deactivated(modem, line))


def _activated(modem, line) -> None:
    modem.activated = line.number()
    modem.awaited = max(0, modem.awaited - 1)


def _deactivated(modem, line) -> None:
    if line.number() == _PROFILE:
        modem.network.set_up(False)


def activation(modem, connection, now: int) -> int:
    """A step towards an active PSD profile 0, mapped to the context: ms until the next, -1 when
    it is active."""
    channel = modem.channel
    asked = connection.asked

    def launched() -> None:
        """What came before is the result of an earlier one."""
        modem.activated = None
        modem.awaited += 1
        connection.asked = connection.checked = now

    if asked is None:
        watch(modem)
        if _active(connection) and _ours(connection):
            return -1
        _map(connection)
        limit = connection.left()
        send_off(channel, _ACTIVATE_MS, b"+UPSDA", _PROFILE, 3, limit_ms=limit, guard=launched)
        return _LOOK_MS
    try:
        accepted(channel, b"+UPSDA")
    except CommandError as error:
        from .status import explained

        # What an earlier program has left in the profile does not fit the context.
        if error.code in (4000, 4001) and not connection.reset:
            connection.reset = True
            connection.ask(b"+UPSDA", _PROFILE, 0)
            connection.asked = None
            return _LOOK_MS
        raise explained(error, connection.cid)
    if modem.activated is not None and modem.activated != 0:
        raise CommandError(_EIO, "AT+UPSDA", modem.activated)
    if modem.activated == 0 and not modem.awaited:
        return -1
    # The URC does not tell whose it is, and it may have been lost.
    if modem.activated == 0 or channel.elapsed(connection.checked) > _ASK_MS:
        connection.checked = now
        modem.activated = None
        if _active(connection):
            return -1
    if channel.elapsed(asked) > _ACTIVATE_MS:
        connection.asked = None
    return _LOOK_MS


def stands(modem, _cid) -> bool:
    """Whether the data connection is active; the channel is held."""
    rows = modem.channel.ask(b"+UPSND", _PROFILE, 8, least=3)
    return not rows or rows[0][2] == 1


def _map(connection) -> None:
    cid = connection.cid
    protocol = 0
    for row in connection.ask(b"+CGDCONT?", least=2):
        if row[0] == cid:
            protocol = _PROTOCOLS.get(row[1], 0)
    connection.ask(b"+UPSD", _PROFILE, 100, cid)
    connection.ask(b"+UPSD", _PROFILE, 0, protocol)


def _ours(connection) -> bool:
    """Whether the active profile is that of our context. An earlier program may have mapped it to
    another one: then it is deactivated."""
    modem = connection.modem
    row = modem.channel.row(3, b"+UPSD", _PROFILE, 100, limit_ms=connection.left())
    if row[2] == connection.cid:
        return True
    from .contexts_sara_r5 import deactivate_profile

    deactivate_profile(modem.network, _PROFILE)
    return False


def _active(connection) -> bool:
    channel = connection.modem.channel
    return (channel.row(3, b"+UPSND", _PROFILE, 8, limit_ms=connection.left()))[2] == 1
