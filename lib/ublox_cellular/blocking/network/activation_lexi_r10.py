# Generated from aio/network/activation_lexi_r10.py by tools/generate. Do not edit.
"""The data connection of LEXI-R10: an active context is all its internal stack needs. A10 2.3."""

from gc import collect

from ...core.compat import const
from ...core.errors import CommandError
from ..at import accepted, send_off

_ACTIVATE_MS = const(150000)  # +CGACT, at most (at-commands 1.6)
_LOOK_MS = const(100)


def settings(modem) -> None:
    """Settings the module keeps: none yet."""


def store_settings(modem) -> None:
    """Nothing to do: the module stores its settings by itself."""


def authenticate(modem, connection) -> None:
    """Set PAP or CHAP, whichever the network requires."""
    parts = (connection.cid, 3, connection.user, connection.password)
    connection.ask(b"+CGAUTH", *parts, secret=3)


def forget_user(modem, connection) -> None:
    """Remove the authentication that an earlier program may have set; it cannot be read."""
    try:
        connection.ask(b"+CGAUTH", connection.cid, 0)
    except CommandError:
        pass


def watch(modem) -> None:
    """Nothing to do: +CGEV reports the end of a context."""


def activation(modem, connection, now: int) -> int:
    """One step towards an active context; returns ms until the next, -1 when active."""
    channel = modem.channel
    if connection.asked is not None:
        accepted(channel, b"+CGACT")
    for row in connection.ask(b"+CGACT?"):
        if row[:2] == [connection.cid, 1]:
            return -1
    asked = connection.asked
    if asked is None or channel.elapsed(asked) > _ACTIVATE_MS:
        connection.asked = now
        limit = connection.left()
        send_off(channel, _ACTIVATE_MS, b"+CGACT", 1, connection.cid, limit_ms=limit)
    return _LOOK_MS


def stands(modem, cid) -> bool:
    """Whether the data connection is active; the channel is held."""
    rows = modem.channel.ask(b"+CGACT?", least=2)
    return [cid, 1] in [row[:2] for row in rows]


def release_data(modem) -> None:
    """Nothing to do: context 1 is the bearer of the attach and stays as long as the attach."""


# ---- files that were not closed -----------------------------------------------------------------
#
# Closes files to which no reference is left. Imported when there may be some.

_EBUSY = const(16)


def tidy(storage, name: str) -> int:
    """Close them, with the channel held; returns their number. `OSError(EBUSY)` if `name` stays
    open. A garbage collection finds files whose last reference is lost."""
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
