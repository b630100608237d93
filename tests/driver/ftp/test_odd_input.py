"""FTP with what a careful program does not do: empty buffers, what was given up half-way, names
and lists that look like others."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.ftp_server import Place, pattern
from driver.support.serial_script import FLAVOURS

from ublox_cellular.aio.ftp.listing import parse
from ublox_cellular.core.errors import InUse, ModuleReset
from ublox_cellular.core.ftp_errors import FtpError, FtpTimeout


@pytest.fixture(params=FLAVOURS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    made = Place(request.param)
    made.login()
    yield made
    crashes = made.node.module.crashes
    made.close()
    assert crashes == []


def test_an_empty_buffer_is_not_the_end_of_a_file(place: Place) -> None:
    data = place.keep("one.bin", 2000)
    for size in (None, 2000):
        file = place.call(place.ftp.open, "one.bin", size=size)
        assert place.call(file.readinto, bytearray()) == 0
        assert place.call(file.read) == data
        place.call(file.close)


@pytest.mark.parametrize("size", [5, 26, 8, 9, 45])
def test_a_size_that_is_in_the_date_too_does_not_shift_the_name(size: int) -> None:
    entry = parse(f"08-05-26  09:45AM  {size:>17} a b.txt")
    assert (entry.name, entry.size, entry.kind) == ("a b.txt", size, "file")


@pytest.mark.parametrize("facts", ["size=7;type=file;", "perm=r;size=7;type=file;"])
def test_facts_in_another_order_are_not_taken_for_permissions(facts: str) -> None:
    entry = parse(facts + "modify=20260805094500; a; b")
    assert (entry.name, entry.size, entry.kind) == ("a; b", 7, "file")


def test_below_the_root_there_is_one_slash(place: Place) -> None:
    (place.folder / "a" / "b").mkdir(parents=True)
    for path, leads_to in (("/", "/"), ("a", "/a"), ("b", "/a/b"), ("..", "/a"), ("..", "/")):
        place.call(place.ftp.cwd, path)
        assert place.call(place.ftp.pwd) == leads_to


def test_a_second_connect_leaves_the_session_as_it_is(place: Place) -> None:
    with pytest.raises(OSError) as caught:
        place.login(timeout_s=1)
    assert caught.value.errno == 114
    assert place.ftp.timeout_s == 60


def test_an_offset_beyond_the_file_is_not_sent(place: Place) -> None:
    place.call(place.modem.files.write, "local", b"x" * 100)
    with pytest.raises(ValueError, match="at most 100"):
        place.call(place.ftp.put, "local", "up", offset=101)
    assert b"+UFTPC=5" not in place.node.sent()
    place.call(place.modem.files.write, "local", b"y" * 100)  # it is not taken


@pytest.mark.parametrize("name", ["d", "d/", "./d", "/d/"])
def test_a_directory_is_not_taken_for_what_is_in_it(place: Place, name: str) -> None:
    (place.folder / "d").mkdir()
    assert place.call(place.ftp.stat, name).kind == "dir"
    (place.folder / "d" / "d").write_bytes(b"12345")
    (place.folder / "d" / "e").write_bytes(b"1")
    assert place.call(place.ftp.stat, name).kind == "dir"
    assert place.call(place.ftp.size, name.rstrip("/") + "/e") == 1
    with pytest.raises(OSError) as caught:
        place.call(place.ftp.size, name)
    assert caught.value.errno == 21


def test_an_upload_whose_close_was_given_up_does_not_count_as_done(place: Place) -> None:
    file = place.call(place.ftp.open, "up", "wb")
    place.call(file.write, b"x" * 1000)
    if place.node.flavour == "blocking":  # where it cannot be given up that late
        place.call(file.close)
        return

    async def given_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(file.close(), 1.2)

    place.call(given_up)
    assert file.closed
    for _ in range(2):
        with pytest.raises(OSError, match="is not known"):
            place.call(file.close)
    place.node.usable()
    place.store("up", b"y")


def test_a_file_that_the_module_is_still_writing_is_not_free(place: Place) -> None:
    data = place.keep("one.bin", 3000)
    files = place.modem.files
    place.server.stall()
    with pytest.raises(FtpTimeout):
        place.call(place.ftp.get, "one.bin", "local", timeout_ms=3000)
    assert place.ftp.op == 4
    for work, arguments in ((files.remove, ()), (files.write, (b"mine",))):
        with pytest.raises(OSError) as caught:
            place.call(work, "local", *arguments)
        assert caught.value.errno == 16
    place.call(files.write, "other", b"mine")
    place.server.stall(False)
    assert place.call(place.ftp.get, "one.bin", "local") == 3000
    assert place.call(files.read, "local") == data
    place.call(files.remove, "local")


def test_who_closes_an_upload_second_is_told_the_same(place: Place) -> None:
    file = place.call(place.ftp.open, "up", "wb")
    place.call(file.write, b"abc")
    if place.node.flavour == "blocking":
        place.call(file.close)
        place.call(file.close)
    else:

        async def both() -> None:
            assert await asyncio.gather(file.close(), file.close()) == [None, None]

        place.call(both)
    assert (place.folder / "up").read_bytes() == b"abc"


@pytest.mark.parametrize("work", ["get", "put"])
def test_the_time_of_a_transfer_counts_while_the_line_is_taken(place: Place, work: str) -> None:
    data = place.keep("one.bin", 2000)
    place.call(place.modem.files.write, "local", b"x")
    file = place.call(place.ftp.open, "one.bin", size=2000)
    began = place.node.seconds()
    names = ("one.bin", "local") if work == "get" else ("local", "up")
    with pytest.raises(InUse):
        place.call(getattr(place.ftp, work), *names, timeout_ms=3000)
    assert place.node.seconds() - began < 4
    assert place.call(file.read) == data
    place.call(file.close)


class Busy:
    """A security profile that others use for long."""

    busy = 0

    def __init__(self, flavour: str) -> None:
        self.limits: list[int] = []
        self.hold = self._later if flavour == "asyncio" else self._now

    def _now(self, host: str, limit_ms: int = 120_000) -> None:
        self.limits.append(limit_ms)
        raise InUse(110, "security profile 0 was in use")

    async def _later(self, host: str, limit_ms: int = 120_000) -> None:
        self._now(host, limit_ms)


def test_the_time_counts_while_the_security_profile_is_taken(place: Place) -> None:
    busy = Busy(place.node.flavour)
    place.keep("one.bin", 10)
    place.ftp.tls = busy
    for work in ("nlst", "listdir", "stat", "get", "open"):
        arguments = {"nlst": (), "listdir": (), "get": ("one.bin", "local")}
        options = {} if work == "nlst" else {"timeout_ms": 3000}
        with pytest.raises(InUse):
            place.call(getattr(place.ftp, work), *arguments.get(work, ("one.bin",)), **options)
    place.ftp.tls = None
    assert busy.limits[0] > 60_000
    assert all(1 <= limit <= 3000 for limit in busy.limits[1:])


@pytest.fixture(params=FLAVOURS)
def many(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A place with a directory of 300 names."""
    made = Place(request.param, server={"names": 300})
    made.login()
    yield made
    made.close()


