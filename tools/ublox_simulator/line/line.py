"""The serial line: transmission times of bytes both ways, computed lazily instead of by events."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable

from .faults import Faults

BITS_PER_BYTE = 10
PIECE = 256
"""Longest piece of host output delivered by one event; a line end also ends a piece."""

FRAMING_RUBBISH = b"\x00\x80\xc0\xe0\xf0\xf8\xfc\xfe\xff"
"""Bytes that a UART typically receives at a wrong rate."""

STANDARD_RATES = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)

TO_MODULE, TO_HOST = ">", "<"

Receiver = Callable[[bytes, float, float], None]
"""Called with (data, start of its first bit, end of its last bit), times in loop seconds."""


class _Segment:
    """Output bytes that are sent back to back from `start` on."""

    __slots__ = ("byte_time", "data", "start", "taken")

    def __init__(self, data: bytes, start: float, byte_time: float) -> None:
        self.data = data
        self.start = start
        self.byte_time = byte_time
        self.taken = 0

    def arrived(self, now: float) -> int:
        """Number of bytes that are completely sent at `now`."""
        if now < self.start:
            return 0
        if self.byte_time == 0:
            return len(self.data)
        return min(len(self.data), int((now - self.start) / self.byte_time + 1e-4))


class Line:
    """One UART line between a host and the module.

    `host_baud` 0 means no pacing at all; otherwise a module rate that differs turns bytes into
    garbage. With `follow` the host is assumed to follow every rate change of the module.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        faults: Faults,
        rng: random.Random,
        *,
        host_baud: int = 115200,
        follow: bool = False,
        host_rxbuf: int = 0,
        host_txbuf: int = 0,
    ) -> None:
        self._loop = loop
        self._faults = faults
        self._rng = rng
        self.host_baud = host_baud
        self.module_baud = host_baud
        self.follow = follow
        self.host_rxbuf = host_rxbuf
        self.host_txbuf = host_txbuf
        self.host_overflow = 0
        self.receiver: Receiver = lambda data, start, end: None
        self.on_restart: Callable[[], None] = lambda: None
        self.on_incoming: Callable[[float, float], None] = lambda start, end: None
        """Called when the host begins to send: first and last bit of it."""
        self.on_output: Callable[[], None] | None = None
        self.trace: Callable[[float, str, bytes], None] | None = None
        self._in_free = 0.0
        self._inbound: deque[tuple[bytes, float, float]] = deque()
        self._out_free = 0.0
        self._segments: deque[_Segment] = deque()
        self._arrived = bytearray()

    # -- host side -------------------------------------------------------------------------

    def host_write(self, data: bytes) -> int:
        """Put bytes on the wire after earlier ones; returns how many were accepted."""
        now = self._loop.time()
        step = self.byte_time
        if self.host_txbuf and step:
            waiting = max(0, int((self._in_free - now) / step + 0.999))
            data = data[: max(0, self.host_txbuf - waiting)]
        if not data:
            return 0
        taken = len(data)
        start = max(now, self._in_free)
        if self.trace is not None:
            self.trace(start, TO_MODULE, data)
        restart = self._faults.into.restart_inside(len(data))
        if restart is not None:
            self._loop.call_at(start + restart * step, self.on_restart)
        data = self._garble(self._faults.into.apply(data, self._rng))
        self._in_free = start + taken * step
        self.on_incoming(start, self._in_free)
        for piece in _pieces(data):
            end = start + len(piece) * step
            self._inbound.append((piece, start, end))
            self._loop.call_at(end, self._deliver)
            start = end
        return taken

    def host_available(self) -> int:
        """Bytes the host can read now."""
        self._collect()
        return len(self._arrived)

    def host_read(self, count: int) -> bytes:
        """Take up to `count` bytes that have arrived."""
        self._collect()
        data = bytes(self._arrived[:count])
        del self._arrived[:count]
        return data

    def host_next(self) -> float | None:
        """Arrival time of the next byte; None when there is none."""
        if not self._segments:
            return None
        segment = self._segments[0]
        return segment.start + (segment.taken + 1) * segment.byte_time

    def host_burst(self) -> float | None:
        """Arrival time of the present piece of output, as far as it is queued now."""
        if not self._segments:
            return None
        segment = self._segments[0]
        return segment.start + len(segment.data) * segment.byte_time

    def host_done(self) -> float | None:
        """Arrival time of all bytes on the wire."""
        return self._out_free if self._segments else None

    # -- module side -----------------------------------------------------------------------

    @property
    def byte_time(self) -> float:
        """Seconds per byte at the module's rate; 0 without pacing."""
        if self.host_baud == 0:
            return 0.0
        return BITS_PER_BYTE / (self.module_baud or self.host_baud)

    def set_module_baud(self, rate: int) -> None:
        """Change the module's rate for bytes sent from now on."""
        self.module_baud = rate
        if self.follow and self.host_baud and rate:
            self.host_baud = rate

    @property
    def out_end(self) -> float:
        """Time when the last queued byte will have been sent."""
        return self._out_free

    def send(self, data: bytes, earliest: float | None = None) -> tuple[float, float]:
        """Queue output; returns (start, end) of its transmission. `earliest` may lie in the past
        (an echo leaves while the command still arrives)."""
        now = self._loop.time()
        start = max(now if earliest is None else earliest, self._out_free)
        step = self.byte_time
        if self.trace is not None:
            self.trace(start, TO_HOST, data)
        restart = self._faults.out.restart_inside(len(data))
        if restart is not None:
            self._loop.call_at(max(now, start + restart * step), self.on_restart)
        arriving = self._garble(self._faults.out.apply(data, self._rng))
        if self._faults.split is None:
            self._segments.append(_Segment(arriving, start, step))
            end = start + len(data) * step
        else:
            end = self._send_split(arriving, start, step)
        self._out_free = end
        if self.on_output is not None:
            self.on_output()
        return start, end

    def _send_split(self, data: bytes, start: float, step: float) -> float:
        assert self._faults.split is not None
        size, gap_ms = self._faults.split
        index = 0
        end = start
        while index < len(data):
            piece = data[index : index + self._rng.randint(1, size)]
            self._segments.append(_Segment(piece, start, step))
            end = start + len(piece) * step
            start = end + self._rng.random() * gap_ms / 1000
            index += len(piece)
        return end  # without a gap after the last piece: nothing is sent in it

    def glitch(self) -> None:
        """The idle level changes with the module's supply: receivers read that as a NUL."""
        self._collect()
        self._arrived += b"\x00"
        if self.trace is not None:
            self.trace(self._loop.time(), TO_HOST, b"\x00")
        if self.on_output is not None:
            self.on_output()

    def cut_output(self) -> None:
        """The module lost power or restarted: bytes not sent yet are lost."""
        self._collect()
        self._segments.clear()
        self._out_free = self._loop.time()

    # -- inside ----------------------------------------------------------------------------

    def _deliver(self) -> None:
        # In the order sent: without pacing many pieces are due at once, which no heap keeps apart.
        self.receiver(*self._inbound.popleft())

    def _collect(self) -> None:
        segments = self._segments
        if not segments:
            return
        now = self._loop.time()
        while segments:
            segment = segments[0]
            count = segment.arrived(now)
            if count > segment.taken:
                self._arrived += segment.data[segment.taken : count]
                segment.taken = count
            if count < len(segment.data):
                break
            segments.popleft()
        if self.host_rxbuf and len(self._arrived) > self.host_rxbuf:
            self.host_overflow += len(self._arrived) - self.host_rxbuf
            del self._arrived[self.host_rxbuf :]

    def _garble(self, data: bytes) -> bytes:
        """`data` as a receiver with another rate reads it."""
        host, module = self.host_baud, self.module_baud
        if host == module or host == 0 or module == 0:
            return data
        count = max(1, min(len(data) * 4, len(data) * max(host, module) // min(host, module)))
        return bytes(self._rng.choice(FRAMING_RUBBISH) for _ in range(count))


def _pieces(data: bytes) -> list[bytes]:
    """Cut after every CR, so a command is acted upon when its own last byte arrives."""
    if len(data) <= PIECE and data.find(13, 0, -1) < 0:
        return [data]
    pieces = []
    index = 0
    while index < len(data):
        cut = data.find(13, index, index + PIECE)
        end = cut + 1 if cut >= 0 else min(index + PIECE, len(data))
        pieces.append(data[index:end])
        index = end
    return pieces
