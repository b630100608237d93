# Generated from aio/power/wake.py by tools/generate. Do not edit.
"""Waking a module that may be asleep, before the first byte that counts. at-commands 11."""

from ...core.compat import const
from ...core.error_text import heard
from ...core.errors import Cancelled, ModemError, ModuleLost
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


def wake(power) -> None:
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
        _wake(power, modem, channel)
    except BaseException:
        if pins is not None:
            pins.put_back(driven)
        raise
    finally:
        power.waking = False
    channel.asleep = False
    if not power.doubt:
        power.fell(_AWAKE)


def _wake(power, modem, channel) -> None:
    pins = modem.pins
    keyed = pins is not None and pins.has("power_key")
    if pins is not None and power.line is not None:
        pins.set(power.line, True)
        channel.pause(_LINE_MS)
    if keyed and pins and power.depth > _LIGHT and pins.get("power_sense") is None:
        _let_go(power, channel)
    pressed = None  # when
    if keyed and (power.by_key or _is_off(pins) or _must_be_off(power, channel)):
        pressed = _press(modem)
    began = channel.port.ticks_ms()
    while True:
        if not _is_off(pins):
            if _answers(power, channel):
                return
        elif pressed is None or channel.elapsed(pressed) < _AGAIN_MS:  # nothing listens yet
            channel.poll()
            channel.sleep(_LOOK_MS)
        else:  # it was awake, and fell asleep over the press
            pressed = _press(modem)
        channel.proceed("wake")
        if channel.elapsed(began) > (_AWAKE_MS if pressed is None else _BOOT_MS):
            if pressed is not None or not keyed:
                channel.asleep = True
                raise ModuleLost(_ETIMEDOUT, "asleep, or gone; heard: " + heard(channel))
            pressed = _press(modem)
            began = channel.port.ticks_ms()


def _is_off(pins) -> bool:
    return pins is not None and pins.get("power_sense") is False


def _must_be_off(power, channel) -> bool:
    """Whether it has announced its deep sleep so long ago that it listens no more."""
    quiet = channel.elapsed(channel.since)
    return power.depth > _LIGHT and quiet > power.after_ms + _AGAIN_MS


def _let_go(power, channel) -> None:
    """It has announced its deep sleep and nothing shows whether it has begun: it still listens
    for `after_ms` behind the last command, later a question may be lost, so the sleep is waited
    for."""
    while power.depth > _LIGHT and not _must_be_off(power, channel):
        if channel.elapsed(channel.since) < power.after_ms - _MARGIN_MS:
            return
        channel.poll()
        channel.proceed("wake")
        channel.sleep(_LOOK_MS)


def _press(modem) -> int:
    """Press the power key and give the module time to say that it is up; when it was let go."""
    from ..device.power_on import await_greeting, press

    heard_last = modem.channel.last
    press(modem, modem.key_ms)
    let_go = modem.channel.port.ticks_ms()
    if not modem.sleeper.by_key or _is_off(modem.pins):
        await_greeting(modem.channel, heard_last)
    return let_go


def _answers(power, channel) -> bool:
    """Whether it answers; whether it still knows what it was told shows as well."""
    if not power.by_key and power.line is None:
        channel.port.write(b"\r", 0, 1)
        channel.pause(_POKE_MS)
    try:
        rows = channel.ask(b"+CMEE?", timeout_ms=_PROBE_MS)
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
