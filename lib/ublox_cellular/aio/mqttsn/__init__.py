"""MQTT-SN by the module's own client: its session, and what the module tells of it. A5 7.

What messages and the end of a session are to the application is the same as for MQTT: mqtt/.
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

# A file of this folder, or with "/" of the one above, and what is in it, by lines.
_FUNCTIONS = (
    "session connect disconnect configure store load factory settings \n"
    "action publish publish_file register predefine subscribe unsubscribe update_will \n"
    "action over failure refused \n"
    "/connect ping \n"
    "/earlier_action gone settle answered again idle end_old disown unvote \n"
    "/messages take read wait_msg read_into read_all look \n"
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
        self.binary = None  # whether the firmware knows that form, as far as it has shown
        self.spool = None  # a lock of action.py
        self.order = None  # settings as they were wished
        self.ids = {}  # topic names the gateway knows by an id; another one for every session
        self.names = {}  # and back: kept over sessions that are resumed
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

    def named(self, kind: int, topic: bytes) -> "Any":
        """The name of a message's topic; its id if nobody has told it to us."""
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
        """The module has restarted, or slept so deeply that session and profile are gone."""
        super().lost()
        self.asleep = False
        self.ids = {}


def _number(line):
    """The next field as a number, also from quotes; None if it is none."""
    if not line.quoted():
        return line.number()
    text = line.text()
    return int(text) if text.isdigit() else None
