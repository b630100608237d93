# Generated from aio/coap/request.py by tools/generate. Do not edit.
"""A request from its order to its answer. A5 8.2 to 8.5, at-commands 7."""

from ...core.buffers import check_buffer, check_data, moved
from ...core.compat import const
from ...core.errors import (
    Cancelled,
    CommandError,
    CommandTimeout,
    ModemError,
    ModuleReset,
    NotSupported,
)
from ..sockets.socket import nap
from .order import NUMBERS, Order

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from ..security.tls_profile import Profile

_GET = const(1)  # of +UCOAPC
_DELETE = const(2)
_PUT = const(3)
_URI = const(1)  # operations of +UCOAP
_VALID = const(4)
_SECURITY = const(8)
_OPTION = const(20)  # ours: 20 is option 0 of operation 2, and so on
_TYPE = const(25)
_LONGEST = const(512)  # bytes of a payload that is no block
_USUAL_BUFFER = const(1024)
_MODULE_MS = const(110000)  # RFC 7252 gives up after 93 s; a handshake or a name come before that
_LATE_MS = const(1000)  # an answer that is reported after the end
_LOST_MS = const(2000)  # the module's own word for a lost connection comes first
_ASK_MS = const(10000)
_INVALID = (15, 17)  # class and code of a profile that is not valid
_OK = const(1)  # outcome of the engine
_ENOSPC = const(28)
_ECONNRESET = const(104)
_EMSGSIZE = const(90)
_EOPNOTSUPP = const(95)


class CoapResponse:
    """The server's answer. `code`: "2.05", as far as the module says it: it names the class, so of
    a success of PUT and POST and of any refusal the rest is "xx" (but see `coap.second_field`).
    `ok`: a success. `payload`: bytes, or of `into` a memoryview; `content_format`: IANA's number,
    None where the module does not say; `length`: of the payload, also where `into` has it."""

    def __init__(self, coap, order, payload, length: int):
        detail = "xx"
        self.content_format = None
        second = coap.second
        if coap.second_field == "detail":
            detail = "%02d" % second
        elif second:
            self.content_format = NUMBERS[second] if second < len(NUMBERS) else second
        if detail == "xx" and coap.kind == 2 and order.cmd < _PUT:
            detail = "05" if order.cmd == _GET else "02"
        self.code = "%d.%s" % (coap.kind, detail)
        self.ok = coap.kind == 2
        self.payload = payload
        self.length = length
        self.command = order.name()

    @property
    def text(self) -> str:
        """The payload as a string: UTF-8, or Latin-1 where it is none."""
        try:
            return str(self.payload, "utf-8")
        except UnicodeError:
            return "".join([chr(c) for c in self.payload])

    def json(self):
        """The payload, parsed."""
        from json import loads

        return loads(bytes(self.payload))

    def raise_for_status(self) -> "CoapResponse":
        """Itself, or `CoapStatus` if it is no success."""
        if not self.ok:
            from ...core.coap_errors import CoapStatus

            raise CoapStatus(self.command, self.code, self.text)
        return self


def request(
    coap,
    method: str,
    uri: "str | None" = None,
    payload: "Any" = b"",
    *,
    confirmable: "bool | None" = True,
    content_format: "str | int | None" = None,
    tls: "Profile | bool | None" = None,
    into: "Any" = None,
    block_size: "int | None" = None,
    timeout_ms: int = 120000,
) -> CoapResponse:
    """Carry out GET, DELETE, PUT or POST; the server's `CoapResponse`, also one of 4.xx or 5.xx.

    `uri`: "coap://host[:port]/path?query", at most 783 characters, host, path and query at most
    255 each; coap: UDP, coaps: DTLS, coap+tcp: TCP, coaps+tcp: TLS. None: that of the module's
    current profile, which `load()` or the last request has left; then nothing else is set, but
    `confirmable` and `tls` where they are given. `payload`: bytes, a string (as UTF-8), or an
    object with `readinto`; more than 512 bytes go in blocks of `block_size` (a power of two from
    16 to 512, which is the usual one). `content_format`: a name as "application/json" or IANA's
    number; a string is text, all else octets. `confirmable`: False sends it once, without
    acknowledgement; TCP has no such thing. `tls`: a profile of `modem.security` for a secure
    scheme; True or None is `modem.security.default`.

    `into`: where the answer's payload goes: a bytearray or memoryview, or an object with `write`,
    which gets it in pieces as they come and must be as fast as the line; else `coap.buffer`.

    How often and how long the module tries is its own concern, up to 93 s as a rule.
    `timeout_ms` counts from the call, the waits for other requests and commands included. After a
    time-out, or when the caller has given up, the module may still be at it: the next request
    waits for its end, 110 s at most. Nothing is repeated.

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `CoapError` with the
    module's class and code where there was no answer; `CoapTimeout`; `AnswerTooLarge`;
    `ModuleReset`; `OSError(ECONNRESET)` if the data connection is lost; `Garbled`;
    `CommandError`. Of a payload in blocks `error.acknowledged` says how many bytes of it the
    server has acknowledged.
    """
    order = Order(coap, method, uri, payload, content_format, tls, timeout_ms)
    target = _target(coap, order, into)
    if isinstance(payload, str):
        payload = payload.encode()
    streamed = not isinstance(payload, (bytes, bytearray, memoryview))
    if streamed or block_size is not None or len(payload) > _LONGEST:
        from .blocks import Source

        payload = Source(payload, block_size)
    else:
        check_data(payload)
    return _alone(coap, order, confirmable, target, payload)


