# Generated from aio/device/power_on.py by tools/generate. Do not edit.
"""Switching the module on, and taking it over in whatever state it is. At-commands 1.5, 1.6."""

from ...core.command import milliseconds
from ...core.compat import const
from ...core.errors import (
    Cancelled,
    CommandError,
    CommandTimeout,
    InUse,
    ModemError,
    ModuleLost,
    ModuleReset,
)
from .attach import BAUD_RATES, find

_GREETING = "cellular ready"
_BOOT_MS = const(15000)  # from the power key to the first answer, generously (ubxlib 2.1: 6 s)
_RESTART_MS = const(40000)  # +CFUN=16, at most
_BOOTS_MS = const(1500)  # no module is faster (field-notes 4.1: about 2 s)
_LOOK_MS = const(50)
_QUICK_MS = const(1000)
_AGAIN_MS = const(5000)
_WAYS_MS = const(9500)  # all ways out of a left-over mode, at one rate
_LONG_MS = const(90000)  # and at all rates
_WAKE_MS = const(3000)
_BUSY_MS = const(200000)  # what another caller's command may take
_HARMLESS_MS = const(1000)  # a pulse of PWR_ON that switches nothing off
_LATER_MS = const(1000)  # it answers a little longer before it goes down
_PLUS = const(43)
_ONE_SECOND = const(50)  # in units of 20 ms
_ENODEV = const(19)


def attach(modem, *, rates=None, timeout_ms=90000, sockets="close") -> None:
    """Take over a module that is running, whatever an earlier host program left it in.

    `rates`: baud rates to try besides the modem's (None: the usual ones, (): no other), where the
    UART object can change its rate.
    `sockets`: "close" those left open, "adopt" them (`socket_pool.adopted`), or "keep" out of it.
    `timeout_ms`: also for a module in data mode with an escape sequence that is not the usual one:
    any silence (S12) is found in 30 s where only one rate is tried, 64 characters (S2), the likely
    ones first, in 90 s, all of them in 180 s. Another call goes on where the last has stopped.
    Raises `ModuleLost` (with what was heard) or `ModemError` for a wrong model.
    """
    rates = _checked(rates, timeout_ms, sockets)
    channel = modem.channel
    began = channel.port.ticks_ms()
    channel.lock.acquire(channel, timeout_ms or 1)
    _take_over(modem, rates, timeout_ms - channel.elapsed(began), sockets)


def _checked(rates, timeout_ms, sockets):
    """The rates; `TypeError`, `ValueError`."""
    if sockets not in ("close", "adopt", "keep"):
        raise ValueError("sockets: close, adopt or keep")
    milliseconds(timeout_ms)
    rates = BAUD_RATES if rates is None else tuple(rates)
    for rate in rates:
        milliseconds(rate, "rates")
    return rates


def _take_over(modem, rates, timeout_ms: int, sockets: str) -> None:
    """The work of `attach()`; the channel is held, and released here."""
    channel = modem.channel
    try:
        channel.asleep = False  # whether it is shows soon
        modem.baudrate = find(channel, modem.pins, modem.baudrate, rates, timeout_ms)
        channel.mend = None
        channel.started = channel.port.ticks_ms()
        channel.restarted = True  # should this be given up, the next command goes on with it
        channel.ask(b"+CMEE", 1)
        _check_model(modem, channel.ask(b"+CGMM", plain=True))
        modem.settings()
        configure(modem, True)
        _greet(channel)
        _adopt_saving(modem)
        channel.restarted = False
    finally:
        channel.release()
    if sockets != "keep":
        from ..sockets.diagnosis import sweep

        sweep(modem.socket_pool, sockets == "adopt")


def configure(modem, found: bool = False) -> None:
    """Volatile settings the driver relies on; the channel is held. `found`: by `attach()`, after
    another program may have used the module."""
    channel = modem.channel
    channel.ask(b"E0")
    channel.echo = channel.suspect = False
    channel.ask(b"+CMEE", 1)
    if modem.flow is not None:
        channel.ask(b"&K3" if modem.flow else b"&K0")
    _set_escape(channel, found)
    channel.ask(b"+UDCONF", 1, 0)  # some firmware keeps the hex mode over a restart
    channel.ask(b"+CGEREP", 1)
    _report_registration(channel)
    modem.as_saved = False
    if "socket_pool" in modem.loaded:
        modem.socket_pool.hex_mode = False
    if "power" in modem.loaded:
        modem.power.configure()


