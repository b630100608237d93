# Generated from aio/not_supported.py by tools/generate. Do not edit.
"""What a module does not have, or this version of the driver not yet."""

from ..core.errors import NotSupported

_EOPNOTSUPP = 95
_PLANNED = ("ftp", "ppp", "mux")
_ELSEWHERE = ("mqttsn", "coap")  # only the other module has it


class Absent(AttributeError):
    """(EOPNOTSUPP, module, feature): as `NotSupported`, for an attribute, so that `hasattr()`
    answers. No class can be both: neither CPython nor MicroPython lets one derive from `OSError`
    and `AttributeError`."""

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
        name += " (or this version of the driver has it not yet)"
    elif name not in _ELSEWHERE:
        return AttributeError("%r object has no attribute %r" % (type(modem).__name__, name))
    return Absent(_EOPNOTSUPP, module, name)


def wrong_type(pin, *numbers) -> Exception:
    """Which argument of a modem it is."""
    names = ("baudrate", "rx_size", "tx_size", "events")
    for i in range(len(names)):
        if not isinstance(numbers[i], int):
            return TypeError(names[i] + ": number wanted")
    return TypeError("pin: string wanted")
