"""Votes against sleep: `awake()`, and what a link in data mode does. A10 6.1.4, 7.1.2.

LEXI-R10 has a command for it (+USLPVOTE). SARA-R5 has none: there the power saving of the UART is
off (+UPSV=0) while a link is open, as no document says whether its receiver sleeps in data mode,
and a byte that would wake it would be data.
"""

from ...core.compat import const
from ...core.errors import CommandError, NotSupported

_BLOCK_FROM = const(2)  # Sleep-1 and everything deeper
_EOPNOTSUPP = const(95)


def awake(power):
    """`with modem.power.awake():` (asyncio: `async with`): no sleep from Sleep-1 on inside, such
    as around an MQTT session. May be nested; balanced whatever happens inside, a restart of the
    module included. `NotSupported` on SARA-R5, where +UPSV and the wires do this."""
    if not power.modem.sleep_traits()[0]:
        raise NotSupported(_EOPNOTSUPP, power.modem.name, "vote against sleep (+USLPVOTE)")
    return Awake(power)


class Awake:
    """One stay awake. Inside, the module has been told."""

    def __init__(self, power):
        self.power = power

    async def __aenter__(self):
        power = self.power
        _change(power, 1)
        try:
            await _told(power)
        except BaseException:
            _change(power, -1)
            raise
        return self

    async def __aexit__(self, kind, value, trace):
        power = self.power
        _change(power, -1)
        try:
            await _told(power)
        except OSError:
            if kind is None:
                raise  # else what went wrong inside is told


def _change(power, by: int) -> None:
    """One vote more or less. What the module has to be told is owed to it: whoever gives up, it
    hears of it with the next command."""
    before = power.votes
    power.votes += by
    if not power.votes or not before:
        power.vote_owed = True
        power.modem.channel.owe(cast, power)


async def _told(power) -> None:
    """Wait until the module knows, perhaps by another task that is at it."""
    if power.vote_owed:
        channel = power.modem.channel
        await channel.acquire()
        try:
            await cast(power)  # if it was not done just now: a refusal is told
        finally:
            channel.release()


async def cast(power) -> None:
    """Tell the module how we vote, if it does not know; the channel is held. What it refuses is
    over."""
    while power.vote_owed:
        votes = power.votes
        try:
            await _vote(power, votes)
        except CommandError:
            power.vote_owed = False
            raise
        if bool(votes) == bool(power.votes):
            power.vote_owed = False


async def _vote(power, votes: int) -> None:
    channel = power.modem.channel
    if not power.modem.sleep_traits()[0]:
        await power.modem.tell_saving()
        return
    if votes and not power.vote_level:
        await channel.ask(b"+USLPVOTE", 1, _BLOCK_FROM)
        power.vote_level = True
    await channel.ask(b"+USLPVOTE", 0, 0 if votes else 1)


async def hold(power) -> None:
    """Keep the module awake until the channel, which is held, is free again: the vote is taken
    back before the next command, whoever sends that. Nothing where a wire keeps it awake, or
    where it does not sleep. `CommandError` if the module refuses."""
    if not power.mode or power.line is not None:
        return
    power.modem.channel.owe(_let_go, power, [1])
    power.votes += 1
    power.vote_owed = power.vote_owed or power.votes == 1
    await cast(power)


async def _let_go(power, held) -> None:
    """Take a link's vote back, once, however often this is tried."""
    if held:
        held.clear()
        power.votes -= 1
        power.vote_owed = power.vote_owed or not power.votes
    await cast(power)


# ---- what keeps the module awake ----------------------------------------------------------------
#
# What keeps the module awake, in words. A10 5.10, at-commands 11.

_DATA = const(8)  # state of the engine


async def sockets(power):
    """LEXI-R10: the module's sockets as (number, kind, always_on), kind 1 stream, 2 datagrams
    (+USOCR?). Only one of each kind is always-on: the first, until it is closed, listens or is
    secured.

    Raises `CommandError` on SARA-R5, which does not have the command, else `CommandTimeout`,
    `Garbled`, `ModuleReset`.
    """
    rows = await power.modem.channel.command(b"+USOCR?", least=3)
    return [(row[0], 1 if row[1] == 6 else 2, row[2] == 1) for row in rows]


async def blockers(power):
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
        await _of_sockets(power, found)
    else:
        await _of_psm(power, found)
    return found


async def _of_sockets(power, found) -> None:
    pool = power.modem.socket_pool
    for number, _, always_on in await power.sockets():
        slot = pool.slots[number] if number < len(pool.slots) else None
        if not always_on:
            found.append("socket %d is not always-on: only the first of each kind is" % number)
        elif slot is not None and slot.pending:
            found.append("socket %d has %d bytes to be read" % (number, slot.pending))


async def _of_psm(power, found) -> None:
    try:
        requested, granted = await power.psm()
    except CommandError:
        return
    if requested is None:
        found.append("PSM is not asked for: call set_psm()")
    elif granted is None:
        found.append("the network has not granted PSM")
