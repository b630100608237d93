"""A connected modem, peers behind TLS, and what must be so whatever has happened: for the tests of
security profiles between two callers and of callers that give up.

Every wait of the driver passes through `channel.sleep`. `Ground.strike` says at which of them (of
the task that runs the operation) `Ground.at_strike` is called, which may raise.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from behaviours.rig import Rig
from behaviours.stage import Stage, classes

import ublox_cellular
from ublox_cellular.core.errors import Cancelled

ALL = os.environ.get("GIVING_UP") == "all"
"""Try every place; else a sample, the same on every run."""

LIB = str(Path(ublox_cellular.__file__).parent)
LIMIT_S = 3600.0
OTHER = "other.example"
"""A name of the peers that their certificates do not have."""

Place = tuple[Any, ...]


def sampled(numbers: list[int], seed: str, count: int) -> list[int]:
    """So many of them, the first among them."""
    if ALL or len(numbers) <= count:
        return numbers
    return [numbers[0], *random.Random(seed).sample(numbers[1:], count - 1)]


class Ground:
    """`good`: a profile that trusts the peers; `place`: where they are."""

    def __init__(self, flavour: str, module: str) -> None:
        self.flavour = flavour
        self.kind = module
        self.stage = Stage("asyncio", module, Rig)
        self.loop = self.stage.loop
        self.place: Any = self.stage.rig.place
        self.module = self.stage.uart.module
        self.module.addresses.hosts[OTHER] = self.place["host"]
        self.modem: Any = classes(flavour, module)[0](self.stage.uart)
        self.modem.on_event = lambda *told: None
        self.channel = self.modem.channel
        self.security = self.modem.security
        self.name = self.place["name"]
        self.pem = {kind: text.encode() for kind, text in self.place["pem"].items()}
        self.call(self.modem.power_on, 30000)
        self.call(self.modem.connect, "iot.example")
        self.call(self.security.store, "CA", "peers", self.pem["ca"])
        self.good = self.security.profile(0, ca="peers")
        self.waits = self.strike = 0
        self.at_strike: Callable[[], None] = lambda: None
        self.seen: list[Place] = []
        self.times: list[float] = []
        self.task: Any = None
        self._watch()

    # ---- running ------------------------------------------------------------------------------

    def call(self, function: Any, *arguments: Any, **options: Any) -> Any:
        """What an operation of the driver gives, whichever flavour it is."""
        result = function(*arguments, **options)
        if not asyncio.iscoroutine(result):
            return result
        return self.loop.run_until_complete(asyncio.wait_for(result, LIMIT_S))

    def _watch(self) -> None:
        sleep = self.channel.sleep

        if self.flavour == "asyncio":

            async def watched(ms: int) -> None:
                if asyncio.current_task() is self.task:
                    self._waiting()
                await sleep(ms)

            self.channel.sleep = watched
        else:

            def counted(ms: int) -> None:
                self._waiting()
                sleep(ms)

            self.channel.sleep = counted

    def _waiting(self) -> None:
        self.waits += 1
        self.times.append(self.loop.time())
        found: list[Any] = []
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(LIB):
                found.append((code.co_filename[len(LIB) :], frame.f_lineno))
            frame = frame.f_back  # type: ignore[assignment]
        written = sum(way == ">" for _, way, _ in self.stage.uart.trace)
        self.seen.append((*found, written))
        if self.waits == self.strike:
            self.at_strike()

    def run(
        self, work: Callable[[Ground], Any], strike: int = 0, at: Callable[[], None] | None = None
    ) -> BaseException | None:
        """Run an operation and meet it at a wait; the error it ended with."""
        self.stage.uart.trace.clear()
        self.seen.clear()
        self.times.clear()
        self.waits = 0
        self.strike = strike
        self.at_strike = at or (lambda: None)
        try:
            if self.flavour == "blocking":
                work(self)
            else:
                self.loop.run_until_complete(asyncio.wait_for(self._mine(work), LIMIT_S))
        except BaseException as error:
            if isinstance(error, (AssertionError, TypeError, AttributeError)):
                raise
            return error
        finally:
            self.strike = 0
            self.channel.keep_going = None
        return None

    async def _mine(self, work: Callable[[Ground], Any]) -> None:
        self.task = asyncio.current_task()
        await work(self)

    def places(self, work: Callable[[Ground], Any]) -> list[int]:
        """A number for each place where the operation waits, run undisturbed; that where it waits
        longest comes first."""
        found: dict[Place, int] = {}
        spent: dict[int, float] = {}
        self.run(work)
        times = [*self.times, self.loop.time()]
        for number, place in enumerate(self.seen, 1):
            first = found.setdefault(place, number)
            spent[first] = spent.get(first, 0) + times[number] - times[number - 1]
        return sorted(found.values(), key=lambda number: spent[number] < max(spent.values()))

    # ---- ways to end an operation -------------------------------------------------------------

    def ways(self) -> dict[str, Callable[[], None]]:
        def raising(error: type[BaseException]) -> Callable[[], None]:
            def strike() -> None:
                raise error

            return strike

        def refuse() -> None:
            self.channel.keep_going = lambda: False

        if self.flavour == "asyncio":
            return {"cancelled": raising(asyncio.CancelledError), "no": refuse}
        return {"memory": raising(MemoryError), "interrupt": raising(KeyboardInterrupt),
                "no": refuse}  # fmt: skip

    # ---- afterwards ---------------------------------------------------------------------------

    def nothing_is_left(self) -> None:
        """Nobody holds anything; what counts as placed is in the module, and nothing else does."""
        security, channel = self.security, self.channel
        assert not channel.lock.held and not channel.lock.queue
        assert self.call(self.modem.model).startswith(self.modem.name)
        assert channel.debts == []
        for user in security.users:
            if user is not None and user.left:  # the module may be at what was given up
                self.until(user.settled)
        assert security.users == [None] * 5, [(user, user.busy) for user in security.users if user]
        for door in security.doors:
            assert door is None or (not door.held and not door.queue)
        for number in range(5):
            for profile in (security.profiles[number], security.placed[number]):
                assert profile is None or (profile.busy, profile.wanted) == (0, 0)
            self._is_true(number)
        assert len(channel.tx.buf) == len(channel.lexer.buf) == 512
        assert self.modem.socket_pool.connecting is None
        assert self.modem.socket_pool.shaking is None

    def until(self, question: Callable[[], bool], seconds: int = 200) -> None:
        """Poll until `question()`, for so long at most."""
        for _ in range(seconds * 10):
            if question():
                return
            self.modem.poll()
            self.stage.uart.clock.sleep_ms(100)
        raise AssertionError("waited in vain")

    def _is_true(self, number: int) -> None:
        profile = self.security.placed[number]
        if profile is None:
            return
        there = self.module.security.profiles[number]
        settings = dict(setting[:2] for setting in profile.fixed)
        assert (there.level, there.ca) == (profile.level, settings.get(3, ""))
        if profile.level > 1:
            assert there.host == (profile.hostname or profile.key[0])

    def tls(self, profile: Any, port: str = "tls", host: str = "", timeout: int = 60) -> Any:
        """A socket connected by a profile."""
        sock = self.modem.socket()
        sock.settimeout(timeout)
        try:
            self.call(sock.secure, profile)
            self.call(sock.connect, (host or self.name, self.place[port]))
        except BaseException:
            self.call(sock.close)
            raise
        return sock

    def echoes(self, sock: Any) -> None:
        """Only behind TLS does the peer understand what is said."""
        self.call(sock.sendall, b"echo\n")
        self.call(sock.sendall, b"understood")
        assert self.call(sock.read, 10) == b"understood"
        self.call(sock.close)

    def works(self) -> None:
        """A verified connection is up, one that is not what it should be is refused."""
        self.nothing_is_left()
        self.echoes(self.tls(self.good))
        assert self.refused(self.good, "tls_stranger")
        self.nothing_is_left()
        assert self.module.sockets.table == {}
        assert self.stage.uart.module.crashes == []

    def slow(self, port: str, seconds: float = 1.5) -> None:
        """Have a peer answer late for the first time, so that its handshakes take a while."""
        target = (self.place["host"], self.place[port])

        async def relay(reader: Any, writer: Any) -> None:
            there = await asyncio.open_connection(*target)
            try:
                await asyncio.gather(
                    self._passed(reader, there[1], 0), self._passed(there[0], writer, seconds)
                )
            except OSError:
                pass
            finally:
                there[1].close()
                writer.close()

        server = self.call(lambda: asyncio.start_server(relay, self.place["host"], 0))
        self.place[port] = server.sockets[0].getsockname()[1]

    async def _passed(self, reader: Any, writer: Any, seconds: float) -> None:
        while data := await reader.read(4096):
            await asyncio.sleep(seconds)
            seconds = 0
            writer.write(data)
        writer.close()

    def refused(self, profile: Any, port: str, host: str = "") -> bool:
        try:
            sock = self.tls(profile, port, host)
        except OSError:
            return True
        self.call(sock.close)
        return False

    def changed_in_use(self) -> list[tuple[float, str]]:
        """Commands that changed a security profile while the module was at a handshake by it."""
        profiles: dict[str, str] = {}
        busy: dict[str, str] = {}
        wrong = []
        for ms, way, line in self._lines():
            name, _, rest = line.partition("=")
            parts = rest.split(",")
            if way == ">" and name == "AT+USOSEC" and len(parts) == 3:
                profiles[parts[0]] = parts[2]
            elif way == ">" and name == "AT+UHTTP" and parts[1:3] == ["6", "1"]:
                profiles["http " + parts[0]] = parts[3]
            elif way == ">" and name == "AT+UHTTPC" and "http " + parts[0] in profiles:
                busy["http " + parts[0]] = profiles["http " + parts[0]]
            elif line.startswith("+UUHTTPCR: "):
                busy.pop("http " + line.partition(": ")[2].split(",")[0], None)
            elif way == ">" and name == "AT+USOCO" and parts[0] in profiles:
                busy[parts[0]] = profiles[parts[0]]
            elif way == ">" and name in ("AT+USOCL", "AT+USOCR"):
                busy.pop(parts[0], None)
            elif line.startswith(("+UUSOCO: ", "+UUSOCL: ")):
                busy.pop(line.partition(": ")[2].split(",")[0], None)
            elif way == ">" and name == "AT+USECPRF" and parts[0] in busy.values():
                reads = len(parts) == 2 or (len(parts) == 3 and parts[1] == "13")
                if not reads:
                    wrong.append((ms, line))
        return wrong

    def _lines(self) -> Iterator[tuple[float, str, str]]:
        rest = {">": b"", "<": b""}
        for ms, way, data in self.stage.uart.trace:
            whole = (rest[way] + data).replace(b"\n", b"\r").split(b"\r")
            rest[way] = whole.pop()
            for line in whole:
                if line.strip():
                    yield ms, way, line.decode("latin-1").strip()

    def close(self) -> None:
        self.stage.close()


def given_up(error: BaseException | None) -> bool:
    return isinstance(error, (asyncio.CancelledError, MemoryError, KeyboardInterrupt, Cancelled))
