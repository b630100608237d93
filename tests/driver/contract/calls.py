"""Every method of a socket with representative arguments.

A call is one step or several; the outcome of each is recorded, up to the first that only waits.
Names are Python as a program would write it: S a server, U a UDP peer, P the local port.
"""

from __future__ import annotations

import array
import contextlib
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from driver.contract.outcomes import NOTHING, Own, Shape
from driver.contract.situations import DATAGRAM, STREAM, Scene, Situation

Step = Callable[[Scene], Any]

BOTH = 0

ALL = ("*",)
FULL = ("full",)
# Modes and wrong arguments do not depend on much; these show that.
QUESTIONS = ("new", "connecting", "connected", "closed", "listening", "UDP new")
ARGUMENTS = ("new", "connected", "closed", "UDP new", "UDP with a peer")
OPTIONS = (
    "new", "bound", "connecting", "connected", "reset", "closed", "listening", "UDP new",
    "UDP with a peer",
)  # fmt: skip
BINDING = (
    "new", "bound", "connecting", "connected", "closed", "listening", "UDP new", "UDP bound",
    "UDP with a peer",
)  # fmt: skip
LISTENING = ("listening", "listening, a peer waits")
CONNECTING = ("new", "refused", "connecting, refused", "connected", "listening", "closed")
STREAMS = (
    "connected", "connected, data", "half-closed", "half-closed, data", "reset", "reset, data",
)  # fmt: skip
FILES = ("new", "connecting", "closed", *STREAMS)
SHUTTING = ("new", *STREAMS)

# Numbers that are the same everywhere; constants of the pool where they are not.
RD, WR, RDWR = 0, 1, 2
MSG_PEEK = 2
IPPROTO_TCP, TCP_NODELAY = 6, 1
UNKNOWN_OPTION = 9999
_LWIP = {"SO_RCVBUF": 0x1002, "SO_ERROR": 0x1007, "SO_TYPE": 0x1008}
"""What a pool without the name would call them: ours has lwIP's numbers."""

LARGE = 5000
ELSEWHERE = "192.0.2.1"  # TEST-NET-1: no machine has it
ABSENT_PORT = 9


@dataclass(frozen=True)
class Call:
    """`where`: the situations in which it is made (`FULL`, `ALL` or names). `kind`: for TCP, UDP
    or both. `keeps`: the socket is afterwards as it was before, whatever the outcome. `strict`: a
    step that fails is the last. `micropython`: a method that only MicroPython's sockets have;
    CPython's column then comes from `makefile()`."""

    name: str
    steps: tuple[Step, ...]
    where: tuple[str, ...]
    kind: int
    keeps: bool
    strict: bool
    micropython: bool

    def made_in(self, situation: Situation) -> bool:
        """Whether it belongs to this situation."""
        if self.kind not in (BOTH, situation.kind):
            return False
        if self.where == ALL:
            return True
        return situation.full if self.where == FULL else situation.name in self.where


CALLS: dict[str, Call] = {}


def _call(
    name: str,
    *steps: Step,
    where: tuple[str, ...] = FULL,
    kind: int = BOTH,
    keeps: bool = False,
    strict: bool = False,
    micropython: bool = False,
) -> None:
    if name in CALLS:
        raise ValueError(name)
    CALLS[name] = Call(name, steps, where, kind, keeps, strict, micropython)


def _option(scene: Scene, name: str) -> int:
    return getattr(scene.pool, name, _LWIP.get(name, 0))


# -- questions -----------------------------------------------------------------------------


def _descriptor(number: int) -> Any:
    return Shape("a descriptor") if number >= 0 else number


def _detached(scene: Scene) -> Any:
    number = scene.sock.detach()
    if isinstance(number, int) and number >= 0:
        os.close(number)
    return _descriptor(number)


def _printed(scene: Scene) -> Shape:
    return Shape("closed" if "closed" in repr(scene.sock) else "open")


