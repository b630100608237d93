"""MQTT-SN by the module's own client: its session, and what the module tells of it. A5 7.

What messages and the end of a session are to the application is the same as for MQTT: mqtt/.
"""

from ...core.compat import const
from .. import entry, lazily
from ..mqtt import Mqtt

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from ..security.tls_profile import Profile

_REGISTER = const(2)

# A file of this folder, or with "/" of the one above, and what is in it, by lines.
_FUNCTIONS = (
    "connect connect disconnect \n"
    "settings configure store load factory \n"
    "publish publish \n"
    "topics register predefine subscribe unsubscribe \n"
    "read named \n"
    "rare publish_file update_will \n"
    "errors over failure refused \n"
    "settings settings \n"
    "/connect ping \n"
    "/errors gone settle \n"
    "/earlier_action answered again idle end_old disown unvote \n"
    "/read take \n"
    "/messages read wait_msg \n"
    "/messages_more read_into read_all look \n"
    "/stored_settings secured \n"
)


class MqttSn(Mqtt):
    """`modem.mqttsn`, in the shape of `modem.mqtt`: one session with a gateway (MQTT-SN 1.2, QoS
    -1 to 2). Topics are named; their ids are found behind the scenes, and messages come with names
    again, as bytes. The topic of a message whose id nobody has named to us is that number.

    `connected`, `unread`, `why`, `buffer`, `leave`, `large`, `dropped`, `form` are those of
    `Mqtt`, the buffer made at the first message has 1040 bytes. `asleep`: disconnected for a time
    only, by `disconnect(duration_s)`: the gateway keeps messages until `connect()`.

    A restart of the module ends the session: `connect()` without a host makes it anew with the
    settings it had. Subscriptions are then the gateway's memory, with `clean=False`, or to be
    made again. An action that did not end in an acknowledgement is never repeated by itself.
    """

    NAME = b"+UMQTTSNC"
    SUBSCRIBE = 5
    READ = 9
    PING = 10
    LAST = 12
    PUBLISHING = (4, 11, 12)  # text, file, binary: a sibling reports one as another
    COMMAS = 5
    ROOM = 1040  # 1017 bytes of message, an id, and what is between them

    if TYPE_CHECKING:
        order: Any
        spool: Any
        names: dict[int, str]

    def __init__(self, modem):
        super().__init__(modem, b"+UUMQTTSNC")
        self.channel.on_urc(b"+UMQTTSNC", self._told)  # as A5 7.8 prints it
        self.asleep = False
        self.binary = None  # whether the firmware knows that form, as far as it has shown
        self.spool = None  # a lock of rare.py
        self.order = None  # settings as they were wished
        self.ids = {}  # topic names the gateway knows by an id; another one for every session
        self.names = {}  # and back: kept over sessions that are resumed
        self.fixed = {}  # names of predefined ids

    def __getattr__(self, name: str):
        file = entry(_FUNCTIONS, name)
        if file[:1] == "/":
            file = "/mqtt." + file[1:]
        function = lazily(self, file, name, "mqttsn.")
        setattr(self, name, function)
        return function

    def check(self, action) -> None:
        super().check(action)
        if action.ids is not None and action.ids is not self.ids and not action.blind:
            raise self.over()  # the id of a topic, and the session is another

    def _result(self, action, op: int, value: int, line) -> None:
        super()._result(action, op, value, line)
        if op == self.SUBSCRIBE or op == _REGISTER:
            action.number = _number(line)

    def _announced(self, count: int, line) -> None:
        if not count:  # damaged: it never says 0
            self.channel.unknown += 1
        super()._announced(count or 1, line)

    def shape(self, line) -> bool:
        """A message has more fields than a URC that A5 7.8 prints with the same name."""
        op = line.number()
        return op == self.READ and line.number() is not None and line.number() is not None

    def lost(self) -> None:
        """The module has restarted, or slept so deeply that session and profile are gone."""
        super().lost()
        self.asleep = False
        self.ids = {}

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
            """See connect.py; so for disconnect."""

        async def disconnect(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, duration_s: int | None = None, timeout_ms: int = 60000
        ) -> None: ...

        async def configure(self, host: str, port: int | None = None, **options: Any) -> None:
            """See settings.py; so for store, load, factory."""

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
            """See publish.py."""

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
            """See rare.py; so for update_will."""

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
            """See topics.py; so for predefine, subscribe, unsubscribe."""
            return 0

        def predefine(self, topic: Any, number: int) -> None: ...

        async def subscribe(
            self, topic: Any, qos: int = 0, *, kind: str | None = None, timeout_ms: int = 60000
        ) -> int:
            return 0

        async def unsubscribe(
            self, topic: Any, *, kind: str | None = None, timeout_ms: int = 60000
        ) -> None: ...


def _number(line):
    """The next field as a number, also from quotes; None if it is none."""
    if not line.quoted():
        return line.number()
    text = line.text()
    return int(text) if text.isdigit() else None
