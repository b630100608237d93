# The machine module of the WebAssembly MicroPython, which has none: UART over a tty of the host.
# any(), readinto() and write() allocate nothing, like those of a microcontroller, so that a
# driver's own allocations can be measured: only small integers cross into JavaScript, which
# reads and writes the buffers where they lie.
import io

import _host
from uctypes import addressof

# Bound once: looking a name up in a JavaScript module allocates.
_open = _host.open
_set = _host.set
_close = _host.close
_any = _host.any
_read = _host.read
_write = _host.write

_POLL = 3  # request of select.poll
_CLOSE = 4
_EINVAL = 22
_IN = 1
_OUT = 4

PWRON_RESET = 1


class UART(io.IOBase):
    RTS = 1
    CTS = 2

    def __init__(self, id, baudrate=115200, **kw):
        self._handle = _open(id, baudrate)
        if self._handle < 0:
            raise ValueError("UART(%r) leads nowhere: run with --uart %r=tty:PATH" % (id, id))

    def init(self, baudrate=None, **kw):
        if baudrate is not None:
            _set(self._handle, baudrate)

    def deinit(self):
        if self._handle >= 0:
            _close(self._handle)
            self._handle = -1

    def any(self):
        return _any(self._handle)

    def readinto(self, buf, nbytes=None):
        size = len(buf)
        if nbytes is not None and nbytes < size:
            size = nbytes
        return _read(self._handle, addressof(buf), size) or None

    def read(self, nbytes=-1):
        size = _any(self._handle)
        if 0 <= nbytes < size:
            size = nbytes
        buf = bytearray(size)
        return bytes(buf) if size and self.readinto(buf) else None

    def write(self, buf, offset=None, nbytes=None):
        if isinstance(buf, str):
            buf = buf.encode()
        if nbytes is None:  # write(buf) or write(buf, nbytes)
            nbytes, offset = offset, 0
        size = len(buf) - offset
        if nbytes is not None and nbytes < size:
            size = nbytes
        return _write(self._handle, addressof(buf) + offset, size) or None

    def flush(self):
        pass

    def txdone(self):
        return True

    def ioctl(self, request, argument):
        if request == _POLL:
            ready = _OUT | (_IN if _any(self._handle) else 0)
            return ready & argument
        if request == _CLOSE:
            return 0
        return -_EINVAL


class Pin:
    """A pin that is connected to nothing: it keeps the value it was given."""

    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, id, mode=IN, pull=None, *, value=0, **kw):
        self._id = id
        self._value = value

    def init(self, mode=IN, pull=None, *, value=None, **kw):
        if value is not None:
            self._value = value

    def value(self, new=None):
        if new is None:
            return self._value
        self._value = new

    def __call__(self, new=None):
        return self.value(new)

    def on(self):
        self._value = 1

    def off(self):
        self._value = 0

    def irq(self, handler=None, trigger=IRQ_RISING, **kw):
        pass

    def __repr__(self):
        return "Pin(%r)" % (self._id,)


def reset_cause():
    return PWRON_RESET


def unique_id():
    return b"wasm"


def freq():
    return 125_000_000


def idle():
    pass
