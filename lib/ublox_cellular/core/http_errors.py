"""What a failed HTTP request raises. at-commands 9.3."""

from .errors import CommandTimeout
from .service_error import ServiceError

# Codes of classes 3 and 10: errno.
_ERRNOS = {
    11: 103, 22: 100, 23: -2, 26: 110, 27: 110, 28: 110, 29: 110, 30: 16, 44: 104,
}  # fmt: skip
_EIO = 5
_ENOMEM = 12
_NO_NAME = -2  # what getaddrinfo() raises everywhere


class HttpError(ServiceError):
    """(errno, command, error_class, code): what +UHTTPER reported after `command` failed. Both are
    0 where the module gives no reason."""

    def __str__(self) -> str:
        from .http_texts import sentence

        return sentence(*self.details)


class HttpTimeout(CommandTimeout):
    """(ETIMEDOUT, command, ms, ms more for which the module may still be at it)."""

    def __str__(self) -> str:
        return (
            "%s: nothing heard of the request for %d ms; its profile is kept free for %d ms more, "
            "as the module may still be at it" % self.details
        )


def http_error(error_class: int, code: int) -> HttpError:
    """The exception for what +UHTTPER reported."""
    errno = _EIO
    if error_class in (3, 10):
        errno = _ERRNOS.get(code, _EIO)
    elif error_class == 6 and code > 0:
        errno = code
    elif error_class == 5:
        errno = _NO_NAME
    elif error_class == 7:
        errno = _ENOMEM
    return HttpError(errno, "AT+UHTTPC", error_class, code)
