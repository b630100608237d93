"""MQTT-SN client of SARA-R5: +UMQTTSN, +UMQTTSNNV, +UMQTTSNC, +UMQTTSNER (at-commands 6, A5 7).

What is not documented is decided so (U): an action that times out leaves the session open, a
disconnect ends it on this side with or without an answer; asleep (disconnect with duration)
+UMQTTSNC=10,1 fetches kept messages from the gateway once, =1 wakes and =0 leaves.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...errors import BAD_PARAMETERS, FILE_NOT_FOUND, NOT_ALLOWED, CommandError
from ...line.command_faults import Knob
from ...line.parser import Command, Form
from ...mqttsn.failure import (
    ERROR_CLASS,
    NAME_UNKNOWN,
    NO_PSD,
    NO_SERVICE,
    NONE,
    TIMED_OUT,
    MqttSnFailure,
)
from ...mqttsn.session import ACTIVE, ASLEEP, OFF, Message, Session, Terms
from ...service import Reply, Service, command
from ...world.net import ResolveError, is_address
from ..network.dns import Dns
from . import request as actions
from .profile import LISTED, Profile, change, known_ops, reset, shown
from .request import MESSAGE_LIMIT, Order, read_order

if TYPE_CHECKING:
    from ...module import Module

FACTORY, LOAD, STORE = range(3)
"""+UMQTTSNNV."""

STORED = "mqttsn_profile"
CONNECTION_LOST = 101
WHILE_ASLEEP = (actions.DISCONNECT, actions.CONNECT)


class MqttSn(Service):
    """The profile, the session and unread messages."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._session: Session | None = None
        self.reset()

    def reset(self) -> None:
        """Factory values; stored values are loaded by +UMQTTSNNV."""
        self.close()
        self.profile = Profile()
        self.unread: deque[Message] = deque()
        self.dropped = 0
        """Messages of QoS 0 that found the queue full, since the boot."""
        self._untold: list[int] = []
        self._error = NONE
        self._busy = False
        self._lost_untold = False

    def unread_by(self) -> Iterable[str]:
        """For the faults that wait for a message."""
        return ("+UMQTTSNC",) if self.unread else ()

    def close(self) -> None:
        """The module switches off; nothing is sent to the gateway."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def context_lost(self, cid: int, told: bool = True) -> None:
        """A session on this context ends."""
        session = self._session
        if session is None or session.cid != cid:
            return
        if told:
            session.lose()
        else:
            session.close()

    @property
    def session_state(self) -> str:
        """off, opening, active, asleep or leaving."""
        return OFF if self._session is None else self._session.state

    def _has(self, variant: str) -> bool:
        return variant in self.module.options.variants

    def _urc(self, text: str) -> None:
        self.module.urc(f"+UUMQTTSNC: {text}")

    # -- profile ---------------------------------------------------------------------------

    @command("+UMQTTSN")
    def configure(self, cmd: Command) -> Reply:
        """Set, read or (variant) reset one parameter, or read all."""
        ops = known_ops(self.module.options.variants)
        imei = self.module.options.imei
        if cmd.form is Form.TEST:
            return f"+UMQTTSN: ({','.join(map(str, ops))})"
        if cmd.form is Form.READ:
            return [shown(self.profile, op, imei) for op in LISTED]
        op = cmd.number(0, 0, max(ops))
        if op not in ops:
            raise CommandError(BAD_PARAMETERS)
        if len(cmd) > 1:
            change(self.profile, op, cmd)
        elif self._has("umqttsn-op-resets"):
            reset(self.profile, op)
        else:
            return shown(self.profile, op, imei)
        return None

    @command("+UMQTTSNNV")
    def keep(self, cmd: Command) -> Reply:
        """Factory values, load, store."""
        if cmd.form is Form.TEST:
            return "+UMQTTSNNV: (0-2)"
        cmd.at_most(1)
        what = cmd.number(0, FACTORY, STORE)
        if what == STORE:
            self.module.nvm.put(STORED, asdict(self.profile))
            return None
        kept: dict[str, Any] = self.module.nvm.get(STORED, {}) if what == LOAD else {}
        self.profile = Profile(**kept)
        return None

    @command("+UMQTTSNER")
    def error(self, cmd: Command) -> Reply:
        """Class and code of the last action."""
        if cmd.form is Form.TEST:
            return None
        if cmd.form is not Form.EXEC:
            raise CommandError(BAD_PARAMETERS)
        return f"+UMQTTSNER: {ERROR_CLASS},{self._error}"

    # -- actions ---------------------------------------------------------------------------

    @command("+UMQTTSNC")
    async def act(self, cmd: Command) -> Reply:
        """Start an action, whose end is reported by +UUMQTTSNC, or read a message."""
        if cmd.form is Form.TEST:
            return "+UMQTTSNC: (0-2,4-12)"
        action = cmd.number(0, 0, actions.PUBLISH_BINARY)
        if action == actions.READ:
            return self._read(cmd)
        if action == actions.PING:
            self._ping(cmd)
            return None
        order = self._understood(cmd, action)
        self._require_state(order)
        data = self._loaded(order)
        if action == actions.PUBLISH_BINARY:
            data = await self.module.interface.prompt(">", order.length)
            self._require_state(order)  # it may have been lost meanwhile
        self._start(order, data)
        return None

    def _understood(self, cmd: Command, action: int) -> Order:
        unknown = action == actions.REGISTER + 1
        if action == actions.PUBLISH_BINARY:
            unknown = self._has("umqttsnc-no-binary")
        if unknown:
            raise CommandError(BAD_PARAMETERS)
        order = read_order(cmd, action)
        if order.duration and self._has("umqttsnc-no-sleep"):
            raise CommandError(BAD_PARAMETERS)
        return order

    def _require_state(self, order: Order) -> None:
        """One action at a time, and only actions that the session's state allows."""
        state = self.session_state
        if order.action == actions.CONNECT:
            fits = state in (OFF, ASLEEP)
        elif order.needs_no_session and not self._has("umqttsnc-all-sessions"):
            fits = state in (OFF, ACTIVE)
        else:
            fits = state == ACTIVE or (state == ASLEEP and order.action in WHILE_ASLEEP)
        if self._busy or not fits:
            raise CommandError(NOT_ALLOWED)

    def _loaded(self, order: Order) -> bytes:
        if order.action != actions.PUBLISH_FILE:
            return order.data
        try:
            data = self.module.files.load(order.source)
        except KeyError:
            raise CommandError(FILE_NOT_FOUND) from None
        if len(data) > MESSAGE_LIMIT:
            raise CommandError(BAD_PARAMETERS)
        return data

    def _start(self, order: Order, data: bytes) -> None:
        self._busy = True
        self.module.spawn(self._run(order, data, self.module.interface.failing))

    async def _run(self, order: Order, data: bytes, failing: Knob | None) -> None:
        """Perform it and report the result; a session lost meanwhile is reported after it."""
        try:
            if failing is not None:
                raise MqttSnFailure(failing.number)
            more = await self._perform(order, data)
            self._error, result = NONE, "1"
        except MqttSnFailure as failure:
            self._error, result, more = failure.code, "0", ""
        self._busy = False
        self._urc(f"{order.action},{result}{more}")
        if self._error == TIMED_OUT and self._has("umqttsnc-timeout-ends"):
            self._end_session()
        if self._lost_untold:
            self._lost_untold = False
            self._urc(f"0,{CONNECTION_LOST}")

    def _end_session(self) -> None:
        if self._session is not None:
            self._session.lose()

    async def _perform(self, order: Order, data: bytes) -> str:
        """What the URC has after the result."""
        session = await self._reachable(order)
        if order.action == actions.CONNECT:
            await self._connect(session)
        elif order.action == actions.DISCONNECT:
            await session.disconnect(order.duration)
        elif order.action == actions.REGISTER:
            return f",{await session.register(order.topic)}"
        elif order.action == actions.SUBSCRIBE:
            return await self._subscribe(session, order)
        elif order.action == actions.UNSUBSCRIBE:
            await session.unsubscribe(order.topic_type, self._named(session, order))
        elif order.action == actions.WILL_TOPIC:
            await session.change_will_topic(order.will)
        elif order.action == actions.WILL_MESSAGE:
            await session.change_will_message(data)
        else:
            await self._publish(session, order, data)
        return ""

    async def _reachable(self, order: Order) -> Session:
        """The session, with an open connection to the gateway."""
        session = self._session
        if session is None:
            session = self._session = Session(
                self.module,
                on_message=self._arrived,
                on_lost=self._lost,
                on_ping_failed=lambda: self._urc(f"{actions.PING},0"),
            )
        try:
            if not self.module.network.usable:
                raise MqttSnFailure(NO_SERVICE)
            if session.cid is None:
                await self._reach(session)
        except MqttSnFailure:
            if order.action == actions.DISCONNECT or session.state == OFF:
                session.close()
            raise
        return session

    async def _reach(self, session: Session) -> None:
        profile = self.profile
        try:
            cid = self.module.sockets.require_data()
        except CommandError:
            raise MqttSnFailure(NO_PSD) from None
        address = await self._look_up(profile.host, cid)
        security = (profile.security_profile, profile.host) if profile.secure else None
        await session.reach(cid, address, profile.port, security)

    async def _look_up(self, host: str, cid: int) -> str:
        if is_address(host):
            return host
        if not host:
            raise MqttSnFailure(NAME_UNKNOWN)
        await asyncio.sleep(self.module.options.dns_ms / 1000)
        self.module.network.touch()
        try:
            return await self.module.service(Dns).query(host, cid)
        except ResolveError:
            raise MqttSnFailure(NAME_UNKNOWN) from None

    async def _connect(self, session: Session) -> None:
        profile, options = self.profile, self.module.options
        session.set_patience(profile.timeout_s or options.mqttsn_retry_ms / 1000)
        client_id = profile.client_id or options.imei
        try:
            await session.connect(Terms(client_id, profile.duration, profile.clean, profile.will))
        except MqttSnFailure:
            session.close()
            raise

    async def _subscribe(self, session: Session, order: Order) -> str:
        granted, ident = await session.subscribe(order.qos, order.topic_type, order.topic)
        if self._has("umqttsnc-topic-quoted"):
            named = order.topic_type == actions.SHORT
            return f',{granted},"{order.topic if named else ident}"'
        return f",{granted},{ident}"

    @staticmethod
    def _named(session: Session, order: Order) -> str:
        """The standard unsubscribes from names, A5 7.3 from the id of a name."""
        topic = order.topic
        if order.topic_type != actions.NORMAL or not (topic.isascii() and topic.isdigit()):
            return topic
        return session.name_of(int(topic)) or topic

    async def _publish(self, session: Session, order: Order, data: bytes) -> None:
        if order.needs_no_session:
            session.tell(order.retain, order.topic_type, order.topic, data)
            if session.state == OFF:
                session.close()
            return
        await session.publish(order.qos, order.retain, order.topic_type, order.topic, data)

    # -- keep-alive ------------------------------------------------------------------------

    def _ping(self, cmd: Command) -> None:
        """Keep-alive on or off; asleep, 1 fetches kept messages once."""
        cmd.at_most(2)
        on = cmd.number(1, 0, 1)
        session = self._session
        if session is None or session.state not in (ACTIVE, ASLEEP):
            raise CommandError(NOT_ALLOWED)
        if session.state == ACTIVE:
            session.keep_alive(bool(on))
        elif self._busy or not on:
            raise CommandError(NOT_ALLOWED)
        else:
            self._busy = True
            self.module.spawn(self._check(session))

    async def _check(self, session: Session) -> None:
        try:
            await session.check()
            self._error = NONE
        except MqttSnFailure as failure:
            self._error = failure.code
            self._urc(f"{actions.PING},0")
        self._busy = False
        if self._lost_untold:
            self._lost_untold = False
            self._urc(f"0,{CONNECTION_LOST}")

    def _lost(self) -> None:
        if self._busy:
            self._lost_untold = True
        else:
            self._urc(f"0,{CONNECTION_LOST}")

    # -- messages --------------------------------------------------------------------------

    def _arrived(self, message: Message) -> bool:
        """Into the queue; without room a message of QoS 0 is lost, and for others the gateway is
        asked to try later."""
        if len(self.unread) >= self.module.options.mqttsn_unread:
            self.dropped += not message.qos
            return False
        self.unread.append(message)
        # A moment later, so that an earlier result of an action is reported first.
        self._untold.append(len(self.unread))
        if len(self._untold) == 1:
            self.module.later(self.module.options.latency_ms, self._announce)
        return True

    def _announce(self) -> None:
        counts, self._untold = self._untold, []
        for count in counts:
            self.module.urc(self._announcement(count))

    def _announcement(self, count: int) -> Callable[[], str | None]:
        """The URC with the number of waiting messages, without those read before it is printed."""

        def text() -> str | None:
            left = min(count, len(self.unread))
            return f"+UUMQTTSNC: {actions.READ},{left}" if left else None

        return text

    def _read(self, cmd: Command) -> Reply:
        """The oldest message; the rest is announced again."""
        cmd.at_most(2)
        cmd.number(1, 1, 1)
        if not self.unread:
            if self._has("umqttsnc-empty-error"):
                raise CommandError(NOT_ALLOWED)
            return None
        message = self.unread.popleft()
        if self.unread:
            told = self._announcement(len(self.unread))
            self.module.interface.after_final(lambda: self.module.urc(told))
        topic, data = message.topic.encode("latin-1"), message.data
        total = len(topic) + len(data)
        head = f"+UMQTTSNC: {actions.READ},{message.qos},{message.topic_type},{total}"
        return b'%s,%d,"%s",%d,"%s"' % (head.encode(), len(topic), topic, len(data), data)