_call("getsockname()", lambda s: Own(s.sock.getsockname()), where=ALL, keeps=True)
_call("getpeername()", lambda s: s.sock.getpeername(), where=ALL, keeps=True)
_call("gettimeout()", lambda s: s.sock.gettimeout(), keeps=True, where=QUESTIONS)
_call("getblocking()", lambda s: s.sock.getblocking(), keeps=True, where=QUESTIONS)
_call("fileno()", lambda s: _descriptor(s.sock.fileno()), keeps=True, where=QUESTIONS)
_call("repr()", _printed, keeps=True, where=QUESTIONS)
_call(
    "family, type, proto",
    lambda s: (int(s.sock.family), int(s.sock.type), int(s.sock.proto)),
    keeps=True,
    where=QUESTIONS,
)


# -- modes ---------------------------------------------------------------------------------


def _restored(scene: Scene, change: Step, question: Step) -> Any:
    before = scene.sock.gettimeout()
    try:
        change(scene)
        return question(scene)
    finally:
        scene.sock.settimeout(before)


_call("settimeout(-1)", lambda s: s.sock.settimeout(-1), keeps=True, where=QUESTIONS)
_call("settimeout('1')", lambda s: s.sock.settimeout("1"), keeps=True, where=QUESTIONS)
_call(
    "settimeout(1.5); gettimeout()",
    lambda s: _restored(s, lambda s: s.sock.settimeout(1.5), lambda s: s.sock.gettimeout()),
    keeps=True,
    where=QUESTIONS,
)
_call(
    "settimeout(None); getblocking()",
    lambda s: _restored(s, lambda s: s.sock.settimeout(None), lambda s: s.sock.getblocking()),
    keeps=True,
    where=QUESTIONS,
)
_call(
    "setblocking(False); gettimeout()",
    lambda s: _restored(s, lambda s: s.sock.setblocking(False), lambda s: s.sock.gettimeout()),
    keeps=True,
    where=QUESTIONS,
)


# -- options -------------------------------------------------------------------------------


def _set(scene: Scene, name: str, value: Any) -> None:
    scene.sock.setsockopt(scene.pool.SOL_SOCKET, _option(scene, name), value)


def _get(scene: Scene, name: str) -> int:
    return scene.sock.getsockopt(scene.pool.SOL_SOCKET, _option(scene, name))


def _yes(value: int) -> int:
    return 1 if value else 0


_call("getsockopt(SO_TYPE)", lambda s: _get(s, "SO_TYPE"), keeps=True, where=OPTIONS)
_call(
    "getsockopt(SO_ERROR)", lambda s: _get(s, "SO_ERROR"), lambda s: _get(s, "SO_ERROR"), where=ALL
)
_call("getsockopt(SO_KEEPALIVE)", lambda s: _get(s, "SO_KEEPALIVE"), keeps=True, where=OPTIONS)
_call(
    "getsockopt(SO_RCVBUF)",
    lambda s: Shape("a size") if _get(s, "SO_RCVBUF") else 0,
    keeps=True,
    where=OPTIONS,
)
_call(
    "getsockopt(unknown)",
    lambda s: s.sock.getsockopt(s.pool.SOL_SOCKET, UNKNOWN_OPTION),
    keeps=True,
    where=OPTIONS,
)
_call(
    "setsockopt(SO_REUSEADDR, 1); getsockopt",
    lambda s: _set(s, "SO_REUSEADDR", 1),
    lambda s: _get(s, "SO_REUSEADDR"),
    where=OPTIONS,
)
_call(
    "setsockopt(SO_KEEPALIVE, 1); getsockopt",
    lambda s: _set(s, "SO_KEEPALIVE", 1),
    lambda s: _get(s, "SO_KEEPALIVE"),
    where=OPTIONS,
)
_call(
    "setsockopt(TCP_NODELAY, 1); getsockopt",
    lambda s: s.sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1),
    lambda s: _yes(s.sock.getsockopt(IPPROTO_TCP, TCP_NODELAY)),
    kind=STREAM,
    where=OPTIONS,
)
_call(
    "setsockopt(SO_BROADCAST, 1); getsockopt",
    lambda s: _set(s, "SO_BROADCAST", 1),
    lambda s: _get(s, "SO_BROADCAST"),
    kind=DATAGRAM,
    where=OPTIONS,
)
_call(
    "setsockopt(SO_LINGER, bytes)",
    lambda s: _set(s, "SO_LINGER", struct.pack("ii", 1, 0)),
    where=OPTIONS,
)
_call("setsockopt(SO_RCVBUF, 4096)", lambda s: _set(s, "SO_RCVBUF", 4096), where=OPTIONS)
_call(
    "setsockopt(unknown, 1)",
    lambda s: s.sock.setsockopt(s.pool.SOL_SOCKET, UNKNOWN_OPTION, 1),
    keeps=True,
    where=OPTIONS,
)
_call(
    "setsockopt(SO_KEEPALIVE, 'on')",
    lambda s: _set(s, "SO_KEEPALIVE", "on"),
    keeps=True,
    where=OPTIONS,
)
_call(
    "setsockopt(SO_REUSEADDR, 1); bind(('', P)); listen(); accept()",
    lambda s: _set(s, "SO_REUSEADDR", 1),
    lambda s: s.sock.bind(("", s.port)),
    lambda s: s.sock.listen(),
    lambda s: s.sock.accept(),
    kind=STREAM,
    strict=True,
    where=("new",),
)


