"""Moving bytes from and to the UARTs of CircuitPython and CPython, which take no offsets."""


class Transfer:
    """The calls of `Port` elsewhere than on MicroPython."""

    def __init__(self, uart, pending):
        self.any = pending
        self.readinto = uart.readinto
        self.send = uart.write
        if getattr(uart, "timeout", None):
            uart.timeout = 0  # busio.UART and pyserial would wait to fill the buffer

    def read(self, into, at: int, limit: int) -> int:
        n = min(self.any(), limit)
        return (self.readinto(memoryview(into)[at : at + n]) or 0) if n > 0 else 0

    def write(self, data, at: int, n: int) -> int:
        return self.send(memoryview(data)[at : at + n]) or 0