def _target(coap, order, into):
    """The buffer that an answer is read into."""
    if into is not None and hasattr(into, "write"):
        order.sink = into
        into = None
    if into is not None:
        check_buffer(into)
        return into
    if coap.buffer is None:
        coap.buffer = bytearray(_USUAL_BUFFER)
    check_buffer(coap.buffer)
    return coap.buffer


def _alone(coap, order, confirmable, target, payload):
    """When the requests before it are over."""
    network = coap.modem.network
    lock = coap.lock
    if not lock.take():
        lock.acquire(coap.channel, order.left(), "the CoAP client")
    try:
        coap.into = target
        try:
            response = _secured(coap, order, confirmable, payload)
        except ModemError as error:
            by_module = hasattr(error, "error_class")  # a reason of the module: CoapError
            if by_module or isinstance(error, (CommandError, CommandTimeout)):
                network.trouble("CoAP", error)
            raise
        if "recovery" in coap.modem.loaded:
            network.works("CoAP")
        return response
    finally:
        coap.wanted = False
        coap.into = None
        lock.release()


def _secured(coap, order, confirmable, payload):
    """With the security profile held, where there is one."""
    ready(coap, order)
    tls = order.tls
    if tls is None:
        return _blocks(coap, order, confirmable, payload)
    tls.hold(order.host, order.left())
    coap.secure = True
    try:
        response = _blocks(coap, order, confirmable, payload)
    finally:  # given up, the module may be at it all the same
        began = coap.began
        tls.let_go(lambda: coap.cmd != 0 and coap.began == began)
        if not coap.cmd:
            coap.secure = False
    if tls.resume:
        try:
            tls.collect()
        except Cancelled:
            raise
        except ModemError:
            pass  # the answer is there; the next handshake is a whole one
    return response


def ready(coap, order) -> None:
    """The module is awake, and is at no other request; the data connection stands."""
    channel = coap.channel
    channel.acquire(order.left())  # a restart is noticed, what is owed is done
    channel.release()
    wanted = coap.modem.network.wanted
    if wanted is not None and not coap.modem.network.up:
        wanted.back(order.left())
    while coap.cmd and channel.elapsed(coap.began) < _MODULE_MS:
        if order.late():
            raise order.timeout("an earlier request")
        channel.poll()
        channel.proceed("CoAP")
        if coap.cmd:
            channel.sleep(nap(channel.elapsed(coap.began)))
    coap.cmd = 0
    coap.secure = False


def _blocks(coap, order, confirmable, payload):
    """The request, or for a payload in blocks one for each."""
    if isinstance(payload, (bytes, bytearray, memoryview)):
        return send(coap, order, confirmable, payload, None)
    from .blocks import send_all

    return send_all(coap, order, confirmable, payload)


def send(coap, order, confirmable, payload, block) -> CoapResponse:
    """One request of the module and its answer; `block`: (number, whether more follow)."""
    again = coap.placed is not None
    while True:
        try:
            _begin(coap, order, confirmable, payload, block)
            break
        except CommandError as error:
            if error.command != "AT+UCOAPC":
                raise
            reason = _reason(coap)
            if again and reason == _INVALID and order.uri is not None and not block:
                again = False  # it has lost its profile without saying so; nothing was sent
                coap.placed = None
                continue
            if reason and reason[0]:
                raise order.failure(reason)
            if order.cmd == _DELETE and error.code != 3:
                raise NotSupported(_EOPNOTSUPP, coap.modem.name, "DELETE (+UCOAPC=2)")
            raise
    _finished(coap, order)
    return _answer(coap, order)


