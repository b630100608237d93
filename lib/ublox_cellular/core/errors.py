"""What can go wrong, as types.

All are `OSError`s with an errno, so that code which only knows "the network failed" works. They
say what was asked, what came back and, where that is known, what to do; the sentences are made
in `describe`, which is imported when an error is printed.
"""


class ModemError(OSError):
    """Base: `errno`, then `details`, which are what the sentence needs."""

    def __init__(self, errno: int, *details):
        super().__init__(errno, details[0])  # CPython's own takes no more than these two
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
    """(ETIMEDOUT, sentence): the module does not answer; the sentence has what was heard."""


class Cancelled(ModemError):
    """(ECANCELED, what): given up because the application's hook asked for it."""


class InUse(ModemError):
    """(ETIMEDOUT, sentence): another caller has what is wanted, until our time was over; EBUSY at
    once where waiting cannot help."""


class NotSupported(ModemError):
    """(EOPNOTSUPP, module, feature): the module does not have the feature. (As an attribute it is
    not there: `AttributeError` with the same sentence, see not_supported.py.)"""


class ServiceError(ModemError):
    """(errno, command, error_class, code): what the module reported after `command` failed. Both
    are 0 where it gives no reason."""

    @property
    def error_class(self) -> int:
        return self.details[1]

    @property
    def code(self) -> int:
        return self.details[2]
