"""A session that comes back by itself, and publishing that loses nothing. Made by `mqtt.keep()`.

The contract:

- Whatever ends the session, loss of coverage, the broker, a restart or a deep sleep of the module,
  it is begun anew: the data connection first (`modem.connect()` must have been called), then the
  session, with pauses from one second, doubled up to a minute; then all subscriptions.
- Every `publish()` is in the outbox from its return on, and leaves it in one of two ways:
  acknowledged, or failed; `on_result(ticket, error)` tells, error None for the former, and
  `acknowledged` and `failed` count. A full outbox raises, nothing is pushed out of it.
- With QoS 1 a message is published again until it is acknowledged, so the broker may get it
  twice where an acknowledgement was lost, which is what QoS 1 is; it fails only if the module
  refuses it three times. With QoS 0 and 2 a message is published again only if it certainly was
  not sent; where nobody can know, it fails and is not doubled.
- With `clean=False` the broker keeps messages of QoS 1 and 2 meanwhile. Firmware that cannot ask
  for that (+UMQTT operation 12) gets an ordinary session, and `persistent` is False. As nobody
  tells whether the broker knew us, subscriptions are always made again: retained messages come
  again, too.
- A microcontroller that restarts calls `keep(state=…)` with what `save()` gave, and the outbox
  goes on. Use a fixed `client_id`, or none, which is the IMEI.

All work is done by the calls of `step()`: `run()` for ever, `work()` for a while, `flush()` until
the outbox is empty. None of them raises for what may pass; `trouble` is the last such error. A
subscription the broker refuses is told there, too.
"""

from ...core.compat import const
from ...core.errors import (
    Cancelled,
    CommandError,
    Garbled,
    ModemError,
    NotSupported,
    ServiceError,
)
from ...core.mqtt_payload import check_filter, check_qos, check_topic, octets
from .. import lazily
from ..at import Lock
from .action import Action, duration, within
from .connect import prepare

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_FIRST_PAUSE_MS = const(1000)
_LONGEST_PAUSE_MS = const(60000)
_LOOK_MS = const(20)
_REFUSALS = const(3)
_CONNECT_MS = const(120000)
_ANSWER_MS = const(60000)
_END_MS = const(5000)
_LONGEST = const(1024)
_TURN_MS = const(1000)  # for the step of another task
_LARGEST = const(10000)

_EACCES = const(13)
_ENOBUFS = const(105)
_ETIMEDOUT = const(110)
_ECANCELED = const(125)


def keep(
    mqtt, host, port=None, *, clean=False, outbox=8, state=None, on_message=None, on_result=None,
    **options,
):  # fmt: skip
    """A `Session` with a broker, by the options of `connect()`; nothing is sent before `step()`.

    `outbox`: how many messages wait at most; `state`: of `save()`, in an earlier life, which may
    bring more. `on_message(topic, payload)`, both bytes, and `on_result(ticket, error)` are called
    between commands. `ValueError` for what cannot be, a damaged `state` included.
    """
    options["clean"] = clean
    prepare(mqtt, host, port, options)
    if not within("outbox", outbox, _LARGEST):
        raise ValueError("outbox: 1 to %d" % _LARGEST)
    if on_result is not None and not callable(on_result):
        raise TypeError("on_result: a function, or None")
    session = Session(mqtt, host, port, options, outbox)
    session.on_result = on_result
    if state:
        from .outbox_bytes import restore

        restore(session, state)
    if on_message is not None:
        mqtt.set_callback(on_message)
    return session


class Parcel:
    """A message in the outbox. `tries`: refusals so far, `anew`: in a session that was made for
    it; `doubtful`: it may have been sent; `action`: the last attempt, as long as its end has not
    been looked at."""

    if TYPE_CHECKING:
        action: Action | None

    def __init__(self, ticket: int, topic: str, data: bytes, retain: bool, qos: int):
        self.ticket = ticket
        self.topic = topic
        self.data = data
        self.retain = retain
        self.qos = qos
        self.tries = 0
        self.doubtful = self.anew = False
        self.action = None


