"""A refusal with its subject, where the number alone does not show it."""

from .compat import const
from .errors import CommandError

_FULL = const(1914)  # numbers of +CME ERROR
_FORMATS = (1913, 1918, 1920)


class Refused(CommandError):
    """(EIO, command, code, hint): as `CommandError`; the sentence goes on with `hint`."""

    def __str__(self) -> str:
        return CommandError.__str__(self) + ": " + self.details[2]


def explained(error, limits: str):
    """The refusal of a certificate or key, with what is known about it; `limits`: of keys."""
    hint = ""
    if error.code == _FULL:
        hint = "there is room for 16: list() them, remove() one"
    elif error.code in _FORMATS:
        hint = limits
    return Refused(error.errno, error.command, error.code, hint) if hint else error
