"""PDP contexts of SARA-R5: 12 of them, 7 at a time; PSD profiles, DNS servers. A5 2.1, 2.2."""

from ...core.addresses import pair
from ...core.command import milliseconds
from ...core.compat import const
from ...core.errors import CommandError, ModemError, ModuleReset, NotSupported
from .activation_sara_r5 import watch
from .contexts import credentials, kind_of
from .dns import checked

_LIMITS = (0, 11, 7)
_EOPNOTSUPP = const(95)


def context_limits(_network):
    """First and last context id, and how many contexts may be active."""
    return _LIMITS


async def set_authentication(network, cid: int, method: str, user="", password="") -> None:
    """How a context is authenticated: "none", "pap", "chap" or "auto"; `user` and `password` of at
    most 64 characters each. They are in no trace and no error.

    Raises `ValueError` for another method, a `cid` out of range or a text that is too long before
    anything is sent; `CommandError` and what every command raises, see core/errors.py.
    """
    _check(cid)
    number = credentials(method, user, password)
    network.chosen_user = cid
    # With method none the module wants the strings all the same (ubxlib 2.3).
    await network.modem.channel.command(b"+UAUTHREQ", cid, number, user, password, secret=3)


async def authenticate(modem, connection) -> None:
    """For `connect()`: PAP or CHAP, as the network wants."""
    parts = (connection.cid, 3, connection.user, connection.password)
    await connection.ask(b"+UAUTHREQ", *parts, secret=3)


async def forget_user(modem, connection) -> None:
    """No authentication: nobody can tell whether an earlier program has left one."""
    try:
        await connection.ask(b"+UAUTHREQ", connection.cid, 0, "", "")
    except CommandError:
        pass


async def choose_context(_modem, connection) -> None:
    """The context of the data connection: 1, that of the attach, if `connect()` was not told. What
    uses it does so by PSD profile 0."""
    connection.cid = connection.cid or 1


def _check(cid) -> None:
    if not isinstance(cid, int) or not _LIMITS[0] <= cid <= _LIMITS[1]:
        raise ValueError("cid: %d to %d" % _LIMITS[:2])


async def default_context(network):
    """LEXI-R10 only: `NotSupported`. Here `map_profile` connects services and contexts."""
    raise NotSupported(_EOPNOTSUPP, network.modem.name, "default context")


async def set_default_context(network, cid: int, prefer_ipv6=False, restart=True):
    """LEXI-R10 only. Here `map_profile` connects services and contexts.

    Raises `NotSupported`.
    """
    raise NotSupported(_EOPNOTSUPP, network.modem.name, "default context")


# ---- DNS servers --------------------------------------------------------------------------------
#
# DNS servers on SARA-R5: tags 4 and 5 of the PSD profile. At-commands 2.3.


async def set_dns(network, primary="", secondary="", cid=1) -> None:
    """Use these DNS servers (IPv4 addresses) instead of the network's. "" leaves one as it is,
    "0.0.0.0" gives it back to the network. Only between `disconnect()` and `connect()`:
    `ModemError(EBUSY)`. `cid`: 1, the context `connect()` uses; see `set_profile_dns` for others.
    """
    if cid != 1:
        raise ValueError("cid: 1; set_profile_dns() is for other contexts")
    if ":" in checked(primary) + checked(secondary):
        raise ValueError("DNS servers of the PSD profile are IPv4")
    await set_profile_dns(network, 0, primary, secondary)


# ---- PSD profiles -------------------------------------------------------------------------------
#
# PSD profiles: what the sockets and services of SARA-R5 stand on. A5 2.2, 2.2.1.
#
# `connect()` sees to profile 0; these are for programs with several contexts.

_LAST = const(6)
_ACTIVATE_MS = const(180000)  # +UPSDA, at most; abortable (at-commands 1.6)
_ASK_MS = const(5000)  # the URC may be lost
_LOOK_MS = const(20)

