# Generated from aio/failures.py by tools/generate. Do not edit.
"""What the failure of a socket command means, and how a socket really is."""

from ..core.compat import const
from ..core.errors import CommandError

_OPEN = const(1)
_PEER = const(4)  # of +USOCTL
_ESTABLISHED = const(4)  # states of +USOCTL 10
_CLOSE_WAIT = const(7)

_FULL = (-1, 3)  # how a full queue is answered: ERROR, or operation not allowed

_EIO = const(5)
_EBADF = const(9)
_EPIPE = const(32)
_ECONNABORTED = const(103)
_ECONNRESET = const(104)


def errno_of(pool, slot, default: int) -> int:
    """Why the last operation failed: of the socket, else of the module, else `default`."""
    # A question for a socket that is gone would itself become the last error: it comes second.
    for question in ((b"+USOER",), (b"+USOCTL", slot.number, 1)):
        try:
            rows = pool.channel.command(*question)
            code = rows[0][-1] if rows and rows[0] else 0
            if code == _EBADF:  # a socket we know is none of the module's: it was lost unseen
                return _ECONNRESET
            if isinstance(code, int) and code > 0:
                return code
        except CommandError:
            pass
    return default


def control(pool, slot, what: int):
    """+USOCTL: the value of parameter `what`, for 4 a list [address, port]."""
    row = pool.channel.row(3, b"+USOCTL", slot.number, what)
    good = row[:2] == [slot.number, what] and isinstance(row[-1], int)
    if not good or len(row) != (4 if what == _PEER else 3):
        raise pool.channel.garbled("of another socket or parameter")
    return row[2:] if what == _PEER else row[2]


def refresh(pool, slot) -> None:
    """Ask for what a lost announcement would have told."""
    sock = slot.socket
    try:
        rows = pool.channel.command(b"+USORD" if sock.type == 1 else b"+USORF", slot.number, 0)
        if rows and len(rows[0]) == 2 and isinstance(rows[0][1], int):
            slot.pending = rows[0][1]
    except CommandError:
        if not slot.closed and not sock.errno:
            sock.errno = errno_of(pool, slot, _ECONNRESET)


def check_taken(pool, sock, slot, n: int) -> int:
    """Fewer bytes were taken than offered, or so it reads: a lost digit would have the rest sent
    twice. The module's own count of what was sent tells; where it does not, the socket ends."""
    try:
        total = control(pool, slot, 2)
    except CommandError:
        total = -1
    for moved in (pool.moved, n):
        if slot.total >= 0 and total == slot.total + moved:
            return moved
    sock.errno = sock.errno or _EIO
    raise sock.dead()


def check_short(pool, sock, rubbish: int) -> None:
    """Fewer bytes came than were announced. If the rest then came as lines that mean nothing, a
    digit of the length was lost, and the stream has a gap."""
    if sock.slot:
        refresh(pool, sock.slot)
    if pool.channel.unknown != rubbish:
        sock.errno = sock.errno or _EIO
        raise sock.dead()


def read_failed(pool, sock, failure) -> None:
    """Rule 5: a failed read ends the socket. What was announced is lost, which is told."""
    slot = sock.slot
    if slot is None:
        raise failure
    lost = slot.pending
    slot.pending = 0
    if slot.closed and not lost:
        return
    code = errno_of(pool, slot, _ECONNRESET)
    sock.errno = sock.errno or code
    raise OSError(sock.errno, "%d announced bytes lost: %s" % (lost, failure))


def write_failed(pool, sock, failure) -> None:
    """A full queue and a dead socket are answered alike: ask which it is (A5 5.3.3).

    Returns for a full queue, raises otherwise.
    """
    slot = sock.slot
    if slot is None:
        raise failure
    if sock.type != 1:
        code = errno_of(pool, slot, _EIO)
        raise sock.dead() if sock.errno else OSError(code, str(failure))
    try:
        state = 0 if slot.closed else control(pool, slot, 10)
    except CommandError:
        state = 0
    if sock.errno:  # asking has shown that the module has restarted
        raise sock.dead()
    if state == _ESTABLISHED:
        if failure.code in _FULL:
            return
        raise failure
    if state == _CLOSE_WAIT or slot.closed:
        sock.deaf = True
        raise OSError(_EPIPE, "the other side has closed the connection")
    sock.errno = errno_of(pool, slot, _ECONNABORTED)
    raise OSError(sock.errno, str(failure))
