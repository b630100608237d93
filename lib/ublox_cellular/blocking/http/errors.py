# Generated from aio/http/errors.py by tools/generate. Do not edit.
"""Why a request has failed (+UHTTPER), and one of which nothing is heard. at-commands 9.2."""

from ...core.compat import const
from ...core.errors import CommandError, ModemError
from ...core.giving_up import given_up
from ...core.service_errors import HttpTimeout, http_error

_IN_PROGRESS = const(30)
_NAMES = ("+UHTTPER", "+UFTPER")  # the latter as A5 10.3 and A10 7.4 print it
_TIDY_MS = const(2000)
_ASK_MS = const(10000)  # the wait for other commands included
_ECONNRESET = const(104)
_EPROTO = const(71)
_ETIMEDOUT = const(110)


def reason(http, slot, refused=(0, 0)):
    """(class, code) of the last failure; (0, 0) if the module gives none, `refused` if it does
    not take the question."""
    try:
        ask = http.channel.command
        lines = ask(b"+UHTTPER", slot.number, plain=True, timeout_ms=_ASK_MS)
    except CommandError:
        return refused
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


def failure(http, slot) -> Exception:
    """The exception for a request that has failed."""
    from ..network.keep_up import of_module, trouble

    told = reason(http, slot, None)
    trouble(http.modem.network, "HTTP", None, told is None or of_module(*told))
    return http_error(*(told or (0, 0)))


def refused(http, slot, error) -> Exception:
    """The exception for a +UHTTPC that was refused: what +UHTTPER tells says more."""
    error_class, code = reason(http, slot)
    return http_error(error_class, code) if error_class else error


def late(http, slot, rest_ms: int):
    """The exception for a request of which nothing was heard in time: the module is asked, unless
    it has still time itself. None if it has told meanwhile."""
    passed = http.channel.elapsed(slot.began)
    if passed >= slot.limit_ms:
        error_class, code = reason(http, slot)
        if slot.cmd is None:
            return None
        if error_class and code != _IN_PROGRESS:  # only its URC was lost
            slot.cmd = None
            return http_error(error_class, code)
        http.modem.network.trouble("HTTP", None, True)  # its own time-out has passed, too
        slot.limit_ms = passed + rest_ms
    return HttpTimeout(_ETIMEDOUT, "AT+UHTTPC", passed, slot.limit_ms - passed)


def tidy(http, error) -> None:
    """The files of a request that has failed are removed now, if that can be; else it is done
    before the next command."""
    channel = http.channel
    if channel.debts and not channel.lock.held and not given_up(error):
        try:
            channel.acquire(_TIDY_MS)
            channel.release()
        except OSError:
            pass


def broken_off(response) -> Exception:
    """The exception for an answer whose source ends too early."""
    response.leave(False)
    try:
        if response.result == 0 and not response.parted:
            return failure(response.http, response.slot)
    finally:
        response.part(True)
    if not response.status:
        return ModemError(_EPROTO, "the answer ends within its headers")
    left = response.left
    if left is None:
        return response.http.channel.garbled("whether the answer is complete is unknown")
    return ModemError(_ECONNRESET, "the body ends early, %d bytes are missing" % left)


def failed(response, error) -> None:
    """A request has failed before there was a response for its caller. Who gave up does not wait
    here; the request gives its profile back."""
    source = response.source
    if source is not None and not given_up(error):
        response.close()
    elif source is not None and not response.closed:
        if response.order.direct:
            source.desert()
            response.slot.cmd = None
        else:
            source.drop()
    response.closed = True


def keep(response, data, n: int) -> None:
    """The first `n` bytes of `data` were read and could not be handed over: they are there for the
    next reader, before what is kept already."""
    if n:
        try:
            kept = bytearray(memoryview(data)[:n])
            if response.kept is not None:
                kept.extend(memoryview(response.kept)[response.spent :])
            response.kept = kept
            response.spent = 0
        except MemoryError:
            response.gap = True
