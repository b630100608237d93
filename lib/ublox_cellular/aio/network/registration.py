"""What comes with a registration: cell, reason of a refusal, timers. At-commands 2.1.

Imported by the first +CEREG that tells more than a status, so it is kept small.
"""

from ...core.compat import const

_ASK_MS = const(10000)
_LONGEST = const(8)  # hexadecimal digits of a cell


def details(network, line) -> None:
    """All of +CEREG behind its status, the cursor there; `network` gets

    `cell`: (TAC, cell id, AcT), integers or None each, None if none is told; `cause`: (type,
    reject cause) or None; `timers`: (T3324, T3412) as strings of 8 bits, or None.
    """
    texts = []
    bare = rac = False
    while line.pos < line.stop:
        quoted = line.quoted()
        if not texts:
            bare = not quoted
        elif len(texts) == 2:
            rac = quoted
        texts.append(line.text())
    if line.buf[line.stop - 1] == 44:
        texts.append("")
    # SARA-R5 has one more field there, quoted as its neighbours are (at-commands 2.1). Where
    # nothing is quoted it is told by its number: without it there are 3, 5 or 7.
    if rac or (bare and len(texts) in (4, 6, 8)):
        del texts[2]
    texts += [""] * (7 - len(texts))
    tac, ci, act = _hexadecimal(texts[0]), _hexadecimal(texts[1]), _decimal(texts[2])
    network.cell = None if tac is None and ci is None and act is None else (tac, ci, act)
    cause = _decimal(texts[4])
    network.cause = None if cause is None else (_decimal(texts[3]) or 0, cause)
    network.timers = (texts[5], texts[6]) if texts[5] or texts[6] else None


async def ask_registration(network, limit_ms: int = 0) -> None:
    """+CEREG?: `network.stat` and what belongs to it, should a URC have been lost."""
    channel = network.modem.channel

    def take(line) -> None:
        line.number()
        network.told(line)

    began = channel.port.ticks_ms()
    await channel.acquire(limit_ms)
    try:
        channel.start(b"+CEREG?")
        channel.shape = read_form
        channel.handler = take
        most = channel.remaining(limit_ms, began) if limit_ms else _ASK_MS
        await channel.execute(min(most, _ASK_MS))
    finally:
        channel.release()


def read_form(line) -> bool:
    """Whether a line of +CREG, +CGREG or +CEREG, the cursor at its first field, is the answer to
    the read command: <n>, then a <stat> of one or two digits. In a URC a quoted or longer area
    follows the status, or an empty one, or nothing."""
    n = line.number()
    if n is None or line.quoted() or line.pos >= line.stop:
        return False
    end = line.buf.find(b",", line.pos, line.stop)
    last = end < 0
    if last:
        end = line.stop
    if not 1 <= end - line.pos <= 2 or (n < 2 and not last):
        return False
    return line.number() is not None


def _hexadecimal(text: str):
    try:
        return int(text, 16) if 0 < len(text) <= _LONGEST else None
    except ValueError:
        return None


def _decimal(text: str):
    try:
        return int(text)
    except ValueError:
        return None


def technology(network, column: int, number):
    """Name of the radio technology with this number in a column of `network.technologies()`,
    which are: name, AcT, +URAT, +UBANDMASK, +UCGED. None if there is none."""
    for row in network.technologies():
        if row[column] == number:
            return row[0]
    return None
