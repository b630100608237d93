"""MQTT client: +UMQTT, +UMQTTNV, +UMQTTC, +UMQTTER (at-commands 5, A5 6, A10 6).

What is not documented is decided so (U): one action at a time, and all but a read need a session,
otherwise CME 3 comes at once; later failures are reported by the URC. Unread messages are kept
when a session ends. If the session breaks during an action, the action ends first, then
`+UUMQTTC: 0,...` comes. With a session that is not clean, messages in flight are sent again after
the next connect, without a further URC. Deep sleep and restarts lose the session without a report.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from ...errors import (
    BAD_PARAMETERS,
    FILE_NOT_FOUND,
    FILE_UNKNOWN,
    NOT_ALLOWED,
    NOTHING_THERE,
    CommandError,
)
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from .errors import GROUP, LOST, NO_CONTEXT, NONE, REFUSED, MqttFailure
from .inbox import Inbox
from .ping import PingLoop
from .profile import Editor, Profile, loaded, stored, utf8
from .request import (
    CONNECT,
    DISCONNECT,
    PAYLOAD_LIMIT,
    PING,
    PUBLISH,
    PUBLISH_BINARY,
    PUBLISH_FILE,
    READ,
    SUBSCRIBE,
    UNSUBSCRIBE,
    Publication,
    publication,
    text_publication,
    topic_of,
)
from .session import Session
from .wire import MqttClient

if TYPE_CHECKING:
    from ...module import Module

FACTORY, LOAD, STORE = range(3)
"""+UMQTTNV."""

NVM_KEY = "mqtt_profile"


class Mqtt(Service):
    """The profile, the session and received messages."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.inbox = Inbox(module)
        self._session: Session | None = None
        self._opening: Session | None = None
        self._client: MqttClient | None = None
        self._pings: PingLoop | None = None
        self._acting = False
        self._ended: int | None = None
        self.reset()

    def reset(self) -> None:
        """Factory values; stored values are loaded by +UMQTTNV."""
        self.close()
        self.profile = self._factory()
        self.inbox.clear()
        self._client = None
        self._acting = False
        self._ended = None
        self._error = NONE

    def deep_slept(self, level: str) -> None:
        """The session and settings that were not stored are lost (A10 6.1.4)."""
        told = self._session is not None and "mqtt-sleep-told" in self.module.options.variants
        self.reset()
        if told:
            self._tell(DISCONNECT, LOST)

    def context_lost(self, cid: int, told: bool = True) -> None:
        """A session on this context ends."""
        for session in (self._session, self._opening):
            if session is None or session.cid != cid:
                continue
            if not told and session is self._session:
                session.on_lost = lambda result: self._over()
            session.lose()

    def unread_by(self) -> Iterable[str]:
        """For the faults that wait for a message."""
        return ("+UMQTTC",) if self.inbox else ()

    def close(self) -> None:
        """The module switches off, which cancels its tasks."""
        for session in (self._session, self._opening):
            if session is not None:
                session.drop()
        self._session = self._opening = None
        self._stop_pings()

    @property
    def connected(self) -> bool:
        """Whether there is a session."""
        return self._session is not None

    # -- profile ---------------------------------------------------------------------------

    def _factory(self) -> Profile:
        empty = "mqtt-no-client-id" in self.module.options.variants
        return Profile("" if empty else self.module.options.imei)

    def _editor(self) -> Editor:
        mapped = self.module.spec.mqtt_extended
        return Editor(self.profile, mapped=mapped, variants=self.module.options.variants)

    @command("+UMQTT")
    def configure(self, cmd: Command) -> Reply:
        """List the profile, or set or read one of its parameters."""
        editor = self._editor()
        if cmd.form is Form.TEST:
            return f"+UMQTT: ({','.join(map(str, editor.ops))})"
        if cmd.form is Form.READ:
            return editor.listed()
        op = editor.op(cmd)
        if len(cmd) > 1:
            editor.change(op, cmd)
            return None
        if "mqtt-op-resets" in self.module.options.variants:
            editor.reset(op, self._factory())
            return None
        network = self.module.network
        return editor.shown(op, f"{network.default_cid},{network.preferred_type}")

    @command("+UMQTTNV")
    def keep(self, cmd: Command) -> Reply:
        """Factory values, load, store; the stored ones remain when factory values are set."""
        if cmd.form is Form.TEST:
            return "+UMQTTNV: (0-2)"
        cmd.at_most(1)
        what = cmd.number(0, FACTORY, STORE)
        if what == STORE:
            self.module.nvm.put(NVM_KEY, stored(self.profile))
        elif what == LOAD:
            self.profile = loaded(self.module.nvm.get(NVM_KEY, {}), self._factory())
        else:
            self.profile = self._factory()
        return None

    @command("+UMQTTER")
    def error(self, cmd: Command) -> Reply:
        """Class and code of the last action."""
        if cmd.form is Form.TEST:
            return None
        cmd.at_most(0)
        return f"+UMQTTER: {GROUP},{self._error}"

    # -- actions ---------------------------------------------------------------------------

    @command("+UMQTTC")
    async def perform(self, cmd: Command) -> Reply:
        """Start an action; its end is reported by +UUMQTTC. Reading answers at once."""
        if cmd.form is Form.TEST:
            return "+UMQTTC: (0-6,8,9)"
        op = cmd.number(0, DISCONNECT, PUBLISH_BINARY)
        if op == READ:
            return self._read(cmd)
        if op == PUBLISH_BINARY:
            await self._publish_binary(cmd)
            return None
        starts = {
            DISCONNECT: self._start_disconnect,
            CONNECT: self._start_connect,
            PUBLISH: self._start_publish,
            PUBLISH_FILE: self._start_publish_file,
            SUBSCRIBE: self._start_subscribe,
            UNSUBSCRIBE: self._start_unsubscribe,
            PING: self._switch_pings,
        }
        if op not in starts:
            raise CommandError(BAD_PARAMETERS)
        starts[op](cmd)
        return None

    def _idle(self) -> None:
        if self._acting:
            raise CommandError(NOT_ALLOWED)

    def _require_session(self) -> Session:
        self._idle()
        if self._session is None:
            raise CommandError(NOT_ALLOWED)
        return self._session

    def _start(self, op: int, work: Coroutine[Any, Any, str]) -> None:
        """Run an action in the background; its result follows the 1 of the URC."""
        self._acting = True
        self.inbox.hold(True)
        self._error = NONE
        failing = self.module.interface.failing
        if failing is not None:
            work.close()
            work = self._failed(failing.number)
        self.module.spawn(self._run(op, work))

    async def _failed(self, code: int) -> str:
        raise MqttFailure(code)

    async def _run(self, op: int, work: Coroutine[Any, Any, str]) -> None:
        try:
            tail = await work
        except MqttFailure as failure:
            self._error = failure.code
            self._tell(op, 0)
        else:
            self._tell(op, 1, tail)
        self._acting = False
        self.inbox.hold(False)
        ended, self._ended = self._ended, None
        if ended is not None:
            self._tell(DISCONNECT, ended)

    def _tell(self, op: int, result: int, tail: str = "") -> None:
        self.module.urc(f"+UUMQTTC: {op},{result}{tail}")

    # -- session ---------------------------------------------------------------------------

    def _start_connect(self, cmd: Command) -> None:
        cmd.at_most(1)
        self._idle()
        if self._session is not None:
            lena = "mqtt-refusals-53" in self.module.options.variants
            raise CommandError(NOTHING_THERE if lena else NOT_ALLOWED)
        self._start(CONNECT, self._connect())

    async def _connect(self) -> str:
        profile = loaded(stored(self.profile), self._factory())  # changes count from the next on
        try:
            cid = self.module.sockets.require_data(profile.cid)
        except CommandError:
            raise MqttFailure(NO_CONTEXT) from None
        if not profile.host:
            raise MqttFailure(REFUSED)
        client = self._client_for(profile)
        session = Session(self.module, client, profile, cid, self.inbox)
        self._opening = session
        try:
            await session.open()
        except MqttFailure:
            session.drop()
            raise
        finally:
            self._opening = None
        self._session = session
        session.on_lost = self._lost
        return ""

    def _client_for(self, profile: Profile) -> MqttClient:
        """A session that is not clean continues with the messages in flight."""
        key = name, clean = utf8(profile.client_id), bool(profile.clean)
        if not name and not clean:
            raise MqttFailure(REFUSED)  # the protocol wants a name for what is to be kept
        kept = self._client
        forgets = "mqtt-inflight-dropped" in self.module.options.variants
        if kept is None or kept.key != key or clean or forgets:
            self._client = MqttClient(*key)
        assert self._client is not None
        return self._client

    def _start_disconnect(self, cmd: Command) -> None:
        cmd.at_most(1)
        session = self._require_session()
        self._start(DISCONNECT, self._disconnect(session))

    async def _disconnect(self, session: Session) -> str:
        session.on_lost = lambda result: None  # the end is intended
        self._over()
        await session.close()
        return ""

    def _lost(self, result: int) -> None:
        """The session ended by itself."""
        self._over()
        if self._acting:
            self._ended = result
        else:
            self._tell(DISCONNECT, result)

    def _over(self) -> None:
        self._session = None
        self._stop_pings()
        if "mqtt-unread-lost" in self.module.options.variants:
            self.inbox.clear()

    # -- pings -----------------------------------------------------------------------------

    def _switch_pings(self, cmd: Command) -> None:
        """On needs a keep-alive time; off again at the end of the session."""
        cmd.at_most(2)
        on = cmd.number(1, 0, 1)
        session = self._require_session()
        if not on:
            self._stop_pings()
            return
        if not session.keep_alive_s:
            raise CommandError(NOT_ALLOWED)
        if self._pings is None:
            self._pings = PingLoop(session, self._ping_failed)
            self._pings.start()

    def _stop_pings(self) -> None:
        if self._pings is not None:
            self._pings.stop()
            self._pings = None

    def _ping_failed(self) -> None:
        self._tell(PING, 0)
        if self._session is not None and "mqtt-ping-ends" in self.module.options.variants:
            self._session.lose()

    # -- publishing ------------------------------------------------------------------------

    def _start_publish(self, cmd: Command) -> None:
        commas = "comma-forbidden" not in self.module.options.variants
        order, payload = text_publication(cmd, commas=commas)
        self._publish(PUBLISH, order, payload)

    def _start_publish_file(self, cmd: Command) -> None:
        cmd.at_most(5)
        order = publication(cmd)
        name = cmd.string(4, self.module.spec.file_name)
        self._require_session()
        try:
            payload = self.module.files.load(name)
        except KeyError:
            unknown = "file-missing-1624" in self.module.options.variants
            raise CommandError(FILE_UNKNOWN if unknown else FILE_NOT_FOUND) from None
        self._publish(PUBLISH_FILE, order, payload)

    async def _publish_binary(self, cmd: Command) -> None:
        cmd.at_most(5)
        order, count = publication(cmd), cmd.number(4, 1, PAYLOAD_LIMIT)
        self._require_session()
        payload = await self.module.interface.prompt(">", count)
        own = "mqtt-binary-9" in self.module.options.variants
        self._publish(PUBLISH_BINARY if own else PUBLISH, order, payload)

    def _publish(self, op: int, order: Publication, payload: bytes) -> None:
        session = self._require_session()

        async def work() -> str:
            await session.publish(order.topic, payload, order.qos, order.retain)
            return ""

        self._start(op, work())

    # -- subscriptions ---------------------------------------------------------------------

    def _start_subscribe(self, cmd: Command) -> None:
        cmd.at_most(3)
        qos, topic_filter = cmd.number(1, 0, 2), topic_of(cmd, 2)
        session = self._require_session()

        async def work() -> str:
            granted = await session.subscribe(topic_filter, qos)
            return f',{granted},"{cmd.params[2].text}"'

        self._start(SUBSCRIBE, work())

    def _start_unsubscribe(self, cmd: Command) -> None:
        cmd.at_most(2)
        topic_filter = topic_of(cmd, 1)
        session = self._require_session()

        async def work() -> str:
            await session.unsubscribe(topic_filter)
            return ""

        self._start(UNSUBSCRIBE, work())

    # -- reading ---------------------------------------------------------------------------

    def _read(self, cmd: Command) -> Reply:
        """One message or all; LEXI-R10 also as hexadecimal digits."""
        can_hex = self.module.spec.mqtt_extended
        cmd.at_most(3 if can_hex else 2)
        one = bool(cmd.number(1, 0, 1, 0))
        digits = bool(cmd.number(2, 0, 1, 0))
        variants = self.module.options.variants
        if self._acting and "mqtt-read-waits" in variants:
            raise CommandError(NOT_ALLOWED)
        if self._session is None and "mqtt-unread-lost" in variants:
            raise CommandError(NOT_ALLOWED)
        found: list[str] = []
        while (not one or not found) and (message := self.inbox.take()) is not None:
            found.append(message.shown(digits))
        if not found:
            if "mqtt-empty-error" in variants:
                raise CommandError(NOTHING_THERE)
            return None
        if self.inbox:
            self.inbox.announce()
        if self._session is not None:
            self._session.messages_read()
        return found