# -- local address -------------------------------------------------------------------------


def _taken_by_another(scene: Scene) -> None:
    other = scene.another(int(scene.sock.type))
    other.bind(("", scene.port))
    if other.type == STREAM:
        other.listen(1)


_call(
    "bind(('', P)); getsockname()",
    lambda s: s.sock.bind(("", s.port)),
    lambda s: Own(s.sock.getsockname()),
    where=ALL,
    strict=True,
)
_call(
    "bind(('', P)); bind(('', P))",
    lambda s: s.sock.bind(("", s.port)),
    lambda s: s.sock.bind(("", s.port)),
    where=BINDING,
)
_call(
    "bind(('', P)); connect(S); getsockname()",
    lambda s: s.sock.bind(("", s.port)),
    lambda s: s.sock.connect(s.far.server),
    lambda s: Own(s.sock.getsockname()),
    kind=STREAM,
    strict=True,
    where=BINDING,
)
_call("bind(('', 0))", lambda s: s.sock.bind(("", 0)), where=BINDING)
_call(
    "bind(another machine)",
    lambda s: s.sock.bind((ELSEWHERE, s.port)),
    keeps=True,
    where=ARGUMENTS,
)
_call("bind(('', 65536))", lambda s: s.sock.bind(("", 65536)), keeps=True, where=ARGUMENTS)
_call("bind(('', -1))", lambda s: s.sock.bind(("", -1)), keeps=True, where=ARGUMENTS)
_call("bind('x')", lambda s: s.sock.bind("x"), keeps=True, where=ARGUMENTS)
_call("bind(('',))", lambda s: s.sock.bind(("",)), keeps=True, where=ARGUMENTS)


def _bind_taken(scene: Scene) -> None:
    _taken_by_another(scene)
    scene.sock.bind(("", scene.port))


_call("bind(a port in use)", _bind_taken, where=BINDING)
_call(
    "listen(); accept()",
    lambda s: s.sock.listen(),
    lambda s: s.sock.accept(),
    kind=STREAM,
    where=ALL,
)
_call("listen()", lambda s: s.sock.listen(), kind=DATAGRAM, where=ALL)
_call("listen(0)", lambda s: s.sock.listen(0), kind=STREAM, where=("new", "bound", "listening"))
_call("listen(-1)", lambda s: s.sock.listen(-1), kind=STREAM, where=("new", "bound", "listening"))
_call("listen('2')", lambda s: s.sock.listen("2"), keeps=True, where=ARGUMENTS)


def _accepted(scene: Scene) -> Any:
    sock, address = scene.sock.accept()
    scene.others.append(sock)
    return sock, address


_call("accept()", _accepted, where=ALL)
_call(
    "accept(); of the new socket gettimeout(), getpeername()",
    _accepted,
    lambda s: s.others[-1].gettimeout(),
    lambda s: s.others[-1].getpeername(),
    kind=STREAM,
    strict=True,
    where=LISTENING,
)
_call("accept(); accept()", _accepted, _accepted, kind=STREAM, where=LISTENING)
_call(
    "accept(); close(); of the new socket send(b'hello'); peer reads",
    _accepted,
    lambda s: s.sock.close(),
    lambda s: s.others[-1].send(b"hello"),
    lambda s: Shape(s.peer_reads()),
    kind=STREAM,
    strict=True,
    where=LISTENING,
)
_call(
    "close(); peer reads",
    lambda s: s.sock.close(),
    lambda s: Shape(s.peer_reads()),
    kind=STREAM,
    where=STREAMS,
)


