"""LEXI-R10: a vote against deep sleep (+USLPVOTE). A10 6.1.4, 7.1.2."""

from ..core.compat import const
from ..core.errors import NotSupported

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
    """One stay awake."""

    def __init__(self, power):
        self.power = power

    async def __aenter__(self):
        power = self.power
        power.votes += 1
        if power.votes == 1:
            try:
                await _send(power)
            except BaseException:
                power.votes -= 1
                raise
        return self

    async def __aexit__(self, kind, value, trace):
        power = self.power
        power.votes -= 1
        if power.votes == 0:
            try:
                await _send(power)
            except OSError:
                if kind is None:
                    raise  # else what went wrong inside is told


async def _send(power) -> None:
    channel = power.modem.channel
    power.vote_owed = True
    try:
        await channel.acquire()
        try:
            await cast(power)
        finally:
            channel.release()
    finally:
        if power.vote_owed:  # what it knows of our vote is unknown: tell it all again, then this
            channel.restarted = True


async def cast(power) -> None:
    """Tell the module how we vote; the channel is held."""
    channel = power.modem.channel
    if power.votes and not power.vote_level:
        await channel.ask(b"+USLPVOTE", 1, _BLOCK_FROM)
        power.vote_level = True
    await channel.ask(b"+USLPVOTE", 0, 0 if power.votes else 1)
    power.vote_owed = False
