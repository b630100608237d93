"""Payload from the module (+USORD, +USORF) and to it (+USOWR, +USOST), and a socket read and
written like a file. A5 5.3 to 5.7."""

from ...core.buffers import check_data
from ...core.command import choose, fitting
from ...core.compat import const
from ...core.errors import CommandError, CommandTimeout, InUse
from ..at import Lock

_CHUNK = const(1024)
_HEX_CHUNK = const(512)
_EPIPE = const(32)
_BULK = const(256)  # from here on leaving the hex mode costs less than reading in it


async def receive(sock, into, at: int, n: int, began: int) -> int:
    """At most `n` announced bytes to `into[at:]`, within the socket's time-out, which counts from
    `began`; how many there were."""
    pool = sock.pool
    channel = pool.channel
    failure = slot = line = None
    moved = rubbish = 0
    stream = sock.type == 1
    await pool.enter(sock, began)
    try:
        slot = pool.claim(sock)
        if sock.first < sock.last:  # of a read that was given up
            return 0
        # One mode for all sockets: large reads are not worth two digits a byte.
        bulk = slot.pending > _BULK and n > _BULK and not pool.syntax
        if pool.hex_mode is None or (pool.hex_mode and bulk):
            await pool.set_hex_mode(False)
        if n > slot.pending:  # rule 5: never more than was announced
            n = slot.pending
        if not n:  # another task has read it
            return 0
        limit = _HEX_CHUNK if pool.hex_mode else _CHUNK
        if n > limit:
            n = limit
        line = channel.start(b"+USORD" if stream else b"+USORF")
        channel.handler = pool.on_stream if stream else pool.on_datagram
        channel.guard = pool.on_launch
        channel.keeper = pool.on_kept
        channel.commas = 2 if stream else 4
        channel.digits = pool.hex_mode
        channel.into = into
        channel.at = at
        channel.room = n
        rubbish = channel.unknown
        line.number(slot.number)
        line.number(n)
        await channel.execute()
        moved = pool.moved
        if moved < 0 or not channel.answers:
            raise channel.garbled("data without its length, or the reverse")
        if not moved:
            slot.pending = 0
    except CommandError as error:
        failure = error
    except BaseException as error:
        if line is not None:
            pool.broken(sock)
        # Closed by the other side within the pause before the command: the end, and no error.
        if isinstance(error, OSError) and error.errno == _EPIPE and slot and slot.closed:
            return 0
        raise
    finally:
        channel.release()
    if sock.errno:  # another socket had that number by then: these are not our bytes
        if channel.debts:
            await channel.pay()
        raise sock.dead()
    if failure:
        from .diagnosis import read_failed

        await read_failed(sock, slot, failure, began)
    elif stream and moved < n:
        from .diagnosis import check_short

        await check_short(sock, into, at, moved, rubbish, began)
        return 0  # they are with what is read ahead
    elif not stream and sock.peer and sock.sender and sock.sender != sock.peer and not sock.tls:
        return 0  # not of the peer that this socket is connected to
    return moved


# ---- to the module ------------------------------------------------------------------------------
#
# Payload to the module: +USOWR and +USOST in the syntax that is fastest. A5 5.3, 5.6.

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_PROMPT = const(2)  # syntaxes of core/command.py
_HEX = const(3)
_AT = const(64)  # the prompt '@'

_WRITE_MS = const(120000)  # +USOWR, at most (at-commands 1.6)
_PATIENCE_MS = const(5000)  # for an answer, beyond the socket's own time-out

_EMSGSIZE = const(90)


async def send(sock, data, at: int, n: int, began: int, host=None, port: int = 0) -> int:
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


# ---- as a file ----------------------------------------------------------------------------------
#
# A socket read and written like a file.

_AGES_MS = const(1 << 28)  # for no time-out

_EAGAIN = const(11)
_ETIMEDOUT = const(110)

# ---- reading ------------------------------------------------------------------------------------


async def read(sock, size: int):
    """What `Socket.read` does."""
    if size is None or size < 0:
        return await _read_all(sock)
    found = bytearray(size)
    view = memoryview(found)
    done = 0
    try:
        while done < size:
            n = await sock.readinto(view[done:])
            if not n:
                if n is None and not done:
                    return None
                break
            done += n
    except BaseException:  # a time-out, a cancelled task: nothing of it is lost
        sock.put_back(view[:done])
        raise
    return bytes(view[:done])


async def _read_all(sock):
    found = bytearray()
    piece = bytearray(512)
    try:
        while True:
            n = await sock.readinto(piece)
            if not n:
                return None if n is None and not found else bytes(found)
            found.extend(memoryview(piece)[:n])
    except BaseException:
        sock.put_back(found)
        raise


async def readline(sock, size: int = -1):
    """Up to and with the next newline, or to the end of the stream; at most `size` bytes. A socket
    that does not wait gives what is there, None if that is nothing."""
    found = bytearray()
    one = bytearray(1)
    try:
        while size < 0 or len(found) < size:
            if sock.first < sock.last:
                _take_line(sock, found, size)
            else:
                n = await sock.readinto(one)
                if not n:
                    return None if n is None and not found else bytes(found)
                found.extend(one)
            if found[-1] == 10:
                break
        return bytes(found)
    except BaseException:
        sock.put_back(found)
        raise


def _take_line(sock, found, size: int) -> None:
    """Of the bytes that were read ahead up to and with a newline to `found`."""
    end = sock.ahead.find(b"\n", sock.first, sock.last) + 1 or sock.last
    if size >= 0:
        end = min(end, sock.first + size - len(found))
    found.extend(memoryview(sock.ahead)[sock.first : end])
    sock.first = end


# ---- writing ------------------------------------------------------------------------------------


async def write(sock, data, size: int, whole: bool = False):
    """What `Socket.write` does; `whole`: `sendall()`, which raises where it cannot go on."""
    if isinstance(data, str):
        data = data.encode()
    check_data(data)
    n = len(data) if size < 0 else min(size, len(data))
    if sock.type == 2:
        return await sock.send(data if n == len(data) else memoryview(data)[:n])
    channel = sock.pool.channel
    began = channel.port.ticks_ms()
    if not n:
        return await sock.send(b"")
    if sock.turn is None:
        sock.turn = Lock()
    done = 0
    try:
        if not sock.turn.take():
            await _our_turn(sock)
        try:
            while done < n:
                if not whole:
                    began = channel.port.ticks_ms()
                elif done and sock.timeout_ms:
                    sock.check_patience(began, True)
                done += await sock.give(data, done, n - done, began)
        finally:
            sock.turn.release()
    except OSError as error:
        if error.errno != _EAGAIN or sock.timeout_ms != 0 or whole:
            raise
        return done or None
    return done


async def _our_turn(sock) -> None:
    """Another task writes to this socket: wait for its end, within the time-out."""
    limit = sock.timeout_ms
    if limit == 0:
        raise sock.late(True)
    try:
        await sock.turn.acquire(sock.pool.channel, limit or _AGES_MS, "the socket")
    except InUse as error:
        if error.errno != _ETIMEDOUT:
            raise
        raise sock.late(True)