# -- connecting ----------------------------------------------------------------------------


def _ended(event: str) -> Step:
    """Let the connection attempt end, if the step before has begun one."""

    def step(scene: Scene) -> Any:
        if scene.last != "EINPROGRESS":
            return NOTHING
        scene.settle(event)
        return NOTHING

    return step


_answered = _ended("answered")
_refused = _ended("refused")


_call("connect(S)", lambda s: s.sock.connect(s.far.server), kind=STREAM, where=ALL)
_call(
    "connect(S); connect(S)",
    lambda s: s.sock.connect(s.far.server),
    lambda s: s.sock.connect(s.far.server),
    kind=STREAM,
    where=ALL,
)
_call(
    "connect(S), answered; connect(S); connect(S); send(b'x')",
    lambda s: s.sock.connect(s.far.server),
    _answered,
    lambda s: s.sock.connect(s.far.server),
    lambda s: s.sock.connect(s.far.server),
    lambda s: s.sock.send(b"x"),
    kind=STREAM,
    where=CONNECTING,
)
_call(
    "connect(S), answered; send(b'hello'); getpeername(); getsockname()",
    lambda s: s.sock.connect(s.far.server),
    _answered,
    lambda s: s.sock.send(b"hello"),
    lambda s: s.sock.getpeername(),
    lambda s: Own(s.sock.getsockname()),
    kind=STREAM,
    where=CONNECTING,
)
_call("connect_ex(S)", lambda s: s.sock.connect_ex(s.far.server), kind=STREAM, where=ALL)
_call("connect(refused)", lambda s: s.sock.connect(s.far.refused), kind=STREAM, where=CONNECTING)
_call(
    "connect_ex(refused)",
    lambda s: s.sock.connect_ex(s.far.refused),
    kind=STREAM,
    where=CONNECTING,
)
_call(
    "connect(refused); connect(S); connect(S); send(b'x')",
    lambda s: s.sock.connect(s.far.refused),
    _refused,
    lambda s: s.sock.connect(s.far.server),
    _answered,
    lambda s: s.sock.connect(s.far.server),
    _answered,
    lambda s: s.sock.send(b"x"),
    kind=STREAM,
    where=CONNECTING,
)
_call("connect(silent)", lambda s: s.sock.connect(s.far.silent), kind=STREAM, where=CONNECTING)
_call(
    "connect(silent); connect(silent); connect(S)",
    lambda s: s.sock.connect(s.far.silent),
    lambda s: s.sock.connect(s.far.silent),
    lambda s: s.sock.connect(s.far.server),
    kind=STREAM,
    where=CONNECTING,
)


def _beside(scene: Scene) -> Any:
    other = scene.another(STREAM)
    scene.sock.connect_ex(scene.far.silent)
    return other.connect(scene.far.server)


_call("connect(silent); of another socket connect(S)", _beside, kind=STREAM, where=("new",))
_call(
    "connect((host, 0))",
    lambda s: s.sock.connect((s.far.server[0], 0)),
    kind=STREAM,
    where=CONNECTING,
)
_call(
    "connect((host, 65536))",
    lambda s: s.sock.connect((s.far.server[0], 65536)),
    keeps=True,
    where=ARGUMENTS,
)
_call(
    "connect((host, -1))",
    lambda s: s.sock.connect((s.far.server[0], -1)),
    keeps=True,
    where=ARGUMENTS,
)
_call(
    "connect((host, '80'))",
    lambda s: s.sock.connect((s.far.server[0], "80")),
    keeps=True,
    where=ARGUMENTS,
)
_call(
    "connect((host,))", lambda s: s.sock.connect((s.far.server[0],)), keeps=True, where=ARGUMENTS
)
_call("connect((5, 80))", lambda s: s.sock.connect((5, 80)), keeps=True, where=ARGUMENTS)
_call("connect(None)", lambda s: s.sock.connect(None), keeps=True, where=ARGUMENTS)
_call("connect('host')", lambda s: s.sock.connect("host"), keeps=True, where=ARGUMENTS)
_call(
    "connect(U); getpeername(); getsockname()",
    lambda s: s.sock.connect(s.far.udp),
    lambda s: s.sock.getpeername(),
    lambda s: Own(s.sock.getsockname()),
    kind=DATAGRAM,
    where=ALL,
)
_call(
    "connect(U); connect(unreachable); getpeername()",
    lambda s: s.sock.connect(s.far.udp),
    lambda s: s.sock.connect(s.far.unreachable),
    lambda s: s.sock.getpeername(),
    kind=DATAGRAM,
    where=FULL,
)
_call("connect_ex(U)", lambda s: s.sock.connect_ex(s.far.udp), kind=DATAGRAM, where=FULL)


