"""The module's file system: whole files, streams, and what is refused."""

from array import array

from .errnos import EBADF, EINVAL, EIO
from .payloads import HOSTILE
from .rig import code, difference, fails, pattern

ENOENT = 2
NAME = "data.bin"
# What bytes cannot be read into.
NO_BUFFERS = (bytes(9), "x", None, 5, memoryview(bytes(9)), memoryview(array("H", [1, 2])))


class Source:
    """Something to read from, with pieces of odd sizes."""

    def __init__(self, data, piece=77, fails_at=-1):
        self.data = data
        self.piece = piece
        self.fails_at = fails_at
        self.at = 0

    def readinto(self, buf):
        n = min(len(buf), self.piece, len(self.data) - self.at)
        if 0 <= self.fails_at <= self.at:
            raise OSError(EIO, "cannot be read")
        buf[:n] = self.data[self.at : self.at + n]
        self.at += n
        return n


class Sink:
    """Something to write to, which takes a little at a time."""

    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        n = min(len(data), 100)
        self.data.extend(data[:n])
        return n


async def _files(rig):
    files = (await rig.connected()).files
    for name in await files.listdir():
        await files.remove(name)
    return files


async def _holds(files, name, data):
    got = await files.read(name)
    assert got == data, difference(got, data)


async def keeps_files_of_any_length(rig):
    files = await _files(rig)
    for n in (1, 2, 63, 64, 127, 128, 129, 511, 512, 513, 1023, 1024, 1025, 2100):
        assert await files.write(NAME, pattern(n, n)) == n
        await _holds(files, NAME, pattern(n, n))
        assert (await files.stat(NAME))[6] == n
    assert await files.listdir() == [NAME]


async def keeps_bytes_that_look_like_the_line(rig):
    files = await _files(rig)
    for data in HOSTILE:
        await files.write(NAME, data)
        await _holds(files, NAME, data)
    for data in (bytes(range(256)), b"".join(HOSTILE)):
        await files.write(NAME, data, verify=True)
        await _holds(files, NAME, data)


async def tells_what_there_is(rig):
    files = await _files(rig)
    assert await files.listdir() == []
    room = await files.free()
    assert room > 1000
    await files.write("a.txt", b"a")
    await files.write("b.txt", b"bb")
    assert sorted(await files.listdir()) == ["a.txt", "b.txt"]
    assert await files.exists("a.txt") and not await files.exists("c.txt")
    assert (await files.stat("b.txt"))[6] == 2
    assert await files.free() < room
    await files.remove("a.txt")
    assert await files.listdir() == ["b.txt"]


async def replaces_a_file(rig):
    files = await _files(rig)
    await files.write(NAME, pattern(700, 1))
    await files.write(NAME, b"short")
    await _holds(files, NAME, b"short")


async def appends(rig):
    files = await _files(rig)
    for part in (b"one ", b"two ", pattern(1500, 9)):
        async with await files.open(NAME, "ab") as file:
            await file.write(part)
            assert file.tell() == file.size
    await _holds(files, NAME, b"one two " + pattern(1500, 9))


async def reads_in_pieces_of_any_size(rig):
    files = await _files(rig)
    data = pattern(1300, 3)
    await files.write(NAME, data)
    async with await files.open(NAME) as file:
        found = bytearray()
        for n in (1, 3, 60, 64, 1, 200, 5, 900, 10, 500, 7):
            assert file.tell() == len(found)
            found.extend(await file.read(n))
        assert bytes(found) == data, difference(found, data)
        assert await file.read(10) == b"" and await file.read() == b""
        buf = bytearray(2000)
        await file.seek(0)
        assert await file.readinto(buf, 10) == 10
        assert await file.readinto(buf) == 1290
        assert bytes(buf[:1290]) == data[10:]


async def seeks(rig):
    files = await _files(rig)
    data = pattern(400, 8)
    await files.write(NAME, data)
    async with await files.open(NAME) as file:
        assert await file.seek(-5, 2) == 395
        assert await file.read(3) == data[395:398]
        assert await file.seek(-3, 1) == 395
        assert await file.read() == data[395:]
        assert await file.seek(100) == 100
        assert await file.read(100) == data[100:200]
        assert await file.seek(5000) == 5000
        assert await file.read(1) == b""
        assert code(await fails(file.seek, -1)) == EINVAL
        assert isinstance(await fails(file.seek, 0, 3), ValueError)


async def reads_lines_of_a_file(rig):
    files = await _files(rig)
    await files.write(NAME, b"first\r\n\n" + b"x" * 200 + b"\nlast")
    async with await files.open(NAME) as file:
        lines = []
        while not lines or lines[-1]:
            lines.append(await file.readline())
    assert lines == [b"first\r\n", b"\n", b"x" * 200 + b"\n", b"last", b""]


async def streams_from_and_to_other_objects(rig):
    files = await _files(rig)
    data = pattern(1800, 4)
    assert await files.write(NAME, Source(data), verify=True) == len(data)
    sink = Sink()
    assert await files.read(NAME, to=sink) == len(data)
    assert bytes(sink.data) == data, difference(sink.data, data)
    async with await files.open(NAME) as file:
        assert await files.write("copy", file) == len(data)
    await _holds(files, "copy", data)


async def leaves_no_half_file_when_the_source_fails(rig):
    files = await _files(rig)
    source = Source(pattern(2000, 4), fails_at=1500)
    assert code(await fails(files.write, NAME, source)) == EIO
    assert not await files.exists(NAME)
    await _broken_block(files)
    assert not await files.exists(NAME)


async def _broken_block(files):
    try:
        async with await files.open(NAME, "wb") as file:
            await file.write(b"half of it")
            raise KeyError("no more")
    except KeyError:
        pass


