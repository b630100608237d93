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
    """Nothing to do: what the module keeps, it keeps by itself."""


def authenticate(modem, connection) -> None:
    """PAP or CHAP, as the network wants."""
    parts = (connection.cid, 3, connection.user, connection.password)
    connection.ask(b"+CGAUTH", *parts, secret=3)


def forget_user(modem, connection) -> None:
    """No authentication: nobody can tell whether an earlier program has left one."""
    try:
        connection.ask(b"+CGAUTH", connection.cid, 0)
    except CommandError:
        pass


def watch(modem) -> None:
    """Nothing to do: +CGEV tells what becomes of a context."""


def activation(modem, connection, now: int) -> int:
    """A step towards an active context: ms until the next, -1 when it is active."""
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
    """Nothing to do: context 1 is the bearer of the attach and stays as long as it."""


# ---- files that were dropped --------------------------------------------------------------------
#
# Files that were dropped without being closed. Imported when there may be some.

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