# -- sending -------------------------------------------------------------------------------

_call("send(b'hello')", lambda s: s.sock.send(b"hello"), where=ALL)
_call(
    "send(b'hello'); peer reads",
    lambda s: s.sock.send(b"hello"),
    lambda s: Shape(s.peer_reads()),
    where=ALL,
)
_call(
    "send(b'hello'); send(b'hello'); recv(5)",
    lambda s: s.sock.send(b"hello"),
    lambda s: s.sock.send(b"hello"),
    lambda s: s.sock.recv(5),
)
_call("send(b'')", lambda s: s.sock.send(b""))
_call("send(bytearray)", lambda s: s.sock.send(bytearray(b"hello")))
_call(
    "send(memoryview of 16-bit items); peer reads",
    lambda s: s.sock.send(memoryview(array.array("H", [0x4241, 0x4443]))),
    lambda s: Shape(s.peer_reads()),
)
_call("send(5000 bytes)", lambda s: s.sock.send(bytes(LARGE)), kind=STREAM)
_call("send('text')", lambda s: s.sock.send("text"))
_call("send(5)", lambda s: s.sock.send(5), keeps=True, where=ARGUMENTS)
_call("send(None)", lambda s: s.sock.send(None), keeps=True, where=ARGUMENTS)
_call("send([1, 2])", lambda s: s.sock.send([1, 2]), keeps=True, where=ARGUMENTS)
_call("sendall(b'hello')", lambda s: s.sock.sendall(b"hello"), where=ALL)
_call(
    "sendall(5000 bytes); peer reads",
    lambda s: s.sock.sendall(bytes(LARGE)),
    lambda s: Shape(s.peer_reads()),
    kind=STREAM,
)
_call("sendall(b'')", lambda s: s.sock.sendall(b""))
_call("sendall(None)", lambda s: s.sock.sendall(None), keeps=True, where=ARGUMENTS)
_call("sendto(b'hello', S)", lambda s: s.sock.sendto(b"hello", s.far.server), kind=STREAM)
_call("sendto(b'hello')", lambda s: s.sock.sendto(b"hello"), keeps=True, where=ARGUMENTS)
_call(
    "sendto(b'hello', U); peer reads",
    lambda s: s.sock.sendto(b"hello", s.far.udp),
    lambda s: Shape(s.peer_reads()),
    kind=DATAGRAM,
    where=ALL,
)
_call(
    "sendto(b'hello', 0, U); peer reads",
    lambda s: s.sock.sendto(b"hello", 0, s.far.udp),
    lambda s: Shape(s.peer_reads()),
    kind=DATAGRAM,
)
_call(
    "sendto(b'', U); peer reads",
    lambda s: s.sock.sendto(b"", s.far.udp),
    lambda s: Shape(s.peer_reads()),
    kind=DATAGRAM,
)
_call(
    "sendto(1024 bytes, U); peer reads",
    lambda s: s.sock.sendto(bytes(1024), s.far.udp),
    lambda s: Shape(s.peer_reads()),
    kind=DATAGRAM,
)
_call("sendto(1025 bytes, U)", lambda s: s.sock.sendto(bytes(1025), s.far.udp), kind=DATAGRAM)
_call("sendto(70000 bytes, U)", lambda s: s.sock.sendto(bytes(70000), s.far.udp), kind=DATAGRAM)
_call("sendto(b'x', (host, 0))", lambda s: s.sock.sendto(b"x", (s.far.udp[0], 0)), kind=DATAGRAM)
_call(
    "sendto(b'x', (host, 65536))",
    lambda s: s.sock.sendto(b"x", (s.far.udp[0], 65536)),
    kind=DATAGRAM,
    keeps=True,
    where=ARGUMENTS,
)
_call(
    "sendto(b'x', None)",
    lambda s: s.sock.sendto(b"x", None),
    kind=DATAGRAM,
    keeps=True,
    where=ARGUMENTS,
)


