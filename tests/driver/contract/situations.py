"""Puts a socket into a situation; the same code for CPython's sockets and for ours.

A situation is a function that gets a `Scene` with a new socket and brings it there. What differs
between the libraries is behind `World`.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from driver.contract.far import Address, Far, reset
from driver.contract.outcomes import Names

MODES: dict[str, float | None] = {"blocking": None, "non-blocking": 0, "time-out": 0.2}
"""What settimeout() is given, by the name of the mode."""

STREAM, DATAGRAM = 1, 2
DATA = b"line one\nrest"
PATIENCE_S = 0.15
LATE_S = 1.0
"""A late answer comes so long after the connection attempt."""


class World(Protocol):
    """Where sockets come from, how an event reaches them and how a call is limited."""

    pool: Any
    """The `socket` module, or what is used instead of it."""
    own: Collection[str]
    """Addresses of this side."""

    def socket(self, kind: int) -> Any:
        """A new socket."""

    def settle(self, scene: Scene, event: str) -> None:
        """Wait until an event of the other side is known to the socket's own side: "data", "end",
        "reset", "answered", "refused", "visitor" or "unreachable"."""

    def attempt(self, scene: Scene, action: Callable[[], Any]) -> str:
        """What an action gives, `WAITS` if it does not return in the scene's patience."""
        raise NotImplementedError

    def free_port(self) -> int:
        """A port to bind to."""
        raise NotImplementedError

    def dialled(self, port: int) -> Address:
        """Where a bound port is reached from outside."""
        raise NotImplementedError

    def late_server(self, far: Far) -> Address:
        """A server that takes connections `LATE_S` after the first attempt."""
        raise NotImplementedError

    def answer(self, far: Far) -> None:
        """The first attempt has been made."""

    def fill(self, scene: Scene) -> None:
        """Send until nothing more is taken."""

    def pass_time(self) -> None:
        """Let what was sent reach the other side."""


class Scene:
    """A socket, its mode and the other side."""

    def __init__(self, world: World, far: Far, kind: int, mode: str) -> None:
        self.world = world
        self.far = far
        self.mode = mode
        self.patience = PATIENCE_S
        self.pool = world.pool
        self.peer: socket.socket | None = None
        self.port = world.free_port()
        self.others: list[Any] = []
        self.last = ""  # outcome of the step before
        self.connecting = False  # a step may make a connection, which takes longer
        self.sock = world.socket(kind)

    # -- for situations --------------------------------------------------------------------

    def set_mode(self) -> None:
        self.sock.settimeout(MODES[self.mode])

    def settle(self, event: str) -> None:
        self.world.settle(self, event)

    def connect(self) -> socket.socket:
        """Connect to the server; its end of the connection."""
        self.sock.connect(self.far.server)
        self.peer = self.far.accepted()
        return self.peer

    def connect_in_background(self, address: Address) -> None:
        """Begin to connect, as a socket that does not wait does."""
        self.sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.sock.connect(address)

    def receive(self, data: bytes) -> None:
        """Let data arrive and stay unread."""
        assert self.peer is not None
        self.peer.send(data)
        self.settle("data")

    def listen(self) -> None:
        self.sock.bind(("", self.port))
        self.sock.listen(2)

    def visit(self) -> None:
        """A peer connects to the listening socket."""
        self.peer = self.far.dialled(self.world.dialled(self.port))
        self.settle("visitor")

    # -- for calls -------------------------------------------------------------------------

    @property
    def names(self) -> Names:
        """Ports by what they are."""
        return Names(
            self.world.own,
            {
                self.far.server[1]: "server",
                self.far.udp[1]: "udp",
                self.far.refused[1]: "refused",
                self.far.unreachable[1]: "unreachable",
                self.port: "bound",
            },
        )

    def another(self, kind: int) -> Any:
        """A second socket, in the same mode."""
        made = self.world.socket(kind)
        self.others.append(made)
        made.settimeout(MODES[self.mode])
        return made

    def attempt(self, action: Callable[[], Any]) -> str:
        text = self.world.attempt(self, action)
        self.last = text or self.last
        return text

    def peer_reads(self) -> str:
        """All that has reached the other side."""
        self.world.pass_time()
        if self.peer is None:
            return self.far.read_datagram()
        if self.peer.fileno() < 0:
            return "closed"
        return self.far.read(self.peer)

    def close(self) -> None:
        """Close what the scene has made, whatever state it is in."""
        for sock in (self.sock, *self.others):
            with contextlib.suppress(OSError):
                sock.close()


