"""Settings that need the radio off and a restart: MNO profile here, technologies and bands in the
files of the modules. A5 2.2, A10 2.3, at-commands 2.1.

They are kept by the module, so each is read first and written only where it differs.
"""

from ...core.command import milliseconds
from ...core.compat import const
from ...core.errors import Cancelled, CommandError, CommandTimeout, ModemError, ModuleReset
from ..at import Lock
from .registration import technology

_RADIO_MS = const(180000)  # +CFUN, at most (at-commands 1.6)
_PATIENCE_MS = const(10000)
_APART_MS = const(1000)  # between two changes of it (ubxlib 2.3)
_MOST = const(999)  # numbers of MNO profiles have at most three digits
_NAME = const(0)  # column of the technologies
_EIO = const(5)


async def profile(network) -> int:
    """Number of the MNO profile: 0 none, 1 by the SIM, 90 global, 100 Europe, 201 GCF …

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    mno = (await channel.row(1, b"+UMNOPROF?"))[0]
    if not isinstance(mno, int) or not 0 <= mno <= _MOST:
        raise channel.garbled("no MNO profile")
    return mno


async def set_profile(network, mno: int, restart=True) -> bool:
    """Choose the MNO profile `mno` (0 to 999), a set of bands and settings for an operator or a
    region. False if the module has it already, else it is written with the radio off and the
    module restarts; with `restart=False` it counts from the next restart on.

    Raises `CommandError` for a profile the module does not have, `ModemError` if it has not
    taken effect. A connection that is kept in the background switches the radio on again:
    `disconnect()` before this, and before other settings that need the radio off.
    """
    if not isinstance(mno, int):
        raise TypeError("mno: number wanted")
    if not 0 <= mno <= _MOST:
        raise ValueError("mno: 0 to %d" % _MOST)
    if await profile(network) == mno:
        return False
    await write(network, restart, b"+UMNOPROF", mno)
    if restart:
        now = await profile(network)
        if now != mno:
            raise ModemError(_EIO, "MNO profile %d wanted, the module has %s" % (mno, now))
    return True


async def write(network, restart: bool, name: bytes, *parts) -> None:
    """Send a command with the radio off (+CFUN=0, which the module does not keep), and restart the
    module if its effect needs that. The radio is as before then, whatever happens; for a caller
    that gives up, with the next command. One at a time: what another has switched off is not how
    it was."""
    channel = network.modem.channel
    if not hasattr(network, "writing"):
        network.writing = Lock()
    await network.writing.acquire(channel, _RADIO_MS, "the radio")
    try:
        await _write(network, restart, name, parts)
    finally:
        network.writing.release()


async def _write(network, restart: bool, name: bytes, parts) -> None:
    modem = network.modem
    channel = modem.channel
    before = (await channel.row(1, b"+CFUN?"))[0]
    error = None
    try:
        if before != 0:
            await channel.command(b"+CFUN", 0, timeout_ms=_RADIO_MS)
            network.set_up(False)
        await channel.command(name, *parts)
        if restart:
            await modem.reboot()
    except CommandError as refusal:
        error = refusal
    except BaseException:
        channel.owe(put_back, network, before)
        raise
    channel.owe(put_back, network, before)
    await channel.pay()
    if error is not None:
        raise error


async def put_back(network, before: int) -> None:
    """The radio as it was, if it is not; the channel is held."""
    channel = network.modem.channel
    rows = await channel.ask(b"+CFUN?", least=1)
    if rows and rows[0][0] != before:
        await channel.pause(_APART_MS)
        try:  # a network that does not answer must not hold up others: it is asked again later
            await channel.ask(b"+CFUN", before, timeout_ms=_PATIENCE_MS, max_ms=_RADIO_MS)
        except CommandError as error:
            raise ModemError(_EIO, "the radio is not as it was: %s" % error)


def technology_number(network, column: int, name) -> int:
    """The other way round; `ValueError` for a name this module does not have."""
    rows = network.technologies()
    for row in rows:
        if row[_NAME] == name:
            return row[column]
    raise ValueError("technology: " + " or ".join([row[_NAME] for row in rows]))


def checked_bands(bands) -> list:
    """Band numbers in order, each once; `TypeError`, `ValueError`."""
    found = []
    for band in bands:
        if not isinstance(band, int):
            raise TypeError("bands: numbers wanted")
        if not 1 <= band <= 128:
            raise ValueError("bands: 1 to 128")
        if band not in found:
            found.append(band)
    if not found:
        raise ValueError("at least one band wanted")
    found.sort()
    return found


def listed(lines) -> list:
    """What a test command tells: a list of (first, last) for each pair of parentheses. Empty if
    any of it is no number."""
    found = []
    for line in lines:
        for group in line.split("(")[1:]:
            pairs = []
            for item in group.split(")")[0].split(","):
                first, dash, last = item.strip().partition("-")
                if not first.isdigit() or (dash and not last.isdigit()):
                    return []
                pairs.append((int(first), int(last if dash else first)))
            found.append(pairs)
    return found


# ---- operators ----------------------------------------------------------------------------------
#
# Operators: the one in use, choosing one, looking for them (+COPS). At-commands 2.1, A5 2.2.

_ABORT_MS = const(10000)

_AUTOMATIC = const(0)  # modes of +COPS
_MANUAL = const(1)
_DEREGISTERED = const(2)
_SET_FORMAT = const(3)
_MODES = (0, 1, 2, 3, 4, 5)  # the last of some firmware, see at-commands 2.1
_LONG = const(0)  # formats
_NUMERIC = const(2)
_ACT = const(1)  # column of the technologies

_ECONNRESET = const(104)
_ENOBUFS = const(105)
_ETIMEDOUT = const(110)
_ECANCELED = const(125)

_OK = const(1)  # outcomes of the engine
_FAILED = const(2)
_RESET = const(4)


async def operator(network, numeric=False) -> "tuple[int, str | None, int | None]":
    """(mode, name, technology): mode 0 automatic, 1 manual, 2 deregistered, 4 manual then
    automatic; the name of the operator, or with `numeric` its number such as "00101", None while
    there is none; "LTE-M", "NB-IoT", "LTE" or None.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    await channel.acquire()
    try:
        row = await _read(channel, _NUMERIC if numeric else _LONG)
    finally:
        channel.release()
    name = _text(row[2], numeric) if len(row) > 2 else None
    return row[0], name, technology(network, _ACT, row[3] if len(row) > 3 else None)


