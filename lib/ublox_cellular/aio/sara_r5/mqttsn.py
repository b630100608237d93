"""MQTT-SN by the module's own client: its session, and what the module tells of it. A5 7.

What messages and the end of a session are to the application is the same as for MQTT: mqtt.py.
"""

from ...core.compat import const
from ..modem import entry, lazily
from ..mqtt import Mqtt

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from ..profile import Profile

_DISCONNECT = const(0)  # actions of +UMQTTSNC, which its URCs repeat
_CONNECT = const(1)
_REGISTER = const(2)
_SUBSCRIBE = const(5)
_READ = const(9)
_PING = const(10)
_LAST = const(12)
_PUBLISHING = (4, 11, 12)  # text, file, binary: a sibling reports one as another

_WAITING = const(3)  # state of the engine from which on a command is out

_BY_MODULE = const(1)  # reasons for the end of a session
_NO_PONG = const(8)

_EVENT_SESSION = const(14)

# A file of this folder, or with "/" of the one above, and what is in it, by lines.
_FUNCTIONS = (
    "mqttsn_session connect disconnect ping \n"
    "mqttsn_profile configure store load factory \n"
    "mqttsn_publish publish \n"
    "mqttsn_topics register predefine subscribe unsubscribe \n"
    "mqttsn_reading take \n"
    "mqttsn_extras publish_file update_will \n"
    "mqttsn_failures gone \n"
    "mqttsn_profile settings \n"
    "/messages read read_into wait_msg read_all \n"
    "/mqtt_store secured \n"
)


class MqttSn(Mqtt):
    """`modem.mqttsn`, in the shape of `modem.mqtt`: one session with a gateway (MQTT-SN 1.2, QoS
    -1 to 2). Topics are named; their ids are found behind the scenes, and messages come with names
    again, as bytes. The topic of a message whose id nobody has named to us is that number.

    `connected`, `unread`, `why`, `buffer`, `leave`, `large`, `dropped` are those of `Mqtt`, the
    buffer made at the first message has 1040 bytes. `asleep`: disconnected for a time only, by
    `disconnect(duration_s)`: the gateway keeps messages until `connect()`.

    A restart of the module ends the session: `connect()` without a host makes it anew with the
    settings it had. Subscriptions are then the gateway's memory, with `clean=False`, or to be
    made again. An action that did not end in an acknowledgement is never repeated by itself.
    """

    if TYPE_CHECKING:
        asked: int | None
        topic_id: int | None
        order: Any
        names: dict[int, str]

    def __init__(self, modem):
        super().__init__(modem, b"+UUMQTTSNC")
        self.channel.on_urc(b"+UMQTTSNC", self._told)  # as A5 7.8 prints it
        self.asleep = False
        self.late = False  # a count has come behind a command
        self.binary = True  # until the module refuses that form
        self.asked = None  # the action whose OK has not come yet
        self.life = 0  # counts the restarts of the module
        self.topic_id = None  # told with the result of an action
        self.order = None  # settings as they were wished
        self.ids = {}  # topic names the gateway knows by an id, in this session
        self.names = {}  # and back: kept over sessions that are resumed
        self.fixed = {}  # names of predefined ids

    def __getattr__(self, name: str):
        file = entry(_FUNCTIONS, name)
        if not file:
            raise AttributeError(name)
        file = file[1:] if file[0] == "/" else "sara_r5." + file
        function = lazily(self, file, name)
        setattr(self, name, function)
        return function

    def _told(self, line) -> None:
        op = line.number()
        value = line.number()
        if op is None or value is None or op > _LAST:
            self.channel.unknown += 1
        elif op == _READ:
            if not value or line.pos < line.stop:  # damaged: it never tells 0, and no more
                self.channel.unknown += 1
            self.late = self.late or self.channel.state >= _WAITING
            self._announced(value or 1)
        elif op == _PING:
            if not value:
                self.ended(_NO_PONG)
        elif op == _DISCONNECT:
            wanted = _DISCONNECT in (self.op, self.asked)
            self.ended(0 if wanted else value if value >= 100 else _BY_MODULE)
            connecting = _CONNECT in (self.op, self.asked)
            self._done(1 if wanted else 0 if connecting else None, not connecting)
        elif _same(op, self.op) or _same(op, self.asked):
            early = not _same(op, self.op)
            if op == _REGISTER:
                self.topic_id = _number(line)
            elif op == _SUBSCRIBE:
                self.granted = line.number()
                self.topic_id = _number(line)
            elif op == _CONNECT and value == 1:
                self.connected = True
                self.modem.events.put(_EVENT_SESSION, 1)
            self._done(value, early)

    def _done(self, result: int | None, early: bool) -> None:
        """Of the action the module is at; `early`: of the one whose OK has not come, so that it
        was lost."""
        if early:
            self.asked = None
        self.op = None
        self.result = result

    def lost(self) -> None:
        """The module has restarted, or slept so deeply that session and profile are gone."""
        super().lost()
        self.asleep = False
        self.life += 1
        self.op = None
        self.ids.clear()

    if TYPE_CHECKING:

        async def connect(  # pyright: ignore[reportIncompatibleMethodOverride]
            self,
            host: str | None = None,
            port: int | None = None,
            *,
            client_id: str | None = None,
            keepalive: int = 60,
            clean: bool | None = None,
            will: tuple[Any, ...] | None = None,
            tls: Profile | bool | None = None,
            timeout_ms: int = 120000,
        ) -> None:
            """See mqttsn_session.py; so for disconnect, ping."""

        async def disconnect(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, duration_s: int | None = None, timeout_ms: int = 60000
        ) -> None: ...

        async def configure(self, host: str, port: int | None = None, **options: Any) -> None:
            """See mqttsn_profile.py; so for store, load, factory."""

        async def store(self, host: str | None = None, **options: Any) -> None: ...

        async def publish(
            self,
            topic: Any,
            msg: Any,
            retain: bool = False,
            qos: int = 0,
            *,
            kind: str | None = None,
            timeout_ms: int = 60000,
        ) -> None:
            """See mqttsn_publish.py."""

        async def publish_file(
            self,
            topic: Any,
            name: str,
            retain: bool = False,
            qos: int = 0,
            *,
            kind: str | None = None,
            timeout_ms: int = 60000,
        ) -> None:
            """See mqttsn_extras.py; so for update_will."""

        async def update_will(
            self,
            topic: Any,
            msg: Any,
            qos: int = 0,
            retain: bool = False,
            *,
            timeout_ms: int = 60000,
        ) -> None: ...

        async def register(self, topic: Any, timeout_ms: int = 60000) -> int:
            """See mqttsn_topics.py; so for predefine, subscribe, unsubscribe."""
            return 0

        def predefine(self, topic: Any, number: int) -> None: ...

        async def subscribe(
            self, topic: Any, qos: int = 0, *, kind: str | None = None, timeout_ms: int = 60000
        ) -> int:
            return 0

        async def unsubscribe(
            self, topic: Any, *, kind: str | None = None, timeout_ms: int = 60000
        ) -> None: ...


def _same(told: int, op) -> bool:
    """Whether a URC about action `told` may be the result of action `op`."""
    return told == op or (told in _PUBLISHING and op in _PUBLISHING)


def _number(line):
    """The next field as a number, also from quotes; None if it is none."""
    if not line.quoted():
        return line.number()
    text = line.text()
    return int(text) if text.isdigit() else None