async def refuses_what_cannot_be_a_file(rig):
    files = await _files(rig)
    written = rig.uart.written
    for name in ("", "a,b", 'a"b', "a\nb", "x" * 249):
        assert isinstance(await fails(files.open, name), ValueError), name
        assert isinstance(await fails(files.write, name, b"x"), ValueError), name
        assert isinstance(await fails(files.remove, name), ValueError), name
    for name in (5, None, 1.5, [], True):
        for call in (files.open, files.read, files.remove, files.stat, files.exists):
            assert isinstance(await fails(call, name), TypeError), name
        assert isinstance(await fails(files.write, name, b"x"), TypeError), name
    refused = TypeError if rig.model == "SARA-R5" else OSError  # which has no tags at all
    assert isinstance(await fails(files.open, NAME, "rb", 5), refused)
    assert isinstance(await fails(files.write, NAME, b"x", 5), refused)
    for mode in ("r", "w", "rb+", "x", "", 5, None):
        assert isinstance(await fails(files.open, NAME, mode), ValueError), mode
    for data in ("text", None, 5, memoryview(array("H", [1, 2]))):
        assert isinstance(await fails(files.write, NAME, data), TypeError), data
    assert isinstance(await fails(files.read, NAME, "", 5), TypeError)
    assert rig.uart.written == written
    longest = 248 if rig.model == "SARA-R5" else 63
    assert isinstance(await fails(files.open, "x" * (longest + 1)), ValueError)
    await files.write("x" * longest, b"fits")
    await _holds(files, "x" * longest, b"fits")


async def refuses_wrong_ways_to_use_a_file(rig):
    files = await _files(rig)
    await files.write(NAME, pattern(200, 1))
    async with await files.open(NAME) as file:
        written = rig.uart.written
        for buf in NO_BUFFERS:
            assert isinstance(await fails(file.readinto, buf), TypeError), buf
        assert isinstance(await fails(file.readinto, bytearray(9), "9"), TypeError)
        for n in (-1, 10):
            assert isinstance(await fails(file.readinto, bytearray(9), n), ValueError), n
        for call in (file.read, file.seek):
            for wrong in ("x", 1.5):
                assert isinstance(await fails(call, wrong), TypeError), wrong
        assert isinstance(await fails(file.seek, 0, "x"), ValueError)
        assert rig.uart.written == written
        assert await file.read(None) == pattern(200, 1)
    async with await files.open(NAME, "wb") as file:
        written = rig.uart.written
        for data in ("text", None, 5, memoryview(array("H", [1, 2]))):
            assert isinstance(await fails(file.write, data), TypeError), data
        assert rig.uart.written == written


class Liar:
    """A source or target that says that it has moved more than it can, or nonsense."""

    def __init__(self, answer):
        self.answer = answer

    def readinto(self, buf):
        return self.answer

    def write(self, data):
        return self.answer


async def believes_no_source_or_target_that_cannot_count(rig):
    files = await _files(rig)
    await files.write("held", pattern(700, 1))
    for answer in (513, -1, "x", 1.5):
        error = await fails(files.write, NAME, Liar(answer))
        assert isinstance(error, (ValueError, TypeError)), (answer, error)
        assert not await files.exists(NAME)
        error = await fails(files.read, "held", "", Liar(answer))
        assert isinstance(error, (ValueError, TypeError)), (answer, error)
    assert await files.read("held") == pattern(700, 1)


async def says_which_file_is_missing(rig):
    files = await _files(rig)
    for call in (files.open, files.read, files.stat, files.remove):
        error = await fails(call, "nothing.txt")
        assert code(error) == ENOENT, repr(error)
    assert not await files.exists("nothing.txt")
    assert await files.listdir() == []


async def a_stream_is_for_one_thing(rig):
    files = await _files(rig)
    async with await files.open(NAME, "wb") as file:
        await file.write(b"12345")
        assert isinstance(await fails(file.read, 1), ValueError)
        assert isinstance(await fails(file.seek, 0), ValueError)
        assert isinstance(await fails(file.write, "text"), TypeError)
    assert code(await fails(file.write, b"x")) == EBADF
    await file.close()
    file = await files.open(NAME)
    assert isinstance(await fails(file.write, b"x"), ValueError)
    await file.close()
    assert code(await fails(file.read)) == EBADF
    assert code(await fails(file.readinto, bytearray(1))) == EBADF
    await _holds(files, NAME, b"12345")


async def tags_are_for_sara(rig):
    files = await _files(rig)
    if rig.model == "SARA-R5":
        await files.write(NAME, b"tagged", tag="PROFILE")
        assert await files.read(NAME, tag="PROFILE") == b"tagged"
        await files.remove(NAME, tag="PROFILE")
    else:
        error = await fails(files.write, NAME, b"x", "PROFILE")
        assert type(error).__name__ == "NotSupported", repr(error)


async def closes_what_an_earlier_program_left_open(rig):
    files = await _files(rig)
    file = await files.open(NAME, "wb")
    await file.write(b"left")
    modem = rig.made()
    await modem.power_on(30000)
    async with await modem.files.open("other", "wb") as file:
        await file.write(b"x" * 100)
    await modem.files.remove("other")
    if await modem.files.exists(NAME):
        await modem.files.remove(NAME)
    assert await modem.files.listdir() == []


async def works_beside_sockets(rig):
    files = await _files(rig)
    sock = await rig.open("echo")
    async with await files.open(NAME, "wb") as file:
        for n in range(3):
            await file.write(pattern(300, n))
            await rig.echo(sock, pattern(200, n))
    async with await files.open(NAME) as file:
        for n in range(3):
            assert await file.read(300) == pattern(300, n)
            await rig.echo(sock, pattern(100, n))
    await sock.close()
