"""MQTT by the module's own client: its session and its reports. A5 6, A10 6.

Functions that are used less often than checking for messages are in other files, see _FUNCTIONS;
reliable_session.py restores a lost session and loses no message that was to be published.

Several tasks may use it at the same time: actions take turns, and a message goes to exactly one
reader.
"""

from ...core.compat import const
from ...core.errors import ModuleReset
from .. import entry, lazily
from ..at import Lock

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .action import Action
    from .messages import Head, Message

_DISCONNECT = const(0)  # actions of +UMQTTC and +UMQTTSNC, which their URCs contain
_CONNECT = const(1)

_BY_MODULE = const(1)  # reasons of the end of a session besides 100 to 102
_NO_PONG = const(8)
_RESTART = const(200)

_ECONNRESET = const(104)

_EVENT_MESSAGES = const(13)
_EVENT_SESSION = const(14)

_FUNCTIONS = (
    "connect connect disconnect ping \n"
    "stored_settings configure store load factory settings secured \n"
    "action publish publish_file subscribe unsubscribe \n"
    "messages take read wait_msg read_into read_all look \n"
    "earlier_action gone over failure refused settle answered again idle end_old disown unvote "
    "explain \n"
    "reliable_session keep \n"
)


class Mqtt:
    """`modem.mqtt`, one session with a broker (MQTT 3.1.1, QoS 0 to 2).

    `connected`: as far as the module has reported; `unread`: messages that wait in the module,
    from its URC, so that checking costs nothing while there are none; `why`: reason of the end of
    the last session: 0 `disconnect()` or none yet, 1 reported by the module without a reason, 8 a
    ping was not answered, 100 inactivity, 101 the connection was lost, 102 a breach of the
    protocol, 200 the module has restarted or slept deeply.

    `buffer`: a bytearray to read into, for the longest topic and message together and 8 bytes,
    not to be used otherwise; None: one of 1288 bytes is made when the first message is read.
    `leave`: for a message that is larger: False drops it, True puts it into `large` (on the heap,
    one at most); `MessageTooLarge` has its size in both cases and the next messages are read as
    usual. `dropped` counts these, the unread messages at a restart of the module, and messages
    damaged on their way to a cancelled caller. `hex_reads` (LEXI-R10): messages come as
    hexadecimal digits, for a line that does not transmit every byte; needs a buffer of twice the
    message. `form`: how messages are sent to the module, see `publish`.
    """

    NAME = b"+UMQTTC"  # the command of all actions, and their numbers
    SUBSCRIBE = 4
    READ = 6
    PING = 8
    LAST = 9
    PUBLISHING = (2, 3, 9)  # modules report the binary form as text, too (at-commands 5.3)
    COMMAS = 4  # before the topic of a message
    shape = None  # distinguishes a message from a URC of its name
    ROOM = 1288  # 256 of topic, 1024 of message, and the bytes between them

    if TYPE_CHECKING:
        topic: bytes | None
        asked: Action | None
        action: Action | None
        next: Action
        callback: Callable[[bytes, bytes], Any] | None
        placed: list[Any] | None
        stored: list[Any] | None
        buffer: bytearray | None
        large: Message | None
        head: Head | None
        held: Head | None
        back: list[Message] | None
        vote: Any
        form: str | None
        tls: Any

    if TYPE_CHECKING:
        from .action import publish as publish
        from .action import publish_file as publish_file
        from .action import subscribe as subscribe
        from .action import unsubscribe as unsubscribe
        from .connect import connect as connect
        from .connect import disconnect as disconnect
        from .connect import ping as ping
        from .earlier_action import again as again
        from .earlier_action import answered as answered
        from .earlier_action import disown as disown
        from .earlier_action import end_old as end_old
        from .earlier_action import explain as explain
        from .earlier_action import failure as failure
        from .earlier_action import gone as gone
        from .earlier_action import idle as idle
        from .earlier_action import over as over
        from .earlier_action import refused as refused
        from .earlier_action import settle as settle
        from .earlier_action import unvote as unvote
        from .messages import look as look
        from .messages import read as read
        from .messages import read_all as read_all
        from .messages import read_into as read_into
        from .messages import take as take
        from .messages import wait_msg as wait_msg
        from .reliable_session import keep as keep
        from .stored_settings import configure as configure
        from .stored_settings import factory as factory
        from .stored_settings import load as load
        from .stored_settings import secured as secured
        from .stored_settings import settings as settings
        from .stored_settings import store as store

    def __init__(self, modem, urc: bytes = b"+UUMQTTC"):
        self.modem = modem
        self.channel = modem.channel
        self.lock = Lock()  # the module does one action at a time
        self.setup = Lock()  # settings, and the session they are for
        self.connected = self.leave = self.hex_reads = False
        self.making = False  # a connect() is in progress
        self.stray = False  # the module has, or may have, an unwanted session
        self.life = 0  # counts the restarts of the module
        self.refusals = self.refused_at = 0  # of reading announced messages
        self.why = self.unread = self.dropped = self.told = 0
        self.seen = self.channel.unknown
        self.topic = None  # of the message of read_into()
        # `next` is the action whose turn it is; from its launch on it is `asked`.
        self.asked = None  # the action whose command was sent and is not answered
        self.action = None  # the action that was accepted and has no result yet
        self.callback = self.buffer = self.large = self.vote = self.form = None
        self.head = None  # of read.py
        self.held = self.back = None  # messages of cancelled callers: see messages.py
        self.tls = None  # (security profile, host) of the session
        self.keepalive = 0  # of the module's settings, as read by secured()
        self.reload = False  # connect() without a host uses the settings of load()
        self.placed = self.stored = None  # settings the module has, and has stored; None: unknown
        self.looked_up = ""  # the broker whose name had an address when a log-in failed
        self.on_launch = self._launch
        self.on_kept = self._kept
        self.channel.on_urc(urc, self._told)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            function = lazily(self, entry(_FUNCTIONS, name), name, "mqtt.")
            setattr(self, name, function)
            return function

    @property
    def tls_sessions(self) -> int:
        """1 while a session uses, or may use, one of the module's TLS sessions."""
        if self.tls is None:
            return 0
        return 1 if self.connected or self.stray or self.connecting() else 0

    # ---- actions: action.py --------------------------------------------------------------

    def connecting(self) -> bool:
        """Whether the module is, or may be, making a connection."""
        return self._whose(_CONNECT) is not None

    def check(self, action) -> None:
        """Raise if the conditions of an action are not met any more."""
        if action.life != self.life:
            raise ModuleReset(_ECONNRESET, "AT" + str(self.NAME, "utf-8"))
        if action.op == _CONNECT:
            if self.tls is not None:
                self.tls[0].check(self.tls[1])
        elif not self.connected and not action.blind:
            raise self.over()

    def _launch(self) -> None:
        """Guard of the channel: the command of `next` is sent now, unless its conditions have
        ended in the pause before."""
        action = self.next
        self.check(action)
        if self.asked is not None:  # its result was missed
            self.accepted()
        action.launched = True
        action.began = self.channel.port.ticks_ms()
        self.asked = action

    def _kept(self, ended: bool) -> None:
        """Keeper of the channel: `asked`, whose caller was cancelled, is answered now."""
        if ended and self.asked is not None:
            self.answered()

    def accepted(self) -> None:
        """The module runs `asked` from here on, unless its result has come already: an earlier
        action has ended, otherwise this one would be refused."""
        action, self.asked = self.asked, None
        if action is not None and action.op != self.PING:
            self.action = action if action.result is None else None

    def _whose(self, op: int):
        """The action to which the result in a URC belongs. A URC before the OK of a command
        belongs to the earlier action, if there is one of that kind."""
        action = self.action
        if action is None or not self._same(action.op, op):
            action = self.asked
            if action is None or not self._same(action.op, op):
                return None
        return action

    def _same(self, asked: int, told: int) -> bool:
        many = self.PUBLISHING
        return asked == told or (asked in many and told in many)

    # ---- reports of the module ------------------------------------------------------------------

    def _told(self, line) -> None:
        op = line.number()
        value = line.number()
        if op is None or value is None or op > self.LAST:
            self.channel.unknown += 1
        elif op == self.READ:
            self._announced(value, line)
        elif op == self.PING:
            if not value:
                self.ended(_NO_PONG)
        else:
            action = self._whose(op)
            if action is not None:
                self._result(action, op, value, line)
            elif op == _DISCONNECT:
                self._lost_session(value if value >= 100 else _BY_MODULE)

    def _result(self, action, op: int, value: int, line) -> None:
        """The end of an action, whether or not its caller still waits."""
        action.result = value
        if action is self.action:
            self.action = None
        if op == _DISCONNECT:
            action.result = 1
            self.stray = False
            self.ended(0)
        elif op == self.SUBSCRIBE:
            action.granted = line.number()
        elif op == _CONNECT and value == 1:
            if action.wanted:
                self.connected = True
                self.modem.events.put(_EVENT_SESSION, 1)
            else:
                self.disown()

    def _lost_session(self, why: int) -> None:
        """The session was ended by the other side, and its action with it. A URC before the OK of
        an action belongs to an earlier session."""
        self.stray = False
        self.ended(why)
        action, self.action = self.action, None
        if action is not None and action.op == _CONNECT:
            action.result = 0

    def _announced(self, count: int, line) -> None:
        if line.pos < line.stop:  # a message whose name was damaged
            self.channel.unknown += 1
            return
        self.told += 1
        if self.seen < 0:  # the count includes earlier messages
            self.seen = self.channel.unknown
        if count > 0 and not self.unread:
            self.modem.events.put(_EVENT_MESSAGES, count)
        self.unread = count

    def ended(self, why: int) -> None:
        """The session has ended, and so has its vote against sleep."""
        if self.connected:
            self.connected = False
            self.why = why
            self.modem.events.put(_EVENT_SESSION, 0, why)
        if self.vote is not None and not self.making:
            self.unvote()

    def lost(self) -> None:
        """The module has restarted, or session and profile were lost in a deep sleep."""
        self.life += 1
        self.action = self.asked = self.placed = None
        self.stray = False
        self.ended(_RESTART)
        self.dropped += self.unread
        self.unread = 0

    # ---- looking for messages -----------------------------------------------------------------

    def is_connected(self) -> bool:
        """Whether the session is active, as far as the module has reported."""
        self.channel.poll()
        return self.connected

    def set_callback(self, callback) -> None:
        """Call `callback(topic, payload)`, both bytes, for every message that `check_msg()`,
        `wait_msg()` or an iteration reads; never during a command. None: no function."""
        if callback is not None and not callable(callback):
            raise TypeError("callback: a function, or None")
        self.callback = callback

    def waiting(self) -> bool:
        """Whether a message waits, in the module or here."""
        return self.unread > 0 or self.held is not None or self.back is not None

    async def check_msg(self, limit_ms: int = 60000) -> "Message | None":
        """The next message that has arrived, a `Message`, or None. Never waits for a message;
        without one no command is sent and, in the blocking flavour, nothing allocated. If the
        channel is in use, waits for it, at most `limit_ms`. A cancelled call loses no message: the
        next call returns it.

        Raises `MqttError` (ECONNRESET, or ENOTCONN after `disconnect()`) if the session has ended
        and no message is left, `MessageTooLarge`, see `leave`.
        """
        self.channel.poll()
        if self.waiting():
            return await self.read(False, limit_ms)
        if not self.connected:
            raise await self.gone()
        if self.seen != self.channel.unknown:
            return await self.look(limit_ms)
        return None

    def __aiter__(self):
        return self

    async def __anext__(self):
        """Messages for ever: `async for message in modem.mqtt`. Ends with `disconnect()`; a lost
        session raises."""
        over = not self.is_connected() and not self.why and not self.waiting()
        message = None if over else await self.wait_msg()
        if message is None:
            raise StopAsyncIteration
        return message
