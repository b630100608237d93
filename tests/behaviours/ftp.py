# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""FTP, which only SARA-R5 has: files by the line and by the module, lists, errors, FTPS."""

from .rig import checksum, code, difference, fails, pattern, raises

ENOENT = 2
EACCES = 13
EISDIR = 21
ECONNREFUSED = 111
EALREADY = 114
ENOTCONN = 107
SARA = "SARA-R5"
USER, SECRET = "node", "s3cret-w0rd"
SPECIAL = b"\r\nDISCONNECT\r\n\r\nOK\r\nx\r\nNO CARRIER\r\n+++\r\n\r\n+UUFTPCR: 6,0\r\n"


class Sink:
    """Takes pieces, and counts."""

    def __init__(self):
        self.count = 0
        self.total = 1

    def take(self, data):
        self.count += len(data)
        for c in data:
            self.total = (self.total * 33 + c) & 0xFFFFFF


class Source:
    """Gives `size` bytes of a pattern."""

    def __init__(self, size, seed):
        self.data = pattern(size, seed)
        self.at = 0

    def readinto(self, buf):
        n = min(len(buf), len(self.data) - self.at)
        buf[:n] = self.data[self.at : self.at + n]
        self.at += n
        return n


async def _service(rig, kind=""):
    """The service without a session, and the port of the server; None on the other module."""
    modem = await rig.connected()
    if rig.model != SARA:
        before = rig.uart.written
        assert isinstance(raises(getattr, modem, "ftp"), AttributeError)
        assert rig.uart.written == before
        return None, 0
    ftp = modem.ftp
    if ftp.connected:
        await ftp.close()
    for name in await modem.files.listdir():
        await modem.files.remove(name)
    return ftp, int((await rig.ask("ftp" + kind))[0])


async def _session(rig):
    """Logged in at an empty server."""
    ftp, port = await _service(rig)
    if ftp is not None:
        await ftp.connect(rig.host, port, user=USER, password=SECRET)
    return ftp


async def _stored(rig, name):
    """[length, checksum] of a file of the server."""
    return [int(word) for word in (await rig.ask("ftpsum " + name))[0].split()]


async def reads_files_of_every_length_by_the_line(rig):
    ftp = await _session(rig)
    for n in (0, 1, 2, 511, 512, 513, 3000) if ftp else ():
        await rig.ask("ftpfile down %d %d" % (n, n))
        async with await ftp.open("down") as file:
            got = await file.read()
        assert got == pattern(n, n), difference(got, pattern(n, n))
        assert await rig.modem.model()
    await rig.usable()


async def writes_files_of_every_length_by_the_line(rig):
    ftp = await _session(rig)
    for n in (0, 1, 3, 511, 512, 513, 3000) if ftp else ():
        data = pattern(n, n)
        async with await ftp.open("up", "wb") as file:
            assert await file.write(data) == n
        assert await _stored(rig, "up") == [n, checksum(data)]
    await rig.usable()


async def passes_bytes_that_look_like_the_end_of_the_line(rig):
    ftp = await _session(rig)
    for data in (SPECIAL, b"+++", b"\r\nDISCONNECT\r\n") if ftp else ():
        async with await ftp.open("up", "wb") as file:
            await file.write(data)
        assert await _stored(rig, "up") == [len(data), checksum(data)]
        async with await ftp.open("up") as file:
            got = await file.read()
        assert got == data, difference(got, data)
    await rig.usable()


async def begins_in_the_middle_of_a_file(rig):
    ftp = await _session(rig)
    if ftp:
        await rig.ask("ftpfile down 900 4")
        async with await ftp.open("down", offset=700) as file:
            assert await file.read() == pattern(900, 4)[700:]
        async with await ftp.open("down", "wb", offset=600) as file:
            await file.write(b"tail")
        wanted = pattern(900, 4)[:600] + b"tail"
        length, total = await _stored(rig, "down")
        assert length in (604, 900)
        assert length == 900 or total == checksum(wanted)
    await rig.usable()


async def breaks_off_a_file_that_is_closed_early(rig):
    ftp = await _session(rig)
    if ftp:
        await rig.ask("ftpfile down 60000 1")
        file = await ftp.open("down")
        assert await file.read(100) == pattern(100, 1)
        await file.close()
        assert await rig.modem.model()
        assert await ftp.listdir() == ["down"]
    await rig.usable()


async def moves_files_of_the_module(rig):
    ftp = await _session(rig)
    if ftp:
        files = rig.modem.files
        await rig.ask("ftpfile down 2500 6")
        assert await ftp.get("down", "local") == 2500
        assert await files.read("local") == pattern(2500, 6)
        assert await ftp.put("local", "up") == 2500
        assert await _stored(rig, "up") == [2500, checksum(pattern(2500, 6))]
        await files.write("local", pattern(2500, 6)[:400])
        assert await ftp.get("down", "local", resume=True) == 2500
        assert await files.read("local") == pattern(2500, 6)
    await rig.usable()


