"""Waking a module that may be asleep, before the first byte that counts; what is done after a deep
sleep; reports. at-commands 11, A10 5.10."""

from ...core.compat import const
from ...core.error_text import heard
from ...core.errors import Cancelled, CommandError, ModemError, ModuleLost, NotSupported
from ..at.resync import forget

_LINE_MS = const(25)  # from DTR or RTS to a UART that listens (ubxlib 2.3: 20 ms)
_POKE_MS = const(50)  # from the byte that is lost to a UART that listens
_PROBE_MS = const(300)
_LATE_MS = const(1000)
_AWAKE_MS = const(2500)  # of trying by the UART alone
_BOOT_MS = const(15000)  # from PWR_ON to the first answer, generously
_LOOK_MS = const(50)
_AGAIN_MS = const(2000)  # after a press, until V_INT must be up
_MARGIN_MS = const(200)  # before the UART of the module falls asleep
_AWAKE = const(0)  # depths
_LIGHT = const(1)
_ETIMEDOUT = const(110)


async def wake(power) -> None:
    """Make sure that the module hears the next command; the channel is held by the caller.

    A wire is asserted, PWR_ON pressed where only that wakes it (PSM, LEXI-R10), a byte that may
    be lost sent where the UART does. Then it is asked something: the answer tells whether the
    sleep was so deep that its settings are gone. Raises `ModuleLost` if it stays silent; the wires
    are as they were then.
    """
    modem = power.modem
    channel = modem.channel
    pins = modem.pins
    driven = dict(pins.driven) if pins is not None else None
    power.waking = True
    try:
        await _wake(power, modem, channel)
    except BaseException:
        if pins is not None:
            pins.put_back(driven)
        raise
    finally:
        power.waking = False
    channel.asleep = False
    if not power.doubt:
        power.fell(_AWAKE)


async def _wake(power, modem, channel) -> None:
    pins = modem.pins
    keyed = pins is not None and pins.has("power_key")
    if pins is not None and power.line is not None:
        pins.set(power.line, True)
        await channel.pause(_LINE_MS)
    if keyed and pins and power.depth > _LIGHT and pins.get("power_sense") is None:
        await _let_go(power, channel)
    pressed = None  # when
    if keyed and (power.by_key or _is_off(pins) or _must_be_off(power, channel)):
        pressed = await _press(modem)
    began = channel.port.ticks_ms()
    while True:
        if not _is_off(pins):
            if await _answers(power, channel):
                return
        elif pressed is None or channel.elapsed(pressed) < _AGAIN_MS:  # nothing listens yet
            channel.poll()
            await channel.sleep(_LOOK_MS)
        else:  # it was awake, and fell asleep over the press
            pressed = await _press(modem)
        channel.proceed("wake")
        if channel.elapsed(began) > (_AWAKE_MS if pressed is None else _BOOT_MS):
            if pressed is not None or not keyed:
                channel.asleep = True
                raise ModuleLost(_ETIMEDOUT, "asleep, or gone; heard: " + heard(channel))
            pressed = await _press(modem)
            began = channel.port.ticks_ms()


def _is_off(pins) -> bool:
    return pins is not None and pins.get("power_sense") is False


def _must_be_off(power, channel) -> bool:
    """Whether it has announced its deep sleep so long ago that it listens no more."""
    quiet = channel.elapsed(channel.since)
    return power.depth > _LIGHT and quiet > power.after_ms + _AGAIN_MS


async def _let_go(power, channel) -> None:
    """It has announced its deep sleep and nothing shows whether it has begun: it still listens
    for `after_ms` behind the last command, later a question may be lost, so the sleep is waited
    for."""
    while power.depth > _LIGHT and not _must_be_off(power, channel):
        if channel.elapsed(channel.since) < power.after_ms - _MARGIN_MS:
            return
        channel.poll()
        channel.proceed("wake")
        await channel.sleep(_LOOK_MS)


async def _press(modem) -> int:
    """Press the power key and give the module time to say that it is up; when it was let go."""
    from ..device.power_on import await_greeting, press

    heard_last = modem.channel.last
    await press(modem, modem.key_ms)
    let_go = modem.channel.port.ticks_ms()
    if not modem.sleeper.by_key or _is_off(modem.pins):
        await await_greeting(modem.channel, heard_last)
    return let_go


