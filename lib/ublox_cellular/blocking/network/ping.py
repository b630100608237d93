# Generated from aio/network/ping.py by tools/generate. Do not edit.
"""Is a host there, and how far (+UPING)? A5 2.3.1, A10 2.4.1, at-commands 2.5."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import Cancelled, CommandError, InUse, ModemError, ModuleReset
from ..at import Lock

TTL_EXPIRED = -2  # round trip time of an echo that was given up on the way

_LONGEST = const(128)
_BUSY_MS = const(200000)  # for an earlier one
_RESOLVE_MS = const(70000)  # what the name may take, before the first line
_SLACK_MS = const(5000)
_LOOK_MS = const(20)
_TIMED_OUT = const(-1)  # as the module writes it

_ECONNRESET = const(104)
_ETIMEDOUT = const(110)
_ECANCELED = const(125)

# count, size, timeout_ms, ttl, interval_ms: name, smallest, largest, the module's own value
_RANGES = (
    ("count", 1, 64, 4), ("size", 4, 1472, 32), ("timeout_ms", 10, 60000, 5000),
    ("ttl", 1, 255, 32), ("interval_ms", 0, 60000, 1000),
)  # fmt: skip


def ping(
    modem,
    host: str,
    *,
    count=4,
    size=32,
    timeout_ms=5000,
    ttl=32,
    interval_ms=1000,
    progress=None,
) -> list:
    """Send `count` (1 to 64) echo requests of `size` (4 to 1472) bytes, `interval_ms` (0 to 60000)
    apart, and wait `timeout_ms` (10 to 60000) for each answer; `ttl` (1 to 255) hops at most.

    [(sequence, size, host, address, ttl, ms)] with the round trip time last: None if no answer
    came, `TTL_EXPIRED` (-2) if it needs more hops. Where lines of the module were lost on their
    way, there are fewer. `progress(list so far)` is called again and again; returning False gives
    up (`Cancelled`). One ping at a time, others wait for it (200 s, then `InUse`), also for one
    that was given up, as the module goes on with it; sockets work meanwhile.

    `ValueError` before anything is sent; `OSError(-2)` if the name is not found, `ENETDOWN`
    without a data connection, `EIO` and the module's code for other failures, `ETIMEDOUT` if
    nothing is heard at all, `ModuleReset`. SARA-R5 cannot ping in an IPv6 context.
    """
    if not sendable(host, _LONGEST):
        raise ValueError("host wanted")
    values = (count, size, timeout_ms, ttl, interval_ms)
    used = 0
    for i in range(len(values)):
        name, smallest, largest, usual = _RANGES[i]
        if not isinstance(values[i], int):
            raise TypeError(name + ": number wanted")
        if not smallest <= values[i] <= largest:
            raise ValueError("%s: %d to %d" % (name, smallest, largest))
        if values[i] != usual:
            used = i + 1
    if progress is not None and not callable(progress):
        raise TypeError("progress: function wanted")
    if "pinger" not in modem.loaded:
        modem.loaded["pinger"] = Pinger(modem.channel)
    pinger = modem.loaded["pinger"]
    pinger.lock.acquire(modem.channel, _BUSY_MS, "ping()")
    echo = False
    try:
        found = pinger.run(host, values[:used], count, timeout_ms + interval_ms, progress)
        echo = any(row[5] is not None for row in found)
        return found
    finally:
        pinger.lock.release()
        if not echo:  # perhaps there is no data connection any more
            modem.network.doubt()


class Pinger:
    """The ping in progress: `since` when something was last heard of it, None if there is none;
    `patience_ms` how long the next line may take."""

    def __init__(self, channel):
        self.channel = channel
        self.lock = Lock()  # the answers do not tell whose they are
        self.since = None
        self.patience_ms = self.each_ms = 0
        self.count = self.last = 0
        self.found = []
        self.failure = None  # code of +UUPINGER
        self.reset = False
        channel.on_urc(b"+UUPING", self._answered)
        channel.on_urc(b"+UUPINGER", self._failed)

    def _answered(self, line) -> None:
        row = line.fields()
        if self.since is None or len(row) < 6 or not isinstance(row[0], int):
            return
        sequence = row[0]
        if not self.last < sequence <= self.count or not _possible(row):  # doubled, or damaged
            return
        self.last = sequence
        self.found.append((sequence, row[1], row[2], row[3], row[4], _time(row[5])))
        self.since = None if sequence == self.count else self.channel.port.ticks_ms()
        self.patience_ms = self.each_ms

    def _failed(self, line) -> None:
        if self.since is not None:
            self.failure = line.number()
            if self.failure is None:
                self.failure = 0
            self.since = None

    def lost(self) -> None:
        """The module has restarted."""
        self.reset = self.since is not None
        self.since = None

    def run(self, host: str, options, count: int, each_ms: int, progress) -> list:
        """One ping; `options` are those that differ from the module's own, and all before."""
        channel = self.channel
        # One that was given up: its answers must not be taken for ours.
        self._wait(None, _BUSY_MS)

        def launched() -> None:
            self.found = []
            self.failure = None
            self.reset = False
            self.last = 0
            self.count = count
            self.each_ms = each_ms + _SLACK_MS
            self.patience_ms = self.each_ms + _RESOLVE_MS
            self.since = channel.port.ticks_ms()

        try:
            channel.command(b"+UPING", host, *options, guard=launched)
        except CommandError:
            self.since = None
            raise
        self._wait(progress, 0)
        if self.reset:
            raise ModuleReset(_ECONNRESET, "AT+UPING")
        if self.failure is not None and not self.found:
            from ...core.error_tables import ping_error

            raise ping_error(self.failure, host)
        if not self.found:
            ms = self.patience_ms
            raise ModemError(_ETIMEDOUT, "nothing heard of the ping of %s for %d ms" % (host, ms))
        return self.found

    def _wait(self, progress, limit_ms: int) -> None:
        """Until all is heard, or nothing more for too long."""
        channel = self.channel
        began = channel.port.ticks_ms()
        while self.since is not None:
            if limit_ms and channel.elapsed(began) > limit_ms:
                raise InUse(_ETIMEDOUT, "an earlier ping() was given up and still goes on")
            if channel.elapsed(self.since) > self.patience_ms:
                self.since = None
                return
            channel.poll()
            if progress and channel.ask_hook(progress, self.found) is False:
                raise Cancelled(_ECANCELED, "ping")
            channel.proceed("ping")
            if self.since is not None:
                channel.sleep(_LOOK_MS)


def _possible(row) -> bool:
    """Whether size, address, hops and time of an answer are what they can be; what is not told of
    an echo that has not come back is None."""
    ttl = row[4] or 0
    if isinstance(row[3], int) or not isinstance(ttl, int) or not isinstance(row[5], int):
        return False
    return isinstance(row[1], int) and row[1] >= 0 <= ttl <= 255 and row[5] >= TTL_EXPIRED


def _time(value):
    """Milliseconds; None for a time-out."""
    return None if value == _TIMED_OUT else value
