"""The errors, as types.

All are `OSError`s with an errno, so that code that only handles "the network failed" works. Their
sentences name the command, the answer and, if that is known, what to do; they are made in
`describe`, which is imported when an error is printed.
"""


class ModemError(OSError):
    """Base: `errno`, then `details`, the arguments of the sentence."""

    def __init__(self, errno: int, *details):
        super().__init__(errno, details[0])  # CPython's accepts only these two
        self.details = details

    def __str__(self) -> str:
        from .error_text import describe

        return describe(self)

    def __repr__(self) -> str:  # with the sentence; MicroPython's traces show it, too
        return "%s(%d, %r)" % (type(self).__name__, self.errno, str(self))

    @property
    def command(self) -> str:
        """The AT command in question."""
        return self.details[0]


class CommandError(ModemError):
    """(EIO, command, code): the module refused `command`. `code` is the number of `+CME ERROR`,
    -1 for a plain `ERROR`."""

    @property
    def code(self) -> int:
        return self.details[1]


class CommandTimeout(ModemError):
    """(ETIMEDOUT, command, ms, heard): no answer in time. Nothing is repeated."""


class Garbled(ModemError):
    """(EIO, command, why): the answer was damaged on the line; what the command did is unknown."""


class ModuleReset(ModemError):
    """(ECONNRESET, command): the module restarted by itself: its state is lost."""


class ModuleLost(ModemError):
    """(ETIMEDOUT, sentence): the module does not answer; the sentence has the received bytes."""


class Cancelled(ModemError):
    """(ECANCELED, what): cancelled because the application's hook returned False."""


class InUse(ModemError):
    """(ETIMEDOUT, sentence): another caller held the resource until the time-out; EBUSY
    immediately if waiting cannot help."""


class NotSupported(ModemError):
    """(EOPNOTSUPP, module, feature): the module does not have the feature. (A missing attribute
    is an `AttributeError` with the same sentence, see not_supported.py.)"""


class ServiceError(ModemError):
    """(errno, command, error_class, code): the module's report after `command` failed. Both are 0
    if it gives no reason."""

    @property
    def error_class(self) -> int:
        return self.details[1]

    @property
    def code(self) -> int:
        return self.details[2]
