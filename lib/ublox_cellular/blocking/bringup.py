# Generated from aio/bringup.py by tools/generate. Do not edit.
"""Switching the module on and off, and taking it over in whatever state it is."""

from ..core.compat import const
from ..core.errors import CommandError, ModemError, ModuleLost
from .attach import BAUD_RATES, find

_GREETING = "cellular ready"
_BOOT_MS = const(15000)  # from the power key to the first answer, generously (ubxlib 2.1: 6 s)
_OFF_MS = const(40000)  # +CPWROFF, at most (at-commands 1.6)
_ENODEV = const(19)


def attach(modem, *, rates=None, timeout_ms=60000, sockets="close") -> None:
    """Take over a module that is running, whatever an earlier host program left it in.

    `rates`: baud rates to try besides the modem's (None: the usual ones, (): no other).
    `sockets`: "close" those left open, "adopt" them (`socket_pool.adopted`), or "keep" out of it.
    Raises `ModuleLost` (with what was heard) or `ModemError` for a wrong model.
    """
    if sockets not in ("close", "adopt", "keep"):
        raise ValueError("sockets: close, adopt or keep")
    channel = modem.channel
    channel.lock.acquire()
    try:
        rates = BAUD_RATES if rates is None else rates
        modem.baudrate = find(channel, modem.baudrate, rates, timeout_ms)
        channel.ask(b"+CMEE", 1)
        _check_model(modem, channel.ask(b"+CGMM", plain=True))
        modem.settings()
        configure(modem)
        _greet(channel)
        channel.restarted = False
    finally:
        channel.release()
    if sockets != "keep":
        from .leftovers import sweep

        sweep(modem.socket_pool, sockets == "adopt")


def configure(modem) -> None:
    """Volatile settings the driver relies on; the channel is held."""
    channel = modem.channel
    channel.ask(b"E0")
    channel.echo = channel.suspect = False
    channel.ask(b"+CMEE", 1)
    channel.ask(b"+UDCONF", 1, 0)  # some firmware keeps the hex mode over a restart
    channel.ask(b"+CGEREP", 1)
    channel.ask(b"+CEREG", 1)
    if "socket_pool" in modem.loaded:
        modem.socket_pool.hex_mode = False


def _greet(channel) -> None:
    """Let the module print a line when it has restarted; written only where it differs."""
    try:
        rows = channel.ask(b"+CSGT", b"?")
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


def power_on(modem, timeout_ms=_BOOT_MS, **options) -> None:
    """Switch the module on if it does not answer, and attach to it (options as of `attach`).

    Without a `power_key` it must be switched on by other means.
    """
    channel = modem.channel
    key = modem.power_key
    try:
        attach(modem, rates=(), timeout_ms=1000, **options)
        return
    except ModuleLost:
        if key is None:
            attach(modem, timeout_ms=max(timeout_ms, 60000), **options)
            return
    key = getattr(key, "value", key)
    key(modem.pressed)
    try:
        channel.pause(modem.key_ms)
    finally:
        key(1 - modem.pressed)
    _await_boot(modem, timeout_ms, options)


def _await_boot(modem, timeout_ms: int, options) -> None:
    began = modem.channel.port.ticks_ms()
    while modem.channel.elapsed(began) < timeout_ms:
        try:
            attach(modem, rates=(), timeout_ms=1000, **options)
            return
        except ModuleLost:
            pass
    attach(modem, **options)  # the long way: other rates, left-over modes


def power_off(modem) -> None:
    """Switch the module off in order (`+CPWROFF`): it detaches and saves its settings."""
    modem.channel.command(b"+CPWROFF", timeout_ms=_OFF_MS)
    modem.lost()


def reboot(modem) -> None:
    """Restart the module (`+CFUN=16`) and attach to it again."""
    modem.channel.command(b"+CFUN", 16, timeout_ms=_OFF_MS)
    modem.lost()
    modem.channel.pause(1000)  # it answers a little longer before it goes down
    _await_boot(modem, _BOOT_MS, {})
