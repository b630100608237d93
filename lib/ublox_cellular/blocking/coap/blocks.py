# Generated from aio/coap/blocks.py by tools/generate. Do not edit.
"""Payloads in blocks (RFC 7959): a request of the module for each, answered before the next.
A5 8.3.3."""

from ...core.buffers import check_data, moved
from ...core.compat import const
from .request import send

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_SHORTEST = const(16)
_LONGEST = const(512)


class Source:
    """What gives the blocks. One is read ahead: whether more follow is said with each."""

    if TYPE_CHECKING:
        data: Any
        reader: Any
        bufs: Any

    def __init__(self, payload, size):
        if size is None:
            size = _LONGEST
        if not isinstance(size, int):
            raise TypeError("block_size: an integer wanted")
        if size & (size - 1) or not _SHORTEST <= size <= _LONGEST:
            raise ValueError("block_size: a power of two from 16 to 512")
        self.size = size
        self.data = self.reader = None
        if hasattr(payload, "readinto"):
            self.reader = payload
        elif isinstance(payload, (bytes, bytearray, memoryview)):
            check_data(payload)
            self.data = memoryview(payload)
        else:
            raise TypeError("payload: bytes, a string, or an object with readinto wanted")
        self.at = 0
        self.bufs = None

    def first(self):
        """The first block."""
        if self.data is not None:
            return self.data[: self.size]
        self.bufs = [bytearray(self.size), bytearray(self.size)]
        return self._read(0)

    def following(self, number: int):
        """Block `number`; empty at the end."""
        if self.data is not None:
            return self.data[number * self.size : (number + 1) * self.size]
        return self._read(number & 1)

    def _read(self, which: int):
        """As much as the reader gives, up to a block."""
        view = memoryview(self.bufs[which])
        done = 0
        while done < self.size:
            n = moved(self.reader.readinto(view[done:]), self.size - done)
            if not n:
                break
            done += n
        return view[:done]


def send_all(coap, order, confirmable, source):
    """Block after block; the answer to the last one, or to that which the server has refused."""
    block = source.first()
    done = number = 0
    while True:
        try:
            ahead = source.following(number + 1)
            alone = not number and not len(ahead)
            which = None if alone else (number, 1 if len(ahead) else 0)
            response = send(coap, order, confirmable, block, which)
        except OSError as error:
            try:  # of the source, too; MicroPython's own have no room for it
                error.acknowledged = done  # pyright: ignore[reportAttributeAccessIssue]
            except AttributeError:
                pass
            raise
        done += len(block)
        if not len(ahead) or not response.ok:
            return response
        block = ahead
        number += 1