async def select(network, plmn=None, act=None, timeout_ms=_RADIO_MS) -> bool:
    """Register with the operator `plmn` (5 or 6 digits, such as "00101"), with technology `act`
    if one is given; None: with any, chosen by the module. Waits until it is done, at most
    `timeout_ms`; then, or when given up, the command is aborted. False, and nothing sent, if it is
    so already.

    Raises `ValueError`; `CommandError` if the network refuses, or the radio is off.
    """
    if plmn is None:
        if act is not None:
            raise ValueError("act: only with a plmn")
    elif not isinstance(plmn, str):
        raise TypeError("plmn: string wanted")
    elif plmn.strip("0123456789") or not 5 <= len(plmn) <= 6:
        raise ValueError("plmn: 5 or 6 digits")
    timeout_ms = milliseconds(timeout_ms) or 1
    number = None if act is None else technology_number(network, _ACT, act)
    channel = network.modem.channel
    began = channel.port.ticks_ms()
    await channel.acquire(timeout_ms)
    try:
        row = await _read(channel, _NUMERIC)
        if plmn is None:
            if row[0] == _AUTOMATIC:
                return False
            parts = [_AUTOMATIC]
        else:
            same = row[0] == _MANUAL and len(row) > 2 and _text(row[2], True) == plmn
            if same and (number is None or row[3:4] == [number]):
                return False
            parts = [_MANUAL, _NUMERIC, plmn]
            if number is not None:
                parts.append(number)
        left = channel.remaining(timeout_ms, began)
        network.chosen = plmn
        await channel.ask(b"+COPS", *parts, timeout_ms=left, max_ms=_RADIO_MS, abortable=True)
    finally:
        channel.release()
    return True