async def lists_names_sizes_and_kinds(rig):
    ftp = await _session(rig)
    if ftp:
        for name, n in (("one", 5), ("two", 600)):
            await rig.ask("ftpfile %s %d 1" % (name, n))
        await ftp.mkdir("sub")
        assert sorted(await ftp.listdir()) == ["one", "sub", "two"]
        found = {}
        async for entry in await ftp.ilistdir():
            found[entry.name] = (entry.kind, entry.size)
            assert entry.line.endswith(entry.name)
            assert entry.modified[1:3] != (0, 0)
        assert found["one"] == ("file", 5) and found["two"] == ("file", 600)
        assert found["sub"][0] == "dir"
        assert await ftp.size("two") == 600
        assert await ftp.listdir("sub") == []
        assert code(await fails(ftp.size, "sub")) == EISDIR
        await ftp.cwd("sub")
        assert await ftp.pwd() == "./sub"
        await ftp.cwd("..")
        await ftp.rename("one", "three")
        await ftp.delete("two")
        await ftp.rmdir("sub")
        assert await ftp.nlst() == ["three"]
    await rig.usable()


async def reads_a_list_longer_than_every_buffer(rig):
    ftp, port = await _service(rig, " many")
    if ftp:
        await ftp.connect(rig.host, port, user=USER, password=SECRET)
        count = 0
        async with await ftp.ilistdir() as entries:
            async for entry in entries:
                assert entry.name == "name %05d.txt" % count, entry.line
                count += 1
        assert count == 500
        entries = await ftp.ilistdir()
        assert await entries.readline()
        await entries.close()
    await rig.usable()


async def has_the_methods_of_ftplib(rig):
    ftp = await _session(rig)
    if ftp:
        await ftp.storbinary("STOR up", Source(2000, 3))
        assert await _stored(rig, "up") == [2000, checksum(pattern(2000, 3))]
        sink = Sink()
        await ftp.retrbinary("RETR up", sink.take, 300)
        assert (sink.count, sink.total) == (2000, checksum(pattern(2000, 3)))
        lines = []
        await ftp.dir("", lines.append)
        assert len(lines) == 1
        await ftp.quit()
        assert not ftp.connected
    await rig.usable()


async def says_why_the_server_refuses(rig):
    ftp, port = await _service(rig)
    if ftp:
        assert code(await fails(ftp.listdir)) == ENOTCONN

        async def wrong():
            await ftp.connect(rig.host, port, user=USER, password="wr0ng")

        error = await fails(wrong)
        assert code(error) == EACCES
        assert "wr0ng" not in str(error)
        assert code(await fails(ftp.connect, rig.host, rig.refused[1])) == ECONNREFUSED
        await ftp.connect(rig.host, port, user=USER, password=SECRET)
        assert code(await fails(ftp.connect, rig.host, port)) == EALREADY
        for call in (ftp.open, ftp.delete, ftp.cwd, ftp.size):
            assert code(await fails(call, "nope")) == ENOENT
        error = await fails(ftp.get, "nope", "local")
        assert error.reply == 550 and error.error_class == 1, error
        assert "no such file" in str(error)
        assert await rig.modem.files.listdir() == []
    await rig.usable()


async def protects_control_and_data_by_tls(rig):
    ftp, port = await _service(rig, " secure")
    if not ftp:
        return
    security = rig.modem.security
    await security.store("CA", "peers", rig.place["pem"]["ca"].encode())
    await security.store("CA", "other", rig.place["pem"]["other_ca"].encode())

    async def connect(profile, where=port):
        await ftp.connect(rig.name, where, user=USER, password=SECRET, tls=profile)

    await connect(security.profile(ca="peers"))
    await rig.ask("ftpfile down 1500 2 secure")
    async with await ftp.open("down") as file:
        assert await file.read() == pattern(1500, 2)
    async with await ftp.open("up", "wb") as file:
        await file.write(pattern(1500, 5))
    assert await ftp.listdir() == ["down", "up"]
    assert ftp.tls_sessions == 2
    await ftp.close()
    assert ftp.tls_sessions == 0
    error = await fails(connect, security.profile(ca="other"))
    assert (error.error_class, error.code) == (8, 63), error
    for kind in ("expired", "elsewhere"):
        where = int((await rig.ask("ftp " + kind))[0])
        error = await fails(connect, security.profile(ca="peers"), where)
        assert (error.error_class, error.code) == (8, 63), error
    await rig.usable()


async def begins_anew_after_a_restart(rig):
    ftp = await _session(rig)
    if ftp:
        rig.breaks_rules = True
        rig.fresh_needed = True
        rig.tell("restart")
        await rig.sleep(8000)
        assert isinstance(await fails(ftp.mkdir, "x"), OSError)
        await rig.modem.connect("iot.example")
        port = int((await rig.ask("ftp"))[0])
        await ftp.connect(rig.host, port, user=USER, password=SECRET)
        await ftp.mkdir("y")
        assert await ftp.listdir() == ["y"]
