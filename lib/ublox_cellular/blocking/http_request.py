# Generated from aio/http_request.py by tools/generate. Do not edit.
"""A request from its order to the beginning of its answer. A5 10, A10 7, at-commands 9.2."""

from ..core.compat import const
from ..core.errors import CommandError, ModemError
from .http_order import Order
from .http_profile import (
    check,
    configure,
    file_of,
    occupy,
    ready,
    release,
    remove,
    secured,
    sweep,
    unsecured,
)
from .http_response import Response
from .socket import nap

_PUT = const(3)
_POST = const(4)
_POST_DATA = const(5)

_MARGIN_MS = const(20000)  # beyond the module's own time-out
_REST_MS = const(60000)  # a module that kept silent beyond that is left alone for so long
_LOST_MS = const(2000)  # the module's own word for a lost connection comes first

_ECONNRESET = const(104)


def request(http, method, url, data=None, *, profile=None, timeout_ms=180000, **options):
    """Carry out HEAD, GET, DELETE, PUT or POST; the `Response` once its headers are there.

    `url`: "http(s)://host[:port]/path", path of at most 128 bytes. Redirections are not followed.
    `data`: bytes, a string, or an object with `readinto`, which is read once; `json`: an object;
    `file`: name of a file on the module. `content_type`: a name of at most 64 bytes, else as the
    data are. `headers`: at most 5, names and values of at most 64 bytes, without a colon in them.
    `auth`: (user, password), at most 30 bytes each. `tls`: a profile of `modem.security`, for
    https only; True or None is `modem.security.default`. `profile`: of SARA-R5, 0 to 3; else any
    that is free. `context` (LEXI-R10): its cid, or (cid, prefer_ipv6). `save`: name of a file on
    the module that keeps the whole answer, headers included; without it there is one until the
    answer is read or closed.

    `direct` (LEXI-R10; HEAD, GET, POST): the answer comes along the line, not by a file, and data
    goes so. No other command can run until the answer is read or closed. True asks for it, False
    forbids it; None takes it where RTS and CTS are wired (`flow=True`). Given up before it
    stands, it takes the line until the module has answered.

    `timeout_ms`: up to the answer's headers. The module itself gives up after 30 to 180 s
    (`http.timeout_s` tells), and gets 20 s to say so. With less than 30 s the driver gives up
    first; the profile is not used again before the module has told its result, or those times
    have passed: `HttpTimeout` says how long. If a module says nothing at all, that is another
    60 s.

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `HttpError` with the
    module's class and code; `HttpTimeout`; `OSError(EBUSY)` if no profile is free in time;
    `ModuleReset`; `OSError(ECONNRESET)` if the data connection is lost; `CommandError`.
    """
    if data is not None:
        options["data"] = data
    order = Order(http, method, url, timeout_ms, options)
    if profile is not None and not 0 <= profile < len(http.slots):
        raise ValueError("profile: 0 to %d" % (len(http.slots) - 1))
    began = http.channel.port.ticks_ms()
    slot = occupy(http, profile, order.wanted, timeout_ms)
    try:
        return _carry_out(http, slot, order, began, timeout_ms)
    except BaseException as error:
        slot.settings = None  # perhaps one of them was damaged on its way: tell all of it anew
        if slot.held:  # else there was a response already, which is closed
            slot.swept = False
            if isinstance(error, ModemError) and slot.cmd is None and not slot.reset:
                sweep(http, slot)
            release(http, slot)
        raise


def _carry_out(http, slot, order, began: int, timeout_ms: int):
    """All of it; why +UHTTPC was refused is asked."""
    try:
        return _answer(http, slot, order, began, timeout_ms)
    except CommandError as error:
        if error.command != "AT+UHTTPC":
            raise
        from .http_failures import refused

        raise refused(http, slot, error)


def _answer(http, slot, order, began: int, timeout_ms: int):
    ready(http, slot, timeout_ms)
    tls = order.tls
    if tls is None:
        return _exchange(http, slot, order, began, timeout_ms)
    tls.hold(order.host)
    secured(http, slot)
    try:
        return _exchange(http, slot, order, began, timeout_ms)
    finally:  # given up, the module may be at it all the same; a link holds the channel meanwhile
        tls.let_go(None if order.direct else lambda: slot.cmd is not None)


def _exchange(http, slot, order, began: int, timeout_ms: int):
    channel = http.channel
    configure(http, slot, order.wanted)
    http.timeout_s = order.seconds
    slot.limit_ms = order.seconds * 1000 + _MARGIN_MS
    if timeout_ms >= order.seconds * 1000:  # the module's own word comes first
        timeout_ms = channel.elapsed(began) + max(timeout_ms, slot.limit_ms)
    left_ms = timeout_ms - channel.elapsed(began)
    if order.direct:
        source = http.open_link(slot, order, left_ms)
        name = ""
    else:
        name = order.save or file_of(http, http.answer_file, slot)
        _by_file(http, slot, order, name, began, timeout_ms)
        unsecured(http, slot)
        if order.tls is not None and order.tls.resume:
            order.tls.collect()
        source = http.modem.files.open(name, "rb")
    response = Response(http, slot, order, source, "" if order.save else name)
    try:
        response.begin()
    except BaseException:
        response.close()
        raise
    return response


def _by_file(http, slot, order, name: str, began: int, timeout_ms: int) -> None:
    """+UHTTPC with an answer that the module writes to file `name`."""
    parts = [order.path, name]
    content = order.file
    if order.cmd in (_PUT, _POST):
        if content is None:
            content = file_of(http, http.content_file, slot)
            slot.swept = False
            http.modem.files.write(content, order.body)
        parts.append(content)
    elif order.cmd == _POST_DATA:
        parts.append(str(order.body, "utf-8"))
    if order.cmd >= _PUT:
        parts += order.kind
    channel = http.channel
    channel.acquire()
    try:
        check(slot)  # with the channel held, as only then a restart is certainly known
        begin(http, slot, order.cmd)
        guard = None if order.tls is None else order.tls.check
        channel.ask(b"+UHTTPC", slot.number, order.cmd, *parts, guard=guard)
    except CommandError:
        slot.cmd = None
        raise
    finally:
        channel.release()
    finished(http, slot, began, timeout_ms)
    if content is not None and order.file is None:
        slot.swept = remove(http, content)
    if not slot.result:
        from .http_failures import failure

        raise failure(http, slot)


def begin(http, slot, cmd: int) -> None:
    """From here on the module may be at it."""
    slot.result = None
    slot.cmd = cmd
    slot.began = http.channel.port.ticks_ms()


def finished(http, slot, began: int, timeout_ms: int) -> None:
    """Wait for +UUHTTPCR; `slot.result` has it then."""
    channel = http.channel
    network = http.modem.network
    sleeper = http.modem.sleeper
    was_up = network.up
    lost = None
    if sleeper is not None:
        sleeper.busy += 1  # the line is silent, and yet the module is not idle
    try:
        while slot.cmd is not None:
            passed = channel.elapsed(slot.began)
            if passed >= slot.limit_ms or channel.elapsed(began) >= timeout_ms:
                from .http_failures import late

                error = late(http, slot, _REST_MS)
                if error is not None:
                    raise error
                continue
            if was_up and not network.up and lost is None:
                lost = channel.port.ticks_ms()
            if lost is not None and channel.elapsed(lost) > _LOST_MS:
                raise ModemError(_ECONNRESET, "the data connection was lost during the request")
            channel.poll()
            channel.proceed("http")
            if slot.cmd is not None:
                channel.sleep(nap(passed))
    finally:
        if sleeper is not None:
            sleeper.busy -= 1
    check(slot)
