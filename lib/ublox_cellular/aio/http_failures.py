"""Why a request has failed (+UHTTPER), and one of which nothing is heard. at-commands 9.2."""

from ..core.compat import const
from ..core.errors import CommandError
from ..core.http_errors import HttpTimeout, http_error

_IN_PROGRESS = const(30)
_NAMES = ("+UHTTPER", "+UFTPER")  # the latter as A5 10.3 and A10 7.4 print it
_ASK_MS = const(10000)  # the wait for other commands included
_ETIMEDOUT = const(110)


async def reason(http, slot):
    """(class, code) of the last failure; (0, 0) if the module gives none."""
    try:
        ask = http.channel.command
        lines = await ask(b"+UHTTPER", slot.number, plain=True, timeout_ms=_ASK_MS)
    except CommandError:
        return 0, 0
    for line in lines:
        name, _, rest = line.partition(":")
        fields = rest.split(",")
        if name in _NAMES and len(fields) == 3:
            try:
                number, error_class, code = [int(field) for field in fields]
            except ValueError:
                continue
            if number == slot.number:
                return error_class, code
    return 0, 0


async def failure(http, slot) -> Exception:
    """The exception for a request that has failed."""
    return http_error(*await reason(http, slot))


async def refused(http, slot, error) -> Exception:
    """The exception for a +UHTTPC that was refused: what +UHTTPER tells says more."""
    error_class, code = await reason(http, slot)
    return http_error(error_class, code) if error_class else error


async def late(http, slot, rest_ms: int):
    """The exception for a request of which nothing was heard in time: the module is asked, unless
    it has still time itself. None if it has told meanwhile."""
    passed = http.channel.elapsed(slot.began)
    if passed >= slot.limit_ms:
        error_class, code = await reason(http, slot)
        if slot.cmd is None:
            return None
        if error_class and code != _IN_PROGRESS:  # only its URC was lost
            slot.cmd = None
            return http_error(error_class, code)
        slot.limit_ms = passed + rest_ms
    return HttpTimeout(_ETIMEDOUT, "AT+UHTTPC", passed, slot.limit_ms - passed)
