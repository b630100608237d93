"""What +UUPINGER means (at-commands 2.5), imported only when a ping fails."""

_EIO = 5
_EINVAL = 22
_EAFNOSUPPORT = 97
_ENETDOWN = 100
_NOT_FOUND = -2  # as of resolve()

_TEXTS = (
    "no host", "name not resolved", "IP version not supported", "bad IPv4 address",
    "bad IPv6 address", "host too long", "bad size", "bad TTL", "bad time-out", "bad count",
    "no data connection",
)  # fmt: skip
_FIRST = 7


def ping_error(code, host: str) -> OSError:
    """The exception for a code."""
    text = ""
    if isinstance(code, int) and _FIRST <= code < _FIRST + len(_TEXTS):
        text = _TEXTS[code - _FIRST]
    if code == 8:
        errno = _NOT_FOUND
    elif code == 9:
        errno = _EAFNOSUPPORT
    elif code == 17:
        errno = _ENETDOWN
    else:
        errno = _EINVAL if text else _EIO
    return OSError(errno, "ping of %s failed: %s (+UUPINGER %s)" % (host, text or "module", code))
