# Generated from aio/power/blockers.py by tools/generate. Do not edit.
"""What keeps the module awake, in words. A10 5.10, at-commands 11."""

from ...core.compat import const
from ...core.errors import CommandError

_DATA = const(8)  # state of the engine


def sockets(power):
    """LEXI-R10: the module's sockets as (number, kind, always_on), kind 1 stream, 2 datagrams
    (+USOCR?). Only one of each kind is always-on: the first, until it is closed, listens or is
    secured.

    Raises `CommandError` on SARA-R5, which does not have the command, else `CommandTimeout`,
    `Garbled`, `ModuleReset`.
    """
    rows = power.modem.channel.command(b"+USOCR?", least=3)
    return [(row[0], 1 if row[1] == 6 else 2, row[2] == 1) for row in rows]


def blockers(power):
    """Why the module does not sleep (deeply), as sentences; an empty list if nothing is known.
    While a link is open the module cannot be asked for more reasons.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    modem = power.modem
    found = []
    if not power.mode:
        found.append("power saving is off: call save()")
    if power.radio:
        found.append("the radio is connected: the network ends that after some seconds of silence")
    if power.blocked is not None:
        found.append("client %d of the module is busy (+UUPSMR)" % power.blocked)
    votes = power.votes
    if modem.channel.state == _DATA:
        if votes:
            votes -= 1
            found.append("a direct link is open, and votes against sleep")
        else:
            found.append("a direct link is open")
    elif modem.channel.state:
        found.append("a command is in flight")
    if votes:
        found.append("awake() is in force %d times" % votes)
    if power.line is not None and not modem.channel.asleep:
        found.append("the wire %s keeps it awake: call rest()" % power.line)
    if modem.channel.state == _DATA:  # nothing can be asked
        return found
    if modem.keeps_sockets:
        if 0 < power.level < 3:
            found.append("the deepest level allowed is Sleep-1: see save()")
        _of_sockets(power, found)
    else:
        _of_psm(power, found)
    return found


def _of_sockets(power, found) -> None:
    pool = power.modem.socket_pool
    for number, _, always_on in power.sockets():
        slot = pool.slots[number] if number < len(pool.slots) else None
        if not always_on:
            found.append("socket %d is not always-on: only the first of each kind is" % number)
        elif slot is not None and slot.pending:
            found.append("socket %d has %d bytes to be read" % (number, slot.pending))


def _of_psm(power, found) -> None:
    try:
        requested, granted = power.psm()
    except CommandError:
        return
    if requested is None:
        found.append("PSM is not asked for: call set_psm()")
    elif granted is None:
        found.append("the network has not granted PSM")
