"""What a module does not have, or this version of the driver not yet."""

from ..core.errors import NotSupported

_EOPNOTSUPP = 95
_PLANNED = (
    "coap", "ftp", "ppp", "mux",
)  # fmt: skip
_ELSEWHERE = ("mqttsn",)  # only the other module has it


def absent(module: str, name: str) -> Exception:
    """The exception for an attribute that was not found."""
    if name in _PLANNED:
        return NotSupported(
            _EOPNOTSUPP, module, name + " (or this version of the driver has it not yet)"
        )
    if name in _ELSEWHERE:
        return NotSupported(_EOPNOTSUPP, module, name)
    return AttributeError(name)
