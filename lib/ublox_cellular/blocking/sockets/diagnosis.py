# Generated from aio/sockets/diagnosis.py by tools/generate. Do not edit.
"""What the failure of a socket command means, how a socket really is, and sockets that an earlier
program left."""

from ...core.compat import const
from ...core.errors import CommandError
from .lifecycle import claim

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_PEER = const(4)  # of +USOCTL
_LISTEN = const(1)
_ESTABLISHED = const(4)  # states of +USOCTL 10
_CLOSE_WAIT = const(7)

_FULL = (-1, 3)  # how a full queue is answered: ERROR, or operation not allowed
_LOSSES = (101, 103, 104, 110, 113)  # errors that end a connection (at-commands 3.6)

_EIO = const(5)
_EBADF = const(9)
_ENFILE = const(23)
_EPIPE = const(32)
_EADDRINUSE = const(98)
_ENETDOWN = const(100)
_ENETUNREACH = const(101)
_ECONNABORTED = const(103)
_ECONNRESET = const(104)
_ENOBUFS = const(105)


def last_error(pool, sock=None, began: int = 0) -> int:
    """+USOER, 0 for none; asked for `sock`, within its time-out. The module keeps it: where it is
    the reason of a loss, it is replaced by asking for a socket that is not there, so that it does
    not count for the next one, too."""
    channel = pool.channel
    code: Any = 0
    pool.enter(sock, began)
    try:
        rows = channel.ask(b"+USOER")
        code = rows[0][-1] if rows and rows[0] else 0
        if code in _LOSSES:
            for one in pool.made:  # whichever of those that have ended it was
                sock = one()
                slot = sock.slot if sock else None
                if slot is not None and slot.closed and slot.fate is None:
                    slot.fate = code
            for slot in pool.slots:
                if not slot.state:
                    channel.ask(b"+USOCTL", slot.number, 1)
                    break
    except CommandError:
        pass
    finally:
        channel.release()
    return code if isinstance(code, int) and code > 0 else 0


def no_socket(sock, refusal, began: int) -> OSError:
    """Why the module has refused to make a socket. It hardly ever says so: where it has one left,
    it is asked whether there is a data connection."""
    pool = sock.pool
    network = pool.modem.network
    full = all(slot.state for slot in pool.slots)
    code = last_error(pool, sock, began)
    if code == _EADDRINUSE:
        return OSError(code, "port %d is in use" % sock.port)
    if not full:
        refused(pool, refusal)
        if network.doubted:
            pool.enter(sock, began)
            pool.channel.release()
    if full or network.up or code == _ENOBUFS:
        return OSError(_ENFILE, "the module makes no socket: close one (%s)" % refusal)
    if code != _ENETUNREACH:
        code = _ENETDOWN
    return OSError(code, "no data connection: call modem.connect() first (%s)" % refusal)


def refused(pool, error) -> None:
    """The module has refused a socket, a connection or a datagram for no reason outside of it."""
    pool.refusing = True
    pool.modem.network.trouble("sockets", error)


def works(pool) -> None:
    """It does not any more."""
    pool.refusing = False
    pool.modem.network.works("sockets")


def errno_of(pool, slot, default: int, sock=None, began: int = 0) -> int:
    """Why the last operation failed: of the socket, else of the module, else `default`."""
    # A question for a socket that is gone would itself become the last error: it comes second.
    code = last_error(pool, sock, began)
    if not code and pool.slots[slot.number] is slot:
        try:
            code = control(pool, slot, 1, sock, began)
        except CommandError:
            pass
    if code == _EBADF:  # a socket we know is none of the module's: it was lost unseen
        return _ECONNRESET
    return code if code > 0 else default


def control(pool, slot, what: int, sock=None, began: int = 0):
    """+USOCTL: the value of parameter `what`, for 4 a list [address, port]; asked for `sock`,
    within its time-out."""

    def guard() -> None:
        if pool.slots[slot.number] is not slot:
            raise CommandError(_EBADF, "AT+USOCTL", -1)

    pool.enter(sock, began)
    try:
        rows = pool.channel.ask(b"+USOCTL", slot.number, what, least=3, guard=guard)
    finally:
        pool.channel.release()
    row: Any = rows[0] if rows else ()
    good = row[:2] == [slot.number, what] and isinstance(row[-1], int)
    if not good or len(row) != (4 if what == _PEER else 3):
        raise pool.channel.garbled("not what was asked")
    return row[2:] if what == _PEER else row[2]


