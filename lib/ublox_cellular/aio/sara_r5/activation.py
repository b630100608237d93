"""The PSD profile between context and internal stack, and settings only SARA-R5 has. A5 2.2."""

from ...core.compat import const
from ...core.errors import CommandError
from ..sendoff import accepted, send_off

_PROFILE = const(0)
_ACTIVATE_MS = const(180000)  # +UPSDA, at most (at-commands 1.6)
_ASK_MS = const(5000)
_LOOK_MS = const(20)
_EIO = const(5)

# PSD profile protocol that fits a context type (A5 2.2.1).
_PROTOCOLS = {"IP": 0, "IPV6": 1, "IPV4V6": 2}


async def settings(modem) -> None:
    """Settings the module keeps; the channel is held."""
    channel = modem.channel
    # With one-shot autobaud the module is silent after a restart until it is spoken to.
    rows = await channel.ask(b"+IPR?", least=1)
    if rows and rows[0][0] == 0:
        await channel.ask(b"+IPR", modem.baudrate)
        await channel.pause(100)
        await store_settings(modem)


async def store_settings(modem) -> None:
    """Keep rate, flow control and power saving (&W); the channel is held.

    Echo and error format are stored as they are at the factory: their return tells of a restart.
    """
    channel = modem.channel
    echo = channel.echo
    mend = channel.mend
    if mend is None:

        async def back() -> None:
            if channel.dozing():
                await channel.waken()
            from ..rate import speak

            await speak(channel)

        channel.mend = back
    channel.echo = True
    await channel.ask(b"E1")
    await channel.ask(b"+CMEE", 0)
    await channel.ask(b"&W")
    await channel.ask(b"+CMEE", 1)
    if not echo:
        await channel.ask(b"E0")
        channel.echo = False
    channel.mend = mend


async def authenticate(modem, connection) -> None:
    """PAP or CHAP, as the network wants."""
    parts = (connection.cid, 3, connection.user, connection.password)
    await modem.channel.command(b"+UAUTHREQ", *parts, secret=3, limit_ms=connection.left())


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


async def activation(modem, connection, now: int) -> int:
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
        if await _active(modem, connection.left()):
            return -1
        await _map(modem, connection)
        parts = (_PROFILE, 3)
        limit = connection.left()
        await send_off(channel, _ACTIVATE_MS, b"+UPSDA", *parts, limit_ms=limit, guard=launched)
        return _LOOK_MS
    try:
        accepted(channel, b"+UPSDA")
    except CommandError as error:
        from ..reasons import explained

        raise explained(error, connection.cid)
    if modem.activated is not None and modem.activated != 0:
        raise CommandError(_EIO, "AT+UPSDA", modem.activated)
    if modem.activated == 0 and not modem.awaited:
        return -1
    # The URC does not tell whose it is, and it may have been lost.
    if modem.activated == 0 or channel.elapsed(connection.checked) > _ASK_MS:
        connection.checked = now
        modem.activated = None
        if await _active(modem, connection.left()):
            return -1
    if channel.elapsed(asked) > _ACTIVATE_MS:
        connection.asked = None
    return _LOOK_MS


async def _map(modem, connection) -> None:
    channel = modem.channel
    cid = connection.cid
    protocol = 0
    for row in await channel.command(b"+CGDCONT?", least=2, limit_ms=connection.left()):
        if row[0] == cid:
            protocol = _PROTOCOLS.get(row[1], 0)
    await channel.command(b"+UPSD", _PROFILE, 100, cid, limit_ms=connection.left())
    await channel.command(b"+UPSD", _PROFILE, 0, protocol, limit_ms=connection.left())


async def _active(modem, limit_ms: int = 0) -> bool:
    row = await modem.channel.row(3, b"+UPSND", _PROFILE, 8, limit_ms=limit_ms)
    return row[2] == 1


async def release_data(modem) -> None:
    """Deactivate the profile; the context stays, as it is the bearer of the attach."""
    network = modem.network
    if not await _active(modem):
        return

    def launched() -> None:
        network.set_up(False)

    ms = _ACTIVATE_MS
    try:
        await modem.channel.command(
            b"+UPSDA", _PROFILE, 4, timeout_ms=ms, abortable=True, guard=launched
        )
    except CommandError:
        network.set_up(await _active(modem))
        raise
