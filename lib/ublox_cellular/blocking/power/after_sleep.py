# Generated from aio/power/after_sleep.py by tools/generate. Do not edit.
"""After a deep sleep, or a restart: what is left, and what must be told again. A10 5.10."""

from ...core.compat import const
from ...core.errors import CommandError
from .reports import enable

_FREE = const(0)
_CLOSING = const(3)
_ECONNRESET = const(104)
_PROTOCOLS = {6: 1, 17: 2}  # of +USOCR: kinds of sockets


def configure(power) -> None:
    """Part of `configure` in device/power_on.py: the channel is held."""
    modem = power.modem
    if power.mode:
        modem.tell_saving()
    if power.reporting:
        enable(power)
    if power.votes or power.vote_owed:
        from .sleep_votes import cast

        power.vote_owed = True
        try:
            cast(power)
        except CommandError:  # it is not for this that the module cannot be used
            pass
    if power.doubt:
        left = 0
        if modem.keeps_sockets:
            _look_at_context(modem)
            if "socket_pool" in modem.loaded:
                left = _survivors(modem)
        power.woke(left)


def _look_at_context(modem) -> None:
    """The bearers outlive a deep sleep; whether ours has, the module tells."""
    network = modem.network
    if network.up:
        network.stat = None
        cid = network.wanted.cid if network.wanted else 1
        rows = modem.channel.ask(b"+CGACT?")
        network.set_up([cid, 1] in [row[:2] for row in rows])


def _survivors(modem) -> int:
    """Keep the sockets that the module still has, fail the others; how many are left."""
    channel = modem.channel
    pool = modem.socket_pool
    pool.connecting = pool.shaking = None
    try:
        rows = channel.ask(b"+USOCR?", least=2)
    except CommandError:
        rows = []
    kept = {row[0]: row[1] for row in rows}
    left = 0
    for slot in pool.slots:
        sock = slot.sock()
        if slot.state == _FREE:
            continue
        kind = _PROTOCOLS.get(kept.get(slot.number, 0))
        if sock is not None and sock.type == kind and slot.state != _CLOSING:
            left += 1
            _unread(channel, slot, sock)
            continue
        if sock is not None:
            sock.errno = sock.errno or _ECONNRESET
        slot.clear()
    if kept:
        from ..device.survivors import close_unknown

        close_unknown(pool, kept)
    return left


def _unread(channel, slot, sock) -> None:
    """An announcement may have been made while nobody could hear it."""
    try:
        rows = channel.ask(b"+USORD" if sock.type == 1 else b"+USORF", slot.number, 0)
        if rows and len(rows[0]) == 2 and isinstance(rows[0][1], int):
            slot.pending = rows[0][1]
    except CommandError:
        pass