def check_listener(sock, slot, began: int) -> None:
    """The data connection was lost, or stands again, since it was known to listen: raises if it
    does not any more, of which not every firmware sends an URC."""
    from .lifecycle import times

    now = times(sock.pool)
    state = 0
    if not slot.closed:
        try:
            state = control(sock.pool, slot, 10, sock, began)
        except CommandError:
            pass
    if state == _LISTEN and not sock.errno:
        slot.times = now
        return
    sock.errno = sock.errno or _ECONNRESET
    raise sock.dead()


def refresh(sock, slot, began: int) -> None:
    """Ask for what a lost announcement would have told."""
    pool = sock.pool
    channel = pool.channel
    refused = False
    pool.enter(sock, began)
    try:
        if sock.slot is not slot or slot.closed:
            return
        pool.claim(sock)
        name = b"+USORD" if sock.type == 1 else b"+USORF"
        rows = channel.ask(name, slot.number, 0, guard=pool.on_launch)
        row = rows[0] if rows and pool.slots[slot.number] is slot else ()
        if len(row) == 2 and isinstance(row[1], int) and row[1] >= 0:
            slot.pending = row[1]
    except CommandError:
        refused = True
    finally:
        channel.release()
    if refused and not slot.closed and not sock.errno and sock.slot is slot:
        sock.errno = errno_of(pool, slot, _ECONNRESET, sock, began)


def fate_of(sock, slot, began: int) -> int:
    """Why a connection has ended: an errno if it was reset or the network has lost it, 0 if the
    other side has closed it."""
    if slot.fate is None:
        code = last_error(sock.pool, sock, began)
        slot.fate = slot.fate or (code if code in _LOSSES else 0)
    return slot.fate


def pending_fate(sock, slot, began: int) -> int:
    """The same of a connection that still has data to be read: the module knows its error."""
    try:
        code = control(sock.pool, slot, 1, sock, began)
    except CommandError:
        code = 0
    if code not in _LOSSES:
        return 0
    slot.fate = code
    return code


def ended(sock, slot, began: int) -> bool:
    """The other side has closed, and nothing is left to be read: False, the end of the stream. If
    it was a reset, or the network, that is raised once. The module knows which it was: where it
    cannot be asked within the time-out of the socket, that is raised."""
    _tell(slot, fate_of(sock, slot, began))
    return False


def _tell(slot, code: int) -> None:
    if code and not slot.raised:
        slot.raised = True
        raise OSError(code, "the connection was reset")


def end_of_sending(sock, began: int, refused: bool = False) -> OSError:
    """Why nothing can be sent any more. `refused`: the module takes no more data of a connection
    that may still have some to be read: the other side has closed it, or has reset it, which is
    raised once."""
    slot = sock.slot
    if refused:
        sock.deaf = True
    try:
        if slot is not None and slot.closed:
            ended(sock, slot, began)
        elif refused and slot is not None:
            check_pending(sock, slot, began)
    except OSError as error:
        return error
    return OSError(_EPIPE, "closed by the other side, or by shutdown()")


def check_pending(sock, slot, began: int) -> None:
    """Raise, once, that a connection that still has data to be read was reset."""
    _tell(slot, pending_fate(sock, slot, began))


def check_taken(sock, slot, rest: int) -> int:
    """Fewer bytes were taken than offered, or so it reads: a lost digit would have the rest sent
    twice. The module's own count of what was sent tells whether they were taken as well; how many
    of them. Where it does not, the socket ends. Others may send before it is asked, so what is
    certain of them and of us is in `slot.total` by then."""
    try:
        total = control(sock.pool, slot, 2)
    except CommandError:
        total = -1
    more = total - slot.total
    if slot.total >= 0 and more in (0, rest):
        slot.total = total
        return more
    sock.errno = sock.errno or _EIO
    raise sock.dead()


