"""FTP operations that are given up at every wait, and two callers at once: nothing stays taken, no
session is mistaken for another, the next operations work.

`AWAITS=all` tries every wait; by itself a few of each are tried.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.ftp_server import Place, pattern
from driver.support.quitting import GIVEN_UP, WAYS, Quitter, points
from driver.support.serial_script import FLAVOURS

from ublox_cellular.core.errors import InUse

DATA = pattern(3000)
SETTLED_MS = 100_000
"""After that the module is certainly not at an operation any more."""

Call = Callable[..., Any]
Act = Callable[[Place, Call], Any]


def link_read(place: Place, call: Call) -> None:
    file = call(place.ftp.open, "down")
    try:
        while call(file.readinto, bytearray(700)):
            pass
    except BaseException:
        file.drop()
        raise
    call(file.close)


def link_write(place: Place, call: Call) -> None:
    file = call(place.ftp.open, "up", "wb")
    try:
        for at in range(0, len(DATA), 1000):
            call(file.write, DATA[at : at + 1000])
        call(file.close)
    except BaseException:
        file.drop()
        raise


def listed(place: Place, call: Call) -> None:
    listing = call(place.ftp.ilistdir)
    while call(listing.readline) is not None:
        pass


def half_listed(place: Place, call: Call) -> None:
    listing = call(place.ftp.ilistdir)
    call(listing.readline)
    call(listing.close)


def connected(place: Place, call: Call) -> None:
    place.call(place.ftp.close)
    login(place, call)


def login(place: Place, call: Call) -> None:
    from servers.ftp import SECRET, USER

    call(place.ftp.connect, "127.0.0.1", place.server.port, user=USER, password=SECRET)


OPERATIONS: dict[str, Act] = {
    "connect": connected,
    "close": lambda place, call: call(place.ftp.close),
    "list": listed,
    "names": lambda place, call: call(place.ftp.listdir),
    "half a list": half_listed,
    "mkdir": lambda place, call: call(place.ftp.mkdir, "sub"),
    "get": lambda place, call: call(place.ftp.get, "down", "local"),
    "put": lambda place, call: call(place.ftp.put, "kept", "up"),
    "link read": link_read,
    "link write": link_write,
    "refused": lambda place, call: call(place.ftp.delete, "nope"),
}
CASES = [
    pytest.param(flavour, name, way, id=f"{flavour}-{name}-{way}")
    for flavour in FLAVOURS
    for name in OPERATIONS
    for way in WAYS[flavour]
]


@pytest.fixture
def place(flavour: str) -> Iterator[Place]:
    """Ready for every operation."""
    made = Place(flavour, server={"names": 20})
    made.keep("down", 3000)
    made.call(made.modem.files.write, "kept", DATA)
    made.login()
    yield made
    crashes = made.node.module.crashes
    made.close()
    assert crashes == []


def prepare(place: Place) -> None:
    for name in ("up", "sub"):
        path = place.folder / name
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    if not place.ftp.connected:
        place.login()


def free(place: Place) -> None:
    """Nothing is taken, and everything works."""
    gc.collect()
    modem, channel, ftp = place.modem, place.modem.channel, place.ftp
    for _ in range(2):  # the first one may have paid debts
        assert len(place.call(modem.imei)) == 15
    assert not channel.lock.held and not channel.lock.queue
    assert not ftp.lock.held and not ftp.lock.queue
    assert channel.debts == [] and channel.firm == 0 and channel.stream is None
    assert ftp.tls_sessions == 0
    place.node.pass_ms(200)
    if not ftp.connected:
        place.login()
    assert len(place.entries()) == 20
    assert place.fetch("down", size=3000) == DATA
    place.store("up2", DATA)
    assert (place.folder / "up2").read_bytes() == DATA
    assert place.call(modem.files.read, "kept") == DATA
    assert ftp.op is None


@pytest.mark.parametrize(("flavour", "name", "way"), CASES)
def test_an_operation_can_be_given_up_at_every_wait(
    place: Place, flavour: str, name: str, way: str
) -> None:
    act = OPERATIONS[name]
    prepare(place)
    counted = Quitter(place.node, way)
    with contextlib.suppress(OSError):
        act(place, counted.call)
    assert counted.count > 0
    for at in points(f"{name} {way} {flavour}", counted.count):
        prepare(place)
        quitter = Quitter(place.node, way, at)
        with contextlib.suppress(*GIVEN_UP):
            act(place, quitter.call)
        try:
            free(place)
        except BaseException:
            print(name, way, at, counted.count)
            print(place.node.told())
            raise


@pytest.mark.parametrize("flavour", ["asyncio"])
def test_two_tasks_take_turns(place: Place, flavour: str) -> None:
    async def both() -> list[Any]:
        ftp = place.ftp
        return await asyncio.gather(
            ftp.listdir(), ftp.get("down", "a"), ftp.mkdir("one"), ftp.put("kept", "up"),
            ftp.get("down", "b"), ftp.stat("name 00003.txt"), place.modem.imei(),
        )  # fmt: skip

    found = place.call(both)
    assert found[1] == found[3] == found[4] == 3000
    assert (place.folder / "up").read_bytes() == DATA
    assert place.call(place.modem.files.read, "b") == DATA
    free(place)


@pytest.mark.parametrize("flavour", ["asyncio"])
def test_others_wait_for_a_link_and_for_a_list(place: Place, flavour: str) -> None:
    async def reading() -> bytes:
        async with await place.ftp.open("down", size=3000) as file:
            return bytes(await file.read())

    async def both() -> list[Any]:
        return await asyncio.gather(
            reading(), place.ftp.listdir(), place.modem.imei(), reading(), place.ftp.mkdir("two")
        )

    found = place.call(both)
    assert found[0] == found[3] == DATA
    assert len(found[2]) == 15
    free(place)


@pytest.mark.parametrize("flavour", ["blocking"])
def test_without_tasks_an_open_link_is_an_error_at_once(place: Place, flavour: str) -> None:
    file = place.ftp.open("down", size=3000)
    with pytest.raises(InUse) as caught:
        place.ftp.mkdir("x")
    assert caught.value.errno == 16
    assert file.read() == DATA
    file.close()
    listing = place.ftp.ilistdir()
    with pytest.raises(InUse):
        place.modem.imei()
    listing.close()
    free(place)


@pytest.mark.parametrize("flavour", ["asyncio"])
def test_a_reader_that_gives_up_loses_nothing(place: Place, flavour: str) -> None:
    async def work() -> bytes:
        found = bytearray()
        buf = bytearray(2500)
        async with await place.ftp.open("down", size=3000) as file:
            while len(found) < 3000:
                try:
                    n = await asyncio.wait_for(file.readinto(buf), 0.02)
                except TimeoutError:
                    continue
                found += buf[:n]
            assert await file.readinto(buf) == 0
        return bytes(found)

    assert place.call(work) == DATA
    free(place)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_files_that_the_module_uses_are_not_free(place: Place, flavour: str) -> None:
    opened = place.call(place.modem.files.open, "kept")
    with pytest.raises(OSError) as caught:
        place.call(place.ftp.get, "down", "kept")
    assert caught.value.errno == 16
    assert place.call(place.ftp.put, "kept", "up") == 3000, "reading is no hindrance"
    place.call(opened.close)
    free(place)
