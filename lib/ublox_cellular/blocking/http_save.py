# Generated from aio/http_save.py by tools/generate. Do not edit.
"""The body of an answer to a file of this microcontroller."""

from ..core.compat import const

_PIECE = const(512)


def save(response, target) -> int:
    """Write the body to a file of this microcontroller, by name or open for writing; its length.
    A file that was opened here is removed again if that fails."""
    if hasattr(target, "write"):
        return _copy(response, target)
    try:
        with open(target, "wb") as file:
            return _copy(response, file)
    except BaseException:
        _remove(target)
        raise


def _copy(response, file) -> int:
    piece = bytearray(_PIECE)
    view = memoryview(piece)
    done = 0
    while True:
        n = response.readinto(piece)
        if not n:
            return done
        file.write(view[:n])
        done += n


def _remove(name: str) -> None:
    """Half a file looks like a whole one."""
    from os import remove

    try:
        remove(name)
    except OSError:
        pass