async def _answers(power, channel) -> bool:
    """Whether it answers; whether it still knows what it was told shows as well."""
    if not power.by_key and power.line is None:
        channel.port.write(b"\r", 0, 1)
        await channel.pause(_POKE_MS)
    try:
        rows = await channel.ask(b"+CMEE?", timeout_ms=_PROBE_MS)
    except Cancelled:
        raise
    except ModemError:
        forget(channel)
        return False
    finally:
        channel.late_ms = _LATE_MS  # asleep, it never answers: given up, that is not waited for
    if not rows or not rows[0]:
        return False
    channel.suspect = False
    if rows[0][0] != 1 and not channel.restarted and not channel.mend:
        channel.reset_seen()
    return True


# ---- after a deep sleep -------------------------------------------------------------------------
#
# After a deep sleep, or a restart: what is left, and what must be told again. A10 5.10.

_FREE = const(0)
_CLOSING = const(3)
_ECONNRESET = const(104)
_PROTOCOLS = {6: 1, 17: 2}  # of +USOCR: kinds of sockets


async def configure(power) -> None:
    """Part of `configure` in device/power_on.py: the channel is held."""
    modem = power.modem
    if power.mode:
        await modem.tell_saving()
    if power.reporting:
        await enable(power)
    if power.votes or power.vote_owed:
        from .votes import cast

        power.vote_owed = True
        try:
            await cast(power)
        except CommandError:  # it is not for this that the module cannot be used
            pass
    if power.doubt:
        left = 0
        if modem.keeps_sockets:
            await _look_at_context(modem)
            if "socket_pool" in modem.loaded:
                left = await _survivors(modem)
        power.woke(left)


async def _look_at_context(modem) -> None:
    """The bearers outlive a deep sleep; whether ours has, the module tells."""
    network = modem.network
    if network.up:
        network.stat = None
        cid = network.wanted.cid if network.wanted else 1
        rows = await modem.channel.ask(b"+CGACT?")
        network.set_up([cid, 1] in [row[:2] for row in rows])


async def _survivors(modem) -> int:
    """Keep the sockets that the module still has, fail the others; how many are left."""
    channel = modem.channel
    pool = modem.socket_pool
    pool.connecting = pool.shaking = None
    try:
        rows = await channel.ask(b"+USOCR?", least=2)
    except CommandError:
        rows = []
    kept = {row[0]: row[1] for row in rows}
    left = 0
    for slot in pool.slots:
        sock = slot.sock()
        if slot.state == _FREE:
            continue
        kind = _PROTOCOLS.get(kept.get(slot.number, 0))
        if sock is not None and sock.type == kind and slot.state != _CLOSING:
            left += 1
            await _unread(channel, slot, sock)
            continue
        if sock is not None:
            sock.errno = sock.errno or _ECONNRESET
        slot.clear()
    if kept:
        from ..sockets.diagnosis import close_unknown

        close_unknown(pool, kept)
    return left


async def _unread(channel, slot, sock) -> None:
    """An announcement may have been made while nobody could hear it."""
    try:
        rows = await channel.ask(b"+USORD" if sock.type == 1 else b"+USORF", slot.number, 0)
        if rows and len(rows[0]) == 2 and isinstance(rows[0][1], int):
            slot.pending = rows[0][1]
    except CommandError:
        pass


# ---- reports ------------------------------------------------------------------------------------
#
# What the module reports about its sleep and its radio connection by itself. At-commands 11.

_EOPNOTSUPP = const(95)


async def report(power) -> None:
    """Let the module tell of its radio connection (+CSCON) and of its sleep (+UPSMR; +USLPURC on
    LEXI-R10): `power.radio`, `power.depth`, and the events RADIO and SLEEP. Restored after every
    restart; `save()`, `set_psm()` and `set_edrx()` call it.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    if power.reporting:
        return
    channel = power.modem.channel
    await channel.acquire()
    try:
        await enable(power)
        power.reporting = True
    finally:
        channel.release()
    try:
        power.radio = await power.modem.network.radio_connected()
    except CommandError:
        pass


async def enable(power) -> None:
    """The commands; the channel is held. What a firmware does not have is left out."""
    modem = power.modem
    channel = modem.channel
    for name, parts in ((b"+CSCON", (1,)), (b"+UPSMR", (1,))) + modem.sleep_traits()[2]:
        try:
            await channel.ask(name, *parts)
        except CommandError:
            pass


async def release_assistance(power, on=True) -> None:
    """SARA-R5: ask the network to end the radio connection right behind the next message
    (release assistance indication, +UDCONF=89). `NotSupported` on LEXI-R10."""
    modem = power.modem
    if not modem.sleep_traits()[1]:
        raise NotSupported(_EOPNOTSUPP, modem.name, "release assistance")
    await modem.channel.command(b"+UDCONF", 89, 1 if on else 0)
