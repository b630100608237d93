"""Framing on the serial line: PPP in HDLC-like frames (RFC 1662) and the multiplexer's basic
option (3GPP TS 27.010)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

PPP_FLAG, PPP_ESCAPE, PPP_FLIP = 0x7E, 0x7D, 0x20
PPP_GOOD_FCS = 0xF0B8
PPP_LONGEST = 2048


def ppp_fcs(data: bytes) -> int:
    """The 16-bit check sequence of RFC 1662, before its final complement."""
    fcs = 0xFFFF
    for byte in data:
        fcs ^= byte
        for _ in range(8):
            fcs = fcs >> 1 ^ (0x8408 if fcs & 1 else 0)
    return fcs


def ppp_frame(protocol: int, payload: bytes) -> bytes:
    """One frame with address and control, everything below 0x20 escaped as before LCP is up."""
    body = b"\xff\x03" + protocol.to_bytes(2, "big") + payload
    body += (ppp_fcs(body) ^ 0xFFFF).to_bytes(2, "little")
    out = bytearray((PPP_FLAG,))
    for byte in body:
        if byte < 0x20 or byte in (PPP_FLAG, PPP_ESCAPE):
            out += bytes((PPP_ESCAPE, byte ^ PPP_FLIP))
        else:
            out.append(byte)
    out.append(PPP_FLAG)
    return bytes(out)


class PppReader:
    """Takes bytes in any portions; yields (protocol, payload) of each good frame."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._inside = False
        self._escaped = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Skips bytes that are not a frame (AT text, noise)."""
        for byte in data:
            if byte == PPP_FLAG:
                frame, self._frame = bytes(self._frame), bytearray()
                self._inside, self._escaped = True, False
                if len(frame) >= 6 and ppp_fcs(frame) == PPP_GOOD_FCS:
                    yield from self._open(frame[:-2])
            elif not self._inside:
                continue
            elif byte == PPP_ESCAPE:
                self._escaped = True
            else:
                self._frame.append(byte ^ PPP_FLIP if self._escaped else byte)
                self._escaped = False
                if len(self._frame) > PPP_LONGEST:
                    self._inside = False
                    self._frame.clear()

    @staticmethod
    def _open(frame: bytes) -> Iterator[tuple[int, bytes]]:
        if frame[:2] == b"\xff\x03":
            frame = frame[2:]
        yield int.from_bytes(frame[:2], "big"), frame[2:]


MUX_FLAG = 0xF9
SABM, UA, DM, DISC, UIH, UI = 0x2F, 0x63, 0x0F, 0x43, 0xEF, 0x03
POLL = 0x10
KINDS = frozenset({SABM, UA, DM, DISC, UIH, UI})


class MuxFrame(NamedTuple):
    """One frame; `command` is the C/R bit of the address."""

    channel: int
    kind: int
    poll: bool
    command: bool
    data: bytes


def mux_fcs(data: bytes | bytearray) -> int:
    """The 8-bit check sequence of TS 27.010 (x^8 + x^2 + x + 1, reflected, complemented)."""
    fcs = 0xFF
    for byte in data:
        fcs ^= byte
        for _ in range(8):
            fcs = fcs >> 1 ^ (0xE0 if fcs & 1 else 0)
    return 0xFF - fcs


def mux_frame(
    channel: int, kind: int, data: bytes = b"", *, poll: bool = False, command: bool = False
) -> bytes:
    """The bytes of one frame between two flags. UIH protects only its header by the FCS."""
    head = bytearray((channel << 2 | (2 if command else 0) | 1, kind | (POLL if poll else 0)))
    size = len(data)
    head += bytes((size << 1 | 1,)) if size < 128 else bytes((size << 1 & 0xFE, size >> 7))
    checked = head if kind == UIH else head + data
    return bytes((MUX_FLAG, *head, *data, mux_fcs(checked), MUX_FLAG))


class MuxReader:
    """Takes bytes in any portions; yields good frames. Text outside of frames is skipped."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[MuxFrame]:
        """Frames complete with these bytes."""
        self._buffer += data
        while True:
            start = self._buffer.find(MUX_FLAG)
            if start < 0:
                self._buffer.clear()
                return
            while len(self._buffer) > start + 1 and self._buffer[start + 1] == MUX_FLAG:
                start += 1  # closing and opening flag, or flags that fill a pause
            del self._buffer[:start]
            size = self._size()
            if size is None:
                return
            frame = self._parse(bytes(self._buffer[1 : size + 1])) if size else None
            if frame is None:
                del self._buffer[:1]  # not a frame from here: look for the next flag
                continue
            del self._buffer[: size + 1]  # the closing flag may open the next frame
            yield frame

    def _size(self) -> int | None:
        """Bytes from address to FCS; None when more must come, 0 for no frame at all."""
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        length, header = buffer[3] >> 1, 3
        if not buffer[3] & 1:
            if len(buffer) < 5:
                return None
            length, header = length | buffer[4] << 7, 4
        if length > self._longest or not buffer[1] & 1 or buffer[2] & ~POLL not in KINDS:
            return 0
        size = header + length + 1
        return size if len(buffer) > size + 1 else None

    def _parse(self, body: bytes) -> MuxFrame | None:
        closed = self._buffer[len(body) + 1] == MUX_FLAG
        kind = body[1] & ~POLL
        header = 3 if body[2] & 1 else 4
        checked = body[:header] if kind == UIH else body[:-1]
        if not closed or mux_fcs(checked) != body[-1]:
            return None
        return MuxFrame(
            body[0] >> 2, kind, bool(body[1] & POLL), bool(body[0] & 2), body[header:-1]
        )
