"""The smallest module with an MQTT-SN client and a gateway that never forgets, for the matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from driver.support.files_model import FilesModel, fields
from driver.support.mqtt_model import listed
from driver.support.socket_model import ok

NOT_ALLOWED = 3
INVALID = 50
LONGEST = 1017


class MqttSnModel(FilesModel):
    """`published`: (topic, message, QoS) that reached the gateway; `inbox`: messages for the
    module, as (QoS, kind, topic, message); `result` of the next action, None: its URC is lost;
    `knows_binary`: whether operation 12 is there."""

    def __init__(self) -> None:
        super().__init__("sara-r5")
        self.connected = False
        self.topics: dict[str, int] = {}
        self.published: list[tuple[str, bytes, int]] = []
        self.inbox: list[tuple[int, int, bytes, bytes]] = []
        self.subscribed: set[str] = set()
        self.settings: dict[str, list[str]] = {}
        self.result: int | None = 1
        self.told = (14, 21)
        self.knows_binary = True
        self.busy = False
        self.noise = b""  # what comes before the answer to a read
        self.will: list[str] = []
        self.lines: list[bytes] = []

    def restart(self) -> None:
        """Whatever it waits for is forgotten, and its session."""
        self._need = 0
        self._into = None
        self.cmee = 0
        self.connected = self.busy = False
        self.settings.clear()
        self.inbox.clear()

    def arrive(self, *message: Any) -> bytes:
        """A message comes from the gateway; the URC for it."""
        self.inbox.append(message)
        return self._unread()

    def _unread(self) -> bytes:
        return b"\r\n+UUMQTTSNC: 9,%d\r\n" % len(self.inbox)

    def _command(self, text: bytes) -> bytes:
        name, _, rest = text.partition(b"=")
        values = fields(rest.decode("latin-1"))
        self.lines.append(text)
        if name == b"+UMQTTSN":
            self.settings[values[0]] = values[1:]
            return ok()
        if name == b"+UMQTTSN?":
            return listed(name[:-1], self.settings)
        if name == b"+UMQTTSNNV":
            self.settings.clear()
            return ok()
        if name == b"+UMQTTSNER":
            return ok(b"+UMQTTSNER: %d,%d" % self.told)
        if name == b"+UMQTTSNC":
            return self._action(values)
        return super()._command(text)

    def _action(self, values: list[str]) -> bytes:
        action = ACTIONS.get(values[0]) if values else None
        if action is None or (values[0] == "12" and not self.knows_binary):
            return self._error(INVALID)
        anonymous = values[0] in ("4", "11", "12") and values[1:2] == ["3"]
        if self.busy or not (self.connected or values[0] == "1" or anonymous):
            return self._error(NOT_ALLOWED)
        try:
            return action(self, values)
        except (ValueError, IndexError, KeyError):
            return self._error(INVALID)

    def _urc(self, op: str, more: str = "") -> bytes:
        """OK and the result."""
        if self.result is None:
            self.busy = True
            return ok()
        told = f"{op},{self.result}{more if self.result == 1 else ''}"
        return ok() + f"\r\n+UUMQTTSNC: {told}\r\n".encode()

    def connect(self, values: list[str]) -> bytes:
        if self.connected or ("1" not in self.settings and "2" not in self.settings):
            return self._error(NOT_ALLOWED)
        self.connected = self.result == 1
        return self._urc("1")

    def disconnect(self, values: list[str]) -> bytes:
        self.connected = False
        return self._urc("0")

    def register(self, values: list[str]) -> bytes:
        number = self.topics.setdefault(values[1], len(self.topics) + 1)
        return self._urc("2", f",{number}")

    def _deliver(self, op: str, qos: str, kind: str, topic: str, data: bytes) -> bytes:
        if kind == "0" and int(topic) not in self.topics.values():
            return ok() + f"\r\n+UUMQTTSNC: {op},0\r\n".encode()
        if len(data) > LONGEST:
            return self._error(INVALID)
        if self.result != 0:
            self.published.append((topic, data, int(qos)))
        return self._urc(op)

    def publish(self, values: list[str]) -> bytes:
        _, qos, _retain, hexadecimal, kind, topic, data = values
        payload = bytes.fromhex(data) if hexadecimal == "1" else data.encode("latin-1")
        return self._deliver("4", qos, kind, topic, payload)

    def binary(self, values: list[str]) -> bytes:
        _, qos, _retain, kind, topic, size = values

        def done(data: bytes) -> bytes:
            return self._deliver("12", qos, kind, topic, data)

        return self._take(int(size), b"\r\n>", done)

    def from_file(self, values: list[str]) -> bytes:
        _, qos, _retain, kind, topic, name = values
        return self._deliver("11", qos, kind, topic, bytes(self.files[name]))

    def subscribe(self, values: list[str]) -> bytes:
        _, qos, kind, topic = values
        self.subscribed.add(topic)
        number = 0
        if kind == "0" and "#" not in topic:
            number = self.topics.setdefault(topic, len(self.topics) + 1)
        return self._urc("5", f",{qos},{number}")

    def unsubscribe(self, values: list[str]) -> bytes:
        names = [name for name in self.topics if str(self.topics[name]) == values[2]]
        self.subscribed.discard(names[0] if names and values[1] == "0" else values[2])
        return self._urc("6")

    def set_will(self, values: list[str]) -> bytes:
        self.will = [*self.will, *values]
        return self._urc(values[0])

    def read(self, values: list[str]) -> bytes:
        if not self.inbox:
            return self.noise + ok()
        qos, kind, topic, data = self.inbox.pop(0)
        line = b'+UMQTTSNC: 9,%d,%d,%d,%d,"%s",%d,"%s"' % (
            qos, kind, len(topic) + len(data), len(topic), topic, len(data), data
        )  # fmt: skip
        return self.noise + ok(line) + (self._unread() if self.inbox else b"")

    def ping(self, values: list[str]) -> bytes:
        return ok()


ACTIONS: dict[str, Callable[[MqttSnModel, list[str]], bytes]] = {
    "0": MqttSnModel.disconnect, "1": MqttSnModel.connect, "2": MqttSnModel.register,
    "4": MqttSnModel.publish, "5": MqttSnModel.subscribe, "6": MqttSnModel.unsubscribe,
    "7": MqttSnModel.set_will, "8": MqttSnModel.set_will, "9": MqttSnModel.read,
    "10": MqttSnModel.ping, "11": MqttSnModel.from_file, "12": MqttSnModel.binary,
}  # fmt: skip
