"""Commands that may take minutes, sent without waiting for their answer."""

from ...core.compat import const
from ...core.errors import CommandError

_WAITING = const(3)  # state of the engine: the line is out
_OK = const(1)
_FAILED = const(2)
_OUT_MS = const(10000)  # until the line is out, noise or not
_EIO = const(5)


async def send_off(channel, max_ms: int, name: bytes, *parts, limit_ms=0, guard=None) -> None:
    """Send a command in our turn, which is waited for `limit_ms` at most, and do not wait for its
    answer, which may take `max_ms`. `guard`: see `Engine`.

    `channel.poll()` takes the answer and `accepted()` then tells it; whoever needs the channel
    before that waits for it.
    """
    await channel.acquire(limit_ms)
    try:
        line = channel.start(name)
        for part in parts:
            line.part(part)
        channel.guard = guard
        channel.launch()
        began = channel.since
        while channel.state < _WAITING and not channel.outcome:
            if channel.elapsed(began) > _OUT_MS:
                raise channel.garbled("the line does not fall silent")
            channel.proceed(channel.title())
            await channel.sleep(max(1, channel.step()))
    finally:
        channel.late_ms = 2 * max_ms  # some modules are slower than they are said to be (F13)
        channel.abandon()
        channel.release()


def accepted(channel, name: bytes) -> bool:
    """Whether the command sent off last was `name` and was answered OK. `CommandError` if it was
    refused."""
    if channel.tx.name != name:
        return False
    if channel.outcome == _FAILED:
        raise CommandError(_EIO, channel.title(), channel.code)
    return channel.outcome == _OK
