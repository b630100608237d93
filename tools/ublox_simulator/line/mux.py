"""The multiplexer of TS 27.010, basic option (at-commands 12.2): control channel 0 and AT commands
on channel 1. Further channels of the real modules are refused with DM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .frames import DISC, DM, SABM, UA, UI, UIH, MuxFrame, MuxReader, mux_frame

if TYPE_CHECKING:
    from ..module import Module

CONTROL, AT_CHANNEL = 0, 1
CLOSE_DOWN, MODEM_STATUS, TEST = 0xC1, 0xE1, 0x21
COMMAND = 0x02
"""C/R bit of the type of a control message."""

READY_TO_COMMUNICATE = 0x04
"""The signal bit for DTR."""


class Output(Protocol):
    """Destination of an interface's output: the line itself or a channel on it."""

    def send(self, data: bytes, earliest: float | None = None) -> tuple[float, float]:
        """Queue output; (start, end) of its transmission."""
        ...

    @property
    def out_end(self) -> float:
        """Time when the last queued byte will have been sent."""
        ...


class ChannelOutput:
    """Output of the AT interface, in UIH frames of channel 1."""

    def __init__(self, mux: Mux) -> None:
        self._mux = mux

    @property
    def out_end(self) -> float:
        """Time when the last queued byte will have been sent."""
        return self._mux.line.out_end

    def send(self, data: bytes, earliest: float | None = None) -> tuple[float, float]:
        """Nothing is sent before the host has opened the channel."""
        return self._mux.send_text(data)


class Mux:
    """The multiplexer from the OK of +CMUX to the close-down."""

    def __init__(self, module: Module, longest: int) -> None:
        self._module = module
        self.line = module.line
        self.longest = longest
        self._reader = MuxReader(longest)
        self._open: set[int] = set()
        self._dtr_on = True
        self.output = ChannelOutput(self)

    def send_text(self, data: bytes) -> tuple[float, float]:
        """Text of the AT channel."""
        now = self._module.loop.time()
        if AT_CHANNEL not in self._open:
            return now, now
        pieces = [data[at : at + self.longest] for at in range(0, len(data), self.longest)]
        spans = [self._send(AT_CHANNEL, UIH, piece) for piece in pieces]
        return spans[0][0], spans[-1][1]

    def _send(
        self, channel: int, kind: int, data: bytes = b"", *, poll: bool = False
    ) -> tuple[float, float]:
        # The module answers: in responses to the initiating host the C/R bit is set, in data not.
        answers = kind in (UA, DM)
        return self.line.send(mux_frame(channel, kind, data, poll=poll, command=answers))

    # -- from the host ---------------------------------------------------------------------

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host; anything but frames is ignored."""
        for frame in self._reader.feed(data):
            if self._module.mux is not self:
                return
            if frame.kind == SABM:
                self._connect(frame)
            elif frame.kind == DISC:
                self._disconnect(frame)
            elif frame.kind in (UIH, UI):
                self._information(frame, start, end)

    def _connect(self, frame: MuxFrame) -> None:
        known = frame.channel in (CONTROL, AT_CHANNEL)
        if known:
            self._open.add(frame.channel)
        self._send(frame.channel, UA if known else DM, poll=True)

    def _disconnect(self, frame: MuxFrame) -> None:
        was_open = frame.channel in self._open
        self._open.discard(frame.channel)
        self._send(frame.channel, UA if was_open else DM, poll=True)
        if was_open and frame.channel == CONTROL:
            self._module.end_mux()

    def _information(self, frame: MuxFrame, start: float, end: float) -> None:
        if frame.channel == CONTROL:
            self._control(frame.data)
        elif frame.channel == AT_CHANNEL and AT_CHANNEL in self._open and frame.data:
            self._module.interface.feed(frame.data, start, end)
        elif frame.channel not in self._open:
            self._send(frame.channel, DM, poll=True)

    def _control(self, message: bytes) -> None:
        """One message: type, length, values. A response asks for nothing."""
        if len(message) < 2 or not message[0] & COMMAND:
            return
        kind, values = message[0] & ~COMMAND, message[2:]
        if kind not in (CLOSE_DOWN, MODEM_STATUS, TEST):
            return
        self._send(CONTROL, UIH, bytes((kind,)) + message[1:])
        if kind == MODEM_STATUS and len(values) >= 2:
            self._modem_status(values[0] >> 2, values[1])
        elif kind == CLOSE_DOWN:
            self._module.end_mux()

    def _modem_status(self, channel: int, signals: int) -> None:
        if channel != AT_CHANNEL:
            return
        was_on, self._dtr_on = self._dtr_on, bool(signals & READY_TO_COMMUNICATE)
        if was_on and not self._dtr_on:
            self._module.calls.logical_dtr_dropped()
