# Generated from aio/mqtt.py by tools/generate. Do not edit.
"""MQTT by the module's own client: its session, and what the module tells of it. A5 6, A10 6.

What a program does less often than looking for messages is in files of its own, see _FUNCTIONS;
mqtt_session.py brings a lost session back and loses nothing that was to be published.
"""

from ..core.compat import const
from .at import Lock
from .modem import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .messages import Message
    from .mqtt_session import Session
    from .profile import Profile

_DISCONNECT = const(0)  # actions of +UMQTTC, which its URCs repeat
_CONNECT = const(1)
_SUBSCRIBE = const(4)
_READ = const(6)
_PING = const(8)
_PUBLISHING = (2, 3, 9)  # modules report the binary form as text, too (at-commands 5.3)

_BY_MODULE = const(1)  # reasons for the end of a session beside 100 to 102
_RESTART = const(200)

_EVENT_MESSAGES = const(13)
_EVENT_SESSION = const(14)

_FUNCTIONS = (
    "mqtt_connect connect disconnect ping \n"
    "mqtt_store configure store load factory settings secured \n"
    "mqtt_publish publish publish_file \n"
    "mqtt_topics subscribe unsubscribe \n"
    "mqtt_reading take \n"
    "messages read read_into wait_msg read_all \n"
    "mqtt_failures gone \n"
    "mqtt_session keep \n"
)


def same(asked, told) -> bool:
    """Whether a URC about action `told` may be the result of action `asked`."""
    return asked == told or (asked in _PUBLISHING and told in _PUBLISHING)


