# Generated from aio/at/turns.py by tools/generate. Do not edit.
"""Waiting for a lock that another caller has. Imported when that happens."""

from ...core.compat import const
from ...core.errors import InUse
from ...wait_blocking import TASKS

_QUICK_MS = const(200)  # most exchanges have ended by then
_LOOK_MS = const(5)

_EBUSY = const(16)
_ETIMEDOUT = const(110)


def wait(lock, channel, limit_ms: int, what: str) -> None:
    """Wait for our turn and take the lock. In the blocking flavour another caller can only be a
    hook, or a stream that was left open: `InUse(EBUSY)` immediately, otherwise after `limit_ms`
    (ETIMEDOUT); `Cancelled`. A cancelled caller leaves the queue."""
    if channel.hooked:
        text = "a hook runs during an operation and cannot use the modem"
        raise InUse(_EBUSY, text)
    me = object()
    lock.queue.append(me)
    began = channel.port.ticks_ms()
    try:
        while lock.held or lock.queue[0] is not me:
            if _reclaimed(channel):
                continue
            if not TASKS:
                raise InUse(_EBUSY, "%s is in use by %s" % (what, _user(lock, channel)))
            passed = channel.elapsed(began)
            if passed >= limit_ms:
                text = "%s was in use for %d ms, now by %s"
                raise InUse(_ETIMEDOUT, text % (what, passed, _user(lock, channel)))
            channel.proceed(what)
            channel.sleep(1 if passed < _QUICK_MS else _LOOK_MS)
        lock.held = True
    finally:
        lock.queue.remove(me)


def _reclaimed(channel) -> bool:
    """Take the channel back from a data stream to which no reference is left; returns whether
    that was so. The next command leaves data mode."""
    if channel.stream is None or channel.stream() is not None:
        return False
    channel.stream = None
    channel.lock.held = False
    return True


def _user(lock, channel) -> str:
    """The current holder of the lock, for the message."""
    if lock is not channel.lock:
        return "another caller"
    return channel.title() if channel.stream is None else "a data stream"
