# Generated from aio/device/attach.py by tools/generate. Do not edit.
"""Finding a running module that may be in any state: another baud rate, echoing, waiting for the
payload of a prompt, or in the data mode that an earlier host program left it in.

Needed once, so it is imported when it is used.
"""

from ...core.compat import const
from ...core.error_text import heard
from ...core.errors import Cancelled, ModemError, ModuleLost
from .. import forget
from ..at.resync import ended, fill, quiet
from ..at.resync import forget as forget_line

BAUD_RATES = (115200, 460800, 921600, 3000000, 230400, 57600, 38400, 19200, 9600)

_PROBE_MS = const(300)
_TRIES = const(2)
_GUARD_MS = const(1100)  # S12 = 50: more than 1 s of silence before and after `+++`
_EOPNOTSUPP = const(95)
_ETIMEDOUT = const(110)
_QUIET_MS = const(100)
_FLOOD_MS = const(8000)  # what a slow line may still have to say of the data before
_LAST_MS = const(3000)
_LONGEST_PAYLOAD = const(1024)  # of the prompts that know no time-out (+USOWR, +USOST)

# Multiplexer close-down on channel 0, in both forms that are in use (at-commands 12.2).
_CLOSE_DOWN = b"\xf9\x03\xef\x05\xc3\x01\xf2\xf9\xf9\x03\xff\x05\xc3\x01\xe7\xf9"
# LCP Terminate-Request, framed (RFC 1661, 1662).
_TERMINATE = b"~\xff}#\xc0!}%}!} }$=\xc7~"


