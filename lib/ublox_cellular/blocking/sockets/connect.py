# Generated from aio/sockets/connect.py by tools/generate. Do not edit.
"""Connecting a socket: +USOCO in its asynchronous form, so that no other socket has to wait for a
silent host. A5 5.2, at-commands 3.1.

The module makes one connection at a time. Where several sockets want one, each attempt has some
seconds; then it gives way to the next and begins anew afterwards, until its own time is over.
"""

from ...core.compat import const
from ...core.errors import Cancelled, CommandError, ModemError
from ...wait_blocking import TASKS, background, nudge
from .lifecycle import check_address, create, part
from .socket import nap

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_OPEN = const(1)  # state of a slot

_CONNECT_MS = const(130000)  # +USOCO, at most (at-commands 1.6)
_SLICE_MS = const(5000)  # of an attempt while others wait; twice as much the next time
_AGAIN_MS = const(500)
_BY_PEER = (104, 111)  # reset, refused
_DNS_ERRORS = range(160, 178)  # of +USOER (at-commands 3.6)
_NO_NAME = const(-2)  # what getaddrinfo() raises everywhere

_EAGAIN = const(11)
_ENOMEM = const(12)
_EBUSY = const(16)
_ECONNABORTED = const(103)
_EISCONN = const(106)
_ETIMEDOUT = const(110)
_EALREADY = const(114)
_EINPROGRESS = const(115)
_ECANCELED = const(125)


def connect(sock, address, mode=None) -> None:
    """Connect to `(host, port)`; a name is resolved by the module.

    A datagram socket only remembers the address. `mode` is what Adafruit's connection manager
    passes: 0 for TCP, `TLS_MODE` for TLS by `modem.security.default`.

    The time-out of the socket limits it, but not below `SocketPool.connect_floor_ms`; after a
    failure the socket may connect again. Raises `TypeError`, `ValueError`; `OSError` as CPython:
    ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH …, EINPROGRESS where the socket does not wait, then
    EALREADY until it is over, EISCONN; -2 for a name that is not found; ENETDOWN without a data
    connection; ENFILE.
    """
    host, port = check_address(sock, address)
    if sock.gone or sock.errno:
        raise sock.dead()
    if mode and not sock.tls:
        sock.secure()
    if sock.type != 1 and not sock.tls:  # A5 5.7: +USOST and +USORF without +USOCO
        from .datagrams import aim

        sock.peer = aim(sock, (host, port))
        return
    pool = sock.pool
    attempt = sock.attempt
    if attempt is not None:
        attempt.push()
        while sock.attempt is attempt:
            if sock.timeout_ms is not None:
                raise OSError(_EALREADY, "still connecting to " + attempt.host)
            pool.channel.proceed("connect")
            pool.channel.sleep(nap(pool.channel.elapsed(attempt.began)))
            attempt.push()
    if attempt is not None or sock.refused:
        sock.ready()
    slot = sock.slot
    if slot is not None and slot.connected and slot.result == 0:
        slot.result = None  # the first call after that returns, as on Linux
        return
    if sock.backlog or (slot is not None and (slot.connected or slot.closed)):
        raise OSError(_EISCONN, "socket is connected already")
    sock.peer = (host, port)
    attempt = sock.attempt = Attempt(sock, host, port)
    if not sock.tls and port in pool.tls_ports and "ssl" in pool.modem.loaded:
        attempt.deferred = True  # until it is wrapped, or used as it is
        return
    if sock.timeout_ms == 0:
        attempt.attempt()
        if attempt.slot is None:
            sock.ready()
        if sock.attempt is not None:
            attempt.push()
        raise OSError(_EINPROGRESS, "connecting")
    attempt.finish()


def connect_ex(sock, address) -> int:
    """`connect()`, but the errno is returned; 0 for success."""
    try:
        connect(sock, address)
    except Cancelled:
        raise
    except OSError as error:
        return error.errno or _ECONNABORTED
    return 0


