"""What there is in the module's file system: +ULSTFILE, and removing."""

from ...core.compat import const

_ENOENT = const(2)
_ENOBUFS = const(105)
_FILE = const(0x8000)


async def listdir(files, tag: str = "") -> list:
    """The names of all files (+ULSTFILE=0).

    The module sends them as one line: `OSError(ENOBUFS)` if that is longer than the modem's
    `rx_size`.
    """
    files.check_tag(tag)
    await files.hold()
    try:
        return await names(files, tag)
    finally:
        files.channel.release()


async def names(files, tag: str) -> list:
    """+ULSTFILE=0 with the channel held. Anything odd in the list is `Garbled`: a lost comma would
    hide a file. With rubbish on the line, which may be a part of it, it is asked for again."""
    channel = files.channel
    lexer = channel.lexer
    rows = []
    for _ in range(2):
        rows = []
        rubbish = channel.unknown
        overlong = lexer.overlong
        line = channel.start(b"+ULSTFILE")
        line.number(0)
        if tag:
            line.text(tag)
        channel.handler = lambda lexer: rows.append(lexer.whole())  # noqa: B023 (of this exchange)
        await channel.execute()
        if lexer.overlong != overlong:
            raise OSError(_ENOBUFS, "the list is longer than the modem's rx_size")
        if channel.unknown == rubbish:
            break
    found = []
    for row in rows:
        text = row[row.find(":") + 1 :].strip()
        if text[:1] == '"' and text[-1:] == '"' and len(text) > 2:
            found += text[1:-1].replace('", "', '","').split('","')
        elif text and text != '""':
            found += text.split(",")
    for name in found:
        if not name or '"' in name:
            raise channel.garbled("not a list of names")
    return found


async def stat(files, name: str, tag: str = "") -> tuple:
    """As MicroPython's `os.stat`: type at [0], bytes at [6], nothing else is known."""
    size = await files.size(name, tag)
    if size < 0:
        raise OSError(_ENOENT, "no file " + str(name))
    return (_FILE, 0, 0, 0, 0, 0, size, 0, 0, 0)


async def exists(files, name: str, tag: str = "") -> bool:
    """Whether there is such a file."""
    return await files.size(name, tag) >= 0


async def free(files, tag: str = "") -> int:
    """Bytes that are free (+ULSTFILE=1)."""
    files.check_tag(tag)
    await files.hold()
    try:
        return files.count(await files.ask(1, "", tag))
    finally:
        files.channel.release()


async def remove(files, name: str, tag: str = "") -> None:
    """Delete a file (+UDELFILE, +FDELETE)."""
    name = files.check(name, tag)
    await files.hold()
    try:
        files.store.check_free(name, tag)
        if await files.measure(name, tag) < 0:
            raise OSError(_ENOENT, "no file " + name)
        await files.store.erase(name, tag)
    finally:
        files.channel.release()
