"""Power saving of SARA-R5's UART (+UPSV). at-commands 11, field-notes 4.1."""

from ...core.compat import const
from ...core.errors import CommandError

_MODES = {"off": 0, "timer": 1, "rts": 2, "dtr": 3}
_FRAME_US = const(4615)  # the unit of its timer, a GSM frame
_FACTORY_FRAMES = const(2000)
_MOST_FRAMES = const(65000)
_LONGEST_MS = const(300000)
_REST_MS = const(2000)  # a wire is released when nothing has passed the line for so long


def sleep_traits(modem):
    """(+USLPVOTE is there, release assistance is there, further commands that make it report)."""
    return (False, True, ())


async def save(power, mode: str, after_ms=9200, level="", *, store=True) -> None:
    """Let the UART, and with it the module, sleep when it is not used (+UPSV).

    `mode`: "off"; "timer": after `after_ms` (200 to 300000, in steps of 4.615) of silence, woken
    by a byte; "rts", "dtr": whenever that wire is released, which `rest()` does, or this driver
    `after_ms` behind the last exchange. PSM needs one of them. The driver wakes the module before
    every command. With "timer" and `flow=None` hardware flow control is switched off: where it is
    on, not every firmware wakes by a byte. `store`: keep it in the module's memory (&W, written
    only if it differs): needed where the module shall go on sleeping when it wakes from PSM by
    itself.

    Raises `ValueError` for what does not fit or a wire that is not there, `CommandError`. Given up
    in the middle, it is done before the next command.
    """
    if mode not in _MODES:
        raise ValueError("mode: off, timer, rts or dtr")
    if level:
        raise ValueError("level: LEXI-R10 has those")
    wired = mode == "rts" or mode == "dtr"
    pins = power.modem.pins
    if wired and (pins is None or not pins.has(mode)):
        raise ValueError("mode %s needs the wire %s" % (mode, mode))
    if mode == "rts" and power.modem.flow:
        raise ValueError("mode rts: the wire is in use for flow control, flow=True")
    if not isinstance(after_ms, int):
        raise TypeError("after_ms: number wanted")
    if not 200 <= after_ms <= _LONGEST_MS:
        raise ValueError("after_ms: 200 to %d" % _LONGEST_MS)
    channel = power.modem.channel
    await channel.acquire()
    try:
        await _apply(power, mode, after_ms, store)
    except CommandError:
        raise
    except BaseException:
        channel.owe(_apply, power, mode, after_ms, store)
        raise
    finally:
        channel.release()
    await power.report()


async def _apply(power, mode: str, after_ms: int, store) -> None:
    """The commands of `save()`; the channel is held. It sleeps for us from the moment on in which
    it may, and no longer once it has been told so."""
    modem = power.modem
    channel = modem.channel
    if mode == "rts" or mode == "dtr":
        modem.pins.set(mode, True)
    if mode == "rts" or (mode == "timer" and modem.flow is None):
        await channel.ask(b"&K0")
        modem.flow = False
    before = power.mode, power.after_ms
    power.mode = _MODES[mode]
    power.after_ms = after_ms
    if power.mode:
        settle(power)
    try:
        told = await tell_saving(modem)
        settle(power)
        if told and store:
            await modem.store_settings()
    except CommandError:
        power.mode, power.after_ms = before
        settle(power)
        raise
    channel.asleep = False


async def adopt(power, row) -> None:
    """Take over what an earlier program has told; the channel is held. Off if it needs a wire that
    is not there."""
    modem = power.modem
    power.mode = row[0] if row[0] in (1, 2, 3) else 1
    frames = row[1] if len(row) > 1 and row[1] in range(1, _MOST_FRAMES + 1) else _FACTORY_FRAMES
    power.after_ms = frames * _FRAME_US // 1000
    settle(power)
    if power.line and (modem.pins is None or not modem.pins.has(power.line)):
        power.mode = 0
        settle(power)
        await modem.channel.ask(b"+UPSV", 0)
        return
    rows = await modem.channel.ask(b"+CPSMS?", least=1)
    power.deep = bool(rows) and rows[0][0] == 1


def settle(power) -> None:
    """What follows from the mode for the driver."""
    power.line = {2: "rts", 3: "dtr"}.get(power.mode)
    after = power.after_ms
    limit = min(after, _REST_MS) if power.line else after - after // 8 - 60
    power.modem.channel.doze_ms = limit if power.mode else 0


async def tell_saving(modem) -> bool:
    """Set what differs of +UPSV, the channel is held; whether it did. Off while a link is open,
    see votes.py."""
    power = modem.power
    channel = modem.channel
    wanted = [0 if power.votes else power.mode]
    if wanted[0] == 1:
        wanted.append(power.after_ms * 1000 // _FRAME_US)
    rows = await channel.ask(b"+UPSV?", least=1)
    if rows and rows[0][: len(wanted)] == wanted:
        return False
    await channel.ask(b"+UPSV", *wanted)
    return True
