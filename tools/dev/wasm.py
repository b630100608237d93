"""Runs programs on the real MicroPython: its WebAssembly build, on Node.

The build is npm's, pinned in tools/node/package.json; tools/node/runner.mjs is the other half.
Used by the command tools/micropython, by the tests and by the bench.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import socket
import subprocess
import threading
import tty
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dev import bytecode
from dev.environment import NODE, WASM_ASYNCIO

HEAP = 256 * 1024  # about that of an RP2040; the heap grows beyond it when a program needs more
SHIMS = NODE / "lib"  # machine, time, select
COPIED = {".py", ".mpy", ".json", ".pem", ".key", ".bin", ".txt"}


@dataclass
class Job:
    """What is to be run, and on which files: the MicroPython sees nothing else of this machine."""

    program: Path | None = None
    arguments: list[str] = field(default_factory=list)
    measure: list[str] = field(default_factory=list)
    uarts: dict[int, str] = field(default_factory=dict)  # id: path of a tty
    path: list[Path] = field(default_factory=list)  # further directories to import from
    lib: Path = bytecode.LIB
    heap: int = HEAP
    bytecode: bool = False
    level: int = 3  # mpy-cross -O of the bytecode
    asyncio: bool = False
    keeper: tuple[int, int] | None = None  # pipes to read from and write to: timekeeper.py

    def command(self) -> list[str]:
        """The command line that runs it."""
        return ["node", str(NODE / "runner.mjs"), json.dumps(self._plan())]

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run it to its end with captured output."""
        return subprocess.run(self.command(), capture_output=True, text=True, check=False)

    def measured(self) -> Measured:
        """Run it as a measurement of `measure`; the modules are imported in that order."""
        done = self.run()
        if done.returncode:
            raise RuntimeError(f"MicroPython could not import {self.measure}:\n{done.stderr}")
        return Measured(**json.loads(done.stdout))

    def _plan(self) -> dict[str, object]:
        files = _tree("/shim", SHIMS)
        path = ["/shim"]
        if self.asyncio:
            files += _tree("/asyncio", WASM_ASYNCIO)
            path.append("/asyncio")
        files += self._library()
        for number, folder in enumerate(self.path):
            files += _tree(f"/path{number}", folder)
            path.append(f"/path{number}")
        plan: dict[str, object] = {"path": [*path, "/lib", ".frozen"], "heap": self.heap}
        if self.program:
            files.append((f"/{self.program.name}", str(self.program)))
            plan["program"] = self.program.name
        else:
            plan["measure"] = self.measure
        argv = [self.program.name if self.program else "", *self.arguments]
        plan |= {"files": files, "argv": argv, "uarts": self.uarts}
        return plan | {"keeper": self.keeper} if self.keeper else plan

    def _library(self) -> list[tuple[str, str]]:
        if not self.bytecode:
            return _tree("/lib", self.lib)
        compiled = bytecode.compile_all(bytecode.sources(self.lib), self.lib, self.level)
        return [
            (f"/lib/{source.relative_to(self.lib).with_suffix('.mpy').as_posix()}", str(code))
            for source, code in compiled
        ]


@dataclass(frozen=True)
class Measured:
    """Bytes of heap. They are exact and the same on every run."""

    resident: dict[str, int]  # module: what its import added for good
    heap: int  # size of the heap before the first import
    grown: int  # by how much it had to grow: 0 means that the imports fitted


def _tree(target: str, folder: Path) -> list[tuple[str, str]]:
    return [
        (f"{target}/{path.relative_to(folder).as_posix()}", str(path))
        for path in sorted(folder.rglob("*"))
        if path.suffix in COPIED and path.is_file() and not path.name.startswith(".")
    ]


@contextlib.contextmanager
def bridge(port: int, host: str = "127.0.0.1") -> Iterator[str]:
    """The path of a tty that is connected to a TCP port: Node has no synchronous TCP."""
    with socket.create_connection((host, port), timeout=10) as peer:
        peer.settimeout(None)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        master, slave = pty.openpty()
        tty.setraw(slave)
        done, stop = os.pipe()
        pump = threading.Thread(target=_pump, args=(peer, master, done), daemon=True)
        pump.start()
        try:
            yield os.ttyname(slave)
        finally:
            os.write(stop, b"x")
            pump.join()
            for descriptor in (master, slave, done, stop):
                os.close(descriptor)


def _pump(peer: socket.socket, master: int, done: int) -> None:
    while True:
        readable, _, _ = select.select([peer, master, done], [], [])
        if done in readable:
            return
        if master in readable:
            peer.sendall(os.read(master, 4096))
        if peer in readable:
            data = peer.recv(1024)
            if not data:
                return
            # The program may have stopped reading: do not wait for it beyond its end.
            if not select.select([done], [master], [])[1]:
                return
            os.write(master, data)
