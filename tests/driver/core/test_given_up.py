"""Files, requests and direct links that are given up at every wait: nothing stays taken, no file
stays that should not, the next operations work, and what was not handed over is read by the next
reader.

`AWAITS=all` tries every wait (an hour); by itself a few of each are tried.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support.http_server import Server, left_over, pattern
from driver.support.node import Node
from driver.support.quitting import GIVEN_UP, WAYS, Quitter, points
from driver.support.serial_script import FLAVOURS, MODULES

NAME, OTHER = "kept.bin", "other.bin"
OLD = b"what was there before\r\n+UUSOCL: 0\r\nOK\r\n"
DATA = bytes(range(256)) * 5
LINES = b"first\nsecond \r\nOK\r\n" + b"x" * 200 + b"\nlast"
ANSWER_S = 210
"""After that the module is certainly not at a request any more."""


class Place:
    """A node with a web server, and what must be true of it between two operations."""

    def __init__(self, module: str, flavour: str) -> None:
        self.node = Node(module, flavour, variants=("http-chunks-raw",))
        self.server = Server(self.node)
        self.modem = self.node.up()
        self.call = self.node.call
        self.files = self.modem.files
        self.prepare()
        self.server.get()

    def prepare(self) -> None:
        """The files as every operation finds them."""
        for name in self.call(self.files.listdir):
            self.call(self.files.remove, name)
        self.call(self.files.write, NAME, OLD)
        self.call(self.files.write, OTHER, LINES)

    def content(self, name: str = NAME) -> bytes | None:
        return self.call(self.files.read, name) if self.call(self.files.exists, name) else None

    def free(self, request: bool) -> None:
        """Nothing is taken, and everything works, as a request shows if that was one."""
        node, modem, channel = self.node, self.modem, self.modem.channel
        assert len(node.call(modem.imei)) == 15
        assert len(node.call(modem.imei)) == 15  # the first one may have paid debts
        assert not channel.lock.held and not channel.lock.queue
        assert channel.debts == [] and channel.firm == 0 and channel.stream is None
        if node.kind == "lexi-r10":
            assert modem.files.store.handles == {}
            assert self.handles() == [], "handles that the module still has"
        http = modem.http
        for number in range(len(http.slots)):
            slot = http.slot(number)
            assert not slot.held and slot.vote is None
            assert slot.cmd is not None or not slot.secure
            if slot.cmd is not None:
                node.pass_ms(ANSWER_S * 1000)
                modem.poll()
        assert left_over(node) == []
        assert http.tls_sessions == 0
        if request:
            assert self.server.get("free", timeout_ms=30_000) == b"hello world"
            assert left_over(node) == []
        if modem.sleeper is not None:
            assert modem.power.votes == 0
        assert [p.busy for p in modem.security.profiles if p is not None] in ([], [0])

    def handles(self) -> list[str]:
        """Files that the module has open."""
        from ublox_simulator.services.files.lexi_r10 import LexiFiles

        return [one.name for one in self.node.module.service(LexiFiles).handles.values()]

    def close(self) -> None:
        self.server.peer.close()
        self.node.close()


Act = Callable[[Place, Callable[..., Any]], Any]


@dataclass
class Operation:
    """`act(place, call)`, and whether what is left of the file is right."""

    act: Act
    left: Callable[[bytes | None], bool] = lambda left: left == OLD
    module: str = ""  # the only one that has it
    request: bool = False  # it uses HTTP


def web(act: Act, module: str = "") -> Operation:
    return Operation(act, module=module, request=True)


def using(place: Place, call: Callable[..., Any], mode: str, use: Callable[[Any], Any]) -> Any:
    """`async with` for both flavours."""
    file = call(place.files.open, NAME, mode)
    try:
        use(file)
    except BaseException:
        if mode == "wb":  # what `__aexit__` does
            file.failed = True
        raise
    finally:
        call(file.close)


def write(place: Place, call: Callable[..., Any], mode: str) -> None:
    def use(file: Any) -> None:
        call(file.write, DATA)
        call(file.write, b"end")

    using(place, call, mode, use)


def read(place: Place, call: Callable[..., Any]) -> None:
    def use(file: Any) -> None:
        call(file.read, 3)
        call(file.seek, 2)
        call(file.readline)
        call(file.readinto, bytearray(100))

    using(place, call, "rb", use)


def fetch(path: str = "", method: str = "GET", **options: Any) -> Act:
    """A request whose answer is read to its end, or closed half-way ("size5000")."""

    def act(place: Place, call: Callable[..., Any]) -> None:
        http = place.modem.http
        response = call(http.request, method, place.server.base + path, **options)
        try:
            if path == "size5000":
                call(response.readinto, bytearray(100))
            else:
                call(response.read)
        finally:
            call(response.close)

    return act


def posted(place: Place, call: Callable[..., Any], direct: bool) -> None:
    fetch("p", "POST", data=io.BytesIO(DATA), direct=direct)(place, call)


def stream(place: Place, call: Callable[..., Any]) -> None:
    sock = place.node.stream()
    try:
        link = call(sock.direct_link)
        try:
            call(link.write, b"raw \r\n+UUSOCL: 0\r\n")
            call(link.readinto, bytearray(5))
        finally:
            call(link.close)
    finally:
        place.call(sock.close)


def appended(left: bytes | None) -> bool:
    """A part, and perhaps blanks, which stand for a payload that the module waited for: whoever
    closes the file hears of that (`PartialFile`)."""
    whole = OLD + DATA + b"end"
    return left is not None and any(
        left == whole[:n] + b" " * (len(left) - n) for n in range(len(OLD), len(left) + 1)
    )


NEW = (None, DATA, OLD, DATA + b"end")
OPERATIONS: dict[str, Operation] = {
    "file read": Operation(read),
    "file write": Operation(lambda p, call: write(p, call, "wb"), lambda left: left in NEW),
    "file append": Operation(lambda p, call: write(p, call, "ab"), appended),
    "read": Operation(lambda p, call: call(p.files.read, NAME)),
    "read to": Operation(lambda p, call: call(p.files.read, NAME, to=io.BytesIO())),
    "write": Operation(lambda p, call: call(p.files.write, NAME, DATA), lambda left: left in NEW),
    "write and verify": Operation(
        lambda p, call: call(p.files.write, NAME, DATA, verify=True), lambda left: left in NEW
    ),
    "write from": Operation(
        lambda p, call: call(p.files.write, NAME, io.BytesIO(DATA)), lambda left: left in NEW
    ),
    "remove": Operation(lambda p, call: call(p.files.remove, NAME), lambda left: left in NEW),
    "list": Operation(lambda p, call: call(p.files.listdir)),
    "free": Operation(lambda p, call: call(p.files.free)),
    "stat": Operation(lambda p, call: call(p.files.stat, NAME)),
    "get": web(fetch(direct=False)),
    "get and close": web(fetch("size5000", direct=False)),
    "get chunks": web(fetch("chunked", direct=False)),
    "get with header": web(fetch(direct=False, headers={"A": "b"}, auth=("u", "p"))),
    "post a file": web(fetch("p", "POST", data=DATA, direct=False)),
    "post data": web(fetch("p", "POST", data=b"a=b", direct=False)),
    "post from": web(lambda p, call: posted(p, call, False)),
    "link post from": web(lambda p, call: posted(p, call, True), "lexi-r10"),
    "put": web(fetch("p", "PUT", data=DATA)),
    "link get": web(fetch(direct=True), "lexi-r10"),
    "link close": web(fetch("size5000", direct=True), "lexi-r10"),
    "link chunks": web(fetch("chunked", direct=True), "lexi-r10"),
    "link post": web(fetch("p", "POST", data=DATA, direct=True), "lexi-r10"),
    "store": web(lambda p, call: call(p.modem.http.store, p.server.base), "lexi-r10"),
    "load": web(lambda p, call: call(p.modem.http.load), "lexi-r10"),
    "factory": web(lambda p, call: call(p.modem.http.factory), "lexi-r10"),
    "data stream": Operation(stream),
}  # fmt: skip

CASES = [
    pytest.param(flavour, module, name, way, id="-".join((flavour, module, name, way)))
    for flavour in FLAVOURS
    for module in MODULES
    for name, operation in OPERATIONS.items()
    for way in WAYS[flavour]
    if operation.module in ("", module)
]


@pytest.fixture(scope="module")
def made() -> Iterator[dict[tuple[str, str], Place]]:
    """A place for each module and flavour; one in which something went wrong is not used again."""
    found: dict[tuple[str, str], Place] = {}
    yield found
    for place in found.values():
        assert place.node.module.crashes == []
        place.close()


def place_of(made: dict[tuple[str, str], Place], module: str, flavour: str) -> Place:
    if (module, flavour) not in made:
        made[module, flavour] = Place(module, flavour)
    return made[module, flavour]


@pytest.mark.parametrize(("flavour", "module", "name", "way"), CASES)
def test_given_up_at_any_wait_an_operation_leaves_nothing(
    flavour: str, module: str, name: str, way: str, made: dict[tuple[str, str], Place]
) -> None:
    operation = OPERATIONS[name]
    place = place_of(made, module, flavour)
    counter = Quitter(place.node, way)
    try:
        place.prepare()
        operation.act(place, counter.call)
        place.free(True)
        place.prepare()
        for at in points(f"{name} {way} {module}", counter.count):
            try:
                operation.act(place, Quitter(place.node, way, at).call)
            except GIVEN_UP as error:
                if isinstance(error, OSError) and not str(error):
                    raise
            try:
                place.free(operation.request)
                left = place.content()
                assert operation.left(left), left
                if left != OLD:
                    place.prepare()
            except BaseException:
                print(f"given up at wait {at} of {counter.count}")
                raise
        assert place.node.violations() == []
    except BaseException:
        print(place.node.told())
        del made[module, flavour]
        place.close()
        raise


# ---- readers ------------------------------------------------------------------------------------


@dataclass
class Reader:
    """`read(source, call)` returns bytes of what `source` holds."""

    read: Callable[[Any, Callable[..., Any]], bytes]


def into(count: int) -> Callable[[Any, Callable[..., Any]], bytes]:
    def read(source: Any, call: Callable[..., Any]) -> bytes:
        buf = bytearray(count)
        return bytes(buf[: call(source.readinto, buf)])

    return read


def through(response: Any, call: Callable[..., Any]) -> bytes:
    """Pieces as a loop takes them."""
    pieces = response.iter_content(300)
    return bytes(call(getattr(pieces, "__anext__", None) or pieces.__next__))


READERS = {
    "file": {
        "readinto": into(300), "readinto a little": into(7),
        "read": lambda file, call: call(file.read), "read some": lambda f, call: call(f.read, 200),
        "readline": lambda file, call: call(file.readline),
    },
    "body": {
        "readinto": into(300), "readinto a little": into(7), "readinto all": into(1000),
        "read": lambda r, call: call(r.read), "read some": lambda r, call: call(r.read, 200),
        "iter": through,
    },
}  # fmt: skip
BODIES = {
    "by file": ("pattern800", False), "chunks by file": ("pieces800", False),
    "by file to its end": ("until800", False),
    "by link": ("pattern800", True), "chunks by link": ("pieces800", True),
    "by link to its end": ("until800", True),
}  # fmt: skip
READINGS = [
    pytest.param(flavour, module, source, how, way,
                 id=f"{flavour}-{module}-{source}-{how}-{way}".replace(" ", "-"))
    for flavour in FLAVOURS
    for module in MODULES
    for source in ("file", *BODIES)
    for how in READERS["file" if source == "file" else "body"]
    for way in WAYS[flavour]
    if module == "lexi-r10" or "link" not in source
]  # fmt: skip


def opened(place: Place, source: str) -> Any:
    """A file or an answer of 800 bytes."""
    if source == "file":
        place.call(place.files.write, OTHER, pattern(800))
        return place.call(place.files.open, OTHER)
    path, direct = BODIES[source]
    base = place.server.base
    return place.call(place.modem.http.get, base + path, direct=direct, timeout_ms=240_000)


@pytest.mark.parametrize(("flavour", "module", "source", "how", "way"), READINGS)
def test_what_a_reader_that_gives_up_had_got_is_read_by_the_next(
    flavour: str, module: str, source: str, how: str, way: str,
    made: dict[tuple[str, str], Place],
) -> None:  # fmt: skip
    read = READERS["file" if source == "file" else "body"][how]
    place = place_of(made, module, flavour)
    right = errors = 0
    try:
        place.prepare()
        counter = Quitter(place.node, way)
        reader = opened(place, source)
        read(reader, counter.call)
        place.call(reader.close)
        for at in points(f"{source} {how} {way} {module}", counter.count):
            reader = opened(place, source)
            got = b""
            with contextlib.suppress(*GIVEN_UP):
                got = read(reader, Quitter(place.node, way, at).call)
            try:
                got += place.call(reader.read)
            except OSError:  # on a direct link, where it was given up over leaving it
                errors += 1
                assert "link" in source
                assert pattern(800).startswith(got)
            else:
                right += 1
                assert got == pattern(800), f"given up at wait {at} of {counter.count}"
            place.call(reader.close)
            del reader
            place.free(source != "file")
        assert place.node.violations() == []
        print(f"{right} right, {errors} with an error")
    except BaseException:
        print(place.node.told())
        del made[module, flavour]
        place.close()
        raise