def test_a_list_that_was_left_does_not_look_complete(many: Place) -> None:
    listing = many.call(many.ftp.ilistdir)
    assert many.call(listing.readline)
    many.call(listing.close)
    with pytest.raises(OSError) as caught:
        many.call(listing.readline)
    assert caught.value.errno == 9
    many.call(listing.close)
    assert len(many.entries()) == 300


def test_two_tasks_with_one_list_take_turns(many: Place) -> None:
    if many.node.flavour == "blocking":
        assert len(many.entries()) == 300
        return

    async def both() -> None:
        listing = await many.ftp.ilistdir()
        found = list(await asyncio.gather(*[listing.readline() for _ in range(300)]))
        assert len(set(found)) == 300
        assert await listing.readline() is None
        listing = await many.ftp.ilistdir()
        assert await asyncio.gather(listing.close(), listing.close()) == [None, None]

    many.call(both)
    assert len(many.entries()) == 300


def test_what_was_sent_of_a_write_that_was_given_up_is_known(place: Place) -> None:
    file = place.call(place.ftp.open, "up", "wb", check=False)
    if place.node.flavour == "asyncio":

        async def given_up() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(file.write(b"z" * 30_000), 0.5)

        place.call(given_up)
        assert 512 <= file.sent < 30_000
    place.call(file.write, b"+++")
    place.call(file.close)
    size = (place.folder / "up").stat().st_size
    assert file.sent <= size <= file.sent + 512


