"""What a module does not have, or this version of the driver not yet."""

from ..core.errors import NotSupported

_EOPNOTSUPP = 95
_PLANNED = (
    "mqtt", "mqttsn", "coap", "ftp", "ppp", "mux",
)  # fmt: skip


def absent(module: str, name: str) -> Exception:
    """The exception for an attribute that was not found."""
    if name in _PLANNED:
        return NotSupported(
            _EOPNOTSUPP, module, name + " (or this version of the driver has it not yet)"
        )
    return AttributeError(name)
