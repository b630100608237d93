# Generated from aio/failures.py by tools/generate. Do not edit.
"""What the failure of a socket command means, and how a socket really is."""

from ..core.compat import const
from ..core.errors import CommandError

_OPEN = const(1)
_ESTABLISHED = const(4)  # states of +USOCTL 10
_CLOSE_WAIT = const(7)

_EIO = const(5)
_EPIPE = const(32)
_ECONNABORTED = const(103)
_ECONNRESET = const(104)


def errno_of(pool, slot, default: int) -> int:
    """Why the last operation failed: of the socket, else of the module, else `default`."""
    for question in ((b"+USOCTL", slot.number, 1), (b"+USOER",)):
        try:
            rows = pool.channel.command(*question)
            if rows and isinstance(rows[0][-1], int) and rows[0][-1] > 0:
                return rows[0][-1]
        except CommandError:
            pass
    return default


def control(pool, slot, what: int):
    """+USOCTL: the value of parameter `what`, a list where there are two."""
    row = (pool.channel.command(b"+USOCTL", slot.number, what))[0]
    return row[2] if len(row) == 3 else row[2:]


def refresh(pool, slot) -> None:
    """Ask for what a lost announcement would have told."""
    stream = slot.socket is None or slot.socket.type == 1
    try:
        rows = pool.channel.command(b"+USORD" if stream else b"+USORF", slot.number, 0)
        if rows and len(rows[0]) == 2 and isinstance(rows[0][1], int):
            slot.pending = rows[0][1]
    except CommandError:
        if slot.state == _OPEN:
            slot.closed = True


def read_failed(pool, sock, failure) -> None:
    """Rule 5: a failed read ends the socket. What was announced is lost, which is told."""
    slot = sock.slot
    if slot is None:
        raise failure
    lost = slot.pending
    slot.pending = 0
    code = errno_of(pool, slot, _ECONNRESET)
    slot.closed = True
    if lost or code != _ECONNRESET:
        sock.errno = code
        raise OSError(code, "%d announced bytes lost: %s" % (lost, failure))


def write_failed(pool, sock, failure) -> None:
    """A full queue and a dead socket are answered alike: ask which it is (A5 5.3.3).

    Returns for a full queue, raises otherwise.
    """
    slot = sock.slot
    if slot is None:
        raise failure
    if sock.type != 1:
        raise OSError(errno_of(pool, slot, _EIO), str(failure))
    try:
        state = control(pool, slot, 10)
    except CommandError:
        state = 0
    if state == _ESTABLISHED:
        return
    if state == _CLOSE_WAIT:
        sock.deaf = True
        raise OSError(_EPIPE, "the other side has closed the connection")
    sock.errno = errno_of(pool, slot, _ECONNABORTED)
    raise OSError(sock.errno, str(failure))