def test_an_upload_goes_on_where_a_write_was_given_up(place: Place) -> None:
    """Not a byte is lost or sent twice, and the checksum is that of what was sent."""
    data = pattern(30_000, 4)
    file = place.call(place.ftp.open, "up", "wb", check=True)
    cuts = 0
    while file.pos < len(data):
        if place.node.flavour == "blocking":
            place.call(file.write, data[file.pos : file.pos + 7000])
            continue

        async def cut() -> None:
            nonlocal cuts
            try:
                await asyncio.wait_for(file.write(data[file.pos :]), 0.3)
            except TimeoutError:
                cuts += 1

        place.call(cut)
    assert file.sent == file.pos == len(data)
    place.call(file.close)
    assert (place.folder / "up").read_bytes() == data
    assert cuts >= 3 or place.node.flavour == "blocking"


@pytest.mark.parametrize("way", ["read", "write"])
def test_the_end_of_a_transfer_is_not_that_of_the_next_operation(place: Place, way: str) -> None:
    """Another task's operation begins as soon as the line is free."""
    if place.node.flavour == "blocking":
        return
    data = place.keep("one.bin", 1000)
    buf = bytearray(1000)

    async def both() -> None:
        if way == "read":
            file = await place.ftp.open("one.bin", size=1000)
            at = 0
            while at < 1000:
                at += await file.readinto(memoryview(buf)[at:])
        else:
            file = await place.ftp.open("up", "wb")
            await file.write(data)
        refused = asyncio.ensure_future(place.ftp.cwd("no-such-folder"))
        await asyncio.sleep(0)
        await file.close()
        with pytest.raises(FtpError):
            await refused

    for _ in range(5):
        place.call(both)
    assert way == "write" or buf == data


def test_two_tasks_with_one_file_take_turns(place: Place) -> None:
    data = place.keep("one.bin", 20_000)
    if place.node.flavour == "blocking":
        assert place.fetch("one.bin") == data
        return
    found = bytearray()

    async def reader(file: Any) -> None:
        buf = bytearray(700)
        while n := await file.readinto(buf):
            found.extend(buf[:n])

    async def both() -> None:
        file = await place.ftp.open("one.bin", check=True)
        await asyncio.gather(*[reader(file) for _ in range(3)])
        await file.close()

    place.call(both)
    assert found == data


def test_a_whole_file_is_judged_when_it_is_closed_without_another_read(place: Place) -> None:
    place.keep("one.bin", 1000)
    for _ in range(2):
        file = place.call(place.ftp.open, "one.bin", size=1000)
        assert len(place.call(file.read, 1000)) == 1000
        place.node.pass_ms(5000)
        place.call(file.close)
        assert file.result == 1


def test_the_limit_of_a_list_counts_from_its_last_piece(
    many: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = "aio" if many.node.flavour == "asyncio" else "blocking"
    module: Any = importlib.import_module(f"ublox_cellular.{package}.ftp.listing")
    began: list[int] = []
    kept = module.heard

    def heard(ftp: Any, op: int, limit_ms: int, since: int) -> Any:
        began.append(ftp.channel.elapsed(since))
        return kept(ftp, op, limit_ms, since)

    listing = many.call(many.ftp.ilistdir, timeout_ms=3000)
    monkeypatch.setattr(module, "heard", heard)
    while many.call(listing.readline) is not None:
        if len(listing.buf) and not began:
            many.node.pass_ms(30)
    assert began
    assert max(began) < 100


@pytest.mark.parametrize("ms", range(10, 260, 25))
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_restart_while_it_connects_is_reported_as_such(flavour: str, ms: int) -> None:
    place = Place(flavour)
    try:
        place.call(place.modem.connect, "iot.example")
        place.node.loop.call_later(ms / 1000, place.node.module.restart)
        with pytest.raises(ModuleReset):
            place.login()
        place.call(place.modem.connect, "iot.example")
        place.login()
    finally:
        place.close()
