"""Waking a module that may be asleep, before the first byte that counts. at-commands 11."""

from ..core.compat import const
from ..core.describe import heard
from ..core.errors import ModemError, ModuleLost
from .recovery import forget

_LINE_MS = const(25)  # from DTR or RTS to a UART that listens (ubxlib 2.3: 20 ms)
_POKE_MS = const(50)  # from the byte that is lost to a UART that listens
_PROBE_MS = const(300)
_AWAKE_MS = const(2500)  # of trying by the UART alone
_BOOT_MS = const(15000)  # from PWR_ON to the first answer, generously
_AWAKE = const(0)
_ETIMEDOUT = const(110)


async def wake(power) -> None:
    """Make sure that the module hears the next command; the channel is held by the caller.

    A wire is asserted, PWR_ON pressed where only that wakes it (PSM, LEXI-R10), a byte that may
    be lost sent where the UART does. Then it is asked something: the answer tells whether the
    sleep was so deep that its settings are gone. Raises `ModuleLost` if it stays silent.
    """
    modem = power.modem
    channel = modem.channel
    power.waking = True
    try:
        await _wake(power, modem, channel)
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
    off = pins is not None and pins.get("power_sense") is False
    pressed = keyed and (off or power.by_key or power.depth > 1)
    if pressed:
        await _press(modem, off)
    began = channel.port.ticks_ms()
    while not await _answers(power, channel):
        channel.proceed("wake")
        if channel.elapsed(began) > (_BOOT_MS if pressed else _AWAKE_MS):
            if pressed or not keyed:
                channel.asleep = True
                raise ModuleLost(_ETIMEDOUT, "asleep, or gone; heard: " + heard(channel.lexer))
            pressed = True
            await _press(modem, True)
            began = channel.port.ticks_ms()


async def _press(modem, boots: bool) -> None:
    from .bringup import await_greeting, press

    await press(modem, modem.key_ms)
    if boots:
        await await_greeting(modem.channel)


async def _answers(power, channel) -> bool:
    """Whether it answers; whether it still knows what it was told shows as well."""
    if not power.by_key and power.line is None:
        channel.port.write(b"\r", 0, 1)
        await channel.pause(_POKE_MS)
    try:
        rows = await channel.ask(b"+CMEE", b"?", timeout_ms=_PROBE_MS)
    except ModemError:
        forget(channel)
        return False
    if not rows or not rows[0]:
        return False
    channel.suspect = False
    if rows[0][0] != 1 and not channel.restarted:
        channel.reset_seen()
    return True
