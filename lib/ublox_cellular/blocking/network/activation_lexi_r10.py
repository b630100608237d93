# Generated from aio/network/activation_lexi_r10.py by tools/generate. Do not edit.
"""The data connection of LEXI-R10: an active context is all its internal stack needs. A10 2.3."""

from ...core.compat import const
from ...core.errors import CommandError
from ..at.deferred_command import accepted, send_off

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
