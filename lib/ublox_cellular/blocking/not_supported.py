# Generated from aio/not_supported.py by tools/generate. Do not edit.
"""Features that a module, or this version of the driver, does not have."""

from ..core.errors import NotSupported

_EOPNOTSUPP = 95
_PLANNED = ("ppp", "mux")
_ELSEWHERE = ("mqttsn", "coap", "ftp")  # exists on the other module only


class Absent(AttributeError):
    """(EOPNOTSUPP, module, feature): as `NotSupported`, for an attribute, so that `hasattr()`
    works. No class can be both: neither CPython nor MicroPython allows a class derived from
    `OSError` and `AttributeError`."""

    def __init__(self, errno: int, module: str, feature: str):
        self.errno = errno
        self.details = (module, feature)
        super().__init__(errno, str(NotSupported(errno, module, feature)))

    def __str__(self) -> str:
        return self.args[1]


def absent(modem, name: str) -> Exception:
    """The exception for an attribute that was not found."""
    module = modem.name
    if name in _PLANNED:
        name += " (or this version of the driver does not have it yet)"
    elif name not in _ELSEWHERE:
        return AttributeError("%r object has no attribute %r" % (type(modem).__name__, name))
    return Absent(_EOPNOTSUPP, module, name)


def wrong_type(pin, *numbers) -> Exception:
    """The error for the argument of a modem with the wrong type."""
    names = ("baudrate", "rx_size", "tx_size", "events")
    for i in range(len(names)):
        if not isinstance(numbers[i], int):
            return TypeError(names[i] + ": number wanted")
    return TypeError("pin: string wanted")