class Mqtt:
    """`modem.mqtt`, one session with a broker (MQTT 3.1.1, QoS 0 to 2).

    `connected`: as far as the module has told; `unread`: messages that wait in the module, from
    its URC, so that looking costs nothing while there are none; `why`: why the last session
    ended: 0 by `disconnect()` or none yet, 1 the module says so without a reason, 8 a ping was
    not answered, 100 inactivity, 101 the connection was lost, 102 a breach of the protocol,
    200 the module has restarted or slept deeply.

    `buffer`: a bytearray of your own to read into, for the longest topic and message together
    and 8 bytes; None: one of 1288 bytes is made when the first message is read. `leave`: what
    happens to a message that does not fit: False drops it, True puts it into `large` (on the
    heap, one at most); `MessageTooLarge` tells its size either way and the next ones are read as
    ever. `dropped` counts them, and what the module had unread when it restarted. `hex_reads`
    (LEXI-R10): messages come as hexadecimal digits, for a line on which not every byte passes;
    takes a buffer for twice the message.
    """

    if TYPE_CHECKING:
        topic: bytes | None
        op: int | None
        left: int | None
        result: int | None
        granted: int | None
        callback: Callable[[bytes, bytes], Any] | None
        placed: list[Any] | None
        stored: list[Any] | None
        buffer: bytearray | None
        large: Message | None
        vote: Any

    def __init__(self, modem, urc: bytes = b"+UUMQTTC"):
        self.modem = modem
        self.channel = modem.channel
        self.lock = Lock()  # the module does one action at a time
        self.connected = self.reset = self.leave = self.hex_reads = False
        self.begun = False  # the module may have carried out the last action
        self.why = self.unread = self.dropped = self.told = 0
        self.seen = self.channel.unknown
        self.topic = None  # of the message read_into() gave
        self.op = self.left = None  # the action under way; one that nobody waits for any more
        self.result = self.granted = None
        self.began = 0
        self.callback = self.buffer = self.large = self.vote = None
        self.guard = None  # of the command that connects: its security profile
        self.tls_sessions = 0  # 1 while the session takes up one of the module's (secure.py)
        self.placed = self.stored = None  # settings the module has, and has stored; None: unknown
        self.channel.on_urc(urc, self._told)

    def __getattr__(self, name: str):
        file = entry(_FUNCTIONS, name)
        if not file:
            raise AttributeError(name)
        function = lazily(self, file, name)
        setattr(self, name, function)
        return function

    # ---- what the module tells ----------------------------------------------------------------

    def _told(self, line) -> None:
        op = line.number()
        value = line.number()
        if op is None or value is None:
            self.channel.unknown += 1
        elif op == _READ:
            if line.pos < line.stop:  # a message whose name was damaged
                self.channel.unknown += 1
            else:
                self._announced(value)
        elif self.left is not None and same(self.left, op):
            self.left = None  # nobody knows of such a session: connect() ends it
            if op == _DISCONNECT:
                self.ended(value)
        elif self.op is not None and same(self.op, op) and self.result is None:
            self.result = value
            if op == _CONNECT and value == 1:
                self.connected = True
                self.modem.events.put(_EVENT_SESSION, 1)
            elif op == _SUBSCRIBE:
                self.granted = line.number()
            elif op == _DISCONNECT:
                self.result = 1
                self.ended(0)
        elif op == _DISCONNECT:
            self.ended(value if value >= 100 else _BY_MODULE)
        elif op == _PING and not value:
            self.ended(_PING)

    def _announced(self, count: int) -> None:
        self.told += 1
        if self.seen < 0:  # it counts what was left before, too
            self.seen = self.channel.unknown
        if count > 0 and not self.unread:
            self.modem.events.put(_EVENT_MESSAGES, count)
        self.unread = count

    def ended(self, why: int) -> None:
        """The session is over."""
        self.tls_sessions = 0
        if self.connected:
            self.connected = False
            self.why = why
            self.modem.events.put(_EVENT_SESSION, 0, why)

    def lost(self) -> None:
        """The module has restarted, or slept so deeply that session and profile are gone."""
        self.ended(_RESTART)
        self.reset = True
        self.placed = self.left = None
        self.dropped += self.unread
        self.unread = 0

    # ---- looking for messages -----------------------------------------------------------------

    def is_connected(self) -> bool:
        """Whether the session stands, as far as the module has told."""
        self.channel.poll()
        return self.connected

    def set_callback(self, callback) -> None:
        """Call `callback(topic, payload)`, both bytes, for every message that `check_msg()`,
        `wait_msg()` or an iteration reads; never in the middle of a command. None: nobody."""
        self.callback = callback

    def check_msg(self):
        """The next message that has arrived, a `Message`, or None. Never waits for one; without
        one nothing is asked and, in the blocking flavour, nothing allocated.

        Raises `MqttError` (ECONNRESET, or ENOTCONN behind `disconnect()`) when the session is over
        and nothing is left to be read, `MessageTooLarge`, see `leave`.
        """
        self.channel.poll()
        if self.unread:
            return self.read()
        if self.seen != self.channel.unknown:  # a damaged line may have been an announcement
            self.seen = self.channel.unknown
            if self.connected:
                return self.read()
        if not self.connected:
            raise self.gone()
        return None

    def __iter__(self):
        return self

    def __next__(self):
        """Messages for ever: `async for message in modem.mqtt`. It ends with `disconnect()`; a
        session that is lost raises."""
        over = not self.is_connected() and not self.why and not self.unread
        message = None if over else self.wait_msg()
        if message is None:
            raise StopIteration
        return message

    if TYPE_CHECKING:

        def connect(
            self,
            host: str | None = None,
            port: int | None = None,
            *,
            client_id: str | None = None,
            user: str | None = None,
            password: str | None = None,
            keepalive: int = 60,
            clean: bool = True,
            will: tuple[Any, ...] | None = None,
            tls: Profile | bool | None = None,
            context: int | tuple[int, bool] | None = None,
            timeout_ms: int = 120000,
        ) -> None:
            """See mqtt_connect.py."""

        def disconnect(self, timeout_ms: int = 60000) -> None:
            """See mqtt_connect.py."""

        def ping(self, on: bool = True) -> None:
            """See mqtt_connect.py."""

        def configure(self, host: str, port: int | None = None, **options: Any) -> None:
            """See mqtt_store.py; so for the following."""

        def store(self, host: str | None = None, **options: Any) -> None: ...

        def load(self) -> None: ...

        def factory(self) -> None: ...

        def settings(self) -> dict[str, Any]:
            return {}

        def publish(
            self,
            topic: Any,
            msg: Any,
            retain: bool = False,
            qos: int = 0,
            *,
            timeout_ms: int = 60000,
        ) -> None:
            """See mqtt_publish.py."""

        def publish_file(
            self,
            topic: Any,
            name: str,
            retain: bool = False,
            qos: int = 0,
            *,
            timeout_ms: int = 60000,
        ) -> None:
            """See mqtt_publish.py."""

        def subscribe(self, topic: Any, qos: int = 0, *, timeout_ms: int = 60000) -> int:
            """See mqtt_topics.py."""
            return 0

        def unsubscribe(self, topic: Any, *, timeout_ms: int = 60000) -> None:
            """See mqtt_topics.py."""

        def read(self) -> Message | None:
            """See messages.py; so for the following."""

        def wait_msg(self, timeout_ms: int | None = None) -> Message | None: ...

        def read_into(self, buf: Any) -> int | None: ...

        def read_all(self) -> list[Message]:
            return []

        def gone(self) -> OSError:
            """See mqtt_failures.py."""
            return OSError()

        def keep(self, host: str, port: int | None = None, **options: Any) -> Session:
            """See mqtt_session.py."""
            raise ValueError
