"""FTP on whole nodes with a real server: files both ways, lists, refusals, lost connections."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.ftp_server import Place, pattern
from driver.support.serial_script import FLAVOURS

from ublox_cellular.core.errors import Garbled, ModuleReset
from ublox_cellular.core.ftp_errors import FtpError, FtpTimeout, PartialTransfer

Places = Callable[..., Place]
TRICKS = (
    b"+++",
    b"+",
    b"\r\nDISCONNECT\r\n",
    b"x" * 50 + b"\r\nDISCONNECT\r\n\r\nOK\r\n\r\n+UUFTPCR: 6,1\r\n" + b"y" * 700,
    b"\r\nNO CARRIER\r\n" * 3,
    b"\r\n+CME ERROR: 4\r\nOK\r\n",
    b"",
    b"\n",
    b"\r\n",
)
VARIANTS = (
    "ftp-link-exits", "ftp-link-no-carrier", "ftp-link-fails-by-urc", "ftp-list-empty-none",
    "ftp-list-mlsd", "ftp-list-pieces", "ftp-md5",
)  # fmt: skip


@pytest.fixture
def places() -> Iterator[Places]:
    """Makes places; no rule of the wire may be broken, and the simulated module not crash."""
    made: list[Place] = []

    def make(flavour: str, **options: Any) -> Place:
        made.append(Place(flavour, **options))
        return made[-1]

    yield make
    crashes = [crash for place in made for crash in place.node.module.crashes]
    broken = [rule for place in made if not place.unruly for rule in place.node.violations()]
    for place in made:
        place.close()
    assert (crashes, broken) == ([], [])


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("passive", [True, False])
def test_files_pass_the_link_both_ways(flavour: str, passive: bool, places: Places) -> None:
    place = places(flavour)
    data = place.keep("one.bin", 20_000)
    place.login(passive=passive)
    assert place.fetch("one.bin") == data
    place.store("two.bin", data)
    assert (place.folder / "two.bin").read_bytes() == data
    place.call(place.ftp.close)
    assert not place.node.module.service(type(ftp_of(place))).logged_in
    place.node.usable()


def ftp_of(place: Place) -> Any:
    """The simulated module's service."""
    from ublox_simulator.services.ftp.commands import Ftp

    return place.node.module.service(Ftp)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_uncertain_facts_in_their_other_form(flavour: str, variant: str, places: Places) -> None:
    variants = {variant, "ftp-link-exits"} if "carrier" in variant else {variant}
    place = places(flavour, variants=variants)
    data = place.keep("one.bin", 9000)
    (place.folder / "empty").mkdir()
    place.login()
    assert [(e.name, e.size) for e in place.entries() if e.kind == "file"] == [("one.bin", 9000)]
    assert place.entries("empty") == []
    assert place.call(place.ftp.listdir, "empty") == []
    assert place.fetch("one.bin") == data
    assert place.fetch("one.bin", size=9000, offset=8500) == data[8500:]
    place.store("two.bin", data)
    assert (place.folder / "two.bin").read_bytes() == data
    for mode in ("rb", "wb"):
        with pytest.raises(FtpError) as caught:
            place.call(place.ftp.open, "no/such", mode, size=10)
        assert caught.value.reply == 550, caught.value
        assert caught.value.errno == 2
    assert place.call(place.ftp.get, "one.bin", "local") == 9000
    assert (place.ftp.md5 == hashlib.md5(data).hexdigest()) == (variant == "ftp-md5")
    place.node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("data", TRICKS)
