"""What a program keeps through deep sleep and resets: its measurements until they are answered.

For the programs beside it; copy it to the board with them. It lives in RTC memory, on a board that
has none (RP2) in a file. Some hundred bytes as a rule, 1.5 kB when full.
"""

import binascii
import json
import os

from machine import RTC

LIMIT = 32  # measurements that wait at most; then the oldest is given up


class Outbox:
    """`waiting`: [number, time, value] of what is not acknowledged; `number`: of the last one;
    `start`: a random number that tells this life from others; `again`: how many were sent more
    than once, so that the server may have them twice; `dropped`: how many were given up; `own`:
    what else the program keeps; `modem`: for its argument `state`."""

    def __init__(self, file: str, **own: int):
        self.file = file
        self.start = int.from_bytes(os.urandom(2), "big")
        self.number = self.tried = self.again = self.dropped = 0
        self.waiting = []
        self.own = own
        self.modem = b""
        try:
            kept = json.loads(self._read())
            self.start, self.number, self.tried, self.again, self.dropped = kept["counts"]
            self.waiting = kept["waiting"]
            self.own.update(kept["own"])
            self.modem = binascii.unhexlify(kept["modem"])
        except (OSError, ValueError, TypeError, KeyError):
            pass  # the first start, or the memory has lost its supply

    def _read(self):
        if hasattr(RTC, "memory"):
            return RTC().memory()
        with open(self.file, "rb") as file:
            return file.read()

    def save(self, state: bytes | None = None):
        """To be called before every sleep; `state`: what `modem.save_state()` gives."""
        if state is not None:
            self.modem = state
        counts = (self.start, self.number, self.tried, self.again, self.dropped)
        data = json.dumps({
            "counts": counts, "waiting": self.waiting, "own": self.own,
            "modem": binascii.hexlify(self.modem).decode(),
        }).encode()  # fmt: skip
        if hasattr(RTC, "memory"):
            RTC().memory(data)
        else:
            with open(self.file, "wb") as file:
                file.write(data)

    def add(self, now: int, value: int):
        """A new measurement."""
        self.number += 1
        self.waiting.append([self.number, now, value])
        if len(self.waiting) > LIMIT:
            del self.waiting[0]
            self.dropped += 1
            self.tried = max(0, self.tried - 1)

    def report(self, now: int):
        """All that waits, to be sent now: a line about the outbox, `<number of the last> <start>
        <now> <again> <dropped>`, and a line for each measurement, `<number> <time> <value>`."""
        self.again += self.tried
        self.tried = len(self.waiting)
        head = [self.number, self.start, now, self.again, self.dropped]
        lines = [" ".join([str(field) for field in line]) for line in [head] + self.waiting]
        return "\n".join(lines) + "\n"

    def acknowledge(self, number: int):
        """The server has everything up to this number."""
        while self.waiting and self.waiting[0][0] <= number:
            del self.waiting[0]
            self.tried = max(0, self.tried - 1)