_PROTOCOL = const(0)  # tags of +UPSD
_DNS = const(4)
_MAP = const(100)
_ACTIVATE = const(3)  # actions of +UPSDA
_DEACTIVATE = const(4)
_ADDRESS = const(0)  # parameters of +UPSND
_STATUS = const(8)

_APN_CLASH = const(4000)
_TYPE_CLASH = const(4001)

_EIO = const(5)
_EBUSY = const(16)
_EINVAL = const(22)
_ECONNRESET = const(104)
_ETIMEDOUT = const(110)

# Protocol of the profile for the type of the context (A5 2.2.1); the second prefers IPv6.
_PROTOCOLS = {"IP": (0, 0), "IPV6": (1, 1), "IPV4V6": (2, 3)}


async def map_profile(network, profile: int, cid: int, prefer_ipv6=False) -> None:
    """Let PSD profile `profile` (0 to 6) use context `cid` (0 to 11), with the protocol that fits
    the context's type. `ModemError` if the profile is active or the context not defined."""
    _check_profile(profile)
    if not isinstance(cid, int) or not 0 <= cid <= 11:
        raise ValueError("cid: 0 to 11")
    kind = await kind_of(network, cid)
    if kind not in _PROTOCOLS:
        raise ModemError(_EINVAL, "context %d is of type %s: no profile fits" % (cid, kind))
    await _set(network, profile, _MAP, cid)
    await _set(network, profile, _PROTOCOL, _PROTOCOLS[kind][1 if prefer_ipv6 else 0])


async def set_profile_dns(network, profile: int, primary="", secondary="") -> None:
    """DNS servers a profile uses instead of the network's. "" leaves one as it is, "0.0.0.0" gives
    it back to the network. `ModemError(EBUSY)` while the profile is active."""
    _check_profile(profile)
    from .dns import checked

    servers = (checked(primary), checked(secondary))
    channel = network.modem.channel
    changes = []
    for i in (0, 1):
        if servers[i]:
            row = await channel.row(3, b"+UPSD", profile, _DNS + i)
            if row[2] != servers[i]:
                changes.append(i)
    if not changes:
        return
    if await _active(network, profile):
        text = "profile %d is active: deactivate_profile() or disconnect() first" % profile
        raise ModemError(_EBUSY, text)
    for i in changes:
        await channel.command(b"+UPSD", profile, _DNS + i, servers[i])


async def activate_profile(network, profile: int, timeout_ms=_ACTIVATE_MS) -> bool:
    """Activate a profile that was mapped; not while `connect()` is at work. False if it is active.

    `ModemError` saying what clashes with its context, or that it was refused; `ETIMEDOUT`.
    """
    _check_profile(profile)
    timeout_ms = milliseconds(timeout_ms) or 1
    modem = network.modem
    channel = modem.channel
    began = channel.port.ticks_ms()
    if await _active(network, profile, timeout_ms):
        return False
    watch(modem)

    def launched() -> None:
        modem.activated = None  # of the URC, which tells no profile
        modem.awaited += 1

    left = channel.remaining(timeout_ms, began)
    try:
        await channel.command(
            b"+UPSDA", profile, _ACTIVATE,
            timeout_ms=left, max_ms=_ACTIVATE_MS, abortable=True, guard=launched,
        )  # fmt: skip
    except CommandError as error:
        raise await _explained(network, profile, error)
    await _result(network, profile, began, timeout_ms)
    if profile == 0:
        network.set_up(True)
    return True


