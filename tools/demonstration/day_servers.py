"""The servers of tools/day.py: they answer, and count what arrives, is lost or doubled."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from typing import Any

from ublox_simulator.world import peers

ADDRESS = "127.0.0.1"


class Life:
    """What came in one life of the program, from a start with empty memory to the next."""

    def __init__(self) -> None:
        self.received: Counter[int] = Counter()
        self.again = 0  # as the program last reported
        self.dropped = 0


class Ledger:
    """Reports of outbox.py, by the random number of their life."""

    def __init__(self) -> None:
        self.lives: dict[int, Life] = {}
        self.answering = True
        self.reports = self.garbled = 0
        self.up = self.down = 0  # bytes of payload

    @property
    def measurements(self) -> int:
        """How many different ones have arrived."""
        return sum(len(life.received) for life in self.lives.values())

    @property
    def doubles(self) -> int:
        return sum(sum(life.received.values()) for life in self.lives.values()) - self.measurements

    def take(self, lines: list[bytes]) -> int:
        """A report: its head and its measurements. The number to answer with, 0 for none."""
        try:
            number, start, _, again, dropped = (int(field) for field in lines[0].split())
            numbers = [int(line.split()[0]) for line in lines[1:]]
        except (ValueError, IndexError):
            self.garbled += 1
            return 0
        life = self.lives.setdefault(start, Life())
        life.again, life.dropped = again, dropped
        life.received.update(numbers)
        self.reports += 1
        return number

    def unreported(self, kept: dict[str, Any]) -> tuple[int, int]:
        """(lost, doubled) beyond what the program has reported; `kept` is its memory at the end.

        A measurement is not lost while it waits there. Lives before the last have nowhere to
        wait: what they had not brought is told by the new start itself.
        """
        start, number, _, again, dropped = kept["counts"]
        waiting = {row[0] for row in kept["waiting"]}
        lost = doubled = 0
        for key, life in self.lives.items():
            highest = number if key == start else max(life.received, default=0)
            missing = set(range(1, highest + 1)) - set(life.received)
            gone, twice = life.dropped, life.again
            if key == start:
                missing -= waiting
                gone, twice = max(gone, dropped), max(twice, again)
            lost += max(0, len(missing) - gone)
            doubled += max(0, sum(life.received.values()) - len(life.received) - twice)
        return lost, doubled


class SensorServer(Ledger):
    """UDP: a datagram is a report, answered with its number."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind((ADDRESS, 0))
        self._sock.setblocking(False)
        self.port: int = self._sock.getsockname()[1]
        loop.add_reader(self._sock, self._readable)

    def _readable(self) -> None:
        data, sender = self._sock.recvfrom(2048)
        self.up += len(data)
        if data == b"bye":
            return
        answer = b"%d" % self.take(data.splitlines())
        if self.answering and answer != b"0":
            self._sock.sendto(answer, sender)
            self.down += len(answer)

    def close(self) -> None:
        self._loop.remove_reader(self._sock)
        self._sock.close()


PATIENCE_S = 60


class Command:
    """A command for the node, repeated after its reports until it is done."""

    def __init__(self, number: int, text: str, now: float) -> None:
        self.line = f"do {number} {text}\n".encode()
        self.issued_at = self.said_at = now
        self.done_at: float | None = None


class NodeServer(Ledger):
    """TCP: reports in lines, answered with ok; and commands."""

    def __init__(self, loop: asyncio.AbstractEventLoop, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._peer = peers.TcpPeer(loop, on_data=self._arrived)
        self.port = self._peer.port
        self.commands: list[Command] = []
        self._heard: dict[peers.Connection, bytes] = {}
        self._report: list[bytes] = []  # the lines of the one that is coming in

    def command(self, text: str) -> None:
        """Send it now, if a node is connected."""
        command = Command(len(self.commands) + 1, text, self._now())
        self.commands.append(command)
        if self._peer.connections:
            self._say(self._peer.last, command.line)

    def hang_up(self) -> None:
        """The server restarts: connections are reset."""
        for connection in self._peer.connections:
            connection.reset()

    def _say(self, connection: peers.Connection, line: bytes) -> None:
        connection.send(line)
        self.down += len(line)

    def _arrived(self, connection: peers.Connection, data: bytes) -> None:
        self.up += len(data)
        if connection not in self._heard:
            self._report = []
        lines = (self._heard.get(connection, b"") + data).split(b"\n")
        self._heard[connection] = lines.pop()
        for line in lines:
            done = line.startswith(b"done ") and line[5:].isdigit()
            if done and 0 < int(line[5:]) <= len(self.commands):
                self._done(self.commands[int(line[5:]) - 1])
            else:
                self._reported(connection, line)

    def _reported(self, connection: peers.Connection, line: bytes) -> None:
        """A line of a report: the number in its head is that of its last line."""
        head = len(line.split()) == 5
        self._report = [line] if head else [*self._report, line]
        if not head and line.split()[:1] == self._report[0].split()[:1]:
            number = self.take(self._report)
            if self.answering and number:
                self._say(connection, b"ok %d\n" % number)
                self._remind(connection)

    def _remind(self, connection: peers.Connection) -> None:
        for command in self.commands:
            if command.done_at is None and self._now() - command.said_at > PATIENCE_S:
                command.said_at = self._now()
                self._say(connection, command.line)

    def _done(self, command: Command) -> None:
        if command.done_at is None:
            command.done_at = self._now()

    @property
    def longest_wait(self) -> float:
        """Seconds until the slowest command was done."""
        done = [c.done_at - c.issued_at for c in self.commands if c.done_at is not None]
        return max(done, default=0.0)

    def close(self) -> None:
        self._peer.close()