# -- receiving -----------------------------------------------------------------------------


def _into(size: int, *arguments: Any) -> Step:
    """recv_into() a buffer of `size` bytes: the number and what is in the buffer."""

    def step(scene: Scene) -> Any:
        buf = bytearray(size)
        n = scene.sock.recv_into(buf, *arguments)
        return n, bytes(buf[:n])

    return step


def _from_into(size: int, *arguments: Any) -> Step:
    def step(scene: Scene) -> Any:
        buf = bytearray(size)
        n, sender = scene.sock.recvfrom_into(buf, *arguments)
        return n, bytes(buf[:n]), sender

    return step


def _into_items(scene: Scene) -> Any:
    items = array.array("H", [0, 0])
    return scene.sock.recv_into(memoryview(items)), items.tobytes()


_call("recv(5)", lambda s: s.sock.recv(5), where=ALL)
_call(
    "recv(100); recv(100); recv(100)", *[lambda s: s.sock.recv(100) for _ in range(3)], where=ALL
)
_call("recv(5); recv(5)", *[lambda s: s.sock.recv(5) for _ in range(2)])
_call("recv(0)", lambda s: s.sock.recv(0), keeps=True, where=ARGUMENTS)
_call("recv(-1)", lambda s: s.sock.recv(-1), keeps=True, where=ARGUMENTS)
_call("recv('5')", lambda s: s.sock.recv("5"), keeps=True, where=ARGUMENTS)
_call(
    "recv(5, MSG_PEEK); recv(5)",
    lambda s: s.sock.recv(5, MSG_PEEK),
    lambda s: s.sock.recv(5),
)
_call("recv_into(5 bytes)", _into(5), where=ALL)
_call("recv_into(100 bytes)", _into(100))
_call("recv_into(5 bytes, 3)", _into(5, 3))
_call("recv_into(5 bytes, 0)", _into(5, 0))
_call("recv_into(5 bytes, 9)", _into(5, 9), keeps=True, where=ARGUMENTS)
_call("recv_into(5 bytes, -1)", _into(5, -1), keeps=True, where=ARGUMENTS)
_call("recv_into(0 bytes)", _into(0), keeps=True, where=ARGUMENTS)
_call("recv_into(16-bit items)", _into_items)
_call("recv_into(b'bytes')", lambda s: s.sock.recv_into(b"bytes"), keeps=True, where=ARGUMENTS)
_call("recvfrom(5)", lambda s: s.sock.recvfrom(5), where=ALL)
_call("recvfrom(5); recvfrom(100)", lambda s: s.sock.recvfrom(5), lambda s: s.sock.recvfrom(100))
_call("recvfrom(-1)", lambda s: s.sock.recvfrom(-1), keeps=True, where=ARGUMENTS)
_call("recvfrom_into(5 bytes)", _from_into(5))
_call("recvfrom_into(5 bytes, 3)", _from_into(5, 3))
_call("recvfrom_into(5 bytes, 9)", _from_into(5, 9), keeps=True, where=ARGUMENTS)


# -- as a file -----------------------------------------------------------------------------


def _stream(scene: Scene, mode: str = "rb", buffering: int = -1) -> Any:
    """What has MicroPython's stream methods: our socket itself, a file of CPython's."""
    if hasattr(scene.sock, "readinto"):
        return scene.sock
    return scene.sock.makefile(mode, buffering)


def _read_into(scene: Scene) -> Any:
    buf = bytearray(5)
    n = _stream(scene, buffering=0).readinto(buf)
    return n, bytes(buf[: n or 0])


for _name, _step in (
    ("readinto(5 bytes)", _read_into),
    ("read(5)", lambda s: _stream(s).read(5)),
    ("read(100)", lambda s: _stream(s).read(100)),
    ("read()", lambda s: _stream(s).read()),
    ("readline()", lambda s: _stream(s).readline()),
    ("write(b'hello')", lambda s: _stream(s, "wb", 0).write(b"hello")),
):
    _call(_name, _step, kind=STREAM, micropython=True, where=FILES)


def _closed_file(scene: Scene) -> Any:
    file = scene.sock.makefile("rb")
    file.close()
    return file.closed