def _begin(coap, order, confirmable, payload, block) -> None:
    """Settings and +UCOAPC up to its OK."""
    channel = coap.channel
    channel.acquire(order.left())
    try:
        if order.uri is not None or confirmable is not None or order.tls is not None:
            place_settings(coap, order, confirmable)
        line = channel.start(b"+UCOAPC")
        line.number(order.cmd)
        if order.cmd >= _PUT:
            from binascii import hexlify

            line.open_text()
            channel.out = hexlify(payload)
            channel.out_n = 2 * len(payload)
            tail = b'",%d' % order.format
            if block:
                tail += b",%d,%d" % block
            channel.tail = tail + b"\r"
        life = coap.life

        def launch() -> None:
            """After the pause, in which a restart may be reported, or what is left of an earlier
            request: here it goes out, and what comes from now on is its own."""
            if coap.life != life:
                raise ModuleReset(_ECONNRESET, order.name())
            if order.tls is not None:
                order.tls.check(order.host)
            coap.clear()
            if block and not block[1]:
                coap.sent = block[0]
            coap.wanted = True
            coap.cmd = order.cmd
            coap.began = channel.port.ticks_ms()

        def kept(ended: bool) -> None:
            """The caller has given up; a refusal means that there is nothing to wait for."""
            if ended and channel.outcome != _OK:
                coap.cmd = 0

        channel.guard = launch
        channel.keeper = kept
        try:
            most = _MODULE_MS if order.secure else _ASK_MS  # OK comes after the handshake
            channel.execute(min(order.left(), most), most)
        except CommandError:
            coap.cmd = 0
            raise
        except CommandTimeout:
            if coap.result is None:
                raise  # else it is over, and only its OK was lost
    finally:
        channel.release()


def place_settings(coap, order, confirmable) -> None:
    """Tell the module what its current profile lacks; the channel is held."""
    wanted: list[Any] = []
    if order.uri is not None:
        wanted.append((_VALID, 1))
        for option in range(_OPTION, _TYPE):
            wanted.append((option, 1))
    if order.tls is not None:
        wanted.append((_SECURITY, order.tls.at if order.tls.at >= 0 else order.tls.number))
    if order.uri is not None:
        wanted.append((_URI, order.uri))
    if confirmable is not None:
        wanted.append((_TYPE, 0 if confirmable else 1))
    placed = coap.placed
    if placed is None:
        placed = coap.placed = {}
    channel = coap.channel
    for key, value in wanted:
        if placed.get(key) == value:
            continue
        placed.pop(key, None)  # unknown, if we give up in the middle
        line = channel.start(b"+UCOAP")
        if key >= _OPTION:
            line.number(2)
            line.number(key - _OPTION)
            line.number(value)
        else:
            line.number(key)
            if key == _URI and line.size + len(value) + 4 > len(line.buf):
                line.open_text()
                channel.out = value
                channel.out_n = len(value)
            else:
                line.part(value)
        channel.execute()
        if coap.placed is placed:
            placed[key] = value


def _reason(coap):
    """(class, code) of the last failure; None where the module gives none."""
    try:
        rows = coap.channel.command(b"+UCOAPER", timeout_ms=_ASK_MS)
    except CommandError:
        return None
    for row in rows:
        if len(row) > 1 and isinstance(row[0], int) and isinstance(row[1], int):
            return row[0], row[1]
    return None


def _finished(coap, order) -> None:
    """Wait for +UCOAPCR, and for the answer it is about."""
    channel = coap.channel
    network = coap.modem.network
    sleeper = coap.modem.sleeper
    life = coap.life
    down = ended = 0
    was_up = network.up
    if sleeper is not None:
        sleeper.busy += 1  # the line is silent, and yet the module is not idle
    try:
        while True:
            channel.poll()
            if order.sink is not None and coap.count:
                _pour(coap, order)
            if coap.life != life:
                raise ModuleReset(_ECONNRESET, order.name())
            if coap.result is not None:
                if coap.answers or coap.damaged or coap.result != 1:
                    break
                ended = ended or channel.port.ticks_ms() or 1
                if channel.elapsed(ended) >= _LATE_MS:
                    break
            elif order.late():
                raise order.timeout("the answer")
            if was_up and not network.up and not down:
                down = channel.port.ticks_ms() or 1
            if down and channel.elapsed(down) > _LOST_MS:
                raise ModemError(_ECONNRESET, "the data connection was lost during the request")
            channel.proceed("CoAP")
            channel.sleep(nap(channel.elapsed(coap.began)))
    finally:
        if sleeper is not None:
            sleeper.busy -= 1
    if coap.result != 1:
        raise order.failure(_reason(coap))


def _pour(coap, order) -> None:
    """What has come to whoever wants it in pieces."""
    n = coap.count
    view = memoryview(coap.into)
    done = 0
    while done < n:
        taken = order.sink.write(view[done:n])
        if taken is None:  # it returns no number
            break
        if not moved(taken, n - done):
            raise OSError(_ENOSPC, "into: it accepts no more data")
        done += taken
    coap.count = 0
    coap.poured += n


def _answer(coap, order) -> CoapResponse:
    """What has come, as a whole."""
    if coap.damaged or not coap.answers:
        raise coap.channel.garbled("the answer of the server is lost")
    if coap.more:
        raise coap.channel.garbled("the answer is not complete: the server had more")
    size = coap.count
    if coap.excess:
        from ...core.coap_errors import AnswerTooLarge

        raise AnswerTooLarge(_EMSGSIZE, order.name(), size + coap.excess, len(coap.into))
    if order.sink is not None:
        return CoapResponse(coap, order, b"", coap.poured)
    view = memoryview(coap.into)[:size]
    return CoapResponse(coap, order, bytes(view) if coap.into is coap.buffer else view, size)
