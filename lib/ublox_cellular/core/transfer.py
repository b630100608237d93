"""Moving bytes from and to a `machine.UART` of MicroPython without a slice (16 bytes a call)."""

_SIZES = (256, 128, 64, 32, 16, 8, 4, 2, 1)


class Transfer:
    """The calls of `Port` on MicroPython, which takes lengths and offsets."""

    def __init__(self, uart, pending):
        self.any = pending
        self.readinto = uart.readinto
        self.send = uart.write
        chunk = memoryview(bytearray(256))
        self.pieces = [chunk[:size] for size in _SIZES]

    def read(self, into, at: int, limit: int) -> int:
        n = self.any()
        if n > limit:
            n = limit
        if at == 0:
            return (self.readinto(into, n) or 0) if n else 0
        total = 0
        for (
            piece
        ) in self.pieces:  # `into[at:]` as a target would cost a slice: fixed pieces do not
            size = len(piece)
            while n >= size:
                got = self.readinto(piece)
                if not got:
                    return total
                # What is behind `got` is overwritten by the next piece or lies within `limit`.
                into[at : at + size] = piece
                at += got
                total += got
                n -= got
        return total

    def write(self, data, at: int, n: int) -> int:
        return self.send(data, at, n) or 0