@dataclass(frozen=True)
class Situation:
    """`full`: all calls are made in it, otherwise the most important ones. `sets_mode`: it sets
    the mode by itself, as that cannot be done once it is reached."""

    name: str
    kind: int
    reach: Callable[[Scene], None]
    full: bool
    sets_mode: bool


SITUATIONS: dict[str, Situation] = {}


def fill(sock: Any) -> None:
    """Send until a socket that does not wait takes not even one byte."""
    for size in (1024, 128, 16, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                sock.send(bytes(size))


def situation(
    name: str, kind: int = STREAM, *, full: bool = False, sets_mode: bool = False
) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    def add(reach: Callable[[Scene], None]) -> Callable[[Scene], None]:
        SITUATIONS[name] = Situation(name, kind, reach, full, sets_mode)
        return reach

    return add


# -- no connection -------------------------------------------------------------------------


@situation("new", full=True)
def _new(scene: Scene) -> None:
    pass


@situation("bound")
def _bound(scene: Scene) -> None:
    scene.sock.bind(("", scene.port))


@situation("connecting", full=True)
def _connecting(scene: Scene) -> None:
    scene.connect_in_background(scene.far.silent)


@situation("connecting, the answer comes late")
def _late(scene: Scene) -> None:
    scene.patience = 3 * LATE_S
    scene.connect_in_background(scene.world.late_server(scene.far))
    scene.world.answer(scene.far)


@situation("connecting, answered")
def _answered(scene: Scene) -> None:
    scene.connect_in_background(scene.far.server)
    scene.peer = scene.far.accepted()
    scene.settle("answered")


@situation("connecting, refused")
def _refused_meanwhile(scene: Scene) -> None:
    scene.connect_in_background(scene.far.refused)
    scene.settle("refused")


@situation("refused")
def _refused(scene: Scene) -> None:
    with contextlib.suppress(ConnectionRefusedError):
        scene.sock.connect(scene.far.refused)


@situation("closed", full=True, sets_mode=True)
def _closed(scene: Scene) -> None:
    scene.set_mode()
    scene.sock.close()


# -- connected -----------------------------------------------------------------------------


@situation("connected", full=True)
def _connected(scene: Scene) -> None:
    scene.connect()


@situation("connected, data", full=True)
def _data(scene: Scene) -> None:
    scene.connect()
    scene.receive(DATA)


@situation("connected, queue full")
def _full(scene: Scene) -> None:
    scene.connect()
    scene.sock.setblocking(False)
    scene.world.fill(scene)


@situation("half-closed, data", full=True)
def _half_closed_data(scene: Scene) -> None:
    peer = scene.connect()
    scene.receive(DATA)
    peer.shutdown(socket.SHUT_WR)
    scene.settle("end")


@situation("half-closed", full=True)
def _half_closed(scene: Scene) -> None:
    scene.connect().shutdown(socket.SHUT_WR)
    scene.settle("end")


@situation("half-closed, end read")
def _end_read(scene: Scene) -> None:
    _half_closed(scene)
    scene.sock.recv(10)


@situation("closed by the peer")
def _closed_by_peer(scene: Scene) -> None:
    scene.connect().close()
    scene.settle("end")


@situation("closed by the peer, sent to")
def _sent_to_closed(scene: Scene) -> None:
    _closed_by_peer(scene)
    with contextlib.suppress(OSError):
        scene.sock.send(b"x")
        scene.settle("reset")


@situation("reset", full=True)
def _reset(scene: Scene) -> None:
    reset(scene.connect())
    scene.settle("reset")


@situation("reset, data", full=True)
def _reset_data(scene: Scene) -> None:
    peer = scene.connect()
    scene.receive(DATA)
    reset(peer)
    scene.settle("reset")


@situation("reset, raised")
def _reset_raised(scene: Scene) -> None:
    _reset(scene)
    with contextlib.suppress(OSError):
        scene.sock.recv(10)


@situation("shut for writing")
def _shut_for_writing(scene: Scene) -> None:
    scene.connect()
    scene.sock.shutdown(socket.SHUT_WR)


@situation("shut for reading")
def _shut_for_reading(scene: Scene) -> None:
    scene.connect()
    scene.sock.shutdown(socket.SHUT_RD)


@situation("shut for both")
def _shut(scene: Scene) -> None:
    scene.connect()
    scene.sock.shutdown(socket.SHUT_RDWR)


@situation("closed after a connection", sets_mode=True)
def _closed_connection(scene: Scene) -> None:
    scene.connect()
    scene.set_mode()
    scene.sock.close()


# -- servers -------------------------------------------------------------------------------


@situation("listening", full=True)
def _listening(scene: Scene) -> None:
    scene.listen()


@situation("listening, a peer waits", full=True)
def _visited(scene: Scene) -> None:
    scene.listen()
    scene.visit()


@situation("accepted")
def _accepted(scene: Scene) -> None:
    scene.listen()
    scene.visit()
    scene.others.append(scene.sock)
    scene.sock, _ = scene.sock.accept()


# -- datagrams -----------------------------------------------------------------------------


@situation("UDP new", DATAGRAM, full=True)
def _udp_new(scene: Scene) -> None:
    pass


@situation("UDP bound", DATAGRAM)
def _udp_bound(scene: Scene) -> None:
    scene.sock.bind(("", scene.port))


@situation("UDP with a peer", DATAGRAM, full=True)
def _udp_connected(scene: Scene) -> None:
    scene.sock.connect(scene.far.udp)


@situation("UDP used", DATAGRAM)
def _udp_used(scene: Scene) -> None:
    scene.sock.sendto(b"x", scene.far.udp)
    scene.world.pass_time()
    scene.far.datagram_from()


@situation("UDP, a datagram waits", DATAGRAM, full=True)
def _udp_waiting(scene: Scene) -> None:
    scene.sock.sendto(b"x", scene.far.udp)
    scene.world.pass_time()
    scene.far.datagram_to(scene.far.datagram_from(), DATA)
    scene.settle("data")


@situation("UDP with a peer, a datagram waits", DATAGRAM)
def _udp_connected_waiting(scene: Scene) -> None:
    scene.sock.connect(scene.far.udp)
    scene.sock.send(b"x")
    scene.world.pass_time()
    scene.far.datagram_to(scene.far.datagram_from(), DATA)
    scene.settle("data")


@situation("UDP, two datagrams wait", DATAGRAM)
def _udp_two(scene: Scene) -> None:
    scene.sock.sendto(b"x", scene.far.udp)
    scene.world.pass_time()
    address = scene.far.datagram_from()
    scene.far.datagram_to(address, DATA)
    scene.settle("data")
    scene.far.datagram_to(address, b"second")
    scene.world.pass_time()


@situation("UDP, port unreachable", DATAGRAM)
def _udp_unreachable(scene: Scene) -> None:
    scene.sock.connect(scene.far.unreachable)
    scene.sock.send(b"x")
    scene.settle("unreachable")


@situation("UDP closed", DATAGRAM, sets_mode=True)
def _udp_closed(scene: Scene) -> None:
    scene.set_mode()
    scene.sock.close()
