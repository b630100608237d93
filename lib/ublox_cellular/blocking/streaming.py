# Generated from aio/streaming.py by tools/generate. Do not edit.
"""A socket read and written like a file."""

_EAGAIN = 11


def read(sock, size: int):
    found = bytearray()
    piece = bytearray(256 if size < 0 else min(size, 256))
    while size < 0 or len(found) < size:
        want = len(piece) if size < 0 else min(len(piece), size - len(found))
        n = sock.readinto(piece, want)
        if n is None:
            return bytes(found) if found else None
        if not n:
            break
        found.extend(memoryview(piece)[:n])
    return bytes(found)


def readline(sock):
    found = bytearray()
    one = bytearray(1)
    while True:
        n = sock.readinto(one)
        if n is None:
            return bytes(found) if found else None
        if not n:
            return bytes(found)
        found.extend(one)
        if one[0] == 10:
            return bytes(found)


def write(sock, data, size: int):
    if isinstance(data, str):
        data = data.encode()
    n = len(data) if size < 0 else min(size, len(data))
    if sock.type == 2:
        return sock.send(data[:n])
    slot = sock.slot
    if sock.errno or slot is None or not (slot.connected or slot.result == 0):
        raise sock.dead()
    done = 0
    while done < n:
        try:
            done += sock.give(data, done, n - done)
        except OSError as error:
            if error.errno != _EAGAIN or sock.timeout_ms != 0:
                raise
            return done or None
    return done
