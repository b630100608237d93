"""Switching the module off, in the orderly way if possible. field-notes 4.1, ubxlib 4.11."""

from ...core.command import milliseconds
from ...core.compat import const
from ...core.errors import Cancelled, CommandError, ModemError, ModuleLost, NotSupported

_OFF_MS = const(40000)  # +CPWROFF, at most (at-commands 1.6)
_SILENT_MS = const(20000)  # without V_INT: how long it may still answer (ubxlib 2.1)
_AFTER_MS = const(5000)
_ASK_MS = const(1000)
_PROBE_MS = const(300)
_KEY_MS = const(2500)  # PWR_ON low: orderly switch-off (ubxlib 2 s, others up to 3 s)
_EMERGENCY_KEY_MS = const(23500)  # at least 23 s, then RESET_N 1.5 s longer (field-notes 4.1)
_EMERGENCY_RESET_MS = const(2000)
_ETIMEDOUT = const(110)
_EOPNOTSUPP = const(95)


async def power_off(modem, timeout_ms=_OFF_MS) -> None:
    """Switch the module off in order (`+CPWROFF`: it detaches and saves its settings), and wait
    until it is really off. `power_sense` shows that; it may also be the RX pin, which is high
    while the module has power. Without it, 5 s without an answer count, which prove nothing.

    Only then may its supply be cut. Raises `ModemError(ETIMEDOUT)` if it stays on. If cancelled
    after the command was sent, the module still switches off.
    """
    milliseconds(timeout_ms)
    channel = modem.channel
    began = channel.port.ticks_ms()
    out = []
    try:
        ms = timeout_ms or 1
        await channel.command(b"+CPWROFF", timeout_ms=ms, guard=lambda: out.append(1))
    except CommandError:
        raise
    except ModuleLost:  # already off, unless V_INT is on
        pass
    except BaseException:
        if out:
            forget_plans(modem)
        raise
    forget_plans(modem)
    await until_off(modem, max(_ASK_MS, timeout_ms - channel.elapsed(began)))


def forget_plans(modem) -> None:
    """Cancel the wanted connection and power saving: the module is off."""
    wanted, modem.network.wanted = modem.network.wanted, None
    if wanted is not None and wanted.task is not None:
        wanted.task.cancel()
    modem.channel.mend = None
    if modem.sleeper is not None:
        modem.sleeper.mode = 0
        modem.sleeper.settle()
    modem.lost()


async def key_off(modem) -> None:
    """Switch off by a long press of the power key, for a module that does not answer."""
    from .power_on import press

    await press(modem, _KEY_MS)
    modem.lost()
    await until_off(modem, _OFF_MS)


async def until_off(modem, timeout_ms: int) -> None:
    """Wait until the module has no power, or does not answer."""
    channel = modem.channel
    began = channel.port.ticks_ms()
    pins = modem.pins
    sensed = pins is not None and pins.has("power_sense")
    while channel.elapsed(began) < (timeout_ms if sensed else _SILENT_MS):
        await channel.pause(_ASK_MS)
        on = pins.get("power_sense") if pins and sensed else await _answers(channel, timeout_ms)
        if not on:
            await channel.pause(0 if sensed else _AFTER_MS)
            channel.suspect = channel.asleep = False
            channel.lexer.clear()
            return
    raise ModemError(_ETIMEDOUT, "the module does not switch off")


async def _answers(channel, limit_ms: int) -> bool:
    from ..at.resync import forget

    await channel.lock.acquire(channel, limit_ms)
    try:
        channel.start(b"")
        await channel.execute(_PROBE_MS)
    except CommandError:
        pass
    except Cancelled:
        raise
    except ModemError:
        forget(channel)
        return False
    finally:
        channel.release()
    return True


async def emergency_off(modem) -> None:
    """Switch off a SARA-R5 that reacts to nothing else, in the one documented sequence: PWR_ON and
    RESET_N low, PWR_ON released after 23 s, RESET_N 1.5 s later. Data being written is lost.

    Needs the wires `power_key` and `reset`, `ValueError` without them; `NotSupported` on LEXI-R10,
    which has no documented sequence.
    """
    pins = modem.pins
    if not modem.emergency:
        raise NotSupported(_EOPNOTSUPP, modem.name, "documented emergency switch-off")
    if pins is None or not pins.has("power_key") or not pins.has("reset"):
        raise ValueError("emergency_off() needs the wires power_key and reset")
    channel = modem.channel
    try:
        pins.set("power_key", True)
        pins.set("reset", True)
        await channel.pause(_EMERGENCY_KEY_MS)
        pins.set("power_key", False)
        await channel.pause(_EMERGENCY_RESET_MS)
    finally:
        pins.set("power_key", False)
        pins.set("reset", False)
    modem.lost()
    await until_off(modem, _OFF_MS)