async def _result(network, profile: int, began: int, timeout_ms: int) -> None:
    """Wait for +UUPSDA, and ask now and then."""
    modem = network.modem
    channel = modem.channel
    asked = began
    while True:
        if modem.activated is not None and modem.activated != 0:
            text = "PSD profile %d refused by the network, result %d" % (profile, modem.activated)
            raise ModemError(_EIO, text)
        if channel.restarted:
            raise ModuleReset(_ECONNRESET, "AT+UPSDA")
        if channel.elapsed(began) > timeout_ms:
            text = "PSD profile %d not active within %d ms" % (profile, timeout_ms)
            raise ModemError(_ETIMEDOUT, text)
        if modem.activated == 0 and not modem.awaited:
            return
        # The URC may be that of an earlier one that was given up, or be lost.
        if modem.activated == 0 or channel.elapsed(asked) > _ASK_MS:
            asked = channel.port.ticks_ms()
            modem.activated = None
            if await _active(network, profile):
                return
        channel.poll()
        channel.proceed("activate_profile")
        await channel.sleep(_LOOK_MS)


async def deactivate_profile(network, profile: int) -> bool:
    """Deactivate a profile: sockets on it are lost. The context stays. False if it is inactive.

    Raises `ValueError` for a profile out of range before anything is sent; `CommandError` and what
    every command raises, see core/errors.py.
    """
    _check_profile(profile)
    if not await _active(network, profile):
        return False

    def launched() -> None:
        if profile == 0:
            network.set_up(False)

    ms = _ACTIVATE_MS
    try:
        await network.modem.channel.command(
            b"+UPSDA", profile, _DEACTIVATE, timeout_ms=ms, abortable=True, guard=launched
        )
    except CommandError:
        if profile == 0:
            network.set_up(await _active(network, profile))
        raise
    return True


async def release_data(modem) -> None:
    """Deactivate the profile of `connect()`; the context stays, as it is the bearer of the
    attach."""
    await deactivate_profile(modem.network, 0)


async def profile_status(network, profile: int):
    """(active, (IPv4, IPv6), DNS servers) of a profile; no addresses while it is inactive.

    Raises `ValueError` for a profile out of range before anything is sent; `CommandError` and what
    every command raises, see core/errors.py.
    """
    _check_profile(profile)
    if not await _active(network, profile):
        return False, (None, None), ()
    channel = network.modem.channel
    texts = []
    for what in (_ADDRESS, 1, 2):
        row = await channel.row(2, b"+UPSND", profile, what)
        texts.append(row[2] if len(row) > 2 else None)
    servers = []
    for text in texts[1:]:
        four, six = pair(text)
        if four or six:
            servers.append(four or six)
    return True, pair(texts[0]), tuple(servers)


async def _explained(network, profile: int, error):
    """What a clash means; other refusals as they are."""
    if error.code not in (_APN_CLASH, _TYPE_CLASH):
        return error
    cid = (await network.modem.channel.row(3, b"+UPSD", profile, _MAP))[2]
    if error.code == _APN_CLASH:
        text = "profile %d and context %s name different APNs: reset the profile (+UPSDA=%d,0)"
        return ModemError(_EIO, text % (profile, cid, profile))
    text = "profile %d and context %s differ in IP type: map_profile(%d, %s) makes them fit"
    return ModemError(_EIO, text % (profile, cid, profile, cid))


async def _set(network, profile: int, tag: int, value: int) -> None:
    try:
        await network.modem.channel.command(b"+UPSD", profile, tag, value)
    except CommandError as error:
        if await _active(network, profile):
            text = "profile %d is active: deactivate_profile() or disconnect() first" % profile
            raise ModemError(_EBUSY, text)
        raise error


async def _active(network, profile: int, limit_ms: int = 0) -> bool:
    channel = network.modem.channel
    return (await channel.row(3, b"+UPSND", profile, _STATUS, limit_ms=limit_ms))[2] == 1


def _check_profile(profile) -> None:
    if not isinstance(profile, int):
        raise TypeError("profile: number wanted")
    if not 0 <= profile <= _LAST:
        raise ValueError("profile: 0 to %d" % _LAST)


# ---- stored settings ----------------------------------------------------------------------------
#
# What SARA-R5 keeps over a restart (&W). At-commands 1.3, 1.4.


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
            from ..device.baudrate import speak

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
