# Generated from aio/mqttsn/__init__.py by tools/generate. Do not edit.
"""MQTT-SN by the module's own client: its session and its reports. A5 7.

Messages and the end of a session have the same interface as for MQTT: mqtt/.
"""

from ...core.compat import const
from .. import entry, lazily
from ..mqtt import Mqtt

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_PREDEFINED = const(1)
_REGISTER = const(2)
_SHORT = const(2)  # kind of a topic

# One line for each file of this folder, or with "/" of mqtt/, with its functions.
_FUNCTIONS = (
    "session connect disconnect configure store load factory settings \n"
    "action publish publish_file register predefine subscribe unsubscribe update_will \n"
    "action over failure refused \n"
    "/connect ping \n"
    "/earlier_action gone settle answered again idle end_old disown unvote explain \n"
    "/messages take read wait_msg read_into read_all look \n"
    "/stored_settings secured \n"
)


class MqttSn(Mqtt):
    """`modem.mqttsn`, with the interface of `modem.mqtt`: one session with a gateway (MQTT-SN 1.2,
    QoS -1 to 2). Topics are named by strings; ids are handled inside, and messages come with names
    as bytes. If the name of a message's topic is not known, `topic` is its id, a number.

    `connected`, `unread`, `why`, `buffer`, `leave`, `large`, `dropped`, `form` are as in `Mqtt`;
    the buffer made at the first message has 1040 bytes. `asleep`: disconnected for a time only, by
    `disconnect(duration_s)`: the gateway keeps messages until `connect()`.

    A restart of the module ends the session: `connect()` without a host makes it again with the
    same settings. Subscriptions are then kept by the gateway, with `clean=False`, or must be made
    again. An action without acknowledgement is never repeated automatically.
    """

    NAME = b"+UMQTTSNC"
    SUBSCRIBE = 5
    READ = 9
    PING = 10
    LAST = 12
    PUBLISHING = (4, 11, 12)  # text, file, binary: a similar module reports one as another
    COMMAS = 5
    ROOM = 1040  # 1017 bytes of message, an id, and the bytes between them

    if TYPE_CHECKING:
        order: Any
        spool: Any
        names: dict[int, str]

    if TYPE_CHECKING:
        from .action import failure as failure
        from .action import over as over
        from .action import predefine as predefine
        from .action import publish as publish
        from .action import publish_file as publish_file
        from .action import refused as refused
        from .action import register as register
        from .action import subscribe as subscribe
        from .action import unsubscribe as unsubscribe
        from .action import update_will as update_will
        from .session import configure as configure
        from .session import connect as connect
        from .session import disconnect as disconnect
        from .session import factory as factory
        from .session import load as load
        from .session import settings as settings
        from .session import store as store

    def __init__(self, modem):
        super().__init__(modem, b"+UUMQTTSNC")
        self.channel.on_urc(b"+UMQTTSNC", self._told)  # as A5 7.8 prints it
        self.asleep = False
        self.binary = None  # whether the firmware has that form, once known
        self.spool = None  # a lock of action.py
        self.order = None  # the settings of connect() or configure()
        self.ids = {}  # ids of topic names at the gateway; a new dictionary for each session
        self.names = {}  # and the inverse: kept for resumed sessions
        self.fixed = {}  # names of predefined ids

    if not TYPE_CHECKING:

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
            raise self.over()  # the id of a topic belongs to another session

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

    def named(self, kind: int, topic: bytes) -> "Any":
        """The name of a message's topic; its id if the name is not known."""
        if kind == _SHORT or not topic.isdigit():
            return topic
        number = int(topic)
        if kind != _PREDEFINED:
            name = self.names.get(number)
            return number if name is None else name.encode()
        for name in self.fixed:
            if self.fixed[name] == number:
                return name.encode()
        return number

    def lost(self) -> None:
        """The module has restarted, or session and profile were lost in a deep sleep."""
        super().lost()
        self.asleep = False
        self.ids = {}


def _number(line):
    """The next field as a number, also from quotes; None if it is not a number."""
    if not line.quoted():
        return line.number()
    text = line.text()
    return int(text) if text.isdigit() else None