def check_short(sock, into, at: int, n: int, rubbish: int, began: int) -> None:
    """Fewer bytes came than were announced, `into[at:at + n]`. If the rest then came as lines that
    mean nothing, a digit of the length was lost, and the stream has a gap.

    The question takes time, in which the caller may give up and another one reads: so the bytes
    are the socket's own before it is asked, for whoever comes first."""
    channel = sock.pool.channel
    sock.put_back(memoryview(into)[at : at + n])
    if sock.slot:
        refresh(sock, sock.slot, began)
    if channel.unknown != rubbish:
        sock.first = sock.last = 0
        sock.errno = sock.errno or _EIO
        raise sock.dead()


def read_failed(sock, slot, failure, began: int) -> None:
    """Rule 5: a failed read ends the socket. What was announced is lost, which is told."""
    lost = slot.pending
    slot.pending = 0
    if slot.closed and not lost:
        return
    code = sock.errno
    sock.errno = code or _ECONNRESET  # also if the module cannot be asked in time
    sock.errno = code or errno_of(sock.pool, slot, _ECONNRESET, sock, began)
    raise OSError(sock.errno, "%d announced bytes lost: %s" % (lost, failure))


def write_failed(sock, slot, failure, began: int) -> None:
    """A full queue and a dead socket are answered alike: ask which it is (A5 5.3.3).

    Returns for a full queue, raises otherwise.
    """
    pool = sock.pool
    if sock.type != 1:
        code = errno_of(pool, slot, _EIO, sock, began)
        if code == _EIO:  # for no reason outside of the module
            pool.refused(failure)
        raise sock.dead() if sock.errno else OSError(code, str(failure))
    try:
        state = 0 if slot.closed else control(pool, slot, 10, sock, began)
    except CommandError:
        state = 0
    if sock.errno:  # asking has shown that the module has restarted
        raise sock.dead()
    if state == _ESTABLISHED:
        if failure.code in _FULL:
            return
        raise failure
    if slot.closed:
        raise end_of_sending(sock, began)
    if state == _CLOSE_WAIT or slot.pending:
        raise end_of_sending(sock, began, True)
    sock.errno = errno_of(pool, slot, _ECONNABORTED, sock, began)
    raise OSError(sock.errno, str(failure))


# ---- sockets of an earlier program --------------------------------------------------------------
#
# Sockets that an earlier host program left open in the module.

_FREE = const(0)  # states of a slot
_OPEN = const(1)
_UNKNOWN = -1 << 28


def sweep(pool, adopt: bool) -> int:
    """Find them; close them or, with `adopt`, put a `Socket` for each into `pool.adopted`. Returns
    their number."""
    channel = pool.channel
    count = 0
    for number in range(len(pool.slots)):
        sock = None
        channel.acquire()
        try:
            slot = pool.slots[number]
            if slot.state:
                continue
            rows = channel.ask(b"+USOCTL", number, 0, least=3)
            if not rows or pool.slots[number] is not slot or slot.state:
                continue
            slot.stream = rows[0][2] == 6
            slot.connected = True
            if adopt:
                sock = _adopt(pool, slot)
            else:
                slot.state = _OPEN
                pool.discard(slot)
        except CommandError:
            continue  # there is none of this number
        finally:
            channel.release()
        count += 1
        if sock is not None:
            _ask_about(pool, slot, sock)
    if channel.debts:
        channel.pay()
    return count


def _adopt(pool, slot):
    sock = pool.socket(2, 1 if slot.stream else 2)
    claim(sock, slot)
    slot.total = slot.taken = _UNKNOWN  # an earlier program may have sent
    pool.adopted.append(sock)
    return sock


def _ask_about(pool, slot, sock) -> None:
    try:
        row = pool.channel.row(4, b"+USOCTL", slot.number, 4)
        slot.peer = sock.peer = (row[2], row[3])
    except CommandError:  # not connected
        pass
    refresh(sock, slot, pool.channel.port.ticks_ms())


def close_unknown(pool, kept: dict) -> None:
    """Have what the module has and we do not know of closed; `kept`: its sockets by number."""
    for slot in pool.slots:
        if slot.state == _FREE and slot.number in kept:
            slot.stream = kept[slot.number] == 6
            slot.connected = True
            slot.state = _OPEN
            pool.discard(slot)
