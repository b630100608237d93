"""A plain serial client in virtual time: the host side of the tests, independent of any driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ublox_simulator import VirtualLoop, open_uart
from ublox_simulator.world.peers import TcpPeer, UdpPeer

GAP_MS = 20
PROMPT_GAP_MS = 50
FINALS = ("OK", "ERROR", "NO CARRIER", "CONNECT", "0", "4", "Command aborted")


@dataclass
class Answer:
    """What came back for one command: raw information lines and the final code."""

    info: list[bytes]
    final: str

    @property
    def text(self) -> list[str]:
        """The information lines as text."""
        return [line.decode("latin-1") for line in self.info]


class SilenceError(AssertionError):
    """The module said less than expected."""


class Bench:
    """A module, a serial host and peers on one virtual loop."""

    def __init__(
        self, module: str = "sara-r5", *, quiet: bool = True, online: bool = False, **options: Any
    ) -> None:
        self.loop: VirtualLoop = options.pop("loop", None) or VirtualLoop(settle=None)
        self.uart = open_uart(module, loop=self.loop, **options)
        self.module = self.uart.module
        self.clock = self.uart.clock
        self.lines: list[bytes] = []
        self.raw = bytearray()
        self._buffer = bytearray()
        self._scratch = bytearray(4096)
        self.peers: list[TcpPeer | UdpPeer] = []
        self.online = online
        if quiet:
            self.ok("ATE0")
        if online:
            self.go_online()

    # -- bytes and lines -------------------------------------------------------------------

    def pull(self) -> None:
        """Take what has arrived and cut it into lines."""
        self._receive()
        self._cut()

    def _receive(self) -> None:
        while count := self.uart.readinto(self._scratch):
            data = bytes(self._scratch[:count])
            self.raw += data
            self._buffer += data

    def _cut(self) -> None:
        while b"\r\n" in self._buffer:
            line, _, rest = bytes(self._buffer).partition(b"\r\n")
            self._buffer = bytearray(rest)
            if line:
                self.lines.append(line)

    def pass_ms(self, ms: float) -> None:
        """Let time pass, collecting what comes."""
        self.clock.sleep_ms(ms)
        self.pull()

    def take(self) -> list[str]:
        """All complete lines received so far, and forget them."""
        self.pull()
        lines, self.lines = [line.decode("latin-1") for line in self.lines], []
        return lines

    def expect_line(self, ms: float = 10_000) -> bytes:
        """The next line."""
        end = self.loop.time() + ms / 1000
        while True:
            self.pull()
            if self.lines:
                return self.lines.pop(0)
            left = (end - self.loop.time()) * 1000
            if left <= 0 or (not self.uart.wait(left)):
                raise SilenceError(f"no line in {ms} ms; got {bytes(self.raw[-80:])!r}")

    def expect_urc(self, ms: float = 10_000) -> str:
        """The next line, as text."""
        return self.expect_line(ms).decode("latin-1")

    def expect_bytes(self, wanted: bytes, ms: float = 10_000) -> None:
        """Bytes that do not end a line: a prompt or data-mode content. What is behind them stays
        as it is."""
        end = self.loop.time() + ms / 1000
        self._receive()
        while wanted not in self._buffer:
            left = (end - self.loop.time()) * 1000
            if left <= 0 or not self.uart.wait(left):
                raise SilenceError(f"no {wanted!r}; got {bytes(self._buffer[-80:])!r}")
            self._receive()
        before, _, behind = self._buffer.partition(wanted)
        self._buffer = before
        self._cut()
        self._buffer = behind

    def expect_silence(self, ms: float) -> None:
        """Nothing at all comes for `ms`."""
        assert self.take() == []
        assert not self.uart.wait(ms), self.take()

    # -- commands --------------------------------------------------------------------------

    def send(self, text: str) -> None:
        """A command line after the pause of rule 1."""
        self.clock.sleep_ms(GAP_MS)
        self.uart.write(text.encode("latin-1") + b"\r")

    def answer(self, text: str = "", ms: float = 200_000) -> Answer:
        """Lines up to the final code; an echo of `text` is skipped."""
        info: list[bytes] = []
        while True:
            line = self.expect_line(ms)
            if line.strip(b"\r") == text.encode("latin-1"):
                continue
            shown = line.decode("latin-1").strip("\r")
            if shown in FINALS or shown.startswith(("+CME ERROR", "+CMS ERROR")):
                return Answer(info, shown)
            info.append(line)

    def at(self, text: str, ms: float = 200_000) -> Answer:
        """Send a command and wait for its answer."""
        self.send(text)
        return self.answer(text, ms)

    def ok(self, text: str) -> list[str]:
        """Send a command that must succeed; its information lines."""
        answer = self.at(text)
        assert answer.final == "OK", (text, answer)
        return answer.text

    def error(self, text: str) -> str:
        """Send a command that must fail; its final line."""
        answer = self.at(text)
        assert answer.final != "OK", (text, answer)
        return answer.final

    def prompted(self, text: str, payload: bytes, prompt: bytes = b"@") -> Answer:
        """A command with a payload at the prompt."""
        self.send(text)
        self.expect_bytes(prompt)
        self.clock.sleep_ms(PROMPT_GAP_MS)
        self.uart.write(payload)
        return self.answer(text)

    # -- set-up ----------------------------------------------------------------------------

    def go_online(self) -> None:
        """Registered, data connection up; URCs of it consumed."""
        while self.ok("AT+CEREG?")[-1].split(",")[1] != "1":
            self.pass_ms(500)
        if self.module.spec.psd_profiles:
            self.ok("AT+UPSDA=0,3")
            assert self.expect_urc().startswith("+UUPSDA: 0,")
        self.take()

    def tcp_peer(self, **options: Any) -> TcpPeer:
        """A TCP server."""
        peer = TcpPeer(self.loop, **options)
        self.peers.append(peer)
        return peer

    def udp_peer(self, **options: Any) -> UdpPeer:
        """A UDP server."""
        peer = UdpPeer(self.loop, **options)
        self.peers.append(peer)
        return peer

    def connected(self, peer: TcpPeer) -> int:
        """A new TCP socket connected to the peer; its id."""
        ident = int(self.ok("AT+USOCR=6")[0].split(":")[1])
        self.ok(f'AT+USOCO={ident},"127.0.0.1",{peer.port}')
        self.pass_ms(1)
        return ident

    def close(self) -> None:
        """Give everything back."""
        for peer in self.peers:
            peer.close()
        self.uart.close()
        if not self.loop.is_closed():
            self.loop.pump()
            self.loop.close()