class Attempt:
    """Of a socket to connect. `slot`: the module's socket while it is at it; `deferred`: begun at
    the first use of the socket."""

    if TYPE_CHECKING:
        slot: Any
        task: Any
        held: Any

    def __init__(self, sock, host: str, port: int):
        self.sock = sock
        self.host = host
        self.port = port
        self.began = self.since = sock.pool.channel.port.ticks_ms()
        self.slot = self.task = None
        self.held = None  # security profile, reserved for this handshake
        self.slice_ms = _SLICE_MS
        self.waited = 0  # for its turn, ms
        self.deferred = self.busy = False
        self.again = False  # the module was at another one that we know nothing of

    # ---- who waits for it -------------------------------------------------------------------

    def limit_ms(self):
        """How long it may take altogether; None for as long as the network takes. The wait for its
        turn does not count to the floor, up to two slices."""
        sock = self.sock
        floor = sock.pool.connect_floor_ms[1 if sock.tls else 0] + self.waited
        return None if not sock.timeout_ms else max(sock.timeout_ms, floor)

    def finish(self) -> None:
        """Wait until it is over."""
        sock = self.sock
        channel = sock.pool.channel
        self.deferred = False
        try:
            while not self.step():
                limit = self.limit_ms()
                if limit is not None and channel.elapsed(self.began) >= limit:
                    raise OSError(_ETIMEDOUT, "connect to %s timed out" % self.host)
                channel.proceed("connect")
                channel.sleep(nap(channel.elapsed(self.began)))
        except BaseException:
            if sock.attempt is self:
                part(sock)
            raise
        if sock.slot is not None:
            sock.slot.result = None
        if channel.debts:
            channel.pay()

    def push(self) -> None:
        """Let it go on without waiting for it: by a task, in the blocking flavour a step of it."""
        self.deferred = False
        if not TASKS:
            nudge(self)
        elif self.task is None or self.task.done():  # somebody may have cancelled it
            self.task = background(self.run)

    def run(self) -> None:
        """The task of a socket that does not wait."""
        channel = self.sock.pool.channel
        while self.sock.attempt is self:
            self.attempt()
            channel.sleep(nap(channel.elapsed(self.since)))

    def attempt(self) -> None:
        """A step; how it has failed is kept for whoever asks next."""
        sock = self.sock
        try:
            self.step()
        except OSError as error:
            code = error.errno or _ECONNABORTED
            if code not in (_EAGAIN, _EBUSY) and sock.attempt is self:
                part(sock)
                sock.refused = code
        except Exception as error:  # MemoryError, or of a hook, which gives up by it
            short = isinstance(error, MemoryError)
            if sock.attempt is self:
                part(sock)
                sock.refused = _ENOMEM if short else _ECANCELED
            if not short and not self.task:  # in a task nobody would hear it
                raise

    # ---- the attempt itself -------------------------------------------------------------------

    def step(self) -> bool:
        """Do what can be done now; whether it is connected. `OSError` if it has failed. Another
        task, or a hook, may be at it: then it goes on without us."""
        if self.busy:
            return False
        self.busy = True
        try:
            return self._step()
        finally:
            self.busy = False
            if self.sock.attempt is not self:  # given up meanwhile
                self.let_go()

    def _step(self) -> bool:
        sock = self.sock
        pool = sock.pool
        pool.channel.poll()
        if sock.attempt is not self:
            slot = self.slot
            if slot is not None and slot is sock.slot and slot.connected:
                return True  # another task has seen it first
            if sock.refused:
                sock.ready()
            raise sock.dead()
        if self.slot is None and not self._begin(pool):
            return False
        slot = self.slot
        if slot is None:  # it had to give way
            return False
        if slot.result is None and not slot.closed and slot.state == _OPEN:
            if pool.channel.elapsed(self.since) > _CONNECT_MS:
                raise OSError(_ETIMEDOUT, "connect to %s timed out" % self.host)
            return False
        if pool.connecting is self:
            pool.connecting = None
        if slot.result != 0 or slot.state != _OPEN:
            code = slot.result or sock.errno or _ECONNABORTED
            from .diagnosis import last_error

            last_error(pool)  # it says nothing of the next one
            if code not in _BY_PEER:  # which prove that there is a data connection
                pool.modem.network.doubt()
            raise self._failed(code)
        profile = self.held
        if profile is not None and not profile.stands():  # by what has it verified?
            raise OSError(_ECONNABORTED, "security profile lost while connecting")
        slot.connected = True
        if pool.refusing:
            pool.works()
        sock.attempt = None
        if profile is not None:
            try:
                profile.collect()
            except Cancelled:
                raise
            except ModemError:
                pass  # the connection stands all the same
        return True

    def _failed(self, code: int) -> OSError:
        if code in _DNS_ERRORS:
            return OSError(_NO_NAME, "%s not resolved (+USOER %d)" % (self.host, code))
        if self.sock.tls:
            from .tls import explained

            return explained(self.host, code, self.sock.tls)
        return OSError(code, "connect to %s failed" % self.host)

    def _may_begin(self, pool) -> bool:
        """Whether the module is at no other attempt, or the other one has had its time."""
        other = pool.connecting
        channel = pool.channel
        if self.again and channel.elapsed(self.since) < _AGAIN_MS:
            return False
        if other is None or other is self or other.sock.attempt is not other:
            return True
        if other.slot is None or pool.shaking is not None:  # it is just beginning
            return channel.elapsed(other.since) > _CONNECT_MS
        # Who has little time need not wait for a long slice.
        most = max(_SLICE_MS, (self.limit_ms() or _CONNECT_MS) // 2)
        if channel.elapsed(other.since) < min(other.slice_ms, most):
            return False
        other.give_way()
        return True

    def give_way(self) -> None:
        """Another attempt comes first; this one begins anew after it."""
        slot, self.slot = self.slot, None
        self.sock.slot = None
        self.slice_ms *= 2
        self.let_go()
        self.sock.pool.discard(slot)

    def _begin(self, pool) -> bool:
        """+USOCR, for TLS +USOSEC, +USOCO; False if that has to wait."""
        sock = self.sock
        if sock.tls:
            from .tls import available

            self.let_go()  # of what failed before it was sent
            if not available(self):
                return False
        channel = pool.channel
        if not self._may_begin(pool):
            self.waited = min(channel.elapsed(self.began), 2 * _SLICE_MS)
            return False
        pool.connecting = self  # no other begins from here on
        self.since = channel.port.ticks_ms()
        self.again = False
        begun = False
        try:
            slot = create(sock, self.began)
            if sock.tls:
                from .tls import prepare

                prepare(self, slot)
            pool.enter(sock, self.began)
            try:
                slot = pool.claim(sock)
                slot.result = None
                slot.since = self.since = channel.port.ticks_ms()
                parts = (slot.number, self.host, self.port)
                if pool.async_connect:
                    channel.ask(b"+USOCO", *parts, 1, guard=self._launch)
                else:
                    ms = _CONNECT_MS
                    channel.ask(b"+USOCO", *parts, timeout_ms=ms, guard=self._launch)
                    slot.result = 0
            finally:
                channel.release()
            self.slot = slot
            begun = True
        except CommandError as error:
            if error.command != "AT+USOCO":
                raise
            self._refused(pool, sock.slot, error)
        finally:
            if not begun and pool.connecting is self and self.slot is None:
                pool.connecting = None
        return self.slot is not None

    def _launch(self) -> None:
        """The last look before +USOCO goes out."""
        sock = self.sock
        pool = sock.pool
        pool._launch()
        if sock.attempt is not self:
            raise sock.dead()
        if self.held is not None:
            self.held.check()
            if pool.modem.TLS_TRAITS[2]:
                pool.shaking = pool.slot

    def _refused(self, pool, slot, error) -> None:
        """+USOCO was refused: why."""
        if slot is None:
            return
        pool.shaking = None
        from .diagnosis import errno_of

        code = errno_of(pool, slot, _ECONNABORTED)
        if code == _EINPROGRESS:  # the module is still at one that was given up
            self.again = True
            self.let_go()
            return
        if code == _ECONNABORTED:  # for no reason outside of the module
            pool.refused(error)
        slot.result = code
        self.slot = slot

    def stop(self) -> None:
        """It is given up: the module's socket is closed before the next command."""
        pool = self.sock.pool
        if pool.connecting is self:
            pool.connecting = None
        if pool.shaking is not None and pool.shaking is self.slot and pool.shaking.state != _OPEN:
            pool.shaking = None
        self.let_go()

    def let_go(self) -> None:
        """The security profile may serve others again."""
        profile, self.held = self.held, None
        if profile is not None:
            profile.let_go()
