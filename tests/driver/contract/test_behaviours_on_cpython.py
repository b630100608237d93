"""The behaviours of tests/behaviours/contract.py, run on CPython's own sockets: what they ask of
ours is what a program may expect everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from behaviours import stage
from behaviours.peers import Peers
from driver.contract.cpython import CPython

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="errnos are Linux's")

MODULE_FORCES = (
    "does_not_serve_by_datagrams",
    "has_addresses_once_connected",
    "reads_the_end_again_and_again",
    "refuses_items_that_are_not_bytes",
    "sends_no_empty_datagrams",
)
"""Behaviours in which a module cannot do what CPython does; their comments say why."""

PATIENCE_S = 10
_POLL = {select.POLLIN: 1, select.POLLOUT: 4, select.POLLERR: 8, select.POLLHUP: 16}


class Stream(socket.socket):
    """A socket of CPython with the stream methods of MicroPython's."""

    def ioctl(self, request: int, wanted: int) -> int:
        assert request == 3
        poller = select.poll()
        poller.register(self)
        events = dict(poller.poll(0)).get(self.fileno(), 0)
        found = sum(bit for event, bit in _POLL.items() if events & event)
        return found & (wanted | 8 | 16)

    def accept(self) -> tuple[Any, Any]:
        number, address = self._accept()  # type: ignore[attr-defined]
        return Stream(self.family, self.type, self.proto, fileno=number), address

    def readinto(self, buf: bytearray) -> int | None:
        try:
            return self.recv_into(buf)
        except BlockingIOError:
            return None

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self.recv(size - len(found))
            if not part:
                break
            found += part
        return found

    def write(self, data: bytes) -> int | None:
        try:
            return self.send(data)
        except BlockingIOError:
            return None


class Rig:
    """What the behaviours use of tests/behaviours/rig.py."""

    def __init__(self, place: dict[str, Any], port: int) -> None:
        self.host = self.name = place["host"]
        self.tcp = self.host, place["tcp"]
        self.udp = self.host, place["udp"]
        self.refused = self.host, place["refused"]
        self.silent = self.host, place["silent"]
        self.listen_port = port
        self.pool = socket
        self.uart = SimpleNamespace(written=0)
        self.made: list[socket.socket] = []

    def connected(self) -> None:
        pass

    def kept(self, sock: socket.socket) -> Any:
        """Without a time-out: with one CPython polls first, and hides errors by that."""
        self.made.append(sock)
        return sock

    def stream(self) -> Any:
        return self.kept(Stream(socket.AF_INET, socket.SOCK_STREAM))

    def datagrams(self) -> Any:
        return self.kept(Stream(socket.AF_INET, socket.SOCK_DGRAM))

    def open(self, script: str) -> Any:
        sock = self.stream()
        sock.connect(self.tcp)
        sock.sendall((script + "\n").encode())
        return sock

    def ask(self, script: str) -> list[str]:
        with self.open(script + ";close") as sock, sock.makefile("r") as lines:
            return [line.rstrip("\n") for line in lines]

    def echo(self, sock: Any, data: bytes) -> None:
        sock.sendall(data)
        assert sock.read(len(data)) == data

    def until(self, question: Callable[[], Any]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not question():
            assert time.monotonic() < end
            time.sleep(0.001)

    def sleep(self, ms: float) -> None:
        time.sleep(ms / 1000)


@contextlib.contextmanager
def peers(control: Callable[[str], list[str]]) -> Iterator[dict[str, Any]]:
    """Peers on a loop of their own, in a thread."""
    loop = asyncio.new_event_loop()

    async def answered(line: str) -> list[str]:
        return control(line)

    made = Peers(answered)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(made.start(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(made.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The behaviours in their blocking form."""
    folder: Path = tmp_path_factory.mktemp("contract")
    package = folder / "contract_blocking"
    stage.write_blocking([stage.HERE / f"{name}.py" for name in stage.PORTABLE], package)
    stage.write_blocking([stage.HERE / "contract.py"], package)
    sys.path.insert(0, str(folder))
    try:
        import contract_blocking.contract as found  # pyright: ignore

        found.code = _code
        yield found
    finally:
        sys.path.remove(str(folder))


def _code(error: Exception) -> Any:
    """An errno; CPython's time-outs have none."""
    assert isinstance(error, OSError), repr(error)
    return errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno


@pytest.fixture(scope="module")
def rigs() -> Iterator[Callable[[], Rig]]:
    """Makes rigs, each with a port to listen on."""
    ports = CPython()
    now: list[int] = []
    with peers(lambda line: [f"{now[-1]} {now[-1]}", "ok"]) as place:

        def make() -> Rig:
            now.append(ports.free_port())
            return Rig(place, now[-1])

        yield make


@pytest.fixture
def rig(rigs: Callable[[], Rig]) -> Iterator[Rig]:
    made = rigs()
    yield made
    for sock in made.made:
        with contextlib.suppress(OSError):
            sock.close()


@pytest.mark.parametrize("name", stage.names("contract"))
def test_cpython_behaves_so(name: str, source: Any, rig: Rig) -> None:
    if name in MODULE_FORCES:
        with pytest.raises((AssertionError, OSError)):
            getattr(source, name)(rig)
    else:
        getattr(source, name)(rig)
