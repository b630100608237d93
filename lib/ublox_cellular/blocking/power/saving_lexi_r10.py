# Generated from aio/power/saving_lexi_r10.py by tools/generate. Do not edit.
"""Power saving of LEXI-R10 (+UPSV): conditions, depth, wake-up. at-commands 11."""

from ...core.compat import const
from ...core.errors import CommandError

_MODES = {"off": 0, "timer": 1, "gpio": 5}
_LEVELS = {"sleep1": 2, "sleep2": 3, "hibernate": 4}
_LONGEST_MS = const(3600000)
_REST_MS = const(2000)  # the wire is released after this silence on the line
_USB_OFF = const(99)
_USB_ON = const(0)
_GPIO_FUNCTION = const(34)
_REPORTS = ((b"+USLPURC", ("SLEEP2", 1)), (b"+USLPURC", ("HIBNATE", 1)))


def sleep_traits(modem):
    """(has +USLPVOTE, has release assistance, further commands that enable reports)."""
    return (True, False, _REPORTS)


def save(power, mode: str, after_ms=5000, level="sleep1", *, gpio=0) -> None:
    """Let the module sleep when its UART is not used (+UPSV), at most as deep as `level`.

    `mode`: "off"; "timer": after `after_ms` (1 to 3600000) of silence, woken by PWR_ON (needs the
    wire `power_key`); "gpio": while the wire `wake_gpio` is released, by `rest()`, or by this
    driver `after_ms` after the last exchange (`gpio`: the module's number of that pin, for example
    14 for GPIO1, to configure it; 0 does not). `level`: "sleep1" loses nothing; "sleep2" and
    "hibernate" keep always-on sockets and lose the profiles of HTTP and MQTT; they switch the
    module's USB off. The module stores all this by itself; written only if it differs.

    Raises `ValueError` for invalid values or a missing wire, `CommandError`. If it is cancelled,
    the rest is done before the next command.
    """
    if mode not in _MODES or level not in _LEVELS:
        raise ValueError("mode: off, timer or gpio; level: sleep1, sleep2 or hibernate")
    if not isinstance(after_ms, int) or not isinstance(gpio, int):
        raise TypeError("after_ms, gpio: number wanted")
    if not 0 < after_ms <= _LONGEST_MS:
        raise ValueError("after_ms: 1 to %d" % _LONGEST_MS)
    pins = power.modem.pins
    wire = {"timer": "power_key", "gpio": "wake_gpio"}.get(mode)
    if wire and (pins is None or not pins.has(wire)):
        raise ValueError("mode %s needs the wire %s to wake it" % (mode, wire))
    channel = power.modem.channel
    channel.acquire()
    try:
        _apply(power, mode, after_ms, level, gpio)
    except CommandError:
        raise
    except BaseException:
        channel.owe(_apply, power, mode, after_ms, level, gpio)
        raise
    finally:
        channel.release()
    power.report()


def _apply(power, mode: str, after_ms: int, level: str, gpio: int) -> None:
    """The commands of `save()`; the channel is held. The driver assumes that the module sleeps as
    soon as it may, and until it has confirmed that it may not."""
    channel = power.modem.channel
    if mode == "gpio":
        power.modem.pins.set("wake_gpio", True)
        if gpio:
            channel.ask(b"+UGPIOC", gpio, _GPIO_FUNCTION)
    before = power.mode, power.level, power.after_ms
    power.mode = _MODES[mode]
    power.level = _LEVELS[level] if power.mode else 0
    power.after_ms = after_ms
    if power.mode:
        settle(power)
    try:
        tell_saving(power.modem)
    except CommandError:
        power.mode, power.level, power.after_ms = before
        settle(power)
        raise
    settle(power)
    channel.asleep = False


def adopt(power, row) -> None:
    """Use the settings of an earlier program; the channel is held. Switch saving off if it needs a
    missing wire, or if the module does not report all of them."""
    modem = power.modem
    wire = "wake_gpio" if row[0] == 5 else "power_key"
    told = [part for part in row[:3] if isinstance(part, int) and 0 <= part <= _LONGEST_MS]
    if len(told) < 3 or modem.pins is None or not modem.pins.has(wire):
        modem.channel.ask(b"+UPSV", 0)
        return
    power.mode, power.after_ms, power.level = told
    settle(power)


def settle(power) -> None:
    """Derive the driver's state from the mode."""
    power.line = "wake_gpio" if power.mode == 5 else None
    power.by_key = power.mode == 1
    power.deep = power.level > 2
    after = power.after_ms
    limit = min(after, _REST_MS) if power.line else after - after // 8 - 60
    power.modem.channel.doze_ms = max(1, limit) if power.mode else 0


def tell_saving(modem) -> bool:
    """Write +UUSBCONF and +UPSV if they differ, with the channel held; returns whether they
    did."""
    power = modem.power
    channel = modem.channel
    usb = _USB_OFF if power.level > 2 else _USB_ON
    changed = False
    try:
        rows = channel.ask(b"+UUSBCONF?", least=1)
        if power.mode and rows and (rows[0][0] == _USB_OFF) != (usb == _USB_OFF):
            channel.ask(b"+UUSBCONF", usb)
            changed = True
    except CommandError:
        if power.level > 2:
            raise
    wanted = [power.mode, power.after_ms, power.level] if power.mode else [0]
    rows = channel.ask(b"+UPSV?", least=1)
    if not rows or rows[0][: len(wanted)] != wanted:
        channel.ask(b"+UPSV", *wanted)
        changed = True
    return changed
