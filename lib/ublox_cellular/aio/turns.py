"""Waiting for a lock that another caller has. Imported when that happens."""

from ..core.compat import const
from ..core.errors import ModemError
from ..wait_aio import TASKS

_QUICK_MS = const(200)  # an exchange is over by then
_LOOK_MS = const(5)

_EBUSY = const(16)
_ETIMEDOUT = const(110)


async def wait(lock, channel, limit_ms: int, what: str) -> None:
    """Wait until it is our turn; the lock is ours then. In the blocking flavour another caller can
    only be a hook, or a stream that was left open: `ModemError(EBUSY)` at once, else after
    `limit_ms` (ETIMEDOUT); `Cancelled`. A caller that gives up leaves the queue."""
    me = object()
    lock.queue.append(me)
    began = channel.port.ticks_ms()
    try:
        while lock.held or lock.queue[0] is not me:
            if channel.reclaim():
                continue
            if not TASKS:
                text = what + " is in use: by an open stream, or this is a hook's call"
                raise ModemError(_EBUSY, text)
            passed = channel.elapsed(began)
            if passed >= limit_ms:
                raise ModemError(_ETIMEDOUT, "%s was in use for %d ms" % (what, passed))
            channel.proceed(what)
            await channel.sleep(1 if passed < _QUICK_MS else _LOOK_MS)
        lock.held = True
    finally:
        lock.queue.remove(me)