async def deregister(network) -> bool:
    """Leave the network (+COPS=2) and stay so until `select()` or `connect()`. A connection that
    `connect()` keeps up would register again: `disconnect()` first. False if it is so already.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    if (await channel.row(1, b"+COPS?"))[0] == _DEREGISTERED:
        return False
    await channel.command(b"+COPS", _DEREGISTERED, timeout_ms=_RADIO_MS, abortable=True)
    network.set_up(False)
    return True


async def scan(modem, timeout_ms=_RADIO_MS, progress=None) -> list:
    """The operators that can be received: [(stat, long name, short name, plmn, technology)], stat
    0 unknown, 1 available, 2 current, 3 forbidden.

    Takes up to three minutes, the radio on, and nothing else can be sent meanwhile. `progress(ms)`
    is called again and again with the time gone by; returning False aborts the scan
    (`Cancelled`), as does `timeout_ms` (`CommandTimeout`). `ModemError(ENOBUFS)` if the list is
    longer than the line buffer.
    """
    timeout_ms = milliseconds(timeout_ms) or 1
    if progress is not None and not callable(progress):
        raise TypeError("progress: function wanted")
    channel = modem.channel
    began = channel.port.ticks_ms()
    await channel.acquire(timeout_ms)
    try:
        lines = await _scan(channel, channel.remaining(timeout_ms, began), progress)
    finally:
        channel.release()
    found = []
    for line in lines:
        for fields in _groups(line):
            # The lists of modes and formats at the end have other shapes.
            if len(fields) > 3 and fields[3].isdigit() and len(fields[3]) >= 5:
                act = technology(modem.network, _ACT, _number(fields[4:5]))
                found.append((_number(fields), fields[1], fields[2], fields[3], act))
    return found


async def _read(channel, wanted: int) -> list:
    """The row of +COPS? with the operator in the format wanted; the channel is held."""
    row = await _row(channel)
    if len(row) < 3 or row[1] == wanted:
        return row
    before = row[1]
    try:
        await channel.ask(b"+COPS", _SET_FORMAT, wanted)
        row = await _row(channel)
        if isinstance(before, int):
            await channel.ask(b"+COPS", _SET_FORMAT, before)
    except BaseException:
        if isinstance(before, int):
            channel.owe(channel.ask, b"+COPS", _SET_FORMAT, before)
        raise
    return row


async def _row(channel) -> list:
    for row in await channel.ask(b"+COPS?", least=1):
        if row[0] not in _MODES:
            raise channel.garbled("no mode of selection")
        return row
    raise channel.garbled("no answer line")


def _text(value, numeric: bool):
    """The operator; a number without its quotes has lost leading zeros."""
    if isinstance(value, int):
        return "%05d" % value if numeric else str(value)
    return value


async def _scan(channel, timeout_ms: int, progress) -> list:
    lines = []
    overlong = channel.lexer.overlong
    channel.start(b"+COPS=?")
    channel.abortable = True
    channel.handler = lambda lexer: lines.append(lexer.whole())
    channel.launch()
    try:
        await _wait(channel, timeout_ms, progress)
    except BaseException as error:
        channel.late_ms = _RADIO_MS
        channel.abandon()
        if isinstance(error, ModemError):  # no cancelled task: end the scan now, not later
            await _abort(channel)
        raise
    if channel.outcome == _FAILED:
        raise CommandError(_EIO, channel.title(), channel.code)
    if channel.outcome == _RESET:
        raise ModuleReset(_ECONNRESET, channel.title())
    if channel.lexer.overlong != overlong:
        text = "list of operators longer than the line buffer of %d bytes: make rx_size larger"
        raise ModemError(_ENOBUFS, text % len(channel.lexer.buf))
    if channel.outcome != _OK:
        raise channel.garbled("bytes lost or doubled")
    return lines


async def _wait(channel, timeout_ms: int, progress) -> None:
    """`execute`, which has no progress of its own: a hook of the channel would be asked by other
    tasks, too."""
    from ...core.error_text import heard

    began = channel.since
    while True:
        ms = channel.step()
        if ms < 0:
            return
        took = channel.elapsed(began)
        if took >= timeout_ms:
            text = heard(channel)
            raise CommandTimeout(_ETIMEDOUT, channel.title(), timeout_ms, text)
        if progress and channel.ask_hook(progress, took) is False:
            raise Cancelled(_ECANCELED, "scan")
        channel.proceed("scan")
        await channel.sleep(ms)


async def _abort(channel) -> None:
    from ..at.resync import settle

    try:
        await settle(channel, _ABORT_MS)
    except ModemError:  # the next command will see to it
        pass


def _groups(line: str) -> list:
    """Fields of each (…) of a line; names in quotes may hold anything else."""
    found = []
    fields = None
    quoted = False
    text = ""
    for c in line:
        if c == '"':
            quoted = not quoted
        elif fields is None:
            if c == "(" and not quoted:
                fields = []
                text = ""
        elif quoted or (c != "," and c != ")"):
            text += c
        else:
            fields.append(text.strip())
            text = ""
            if c == ")":
                found.append(fields)
                fields = None
    return found


def _number(fields):
    """The first field as a number, None if it is none."""
    try:
        return int(fields[0]) if fields else None
    except ValueError:
        return None
