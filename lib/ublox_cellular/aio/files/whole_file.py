"""Whole files in one call, files to and from whatever can read or write bytes, and the directory.
A5 4, A10 4."""

from ...core.buffers import check_data, moved
from ...core.compat import const

_PIECE = const(512)
_NAP_MS = const(20)
_PATIENCE_MS = const(120000)  # with a source or a target that does not wait, and has nothing

_ENOSPC = const(28)
_ETIMEDOUT = const(110)

_BYTES = (bytes, bytearray, memoryview)


async def read(files, name: str, tag: str = "", to=None):
    """All of a file as bytes; with `to`, an object with `write(buf)` such as a local file, a
    socket or another `File`, it is handed on there piece by piece, and the result is their number.
    """
    if to is not None and not hasattr(to, "write"):
        raise TypeError("to: an object with write() wanted")
    async with await files.open(name, "rb", tag) as file:
        if to is not None:
            return await _pour(file, to)
        n = file.size
        if 0 < n <= files.chunk:
            found = bytearray(n)
            if await file.fetch(found, 0, n, True) == n:
                return bytes(found)
            await file.seek(0)
        return await file.read()


async def write(files, name: str, data, tag: str = "", verify: bool = False) -> int:
    """Replace a file; the number of bytes. `data`: bytes, or an object with `readinto(buf)` such
    as a local file, a socket or another `File`, of which all is taken.

    `verify`: read it back and compare (by CRC-32), which finds what the line has damaged; a
    difference is `Garbled`. Fails as `File.write` does: the file is then removed, and the one that
    was there before is gone, too. Only bytes for which there is no room are refused
    (`OSError(ENOSPC)`) before that.
    """
    name = files.check(name, tag)
    known = isinstance(data, _BYTES)
    if known:
        check_data(data)
        await _check_room(files, name, tag, len(data))
    elif not hasattr(data, "readinto"):
        raise TypeError("bytes or an object with readinto() wanted")
    async with await files.open(name, "wb", tag) as file:
        return await put(file, data, known, verify)


async def put(file, data, known: bool, verify: bool = False) -> int:
    """All of `data`, bytes if that is `known`, to an open file; the number."""
    channel = file.files.channel
    crc = 0
    if known:
        await file.write(data)
        if verify:
            crc = _crc(data, 0)
    else:
        piece = memoryview(bytearray(_PIECE))
        n = _PIECE
        while n == _PIECE:
            n = await fill(channel, data, piece)
            await file.write(piece[:n])
            if verify:
                crc = _crc(piece[:n], crc)
    if verify and await _read_back(file) != crc:
        raise channel.garbled("what %s holds is not what was sent" % file.name)
    return file.size


async def _check_room(files, name: str, tag: str, n: int) -> None:
    """`OSError(ENOSPC)` if `n` bytes do not fit, even in place of what the file has now."""
    from ...core.errors import CommandError

    try:
        room = await files.free(tag)
    except CommandError:  # a module that does not tell
        return
    if room < n:
        room += max(0, await files.size(name, tag))
        if room < n:
            raise OSError(_ENOSPC, "%d bytes for %s, room for %d" % (n, name, room))


def _crc(data, crc: int) -> int:
    from binascii import crc32

    return crc32(data, crc)


async def _read_back(file) -> int:
    """The checksum of what the module has; the file is still open for writing."""
    crc = 0
    file.pos = 0
    file.sure = True
    piece = memoryview(bytearray(min(_PIECE, file.size)))
    while file.pos < file.size:
        n = await file.fetch(piece, 0, len(piece), len(piece) == file.size)
        crc = _crc(piece[:n], crc)
    return crc


async def _settled(result):
    """What a call gives, whether it is a coroutine or not. MicroPython would await a string, too,
    and never come back."""
    if hasattr(result, "send") or hasattr(result, "__await__"):
        return await result
    return result


async def fill(channel, source, piece) -> int:
    """Bytes of `source` until `piece` is full or the source at its end; how many."""
    done = 0
    since = channel.port.ticks_ms()
    while done < len(piece):
        n = await _settled(source.readinto(piece[done:] if done else piece))
        if n is None:  # it does not wait, and has nothing yet
            await _nap(channel, since, "the source gives")
            continue
        n = moved(n, len(piece) - done)
        if not n:
            break
        done += n
        since = channel.port.ticks_ms()
    return done


async def _nap(channel, since: int, who: str) -> None:
    if channel.elapsed(since) > _PATIENCE_MS:
        raise OSError(_ETIMEDOUT, "%s nothing for %d s" % (who, _PATIENCE_MS // 1000))
    channel.proceed("moving a file")
    await channel.pause(_NAP_MS)


async def _pour(file, to) -> int:
    channel = file.files.channel
    piece = memoryview(bytearray(_PIECE))
    total = 0
    while True:
        n = await file.readinto(piece)
        if not n:
            return total
        total += n
        done = 0
        since = channel.port.ticks_ms()
        while done < n:
            taken = moved(await _settled(to.write(piece[done:n])), n - done)
            if taken:
                done += taken
                since = channel.port.ticks_ms()
            else:
                await _nap(channel, since, "the target takes")


# ---- the directory ------------------------------------------------------------------------------
#
# What there is in the module's file system: +ULSTFILE, and removing.

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