class Session:
    """See above. `waiting`: parcels of the outbox, the oldest first; `acknowledged`, `failed`,
    `repeated`: how many messages were, the last one perhaps twice at the broker; `connections`:
    how often a session was begun; `trouble`: the last error, None if there was none since.
    `topics`: what is subscribed to, and with which QoS."""

    if TYPE_CHECKING:
        from .outbox_bytes import save as save

        on_result: Any
        trouble: Any
        flying: Parcel | None
        since: int | None

    def __init__(self, mqtt, host: str, port, options, limit: int):
        self.mqtt = mqtt
        self.host = host
        self.port = port
        self.options = options
        self.limit = limit
        self.lock = Lock()
        self.persistent = not options["clean"]
        self.paused = False
        self.topics = {}  # filter: QoS
        self.todo = {}  # those the broker does not know yet in this session
        self.waiting = []
        self.ticket = 0
        self.acknowledged = self.failed = self.repeated = self.connections = 0
        self.on_result = self.trouble = None
        self.flying = None  # the parcel that a caller is sending now
        self.since = None  # the last failure: `pause_ms` pass before the next attempt
        self.pause_ms = _FIRST_PAUSE_MS

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            return lazily(self, "outbox_bytes" if name == "save" else "", name, "mqtt.")

    # ---- orders: they only note what is wanted --------------------------------------------------

    def publish(self, topic, msg, retain=False, qos=1) -> int:
        """Put a message into the outbox; its ticket, a number that counts up. Limits as of
        `mqtt.publish()`. `OSError(ENOBUFS)` if the outbox is full."""
        topic = check_topic(topic)
        data = bytes(octets(msg))
        if len(data) > _LONGEST:
            raise ValueError("message of %d bytes, at most %d" % (len(data), _LONGEST))
        check_qos(qos)
        if len(self.waiting) >= self.limit:
            raise ModemError(_ENOBUFS, "the outbox is full: %d messages wait" % self.limit)
        self.ticket += 1
        self.waiting.append(Parcel(self.ticket, topic, data, bool(retain), qos))
        return self.ticket

    def subscribe(self, topic, qos=1) -> None:
        """Have a subscription from now on, in every session."""
        topic = check_filter(topic)
        self.topics[topic] = self.todo[topic] = check_qos(qos)

    def drop(self, ticket: int) -> bool:
        """Take a message out of the outbox, as failed; whether it was there. For one the broker
        answers by ending the session, every time: it would keep the others waiting."""
        for parcel in self.waiting:
            if parcel.ticket == ticket and parcel is not self.flying:
                self._fail(parcel, Cancelled(_ECANCELED, "publish"))
                return True
        return False

    async def unsubscribe(self, topic) -> None:
        """Have it no longer; the broker is told if the session stands, else what `mqtt` raises."""
        topic = check_filter(topic)
        self.topics.pop(topic, None)
        self.todo.pop(topic, None)
        await self.mqtt.unsubscribe(topic)

    # ---- work -----------------------------------------------------------------------------------

    async def step(self) -> int:
        """Do what is next: connect, subscribe, read a message, publish one; ms until the next step
        makes sense. A step may take as long as what it does: two minutes for a connection. With a
        step of another task under way it returns soon.

        `Cancelled` if `keep_going` says so: like a task that is cancelled it loses nothing."""
        if not self.lock.take():
            try:
                await self.lock.acquire(self.mqtt.channel, _TURN_MS, "the kept session")
            except ModemError as error:
                if error.errno != _ETIMEDOUT:
                    raise
                return _LOOK_MS
        try:
            return await self._step()
        except Cancelled:
            raise
        except (OSError, MemoryError) as error:
            self._stumbled(error)
            return _LOOK_MS
        finally:
            self.lock.release()

    async def _step(self) -> int:
        mqtt = self.mqtt
        mqtt.channel.poll()
        if self.paused and mqtt.connected:  # it was just being made
            await self._hang_up()
        if not mqtt.connected:
            if mqtt.callback and mqtt.waiting():  # of the session that is over
                await self._read()
                return 0
            return _LOOK_MS if self.paused else await self._connect()
        if self.todo:
            await self._subscribe()
            return 0
        self.pause_ms = _FIRST_PAUSE_MS
        self.since = None
        # Without a callback messages are left to `mqtt.check_msg()`.
        busy = mqtt.callback and (mqtt.waiting() or mqtt.seen != mqtt.channel.unknown)
        if busy:
            await self._read()
        if self.waiting:
            return await self._publish(self.waiting[0])
        return 0 if busy else _LOOK_MS

    async def _subscribe(self) -> None:
        """The next subscription. One the broker refuses is not asked for again before the next
        session."""
        mqtt = self.mqtt
        topic = next(iter(self.todo))
        qos = self.todo[topic]
        try:
            await mqtt.subscribe(topic, qos, timeout_ms=_ANSWER_MS)
        except Cancelled:
            raise
        except OSError as error:
            self.trouble = error
            if error.args[0] != _EACCES:
                if mqtt.connected:
                    await self._hang_up()
                raise
        if self.todo.get(topic) == qos:  # else it is wanted otherwise meanwhile, or no more
            del self.todo[topic]

    async def _read(self) -> None:
        """A message to the callback. One that is lost on the way here is told by `trouble`."""
        mqtt = self.mqtt
        try:
            await mqtt.check_msg()
        except ModemError as error:
            self.trouble = error

    async def _connect(self) -> int:
        mqtt = self.mqtt
        network = mqtt.modem.network
        if self.since is not None:
            left = self.pause_ms - mqtt.channel.elapsed(self.since)
            if 0 < left <= self.pause_ms:
                return min(left, _LOOK_MS)
        wanted = network.wanted
        if wanted is not None and not network.up:
            if wanted.failed is not None:  # it was given up, and we never do
                error, wanted.failed = wanted.failed, None
                wanted.anew()
                raise error
            return max(_LOOK_MS, await wanted.attempt())
        if self.persistent == bool(self.options["clean"]):
            self.options["clean"] = not self.persistent
        try:
            await mqtt.connect(self.host, self.port, timeout_ms=_CONNECT_MS, **self.options)
        except NotSupported:
            if not self.persistent:
                raise
            self.persistent = False
            return 0
        self.todo = dict(self.topics)
        self.connections += 1
        self.trouble = None
        return 0

    def _stumbled(self, error) -> None:
        """Pause, the longer the more often it has failed."""
        if self.since is not None:
            self.pause_ms = min(self.pause_ms * 2, _LONGEST_PAUSE_MS)
        self.since = self.mqtt.channel.port.ticks_ms()
        self.trouble = error

    async def _publish(self, parcel) -> int:
        """The oldest message once, and what becomes of it."""
        mqtt = self.mqtt
        action = parcel.action
        if action is not None and action.launched:  # its caller has given up
            if action.result is None and self._lasts(action):
                return _LOOK_MS
            if self.look_at(parcel):
                return 0
        if parcel.doubtful:
            if parcel.qos != 1:
                self._fail(parcel, Cancelled(_ECANCELED, "publish"))
                return 0
            self.repeated += 1
        self.flying = parcel
        parcel.action = Action()
        error = None
        try:
            await mqtt.publish(
                parcel.topic, parcel.data, parcel.retain, parcel.qos, timeout_ms=_ANSWER_MS,
                action=parcel.action,
            )  # fmt: skip
        except Cancelled:
            raise
        except (TypeError, ValueError) as caught:  # it does not go by `mqtt.form`
            self._fail(parcel, caught)
            return 0
        except OSError as caught:
            error = caught
        finally:
            self.flying = None
        if error is None:
            self.look_at(parcel)
        else:
            await self._unsent(parcel, error)
        return 0

    def _lasts(self, action) -> bool:
        """Whether the module may still report how an attempt ended."""
        mqtt = self.mqtt
        at_it = action is mqtt.action or action is mqtt.asked
        return at_it and mqtt.channel.elapsed(action.began) < _ANSWER_MS

    def look_at(self, parcel) -> bool:
        """Look at the end of the last attempt; whether the message is acknowledged."""
        action, parcel.action = parcel.action, None
        if action.result == 1:
            self.acknowledged += 1
            self._done(parcel, None)
            return True
        parcel.doubtful = parcel.doubtful or action.launched
        return False

    async def _unsent(self, parcel, error) -> None:
        mqtt = self.mqtt
        self.trouble = error
        launched = parcel.action.launched
        if self.look_at(parcel):  # its result came in the last moment
            return
        if launched:  # it may have been published all the same
            if parcel.qos != 1:
                self._fail(parcel, error)
        elif mqtt.connected and isinstance(error, (CommandError, ServiceError)):
            parcel.tries += 1
            if parcel.tries >= _REFUSALS and not parcel.anew:
                # Perhaps the module has lost the session unseen: once more in a new one.
                parcel.anew = True
                parcel.tries -= 1
                await self._hang_up()
                return
            if parcel.tries >= _REFUSALS:
                self._fail(parcel, error)
            await mqtt.channel.pause(_FIRST_PAUSE_MS)
        # No answer, or the module's word that it failed: is anybody there?
        if launched and mqtt.connected and not isinstance(error, Garbled):
            await self._hang_up()
            self._stumbled(error)

    async def _hang_up(self) -> None:
        try:
            await self.mqtt.disconnect(_END_MS)
        except Cancelled:
            raise
        except OSError as error:
            self.trouble = error

    def _fail(self, parcel, error) -> None:
        self.failed += 1
        self._done(parcel, error)

    def _done(self, parcel, error) -> None:
        self.waiting.remove(parcel)
        if self.on_result:
            self.on_result(parcel.ticket, error)

    # ---- who calls step() -----------------------------------------------------------------------

    async def work(self, ms: int) -> None:
        """Do what there is to be done for `ms`, a step at a time."""
        duration(ms)
        channel = self.mqtt.channel
        began = channel.port.ticks_ms()
        while True:
            pause = await self.step()
            if channel.elapsed(began) >= ms:
                return
            channel.proceed("mqtt")
            if pause:
                await channel.sleep(min(pause, max(1, ms - channel.elapsed(began))))

    async def run(self) -> None:
        """Work for ever: with asyncio the task behind everything else."""
        while True:
            await self.work(_LONGEST_PAUSE_MS)

    async def flush(self, timeout_ms: int = 180000) -> bool:
        """Work until the outbox is empty and no message waits; whether it came to that in time.
        It takes longer than that by what the last step takes, see `step()`."""
        duration(timeout_ms)
        mqtt = self.mqtt
        began = mqtt.channel.port.ticks_ms()
        while self.waiting or (mqtt.connected and mqtt.callback and mqtt.waiting()):
            left = timeout_ms - mqtt.channel.elapsed(began)
            if left <= 0 or (self.paused and not mqtt.connected):
                return False
            await self.work(1)
        return True

    async def pause(self) -> None:
        """End the session in good order, as before a sleep; outbox and subscriptions are kept, and
        with `clean=False` the broker keeps what comes. The module may sleep deeply."""
        self.paused = True
        try:  # the step of another task ends first
            await self.lock.acquire(self.mqtt.channel, _ANSWER_MS, "the kept session")
        except ModemError as error:
            if isinstance(error, Cancelled):
                raise
            await self._hang_up()
            return
        try:
            await self._hang_up()
        finally:
            self.lock.release()

    def resume(self) -> None:
        """Begin it again with the next step, without a pause."""
        self.paused = False
        self.since = None

    async def close(self, timeout_ms: int = 60000) -> int:
        """`flush()` and `pause()`; how many messages are left, which `save()` keeps."""
        duration(timeout_ms)
        await self.flush(timeout_ms)
        await self.pause()
        return len(self.waiting)