def _set_escape(channel, read: bool) -> None:
    """S2 and S12, by which data mode is left (at-commands 1.3), as at the factory; `read`: look
    whether the module has taken them, and go by what it has."""
    for register, value in ((b"S2", _PLUS), (b"S12", _ONE_SECOND)):
        try:
            channel.ask(register, value)
        except CommandError:  # what it has counts
            pass
    if read:
        character = _register(channel, b"S2?", _PLUS)
        if character < 128:  # above there is no escape
            channel.escape = bytes((character,)) * 3
        channel.guard_ms = _register(channel, b"S12?", _ONE_SECOND) * 20 + 100
    channel.escape_set = True


def _register(channel, name: bytes, usual: int) -> int:
    try:
        for line in channel.ask(name, plain=True):
            if line.isdigit() and len(line) == 3 and int(line) < 256:
                return int(line)
    except CommandError:
        pass
    return usual


def _report_registration(channel) -> None:
    """+CEREG URCs with as much as the firmware tells: 5 has reasons and timers."""
    for mode in (5, 4, 2):
        try:
            channel.ask(b"+CEREG", mode)
            return
        except CommandError:
            pass


def _adopt_saving(modem) -> None:
    """A module that an earlier program told to sleep goes on doing so: know when."""
    if modem.sleeper is None or not modem.power.mode:
        try:
            rows = modem.channel.ask(b"+UPSV?", least=1)
        except CommandError:
            return
        if rows and rows[0][0]:
            modem.power.adopt(rows[0])


def _greet(channel) -> None:
    """Let the module print a line when it has restarted; written only where it differs."""
    try:
        rows = channel.ask(b"+CSGT?")
        if not rows or rows[0][:2] != [_GREETING, 1]:
            channel.ask(b"+CSGT", 1, _GREETING)
        channel.greeting = _GREETING.encode()
    except CommandError:  # without it a restart is still seen by its lost settings
        channel.greeting = None


def _check_model(modem, lines) -> None:
    for line in lines:
        if line.startswith(modem.name):
            return
    raise ModemError(_ENODEV, "%s expected, the module says %s" % (modem.name, lines))


def power_on(modem, timeout_ms=_BOOT_MS, *, rates=None, sockets="close") -> None:
    """Switch the module on if it is off, wake it if it sleeps, and attach to it; `rates` and
    `sockets` as of `attach`.

    Without a `power_key` it must be switched on by other means. After a sleep of this
    microcontroller (`state=`) a module that is as it was left is only greeted. A module that is on
    (`power_sense`) and reacts to nothing, or whose escape sequence is not found in that time (see
    `attach()`), is switched off and on again. `timeout_ms` is for a
    module that boots, and for the channel; to look for one in another state takes up to 90 s more.
    When it raises, rate and wires are as they were.

    Raises `ModuleLost` (with what was heard) if the module does not answer in time, `ModemError`
    for a wrong model.
    """
    rates = _checked(rates, timeout_ms, sockets)
    if modem.resumed and _resume(modem):
        return
    pins = modem.pins
    driven = dict(pins.driven) if pins is not None else None
    try:
        _power_on(modem, timeout_ms, rates, sockets)
    except BaseException:
        if pins is not None:
            pins.put_back(driven)
        raise


def _power_on(modem, timeout_ms: int, rates, sockets: str) -> None:
    options = (rates, sockets, timeout_ms or 1)
    pins = modem.pins
    _let_it_listen(pins)
    on = pins.get("power_sense") if pins is not None else None
    if on is not False and _attached(modem, _QUICK_MS, (), options):
        return
    if on and pins is not None:  # perhaps it was about to go off
        on = pins.get("power_sense")
    if pins is None or not pins.has("power_key"):
        attach(modem, timeout_ms=max(timeout_ms, _LONG_MS), rates=rates, sockets=sockets)
        return
    if on is not False and modem.key_ms > _HARMLESS_MS:
        # The key would switch a module off that is on and just does not listen.
        if _attached(modem, _LONG_MS if on else _WAYS_MS, rates if on else (), options):
            return
        if on:
            modem.recovery.power_cycle()
            return
    last = modem.channel.last
    press(modem, modem.key_ms)
    if on is False:
        await_greeting(modem.channel, last)
    if on and _attached(modem, _WAKE_MS, (), options):
        return
    try:
        await_boot(modem, _WAKE_MS if on else timeout_ms, options)
    except ModuleLost:
        if not on:
            raise
        modem.recovery.power_cycle()