def _read_after_close(scene: Scene) -> Any:
    file = scene.sock.makefile("rb")
    scene.sock.close()
    scene.others.append(file)
    return file.read(5)


def _written(scene: Scene) -> Any:
    file = scene.sock.makefile("wb")
    try:
        n = file.write(b"hello")
        file.flush()
    except Exception:
        with contextlib.suppress(Exception):  # it has bytes that cannot be written
            file.close()
        raise
    return n


def _file_line(scene: Scene) -> Any:
    with scene.sock.makefile("r", encoding="utf-8") as file:
        return file.readline()


def _file_lines(scene: Scene) -> Any:
    return list(scene.sock.makefile("rb"))


_call("makefile('rb').read(5)", lambda s: s.sock.makefile("rb").read(5), kind=STREAM, where=FILES)
_call(
    "makefile('rb').readline()",
    lambda s: s.sock.makefile("rb").readline(),
    kind=STREAM,
    where=FILES,
)
_call("makefile('r').readline()", _file_line, kind=STREAM, where=FILES)
_call("list(makefile('rb'))", _file_lines, kind=STREAM, where=FILES)
_call("makefile('x')", lambda s: s.sock.makefile("x"), keeps=True, where=ARGUMENTS)
_call(
    "makefile('rb'); close the file; recv(5)",
    _closed_file,
    lambda s: s.sock.recv(5),
    kind=STREAM,
    strict=True,
    where=FILES,
)
_call(
    "makefile('rb'); close the socket; read(5)",
    _read_after_close,
    kind=STREAM,
    strict=True,
    where=FILES,
)
_call(
    "makefile('wb'); write(b'hello'), flush(); peer reads",
    _written,
    lambda s: Shape(s.peer_reads()),
    kind=STREAM,
    strict=True,
    where=FILES,
)


# -- ending --------------------------------------------------------------------------------

_call("shutdown(SHUT_RD)", lambda s: s.sock.shutdown(RD), where=ALL)
_call("shutdown(SHUT_WR)", lambda s: s.sock.shutdown(WR), where=ALL)
_call("shutdown(SHUT_RDWR)", lambda s: s.sock.shutdown(RDWR), where=ALL)
_call("shutdown(9)", lambda s: s.sock.shutdown(9), keeps=True, where=ARGUMENTS)
_call(
    "shutdown(SHUT_RD); recv(100); send(b'x'); peer reads",
    lambda s: s.sock.shutdown(RD),
    lambda s: s.sock.recv(100),
    lambda s: s.sock.send(b"x"),
    lambda s: Shape(s.peer_reads()),
    kind=STREAM,
    where=SHUTTING,
)
_call(
    "shutdown(SHUT_WR); peer reads",
    lambda s: s.sock.shutdown(WR),
    lambda s: Shape(s.peer_reads()),
    kind=STREAM,
    where=SHUTTING,
)
_call(
    "shutdown(SHUT_WR); send(b'x'); recv(100); shutdown(SHUT_WR)",
    lambda s: s.sock.shutdown(WR),
    lambda s: s.sock.send(b"x"),
    lambda s: s.sock.recv(100),
    lambda s: s.sock.shutdown(WR),
    kind=STREAM,
    where=SHUTTING,
)
_call(
    "shutdown(SHUT_RDWR); recv(100); send(b'x'); peer reads",
    lambda s: s.sock.shutdown(RDWR),
    lambda s: s.sock.recv(100),
    lambda s: s.sock.send(b"x"),
    lambda s: Shape(s.peer_reads()),
    kind=STREAM,
    where=SHUTTING,
)
_call("close(); close()", lambda s: s.sock.close(), lambda s: s.sock.close(), where=ALL)
_call(
    "close(); recv(5); send(b'x'); getpeername(); fileno()",
    lambda s: s.sock.close(),
    lambda s: s.sock.recv(5),
    lambda s: s.sock.send(b"x"),
    lambda s: s.sock.getpeername(),
    lambda s: _descriptor(s.sock.fileno()),
)
_call(
    "detach(); fileno(); recv(5)", _detached, lambda s: s.sock.fileno(), lambda s: s.sock.recv(5)
)


def _with(scene: Scene) -> Any:
    with scene.sock as entered:
        return entered is scene.sock


_call("with: is the socket; recv(5)", _with, lambda s: s.sock.recv(5))
