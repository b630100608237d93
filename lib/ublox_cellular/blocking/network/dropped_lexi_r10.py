# Generated from aio/network/dropped_lexi_r10.py by tools/generate. Do not edit.
"""Files that were dropped without being closed. Imported when there may be some."""

from gc import collect

from ...core.compat import const

_EBUSY = const(16)


def tidy(storage, name: str) -> int:
    """Close them, the channel is held; how many there were. `OSError(EBUSY)` if `name` is open
    nevertheless. What is not known to be dropped yet is found by a collection."""
    count = len(storage.handles)
    for last in (False, True):
        busy = not name
        for handle in list(storage.handles.values()):
            file = handle.file()
            if file is None or file.closed:
                storage.close(handle)
            elif handle.name == name:
                busy = True
        if not busy:
            break
        if not last:
            collect()
        elif name:
            raise OSError(_EBUSY, "%s is open: close it first" % name)
    return count - len(storage.handles)
