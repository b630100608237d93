# Generated from aio/http/request.py by tools/generate. Do not edit.
"""A request from its order to the beginning of its answer. A5 10, A10 7, at-commands 9.2."""

from ...core.compat import const, ref  # pyright: ignore
from ...core.errors import CommandError, ModemError
from ..sockets.socket import nap
from . import Order
from .profile import (
    check,
    configure,
    file_of,
    occupy,
    ready,
    release,
    remove,
    unsecured,
)
from .response import Response

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypedDict, Unpack

    from ..security.tls_profile import Profile as Security

    class Options(TypedDict, total=False):
        json: Any
        file: str | None
        headers: Mapping[str, str] | None
        content_type: str | int | None
        auth: tuple[str, str] | None
        tls: Security | bool | None
        direct: bool | None
        context: int | tuple[int, bool] | None
        save: str | None


_PUT = const(3)
_POST = const(4)
_POST_DATA = const(5)

_MARGIN_MS = const(20000)  # beyond the module's own time-out
_REST_MS = const(60000)  # a module that kept silent beyond that is left alone for so long
_LOST_MS = const(2000)  # the module's own word for a lost connection comes first

_ECONNRESET = const(104)


def request(
    http,
    method: str,
    url: str,
    data: "Any" = None,
    *,
    profile: "int | None" = None,
    timeout_ms: int = 180000,
    **options: "Unpack[Options]",
) -> Response:
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

    Given up at any point (a cancelled task, Ctrl-C, `keep_going`), a request leaves nothing: its
    files are removed before the next command, its profile is not used again before the module has
    ended it. A response that is dropped without being closed is closed when its profile is wanted
    again, where Python has weak references (not on CircuitPython).

    `timeout_ms`: up to the answer's headers, the waits for a profile and for other commands
    included. The module itself gives up after 30 to 180 s
    (`http.timeout_s` tells), and gets 20 s to say so. With less than 30 s the driver gives up
    first; the profile is not used again before the module has told its result, or those times
    have passed: `HttpTimeout` says how long. If a module says nothing at all, that is another
    60 s.

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `HttpError` with the
    module's class and code; `HttpTimeout`; `OSError(EBUSY)` if no profile is free in time;
    `ModuleReset`; `OSError(ECONNRESET)` if the data connection is lost; `CommandError`.
    """
    if data is not None:
        options["data"] = data  # pyright: ignore[reportGeneralTypeIssues]
    order = Order(http, method, url, timeout_ms, options)
    if profile is not None:
        if not isinstance(profile, int):
            raise TypeError("profile: an integer wanted")
        if not 0 <= profile < len(http.slots):
            raise ValueError("profile: 0 to %d" % (len(http.slots) - 1))
    slot = occupy(http, profile, order.wanted, timeout_ms)
    try:
        return _carry_out(http, slot, order)
    except BaseException as error:
        slot.settings = None  # perhaps one of them was damaged on its way: tell all of it anew
        if slot.held:  # else there was a response already, which is closed
            slot.swept = False
            release(http, slot)
        if isinstance(error, OSError) and not slot.reset:
            from .errors import tidy

            tidy(http, error)
        raise


def _carry_out(http, slot, order):
    """All of it; why +UHTTPC was refused is asked."""
    try:
        response = _answer(http, slot, order)
    except CommandError as error:
        http.modem.network.trouble("HTTP", error)
        if error.command != "AT+UHTTPC":
            raise
        from .errors import refused

        raise refused(http, slot, error)
    if "recovery" in http.modem.loaded:
        http.modem.network.works("HTTP")
    return response


def _answer(http, slot, order):
    ready(http, slot)
    tls = order.tls
    if tls is None:
        return _exchange(http, slot, order)
    tls.hold(order.host, slot.left())
    slot.secure = True  # until `unsecured()`
    http.tls_sessions += 1
    try:
        response = _exchange(http, slot, order)
    except BaseException:  # given up, the module may be at it all the same
        began = slot.began
        tls.let_go(lambda: slot.cmd is not None and slot.began == began)
        raise
    tls.let_go()
    return response


def _exchange(http, slot, order):
    configure(http, slot, order.wanted)
    http.timeout_s = order.seconds
    slot.limit_ms = order.seconds * 1000 + _MARGIN_MS
    _give_time(slot)
    name = "" if order.direct else order.save or file_of(http.answer_file, slot)
    response = Response(http, slot, order, "" if order.save else name)
    try:
        if order.direct:
            response.source = http.open_link(slot, order)
        else:
            _by_file(http, slot, order, name)
            unsecured(http, slot)
            if order.tls is not None and order.tls.resume:
                order.tls.collect()
            response.source = _opened(http, slot, name, "r")
        response.begin()
        if not order.direct:
            response.source.patience = None  # its readers have their own
    except BaseException as error:
        from .errors import failed

        failed(response, error)
        raise
    slot.response = ref(response)
    return response


def _opened(http, slot, name: str, mode: str):
    """A file of the module, which waits for its turn no longer than the request may take."""
    files = http.modem.files
    file = files.stream(files.check(name, ""), "", mode)
    file.patience = slot
    file.begin()
    return file


def _by_file(http, slot, order, name: str) -> None:
    """+UHTTPC with an answer that the module writes to file `name`."""
    parts = [order.path, name]
    content = order.file
    if order.cmd in (_PUT, _POST):
        if content is None:
            content = file_of(http.content_file, slot)
            slot.swept = False
            _posted(http, slot, content, order.body)
        parts.append(content)
    elif order.cmd == _POST_DATA:
        parts.append(str(order.body, "utf-8"))
    if order.cmd >= _PUT:
        parts += order.kind
    channel = http.channel

    def launch() -> None:
        """After the pause, in which the result of an earlier request may come, or a restart."""
        check(slot)
        begin(http, slot, order)

    channel.acquire(slot.left())
    try:
        channel.ask(b"+UHTTPC", slot.number, order.cmd, *parts, guard=launch)
        slot.cmd = order.cmd  # what came before this answer was of an earlier request
        slot.result = None
    except CommandError:
        slot.cmd = None
        raise
    finally:
        channel.release()
    finished(http, slot)
    if content is not None and order.file is None:
        slot.swept = remove(http, content)
    if not slot.result:
        from .errors import failure

        raise failure(http, slot)


def _posted(http, slot, name: str, body) -> None:
    """The body of a request to a file of the module."""
    from ..files.whole_file import put

    file = _opened(http, slot, name, "w")
    with file:
        put(file, body, not hasattr(body, "readinto"))


def begin(http, slot, order) -> None:
    """Right before +UHTTPC goes out: from here on the module may be at it."""
    if order.tls is not None:
        order.tls.check(order.host)
    slot.result = None
    slot.cmd = order.cmd
    slot.began = http.channel.port.ticks_ms()
    _give_time(slot)


def _give_time(slot) -> None:
    """The module's own word comes first, where the caller waits so long."""
    if slot.patience_ms >= slot.limit_ms - _MARGIN_MS:
        slot.patience_ms = max(slot.patience_ms, slot.channel.elapsed(slot.asked) + slot.limit_ms)


def finished(http, slot) -> None:
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
            if passed >= slot.limit_ms or channel.elapsed(slot.asked) >= slot.patience_ms:
                from .errors import late

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
