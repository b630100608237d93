# Generated from aio/http/save.py by tools/generate. Do not edit.
"""The body of an answer to a file of this microcontroller."""

from ...core.buffers import moved
from ...core.compat import const

_PIECE = const(512)
_ENOSPC = const(28)


def save(response, target) -> int:
    """Write the body to a file of this microcontroller, by name or open for writing; its length.
    A file that was opened here is removed again if that fails. What was read by then is not there
    any more: the response is closed."""
    named = isinstance(target, (str, bytes))
    if not named and not hasattr(target, "write"):
        raise TypeError("the name of a file, or one open for writing wanted")
    response.turn()
    try:
        if not named:
            return _copy(response, target)
        with open(target, "wb") as file:
            return _copy(response, file)
    except BaseException:
        if named:
            _remove(target)
        response.close()
        raise
    finally:
        response.lock.release()


def _copy(response, file) -> int:
    piece = bytearray(_PIECE)
    view = memoryview(piece)
    total = 0
    while True:
        n = response.some(piece, _PIECE)
        if not n:
            return total
        done = 0
        while done < n:
            taken = file.write(view[done:n])
            if taken is None:  # it does not count
                break
            if not moved(taken, n - done):
                raise OSError(_ENOSPC, "the file takes no more")
            done += taken
        total += n


def _remove(name) -> None:
    """Half a file looks like a whole one."""
    from os import remove

    try:
        remove(name)
    except OSError:
        pass