def test_content_that_looks_like_the_end_is_content(
    flavour: str, data: bytes, places: Places
) -> None:
    place = places(flavour)
    place.login()
    place.store("trick", data)
    assert (place.folder / "trick").read_bytes() == data
    place.store("pieces", data, piece=1)
    assert (place.folder / "pieces").read_bytes() == data
    assert place.fetch("trick") == data
    assert place.fetch("trick", piece=3) == data
    assert place.call(place.ftp.listdir) == ["pieces", "trick"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_parts_of_files_go_on_where_they_end(flavour: str, places: Places) -> None:
    place = places(flavour)
    data = place.keep("one.bin", 5000)
    place.login()
    files = place.modem.files
    place.call(files.write, "local", data[:1200])
    assert place.call(place.ftp.get, "one.bin", "local", resume=True) == 5000
    assert place.call(files.read, "local") == data
    (place.folder / "up").write_bytes(data[:300])
    assert place.call(place.ftp.put, "local", "up", offset=300) == 4700
    assert (place.folder / "up").read_bytes() == data
    (place.folder / "up").write_bytes(data[:300])
    place.store("up", data[300:], offset=300)
    assert (place.folder / "up").read_bytes() == data
    assert place.call(place.ftp.get, "one.bin", "local") == 5000
    assert place.call(files.read, "local") == data, "replaced, not added to"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_list_longer_than_every_buffer_is_read_line_by_line(
    flavour: str, places: Places
) -> None:
    place = places(flavour, server={"names": 10_000})
    place.login()
    count = 0
    for entry in place.entries():
        assert entry.name == f"name {count:05}.txt"
        assert entry.size == count
        count += 1
    assert count == 10_000
    place.node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_names_with_blanks_and_other_letters(flavour: str, places: Places) -> None:
    place = places(flavour)
    names = ["a b", "ä ö.txt", "日本", "x,y"]
    for name in names:
        (place.folder / name).write_bytes(name.encode())
    place.login()
    assert sorted(place.call(place.ftp.listdir)) == sorted(names)
    assert sorted(e.name for e in place.entries()) == sorted(names)
    for name in names:
        assert place.call(place.ftp.size, name) == len(name.encode())
        assert place.fetch(name) == name.encode()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_list_that_is_not_read_to_its_end_frees_the_modem(flavour: str, places: Places) -> None:
    place = places(flavour, server={"names": 300})
    place.login()
    listing = place.call(place.ftp.ilistdir)
    assert place.call(listing.readline).endswith("name 00000.txt")
    place.call(listing.close)
    place.node.usable()
    listing = place.call(place.ftp.ilistdir)
    assert place.call(listing.readline)
    del listing  # dropped without being closed
    place.node.usable()
    assert len(place.entries()) == 300


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_file_that_is_not_read_to_its_end_is_broken_off(flavour: str, places: Places) -> None:
    place = places(flavour)
    data = place.keep("long", 60_000)
    place.login()
    file = place.call(place.ftp.open, "long")
    assert place.call(file.read, 100) == data[:100]
    place.call(file.close)
    assert place.ftp.result == 0
    place.node.usable()
    file = place.call(place.ftp.open, "long")
    assert place.call(file.read, 100) == data[:100]
    del file
    assert place.call(place.ftp.listdir) == ["long"]
    assert place.fetch("long") == data


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_length_need_not_be_known(flavour: str, places: Places) -> None:
    place = places(flavour)
    data = place.keep("one.bin", 3000)
    place.login()
    place.ftp.stat = unknown(flavour)
    import ublox_cellular.aio.ftp.listing as listing_aio
    import ublox_cellular.blocking.ftp.listing as listing_blocking

    module: Any = listing_aio if flavour == "asyncio" else listing_blocking
    before = module.size
    module.size = unknown(flavour)
    try:
        file = place.call(place.ftp.open, "one.bin")
        assert file.size is None
        assert place.call(file.read) == data
        place.call(file.close)
    finally:
        module.size = before
    place.node.usable()


def unknown(flavour: str) -> Any:
    async def later(*_: Any, **__: Any) -> None:
        return None

    return later if flavour == "asyncio" else lambda *_, **__: None


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_wrong_length_is_found_out(flavour: str, places: Places) -> None:
    place = places(flavour)
    data = place.keep("one.bin", 3000)
    place.login()
    file = place.call(place.ftp.open, "one.bin", size=3500, timeout_ms=3000)
    with pytest.raises(Garbled) as caught:
        place.call(file.read)
    assert "500 bytes" in str(caught.value)
    place.call(file.close)
    assert place.fetch("one.bin") == data


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_refusals_have_class_code_and_words(flavour: str, places: Places) -> None:
    place = places(flavour)
    with pytest.raises(FtpError) as caught:
        place.call(place.ftp.listdir)
    assert caught.value.errno == 107
    with pytest.raises(FtpError) as caught:
        place.login(password="wrong-s3cret")
    assert (caught.value.errno, caught.value.code) == (13, 34)
    assert "wrong-s3cret" not in str(caught.value) + repr(caught.value)
    assert not place.ftp.connected
    place.login()
    with pytest.raises(OSError) as again:
        place.login()
    assert again.value.errno == 114
    for work in ("cwd", "rmdir", "delete", "size", "stat"):
        with pytest.raises(OSError) as missing:
            place.call(getattr(place.ftp, work), "nope")
        assert missing.value.errno == 2, work
    with pytest.raises(FtpError) as caught:
        place.call(place.ftp.get, "nope", "local")
    assert caught.value.reply == 550
    assert place.call(place.modem.files.listdir) == []
    with pytest.raises(OSError) as missing:
        place.call(place.ftp.put, "nope", "x")
    assert missing.value.errno == 2
    (place.folder / "d").mkdir()
    with pytest.raises(OSError) as missing:
        place.call(place.ftp.size, "d")
    assert missing.value.errno == 21
    assert place.ftp.connected
    place.node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_server_that_is_not_there(flavour: str, places: Places) -> None:
    place = places(flavour)
    with pytest.raises(FtpError) as caught:
        place.call(place.ftp.connect, "127.0.0.1", 9)
    assert caught.value.errno == 111
    with pytest.raises(FtpError) as caught:
        place.call(place.ftp.connect, "nowhere.example")
    assert caught.value.errno == -2
    place.login()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_silent_server_takes_the_time_that_was_given(flavour: str, places: Places) -> None:
    place = places(flavour)
    place.login(timeout_s=30)
    place.server.stall()
    began = place.node.seconds()
    with pytest.raises(FtpError) as caught:
        place.call(place.ftp.mkdir, "x")
    assert caught.value.errno == 110
    assert 29 < place.node.seconds() - began < 33
    place.call(place.ftp.close)
    began = place.node.seconds()
    with pytest.raises(FtpTimeout):
        place.call(place.ftp.connect, "127.0.0.1", place.server.port, timeout_ms=5000)
    assert place.node.seconds() - began < 7
    place.server.stall(False)
    place.node.pass_ms(60_000)
    place.login()
    place.call(place.ftp.mkdir, "y")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_server_without_restart_refuses_offsets(flavour: str, places: Places) -> None:
    place = places(flavour, server={"without": ("REST",)})
    data = place.keep("one.bin", 500)
    place.login()
    with pytest.raises(FtpError) as caught:
        place.call(place.ftp.open, "one.bin", offset=100)
    assert caught.value.reply in (500, 502)
    assert place.fetch("one.bin") == data


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_full_server_is_reported_with_what_is_certain(flavour: str, places: Places) -> None:
    place = places(flavour, server={"room": 4000})
    place.unruly = True  # what is on its way when the module leaves the link
    place.login()
    with pytest.raises(PartialTransfer) as caught:
        place.store("big", pattern(50_000))
    assert (caught.value.name, caught.value.size) == ("big", 0)
    place.call(place.modem.files.write, "local", pattern(9000))
    with pytest.raises(FtpError):
        place.call(place.ftp.put, "local", "big2")
    place.store("small", b"hello")
    assert (place.folder / "small").read_bytes() == b"hello"
    place.node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_full_module_keeps_what_it_has_for_a_later_attempt(flavour: str, places: Places) -> None:
    place = places(flavour, file_space=9000)
    data = place.keep("big", 20_000)
    place.login()
    with pytest.raises(PartialTransfer) as caught:
        place.call(place.ftp.get, "big", "local")
    assert caught.value.name == "local"
    assert 0 < caught.value.size <= 9000
    assert place.call(place.modem.files.read, "local") == data[: caught.value.size]
    assert caught.value.error_class == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_connection_lost_in_the_middle(flavour: str, places: Places) -> None:
    place = places(flavour)
    data = place.keep("long", 80_000)
    place.login()
    place.server.cut_after = 30_000
    with pytest.raises(OSError):
        place.fetch("long", timeout_ms=20_000)
    assert not place.ftp.connected or place.call(place.ftp.close) is None
    place.server.cut_after = None
    place.login()
    place.server.cut_after = 20_000
    with pytest.raises(PartialTransfer) as caught:
        place.call(place.ftp.get, "long", "local")
    size = caught.value.size
    place.server.cut_after = None
    if place.ftp.connected:
        place.call(place.ftp.close)
    place.login()
    assert 0 < size < 80_000
    assert place.call(place.ftp.get, "long", "local", resume=True) == 80_000
    assert place.call(place.modem.files.read, "local") == data


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_restart_of_the_module_ends_the_session(flavour: str, places: Places) -> None:
    place = places(flavour)
    place.keep("long", 60_000)
    place.login()
    place.node.module.restart()
    place.node.pass_ms(10_000)
    with pytest.raises((ModuleReset, FtpError)):
        place.call(place.ftp.mkdir, "x")
    place.call(place.modem.connect, "iot.example")
    place.login()
    file = place.call(place.ftp.open, "long")
    assert place.call(file.read, 500)
    place.node.module.restart()
    with pytest.raises(OSError):
        place.call(file.read)
    place.node.pass_ms(10_000)
    place.call(place.modem.connect, "iot.example")
    place.login()
    assert place.call(place.ftp.listdir) == ["long"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_new_program_finds_a_session_open(flavour: str, places: Places) -> None:
    place = places(flavour)
    place.login()
    modem = place.node.make()
    place.call(modem.attach)
    place.call(modem.connect, "iot.example")
    place.ftp = modem.ftp
    place.login()
    assert place.call(place.ftp.listdir) == []


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_methods_of_ftplib(flavour: str, places: Places) -> None:
    place = places(flavour)
    data = place.keep("one.bin", 3000)
    ftp = place.login()
    found: list[bytes] = []
    assert place.call(ftp.retrbinary, "RETR one.bin", found.append, 300).startswith("226")
    assert b"".join(found) == data
    found.clear()
    place.call(ftp.retrbinary, "RETR one.bin", found.append, rest=2990)
    assert b"".join(found) == data[2990:]
    sent: list[bytes] = []
    place.call(ftp.storbinary, "STOR up", io.BytesIO(data), 400, sent.append)
    assert (place.folder / "up").read_bytes() == b"".join(sent) == data
    lines: list[str] = []
    place.call(ftp.dir, "", lines.append)
    assert [line.split()[-1] for line in lines] == ["one.bin", "up"]
    assert place.call(ftp.nlst) == ["one.bin", "up"]
    place.call(ftp.rename, "up", "down")
    place.call(ftp.mkd, "sub")
    place.call(ftp.cwd, "sub")
    assert place.call(ftp.pwd) == "./sub"
    place.call(ftp.cwd, "..")
    place.call(ftp.rmd, "sub")
    place.call(ftp.delete, "down")
    assert place.call(ftp.nlst) == ["one.bin"]
    place.call(ftp.quit)
    assert not ftp.connected


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_bad_input_is_refused_before_anything_is_sent(flavour: str, places: Places) -> None:
    place = places(flavour)
    place.login()
    before = place.node.sent()
    ftp = place.ftp
    wrong: list[tuple[type[Exception], Any, tuple[Any, ...], dict[str, Any]]] = [
        (ValueError, ftp.connect, ("",), {}),
        (ValueError, ftp.connect, ("h" * 129,), {}),
        (TypeError, ftp.connect, (b"host",), {}),
        (ValueError, ftp.connect, ("host", 0), {}),
        (ValueError, ftp.connect, ("host",), {"user": "u" * 31}),
        (ValueError, ftp.connect, ("host",), {"password": 'a"b'}),
        (TypeError, ftp.connect, ("host",), {"timeout_s": "1"}),
        (ValueError, ftp.connect, ("host",), {"timeout_s": 86401}),
        (ValueError, ftp.connect, ("host",), {"timeout_ms": 0}),
        (TypeError, ftp.connect, ("host",), {"tls": 5}),
        (ValueError, ftp.cwd, ("",), {}),
        (ValueError, ftp.cwd, ("x" * 257,), {}),
        (ValueError, ftp.mkdir, ("a\rb",), {}),
        (TypeError, ftp.delete, (7,), {}),
        (ValueError, ftp.open, ("x", "r"), {}),
        (ValueError, ftp.open, ("x",), {"offset": -1}),
        (ValueError, ftp.open, ("x",), {"size": 5, "offset": 6}),
        (TypeError, ftp.open, ("x",), {"size": "5"}),
        (ValueError, ftp.get, ("x", "a,b"), {}),
        (ValueError, ftp.put, ("x", "y"), {"offset": 1 << 31}),
        (ValueError, ftp.retrbinary, ("STOR x", print), {}),
        (TypeError, ftp.storbinary, ("STOR x", 5), {}),
        (ValueError, ftp.storbinary, ("STOR x", io.BytesIO()), {"blocksize": 0}),
    ]
    for kind, function, arguments, options in wrong:
        with pytest.raises(kind):
            place.call(function, *arguments, **options)
    assert place.node.sent() == before


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_password_is_shown_nowhere(flavour: str, places: Places) -> None:
    place = places(flavour)
    lines: list[bytes] = []
    place.modem.channel.trace = lambda _, line: lines.append(bytes(line))
    place.login()
    assert not any(b"s3cret" in line for line in lines)
    assert any(b"***" in line for line in lines)
    assert "s3cret" not in repr(vars(place.ftp))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_uart_that_knows_when_it_is_done_is_asked(flavour: str, places: Places) -> None:
    place = places(flavour)
    loop = place.node.loop
    asked: list[bool] = []
    first: list[float] = []

    def txdone() -> bool:
        first.append(loop.time())
        asked.append(loop.time() - first[0] > 3)
        return asked[-1]

    place.node.uart.txdone = txdone
    place.login()
    began = place.node.seconds()
    place.store("up", pattern(2000))
    assert 3 < place.node.seconds() - began < 7
    assert (place.folder / "up").read_bytes() == pattern(2000)
    assert False in asked and asked[-1]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_saves_power_is_kept_awake_by_a_link(flavour: str, places: Places) -> None:
    place = places(flavour)
    data = place.keep("one.bin", 3000)
    place.login()
    place.call(place.modem.power.save, "timer", 2000)
    for _ in range(2):
        place.node.pass_ms(8000)
        file = place.call(place.ftp.open, "one.bin")
        assert place.call(file.read, 1000) == data[:1000]
        place.node.pass_ms(8000)
        assert place.call(file.read) == data[1000:]
        place.call(file.close)
        place.node.pass_ms(8000)
        assert [entry.name for entry in place.entries()] == ["one.bin"]
    place.node.usable()