def _let_it_listen(pins) -> None:
    """A module may have been told to sleep whenever one of these is released."""
    if pins is not None:
        for name in ("dtr", "rts", "wake_gpio"):
            pins.set(name, True)


def _attached(modem, timeout_ms: int, rates, options) -> bool:
    """Whether `attach()` succeeds; `options`: of `power_on()`, rates, sockets, and how long the
    channel may be waited for."""
    try:
        modem.channel.lock.acquire(modem.channel, options[2])
        _take_over(modem, rates, timeout_ms, options[1])
        return True
    except (ModuleLost, ModuleReset, CommandTimeout):  # the latter: on its way up, or down
        return False


def _resume(modem) -> bool:
    """Whether the module is where the saved state left it, awake or not."""
    channel = modem.channel
    try:
        channel.acquire(_BOOT_MS)
        channel.release()
        if modem.as_saved:  # else power/wake.py has looked at the sockets
            _compare(modem, channel)
        modem.catch_up()
    except (Cancelled, InUse):
        raise
    except ModemError:
        modem.resumed = False
        modem.lost()
        return False
    modem.resumed = False
    return True


def _compare(modem, channel) -> None:
    """The sockets of the module with those of the state. SARA-R5 has no list of them: there those
    that the state does not know are closed when one is refused, see sockets/lifecycle.py."""
    kept = {}
    if modem.keeps_sockets:
        kept = {row[0]: row[1] for row in channel.command(b"+USOCR?", least=2)}
    if kept or "socket_pool" in modem.loaded:
        from ..sockets.diagnosis import close_unknown
        from .saved_state import compare

        close_unknown(modem.socket_pool, kept)
        compare(modem.socket_pool)
        if channel.debts:
            channel.pay()


def press(modem, ms: int) -> None:
    """Hold the power key down for `ms`."""
    modem.pins.set("power_key", True)
    try:
        modem.channel.pause(ms)
    finally:
        modem.pins.set("power_key", False)


def await_greeting(channel, last: int) -> None:
    """Leave a module that boots alone for a while: it says when it is ready, or is asked then.
    `last`: of the channel, before the key was pressed."""
    began = channel.port.ticks_ms()
    while channel.elapsed(began) < _BOOTS_MS and channel.last == last:
        channel.poll()
        channel.proceed("power_on")
        channel.sleep(_LOOK_MS)


def await_boot(modem, timeout_ms: int, options) -> None:
    """Attach as soon as the module answers."""
    channel = modem.channel
    began = pressed = channel.port.ticks_ms()
    while channel.elapsed(began) < timeout_ms:
        if _attached(modem, _QUICK_MS, (), options):
            return
        keyed = modem.pins is not None and modem.key_ms <= _HARMLESS_MS
        if keyed and channel.elapsed(pressed) > _AGAIN_MS:
            press(modem, modem.key_ms)  # it may have been awake, and is asleep again
            pressed = channel.port.ticks_ms()
    attach(modem, rates=options[0], sockets=options[1])  # the long way


def reboot(modem) -> None:
    """Restart the module (`+CFUN=16`, after an orderly detach) and attach to it again.

    Raises `ModuleLost` if the module does not come back; else what `attach()` raises.
    """
    channel = modem.channel
    out = []
    try:
        channel.command(b"+CFUN", 16, timeout_ms=_RESTART_MS, guard=lambda: out.append(1))
    except CommandError:
        raise
    except BaseException:
        if out:  # it restarts all the same
            channel.suspect = True
        raise
    modem.lost()
    modem.channel.pause(_LATER_MS)
    await_boot(modem, _BOOT_MS, (BAUD_RATES, "close", _BUSY_MS))
