"""A real MQTT broker (Debian's mosquitto) on loopback, for tests and the demo.

    with Broker() as broker:
        ...  # broker.port, broker.ports["tls"], broker.restart()

One process listens four times: `plain` for all, `password` for USER with PASSWORD, `tls` with
a certificate for NAME and 127.0.0.1 by `broker.ca`, `mutual` for clients of that authority only.
Sessions, queued and retained messages outlive `restart()`. It runs in real time; a simulated
module in virtual time belongs on `broker.loop()` (`open_uart(..., loop=broker.loop())`), whose
time does not pass while the broker has something to do.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
import weakref
from pathlib import Path
from types import TracebackType

import trustme
from dev import environment

from ublox_simulator import VirtualLoop

NAME = "broker.example"
USER, PASSWORD = "device", "secret word"
KINDS = ("plain", "password", "tls", "mutual")
START_S = 60.0
TRIES = 5


def executable(name: str = "mosquitto") -> str:
    """Path of one of the package's programs. Raises Unavailable."""
    found = environment.program(name)
    if found is None:
        raise environment.Unavailable(
            f"{name} is not installed: run tools/dev/environment.py as root"
        )
    return found


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in socks:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in socks]


class Barrier:
    """A connection to the broker that tells when it has done all it was given before.

    mosquitto serves its connections in one thread, in the order in which something came, and
    hands what it has to say to the kernel at once; so after the answer to a ping nothing older
    is left. A second one covers what it does between two rounds.
    """

    HELLO = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04wait"
    PING, PONG = b"\xc0\x00", b"\xd0\x00"

    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), START_S)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.sendall(self.HELLO)
        self._expect(4)

    def _expect(self, count: int) -> None:
        while count:
            data = self._sock.recv(count)
            if not data:
                raise ConnectionError("the broker has gone")
            count -= len(data)

    def wait(self) -> None:
        """Return when nothing is left to do. Raises OSError when the broker goes."""
        for _ in range(2):
            self._sock.sendall(self.PING)
            self._expect(len(self.PONG))

    def close(self) -> None:
        """Give the connection back."""
        self._sock.close()


class Broker:
    """Started by `start()` or as a context manager. `extra` are further lines of its
    configuration; `ca` issues client certificates for `mutual`, `identity` is one of them."""

    def __init__(self, *, ca: trustme.CA | None = None, extra: str = "") -> None:
        self.ca = ca or trustme.CA()
        self.identity = self.ca.issue_cert("device.example")
        self.ports: dict[str, int] = {}
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None
        self._barrier: Barrier | None = None
        self._loops: weakref.WeakSet[VirtualLoop] = weakref.WeakSet()
        self._scratch = tempfile.TemporaryDirectory(prefix="broker-")
        self.folder = Path(self._scratch.name)

    @property
    def port(self) -> int:
        """The plain one."""
        return self.ports["plain"]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the plain one."""
        return "127.0.0.1", self.port

    @property
    def log(self) -> str:
        """What mosquitto has said so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self._process is not None and self._process.poll() is None

    def loop(self) -> VirtualLoop:
        """A loop for modules that talk to this broker: virtual time does not pass while it works
        on what was sent to it, by them or by those who call `told()` afterwards."""
        loop = VirtualLoop(settle=None)
        self.watch(loop)
        return loop

    def watch(self, loop: VirtualLoop) -> None:
        """Have another loop, too, wait for this broker."""
        loop.barriers.append(self.wait)
        self._loops.add(loop)

    def told(self) -> None:
        """Have the loops look for what has come of something that they have not sent."""
        for loop in self._loops:
            loop.expect_io()

    def wait(self) -> None:
        """Return when the broker has done all it was given; at once when it does not run."""
        if not self.running:
            return
        try:
            if self._barrier is None:
                self._barrier = Barrier(self.port)
            self._barrier.wait()
        except OSError:  # it stops just now
            self._end_barrier()

    def _end_barrier(self) -> None:
        if self._barrier is not None:
            self._barrier.close()
            self._barrier = None

    # -- life ------------------------------------------------------------------------------

    def start(self) -> Broker:
        """Start it on free ports and return when it serves."""
        for _ in range(TRIES):  # a port may be taken between the search and the start
            self.ports = dict(zip(KINDS, _free_ports(len(KINDS)), strict=True))
            self._configure()
            if self.resume():
                return self
        raise environment.Unavailable(f"mosquitto does not start:\n{self.log}")

    def resume(self) -> bool:
        """Start it again where it was; False when it ended at once."""
        with open(self.folder / "log", "ab") as log:
            command = [executable(), "-c", str(self.folder / "conf")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                for port in self.ports.values():
                    socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            except OSError:
                time.sleep(0.005)  # another process comes up: there is nothing to wait on
        self.stop()
        return False

    def stop(self) -> None:
        """Orderly end: connections are closed, sessions stored."""
        self._end(hard=False)

    def kill(self) -> None:
        """End in the middle of everything: what was not stored is lost."""
        self._end(hard=True)

    def _end(self, *, hard: bool) -> None:
        self._end_barrier()
        process, self._process = self._process, None
        if process is None:
            return
        if hard:
            process.kill()
        else:
            process.terminate()
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self) -> None:
        """Stop and start on the same ports."""
        self.stop()
        if not self.resume():
            raise environment.Unavailable(f"mosquitto does not start again:\n{self.log}")

    def close(self) -> None:
        """Stop and remove everything."""
        self.stop()
        self._scratch.cleanup()

    def __enter__(self) -> Broker:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- configuration ---------------------------------------------------------------------

    def _configure(self) -> None:
        folder = self.folder
        certificate = self.ca.issue_cert(NAME, "127.0.0.1")
        self.ca.cert_pem.write_to_path(folder / "ca.pem")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        (folder / "cert.pem").write_bytes(chain)
        if not (folder / "passwords").exists():
            tool = executable("mosquitto_passwd")
            command = [tool, "-b", "-c", str(folder / "passwords"), USER, PASSWORD]
            subprocess.run(command, check=True, capture_output=True)
        (folder / "conf").write_text(self._text(), encoding="utf-8")

    def _text(self) -> str:
        tls = [f"certfile {self.folder}/cert.pem", f"keyfile {self.folder}/key.pem"]
        mutual = [*tls, f"cafile {self.folder}/ca.pem", "require_certificate true"]
        open_to_all = "allow_anonymous true"
        settings = {
            "plain": [open_to_all],
            "password": ["allow_anonymous false", f"password_file {self.folder}/passwords"],
            "tls": [open_to_all, *tls],
            "mutual": [open_to_all, *mutual],
        }
        lines = [
            "per_listener_settings true",
            "persistence true",
            f"persistence_location {self.folder}/",
            "user root",  # the folder is ours alone
            "log_dest stderr",
            "sys_interval 0",
            "set_tcp_nodelay true",
            "max_queued_messages 0",
            self._extra,
        ]
        for kind, port in self.ports.items():
            lines += [f"listener {port} 127.0.0.1", *settings[kind]]
        return "\n".join(lines) + "\n"
