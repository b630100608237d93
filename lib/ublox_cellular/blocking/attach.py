# Generated from aio/attach.py by tools/generate. Do not edit.
"""Finding a running module that may be in any state: another baud rate, echoing, waiting for the
payload of a prompt, or in the data mode that an earlier host program left it in.

Needed once, so it is imported when it is used.
"""

from ..core.compat import const
from ..core.describe import heard
from ..core.errors import ModemError, ModuleLost
from .recovery import fill, forget, quiet

BAUD_RATES = (115200, 460800, 921600, 3000000, 230400, 57600, 38400, 19200, 9600)

_PROBE_MS = const(300)
_TRIES = const(2)
_GUARD_MS = const(1100)  # S12 = 50: more than 1 s of silence before and after `+++`
_ETIMEDOUT = const(110)
_LONGEST_PAYLOAD = const(1024)  # of the prompts that know no time-out (+USOWR, +USOST)


def find(channel, baudrate: int, rates, timeout_ms: int) -> int:
    """Make the module answer `AT`; the baud rate at which it does.

    `rates` are tried after `baudrate`. First plain probes at every rate, then, at every rate, the
    ways out of a left-over mode. Raises `ModuleLost` saying what was heard.
    """
    began = channel.port.ticks_ms()
    order = [baudrate] + [rate for rate in rates if rate != baudrate]
    noise = "nothing"
    for way_out, takes_ms in ((None, 700), (_leave_data_mode, 4500), (_complete_payload, 2000)):
        for rate in order:
            if channel.elapsed(began) + takes_ms > timeout_ms:
                break
            if len(order) > 1:
                _set_baudrate(channel.port, rate)
            _reset(channel)
            if way_out:
                way_out(channel)
            if _answers(channel):
                return rate
            if channel.lexer.end:
                noise = "at %d baud %s" % (rate, heard(channel.lexer))
            channel.proceed("attach")
    ms = channel.elapsed(began)
    raise ModuleLost(_ETIMEDOUT, "no module answers within %d ms, heard: %s" % (ms, noise))


def _set_baudrate(port, baudrate: int) -> None:
    """`init()` forgets settings on several ports (platforms 1.2): the user's are repeated."""
    uart = port.uart
    if hasattr(uart, "init"):
        uart.init(baudrate=baudrate, **(port.kwargs or {}))
    elif hasattr(uart, "baudrate"):
        uart.baudrate = baudrate
    else:
        raise TypeError("UART object without init (or baudrate): its rate cannot be changed")


def _reset(channel) -> None:
    forget(channel)
    channel.suspect = False
    channel.lexer.clear()


def _answers(channel) -> bool:
    for _ in range(_TRIES):
        channel.start(b"")
        try:
            channel.execute(_PROBE_MS)
            return True
        except ModemError:  # also a refusal: half a line may have been there before ours
            _reset(channel)
            quiet(channel, 30)
    return False


def _leave_data_mode(channel) -> None:
    """`+++` between two silences; a PPP call that is then only suspended is hung up."""
    channel.pause(_GUARD_MS)
    channel.port.write(b"+++", 0, 3)
    channel.pause(_GUARD_MS)
    quiet(channel, 30)
    channel.start(b"H")
    try:
        channel.execute(_PROBE_MS)
    except ModemError:
        _reset(channel)


def _complete_payload(channel) -> None:
    """Give the module what a dead host still owed it; in command mode blanks mean nothing."""
    fill(channel, _LONGEST_PAYLOAD)
    channel.port.write(b"\r", 0, 1)
    quiet(channel, 200)