def find(channel, pins, baudrate: int, rates, timeout_ms: int) -> int:
    """Make the module answer `AT`; the baud rate at which it does.

    `rates` are tried after `baudrate`. First plain probes at every rate, then the ways out of
    multiplexer, data mode or PPP, then out of the prompt of a payload; then, at `baudrate`, what
    another program may have made the escape sequence, as long as there is time. Rates that the
    UART cannot have are left out. Raises `ModuleLost` saying what was heard; whatever it raises,
    the rate of the UART and the wires are then as they were.
    """
    uart = channel.port.uart
    order = [baudrate]
    if hasattr(uart, "init") or hasattr(uart, "baudrate"):
        order += [rate for rate in rates if rate != baudrate]
    driven = dict(pins.driven) if pins is not None else None
    began = channel.port.ticks_ms()
    # A module that has not ended a command yet would take what is sent for a part of it.
    ended(channel, min(timeout_ms // 2, _LAST_MS))
    try:
        return _find(channel, pins, order, timeout_ms - channel.elapsed(began))
    except BaseException:
        if len(order) > 1:
            _switched(channel, baudrate)
        if pins is not None:
            pins.put_back(driven)
        raise


def _find(channel, pins, order, timeout_ms: int) -> int:
    began = channel.port.ticks_ms()
    noise = "nothing"
    tried = []
    for ways in _WAYS:
        for rate in order:
            if len(order) > 1 and not _switched(channel, rate) and rate != order[0]:
                continue
            for way_out, takes_ms, own in ways:
                if channel.elapsed(began) + takes_ms > timeout_ms or (own and rate != order[0]):
                    continue
                _reset(channel)
                if way_out:
                    way_out(channel, pins)
                if answers(channel):
                    return rate
                if rate not in tried:
                    tried.append(rate)
                if channel.lexer.end:
                    noise = "at %d baud %s" % (rate, heard(channel))
                channel.proceed("attach")
    if len(order) > 1:
        _switched(channel, order[0])
    from ..at.data_mode import try_characters

    _reset(channel)
    if try_characters(channel, pins, timeout_ms - channel.elapsed(began)):
        return order[0]
    text = "no module answers within %d ms at %s baud, heard: %s; check supply, TX, RX, %s"
    rates = ", ".join([str(rate) for rate in tried or order[:1]])
    told = (channel.elapsed(began), rates, noise, _wires(pins))
    raise ModuleLost(_ETIMEDOUT, text % told)


def _wires(pins) -> str:
    """What else may be wrong of the wiring."""
    if pins is None or not pins.has("power_key"):
        return "baudrate and that it is on (there is no power_key=)"
    on = pins.get("power_sense")
    return "baudrate and power_key" + (
        "" if on is None else ": V_INT is " + ("on" if on else "off")
    )


def _switched(channel, rate: int) -> bool:
    """Whether the UART has this rate now."""
    try:
        set_uart(channel.port, rate)
    except ModemError:
        return False
    return True


def set_uart(port, baudrate: int) -> None:
    """Change the rate of the UART object. `init()` forgets settings on several ports (platforms
    1.2): the user's are repeated. `ModemError(EOPNOTSUPP)` if it cannot have that rate."""
    uart = port.uart
    why = "UART object without init (or baudrate)"
    try:
        if hasattr(uart, "init"):
            uart.init(baudrate=baudrate, **(port.kwargs or {}))
            return
        if hasattr(uart, "baudrate"):
            uart.baudrate = baudrate
            return
    except Exception as error:  # of whatever kind: the object is the user's
        why = "%s: %s" % (type(error).__name__, error)
    raise ModemError(_EOPNOTSUPP, "the UART cannot have the rate %d: %s" % (baudrate, why))


def _reset(channel) -> None:
    forget_line(channel)
    channel.suspect = False
    channel.lexer.clear()


def answers(channel) -> bool:
    """Whether the module answers to a bare AT."""
    for _ in range(_TRIES):
        channel.start(b"")
        try:
            channel.execute(_PROBE_MS)
            return True
        except Cancelled:
            raise
        except ModemError:  # also a refusal: half a line may have been there before ours
            _reset(channel)
            quiet(channel, 30)
    return False


def _close_multiplexer(channel, _pins) -> None:
    """End 27.010 framing; then what is left of it in a line that was not framed."""
    channel.port.write(_CLOSE_DOWN, 0, len(_CLOSE_DOWN))
    channel.pause(_QUIET_MS)
    channel.port.write(b"\r", 0, 1)
    quiet(channel, _QUIET_MS)


def _leave_data_mode(channel, pins) -> None:
    """DTR off and on, if it is wired, then `+++` between two silences (A5 4.2); a PPP call that is
    then only suspended is hung up."""
    if pins is not None and pins.has("dtr"):
        pins.set("dtr", False)
        try:
            channel.pause(_QUIET_MS)
        finally:
            pins.set("dtr", True)
    channel.pause(_GUARD_MS)
    channel.port.write(b"+++", 0, 3)
    channel.pause(_GUARD_MS)
    hang_up(channel)


def hang_up(channel) -> None:
    """After an escape: a PPP call that is only suspended is ended; one that is not is asked to
    end itself."""
    quiet(channel, _QUIET_MS, _FLOOD_MS)
    channel.start(b"H")
    try:
        channel.execute(_PROBE_MS)
    except Cancelled:
        raise
    except ModemError:
        _reset(channel)
        channel.port.write(_TERMINATE, 0, len(_TERMINATE))
        quiet(channel, _QUIET_MS)


def _complete_payload(channel, _pins) -> None:
    """Give the module what a dead host still owed it; in command mode blanks mean nothing."""
    fill(channel, _LONGEST_PAYLOAD)
    channel.port.write(b"\r", 0, 1)
    quiet(channel, 200)


def _leave_slowly(channel, pins) -> None:
    from ..at.data_mode import leave_slowly

    leave_slowly(channel, pins)


# Passes over the rates; in each the ways to try, the ms they take, and whether at the modem's own
# rate only. The payload comes last: to a module in data mode at another rate it is data, which a
# server may send back.
_WAYS = (
    ((None, 700, False),),
    ((_close_multiplexer, 1200, False), (_leave_data_mode, 4800, False)),
    ((_leave_slowly, 12500, True),),
    ((_complete_payload, 2000, False),),
)


def forget_files() -> None:
    """Make what bring-up took free for the next collection. It is imported again when the module
    restarts or is looked for."""
    forget(
        "device.power_on",
        "device.attach",
        "sockets.diagnosis",  # and by failures, each of which imports it
        "at.data_mode",
        "network.contexts",
        "network.contexts_sara_r5",
        "network.contexts_lexi_r10",
        "network.radio",
    )
