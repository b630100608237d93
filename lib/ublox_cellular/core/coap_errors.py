"""What CoAP raises. A5 8.4, at-commands 7."""

from .errors import CommandTimeout, ModemError, ServiceError

_CLASS = 15  # of CoAP
_INVALID = 17
_EIO = 5
_REFUSED = {"4.01": 13, "4.03": 13, "4.04": 2, "4.13": 90, "5.04": 110}


class CoapError(ServiceError):
    """(errno, command, error_class, code): what +UCOAPER reported after `command` failed; both are
    0 where it gives no reason. No table of its codes is public."""

    def __str__(self) -> str:
        command, error_class, code = self.details
        if not error_class and not code:
            return command + " failed, and the module gives no reason: no answer of the server?"
        words = ""
        if (error_class, code) == (_CLASS, _INVALID):
            words = "the current profile is invalid"
        return "%s failed: %s (class %d, code %d)" % (
            command, words or "code unknown", error_class, code,
        )  # fmt: skip


class CoapTimeout(CommandTimeout):
    """(ETIMEDOUT, command, ms, what was waited for): the module may still be at it."""

    def __str__(self) -> str:
        return "%s: waited %d ms for %s; the module may still be at it" % self.details


class CoapStatus(ModemError):
    """(errno, command, code, text): the server has refused, with this code and text."""

    def __init__(self, command: str, code: str, text: str):
        super().__init__(_REFUSED.get(code, _EIO), command, code, text)

    def __str__(self) -> str:
        return "%s was answered %s: %s" % self.details


class AnswerTooLarge(ModemError):
    """(EMSGSIZE, command, size, room): the answer does not fit where it is read to."""

    def __str__(self) -> str:
        return "%s: answer of %d bytes, %d fit: a larger `into` or coap.buffer" % self.details


def coap_error(command: str, error_class: int, code: int) -> CoapError:
    """The exception for what +UCOAPER reported."""
    return CoapError(_EIO, command, error_class, code)
