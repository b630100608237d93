# Generated from aio/device/identity.py by tools/generate. Do not edit.
"""Who the module is, and its SIM. At-commands 1.4.

URCs that have no "+" ("RING", "NO CARRIER") may stand between the lines of an answer, so that only
a line of the right form is one. `Garbled` if there is none.
"""

from ...core.compat import const
from ...core.errors import CommandError, ModemError

_DIGITS = "0123456789"


def imei(modem) -> str:
    """The 15 digits of the equipment.

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CGSN", lambda line: _digits(line, 15, 15))


def imsi(modem) -> str:
    """The digits of the subscription, 15 or fewer (3GPP TS 23.003); needs a SIM without, or with
    its, PIN.

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CIMI", lambda line: _digits(line, 6, 15))


def model(modem) -> str:
    """Such as "SARA-R510S".

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CGMM", lambda line: line.startswith(modem.name))


def firmware(modem) -> str:
    """Modem and application version, such as "02.05,A00.01".

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"I9", lambda line: line[:1] in _DIGITS and "." in line)


def iccid(modem) -> str:
    """The number of the SIM card, 18 to 22 digits.

    Raises `Garbled` if no line has the right form, `CommandError`, `CommandTimeout`,
    `ModuleReset`.
    """
    return _line(modem, b"+CCID?", lambda line: _digits(line, 18, 22))


def _digits(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most and not text.strip(_DIGITS)


def _line(modem, command: bytes, fits) -> str:
    channel = modem.channel
    for line in channel.command(command, plain=True):
        if line.startswith("+CCID:"):
            line = line[6:].rstrip("Ff")  # which fills up a number of 19 digits on some cards
        line = line.strip(' "')
        if line and fits(line):
            return line
    raise channel.garbled("no line of the form wanted")


# ---- the SIM ------------------------------------------------------------------------------------
#
# The SIM's lock. At-commands 1.4.
#
# A SIM is blocked after three wrong PINs and lost after ten wrong PUKs: nothing here tries twice.

_PIN_MS = const(10000)  # +CPIN, at most (at-commands 1.6)
_PIN_SIZES = (4, 8)
_PUK_SIZES = (8, 8)

_ENODEV = const(19)
_EACCES = const(13)

_BUSY_CODE = const(14)
_UNANSWERED = const(2)  # `pin_refused`: it was sent, and whether it is right is not known yet
_OK = const(1)  # outcomes of the engine
_FAILED = const(2)

READY = "READY"
PIN = "SIM PIN"
PUK = "SIM PUK"
BUSY = "BUSY"

# Numbers of +CME ERROR that are an answer to "how is the SIM?".
_STATES = {
    5: "PH-SIM PIN", 10: "NOT INSERTED", 11: PIN, 12: PUK, 13: "FAILURE", 14: BUSY, 15: "WRONG",
    17: "SIM PIN2", 18: "SIM PUK2", 262: "BLOCKED",
}  # fmt: skip


def sim_state(modem) -> str:
    """ "READY", "SIM PIN" or "SIM PUK" (it wants that), "BUSY" (for some seconds after a start),
    "NOT INSERTED", "FAILURE", "WRONG", "BLOCKED" (for ever), "PH-SIM PIN" (locked to another
    device), or what else the module says.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    try:
        row = modem.channel.row(1, b"+CPIN?")
    except CommandError as error:
        if error.code in _STATES:
            return _STATES[error.code]
        raise
    return str(row[0]).strip()


def _sim_error(text: str, state: str):
    from ...core.service_errors import SimError

    return SimError(_EACCES, text, state)


def unlock(modem, pin: str, new_pin: "str | None" = None) -> bool:
    """Enter the SIM's PIN (4 to 8 digits). False, and nothing sent, if it does not want one.

    If it wants its PUK, which the operator has given with it, `pin` is that (8 digits) and
    `new_pin` the PIN from now on. Both are in no trace and no error. `SimError` tells, by its
    `state`, what the SIM wants instead, or that it has refused.
    """
    for digits in (pin, new_pin if new_pin is not None else pin):
        if not isinstance(digits, str):
            raise TypeError("PIN: string wanted")
    state = sim_state(modem)
    if state == READY:
        return False
    if state == PIN:
        if new_pin is not None:
            raise _sim_error("the SIM wants its PIN: give it alone", state)
        _check("PIN", pin, _PIN_SIZES)
    elif state == PUK:
        if new_pin is None:
            raise _sim_error("the SIM wants its PUK: unlock(puk, new_pin)", state)
        _check("PUK", pin, _PUK_SIZES)
        _check("new PIN", new_pin, _PIN_SIZES)
    else:
        raise _sim_error("the SIM takes no PIN, it says: " + state, state)
    _enter(modem, state, pin, new_pin)
    modem.pin_refused = False
    return True


def use_pin(modem) -> None:
    """For `connect()`, when the SIM asks: enter `modem.pin`, once. Unless the SIM says that it is
    right, it is not tried again: `modem.pin_refused` is then True until `unlock()` succeeds, also
    over a restart with `save_state()`.

    Raises `SimError` (EACCES) if there is no PIN to enter or it was refused before, `ValueError`
    for what is no PIN; `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`.
    """
    pin = modem.pin
    if modem.pin_refused:
        text = "the SIM has refused the PIN, or its answer was lost: unlock() with the right one"
        raise _sim_error(text, PIN)
    if not pin:
        raise _sim_error("the SIM wants its PIN: give it as pin=… or call unlock()", PIN)
    _check("PIN", pin, _PIN_SIZES)

    def launched() -> None:
        if modem.pin_refused:
            raise _sim_error("the PIN is being tried already", PIN)
        modem.pin_refused = _UNANSWERED

    def answered(ended: bool) -> None:
        """Whoever wanted it has given up; the answer came all the same."""
        if ended:
            _told(modem)

    _enter(modem, PIN, pin, None, launched, answered)


def _told(modem) -> None:
    """The SIM has answered to `modem.pin`, or the exchange ended otherwise."""
    channel = modem.channel
    if channel.outcome == _OK or (channel.outcome == _FAILED and channel.code == _BUSY_CODE):
        modem.pin_refused = False  # a busy one has not looked at it
    elif channel.outcome == _FAILED:
        modem.pin_refused = True


def _enter(modem, state: str, pin: str, new_pin, guard=None, keeper=None) -> None:
    channel = modem.channel
    channel.acquire()
    try:
        line = channel.start(b"+CPIN")
        line.open_text()
        line.hidden = line.size
        line.raw(pin.encode())
        if new_pin is not None:
            line.raw(b'","')
            line.raw(new_pin.encode())
        line.shown_to = line.size
        line.raw(b'"')
        channel.guard = guard
        channel.keeper = keeper
        channel.execute(_PIN_MS)
        if guard:
            _told(modem)
        return
    except CommandError as error:
        refused = error
        if guard:
            _told(modem)
    finally:
        channel.release()
    if refused.code == _BUSY_CODE:
        raise _sim_error("the SIM is busy: try again in some seconds", BUSY)
    what = "PUK" if state == PUK else "PIN"
    try:
        state = sim_state(modem)
    except ModemError:
        pass
    text = "the SIM has refused the %s (%s); now it says: %s" % (what, refused, state)
    raise _sim_error(text, state)


def _check(what: str, digits, sizes) -> None:
    if not isinstance(digits, str):
        raise TypeError(what + ": string wanted")
    if digits.strip("0123456789") or not sizes[0] <= len(digits) <= sizes[1]:
        raise ValueError(what + ": %d to %d digits" % sizes)
