"""What can go wrong, as types.

All are `OSError`s with an errno, so that code which only knows "the network failed" works, and
say what was asked, what came back and, where that is known, what to do.
"""

from .compat import const

EIO = const(5)
EBADF = const(9)
EAGAIN = const(11)
ENODEV = const(19)
EINVAL = const(22)
ENFILE = const(23)
EPIPE = const(32)
EMSGSIZE = const(90)
ENOPROTOOPT = const(92)
EOPNOTSUPP = const(95)
EADDRINUSE = const(98)
EADDRNOTAVAIL = const(99)
ENETDOWN = const(100)
ECONNABORTED = const(103)
ECONNRESET = const(104)
EISCONN = const(106)
ENOTCONN = const(107)
ETIMEDOUT = const(110)
ECONNREFUSED = const(111)
EINPROGRESS = const(115)
ECANCELED = const(125)

UNSPECIFIED = const(-1)  # the module said ERROR and no more


class ModemError(OSError):
    """Base of the driver's own errors: `errno` and a sentence."""


class CommandError(ModemError):
    """The module refused `command`.

    `code` is the number of `+CME ERROR`, `UNSPECIFIED` for a plain `ERROR`; `heard` the final
    line when it was neither. The text of the code is looked up only when printed.
    """

    def __init__(self, command: str, code: int, heard: str = ""):
        super().__init__(EIO, command)
        self.command = command
        self.code = code
        self.heard = heard

    def __str__(self) -> str:
        if self.code == UNSPECIFIED:
            return "%s was answered %s" % (self.command, self.heard or "ERROR")
        from .cme import text

        return "%s was answered +CME ERROR: %d (%s)" % (self.command, self.code, text(self.code))


class CommandTimeout(ModemError):
    """No answer to `command` in time. Nothing is repeated; the channel resynchronises."""

    def __init__(self, command: str, ms: int, heard: str = "nothing"):
        super().__init__(
            ETIMEDOUT, "%s had no answer within %d ms, heard: %s" % (command, ms, heard)
        )
        self.command = command
        self.ms = ms


class Garbled(ModemError):
    """The answer to `command` was damaged on the line; what it did is not known."""

    def __init__(self, command: str, why: str):
        super().__init__(EIO, "%s: damaged answer (%s)" % (command, why))
        self.command = command


class ModuleReset(ModemError):
    """The module restarted by itself during or before `command`: its state is lost."""

    def __init__(self, command: str):
        super().__init__(ECONNRESET, command + ": the module has restarted; connect() again")
        self.command = command


class ModuleLost(ModemError):
    """The module does not answer at all; `heard` says what was on the line."""

    def __init__(self, what: str):
        super().__init__(ETIMEDOUT, what)


class Cancelled(ModemError):
    """Given up because the progress hook asked for it."""

    def __init__(self, what: str):
        super().__init__(ECANCELED, what + " given up as asked")


class NotSupported(ModemError):
    """The module does not have the feature."""

    def __init__(self, module: str, feature: str):
        super().__init__(EOPNOTSUPP, "%s has no %s" % (module, feature))
