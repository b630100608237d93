"""Payload to the module: +USOWR and +USOST in the syntax that is fastest. A5 5.3, 5.6."""

from ...core.compat import const
from ...core.errors import CommandError, CommandTimeout
from ...core.payload import choose, fitting

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_PROMPT = const(2)  # syntaxes of payload.py
_HEX = const(3)
_AT = const(64)  # the prompt '@'

_WRITE_MS = const(120000)  # +USOWR, at most (at-commands 1.6)
_PATIENCE_MS = const(5000)  # for an answer, beyond the socket's own time-out

_EPIPE = const(32)
_EMSGSIZE = const(90)


async def write(sock, data, at: int, n: int, began: int, host=None, port: int = 0) -> int:
    """Hand bytes of `data[at:at + n]` to the module (+USOWR, with `host` +USOST), within the
    socket's time-out, which counts from `began`.

    How many it took: of a stream perhaps fewer than `n`, 0 when its queue is full.
    """
    pool = sock.pool
    channel = pool.channel
    failure: Any = None
    slot: Any = None
    line: Any = None
    closed = False
    moved = 0
    await pool.enter(sock, began)
    try:
        slot = pool.claim(sock)
        size = 24 if host is None else 32 + len(host)
        n = fitting(pool.syntax, data, at, n, size, host is None)
        syntax = choose(pool.syntax, pool.hex_mode, data, at, n, size)
        if syntax != _PROMPT and pool.hex_mode != (syntax == _HEX):
            await pool.set_hex_mode(syntax == _HEX)
        line = channel.start(b"+USOWR" if host is None else b"+USOST")
        channel.handler = pool.on_written
        channel.guard = pool.on_launch
        channel.keeper = pool.on_kept
        line.number(slot.number)
        if host is not None:
            line.text(host)
            line.number(port)
        n = pool.offered = _payload(channel, pool.encode, line, syntax, data, at, n)
        limit = sock.timeout_ms
        if limit is None:
            limit = _WRITE_MS
        else:
            limit = _PATIENCE_MS + max(0, limit - channel.elapsed(began))
        await channel.execute(limit)
        moved = pool.moved
        if not channel.answers or moved < 0:
            raise channel.garbled("not the answer of this socket")
    except CommandError as error:
        failure = error
    except BaseException as error:
        if line is not None:
            # A program that gets a time-out from send() sends the same again.
            if isinstance(error, CommandTimeout):
                channel.keeper = None
            pool.broken(sock)
        if not isinstance(error, OSError) or error.errno != _EPIPE:
            raise
        closed = True  # within the pause before the command
    finally:
        channel.release()
    if sock.errno:  # another socket had that number by then
        if channel.debts:
            await channel.pay()
        raise sock.dead()
    if closed:
        from .diagnosis import end_of_sending

        raise await end_of_sending(sock, began)
    if failure:
        from .diagnosis import write_failed

        await write_failed(sock, slot, failure, began)
        return 0
    if host is None:
        if not moved:
            from .diagnosis import end_of_sending

            raise await end_of_sending(sock, began, True)
        slot.total += moved
        if moved < n:
            from .diagnosis import check_taken

            moved += await check_taken(sock, slot, n - moved)
    return moved


def _payload(channel, encode, line, syntax: int, data, at: int, n: int) -> int:
    """The last two parameters: length and payload, or the plan for it; how many bytes that is."""
    if syntax == _HEX:
        room = (len(line.buf) - line.size - 8) // 2
        if n > room:
            if line.name == b"+USOST":
                raise OSError(_EMSGSIZE, "datagram too long for hex")
            n = room
        line.number(n)
        encode(line, data, at, n)
        return n
    line.number(n)
    if syntax == _PROMPT:
        channel.prompt = _AT
    else:
        line.open_text()
    channel.out = data
    channel.out_at = at
    channel.out_n = n
    return n
