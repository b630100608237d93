"""The smallest module with an MQTT client, for the matrix: its broker grants everything."""

from __future__ import annotations

from typing import Any

from driver.support.socket_model import Model, ok


def fields(text: str) -> list[str]:
    """Parameters of a command, without their quotes; commas inside quotes count."""
    found, quoted, current = [], False, ""
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            found.append(current)
            current = ""
        else:
            current += char
    return [*found, current]


def listed(name: bytes, settings: dict[Any, list[str]]) -> bytes:
    """What a module says of its profile, a line for each setting."""
    lines = b"\r\n".join(
        b"%b: %b,%b" % (
            name, str(operation).encode(),
            ",".join(v if v.isdigit() else f'"{v}"' for v in values).encode("latin-1"),
        )
        for operation, values in settings.items()
    )  # fmt: skip
    return ok(lines) if lines else ok()


class MqttModel(Model):
    """`published`: (topic, message, QoS, retain) in order; `inbox`: what waits to be read;
    `results`: of the next actions, by their number (1 if not told); `told`: of +UMQTTER;
    `mute`: actions of which nothing is told; `busy`: how often the next action is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.cmee = 1
        self.published: list[tuple[str, bytes, int, int]] = []
        self.inbox: list[tuple[bytes, bytes, int]] = []
        self.results: dict[int, int] = {}
        self.told = (13, 33)
        self.mute: set[int] = set()
        self.busy = 0
        self.connected = False
        self.settings: dict[int, list[str]] = {}
        self.stored: dict[int, list[str]] = {}
        self.refused: set[int] = set()  # settings this firmware does not have
        self.unwanted: set[str] = set()  # topics of messages that are refused
        self.binary_as = 2
        self.empty_is_error = False
        self.noise = b""  # what comes before the answer to a read
        self.granted: dict[str, str] = {}  # by filter, where it is not what was asked for

    def _command(self, text: bytes) -> bytes:
        name, _, rest = text.partition(b"=")
        values = fields(rest.decode("latin-1"))
        if name == b"+UMQTT":
            return self._set(values)
        if name == b"+UMQTT?":
            return listed(name[:-1], self.settings)
        if name == b"+UMQTTNV":
            return self._store(int(values[0]))
        if name == b"+UMQTTER":
            return ok(b"+UMQTTER: %d,%d" % self.told)
        if name == b"+UMQTTC":
            return self._act(int(values[0]), values[1:])
        return super()._command(text)

    def _set(self, values: list[str]) -> bytes:
        operation = int(values[0])
        if self.connected or operation in self.refused:
            return self._error(3)
        self.settings[operation] = values[1:]
        return ok()

    def _store(self, what: int) -> bytes:
        if self.connected:
            return self._error(3)
        if what == 2:
            self.stored = dict(self.settings)
        else:
            self.settings = dict(self.stored) if what else {}
        return ok()

    def _act(self, op: int, values: list[str]) -> bytes:
        if op == 6:
            return self.noise + self._read(hexadecimal=values[1:] == ["1"])
        if op == 8:
            return ok()
        if self.busy or self.connected == (op == 1):
            self.busy = max(0, self.busy - 1)
            return self._error(3)
        if (op == 2 and values[3] in self.unwanted) or (op == 9 and values[2] in self.unwanted):
            return self._error(3)
        if op == 9:
            topic, count = values[2], int(values[3])
            return self._take(count, op, topic, int(values[0]), int(values[1]))
        if op == 2:
            data = values[4].encode("latin-1")
            data = bytes.fromhex(values[4]) if values[2] == "1" else data
            self.published.append((values[3], data, int(values[0]), int(values[1])))
        elif op == 3:
            self.published.append((values[2], values[3].encode(), int(values[0]), int(values[1])))
        result = self.results.pop(op, 1)
        if op in (0, 1) and result:
            self.connected = op == 1
        more = ""
        if op == 4 and result:
            more = f',{self.granted.get(values[1], values[0])},"{values[1]}"'
        return ok() + self.urc(op, result, more)

    def urc(self, op: int, result: int, more: str = "") -> bytes:
        if op in self.mute:
            return b""
        return b"\r\n+UUMQTTC: %d,%d%s\r\n" % (op, result, more.encode())

    def _take(self, count: int, op: int, topic: str, qos: int, retain: int) -> bytes:
        if not 0 < count <= 1024:
            return self._error(50)

        def done(payload: bytes) -> bytes:
            self.published.append((topic, payload, qos, retain))
            return ok() + self.urc(self.binary_as, self.results.pop(op, 1))

        self._payload.clear()
        self._need = count
        self._into = done
        return b"\r\n>"

    def _read(self, hexadecimal: bool) -> bytes:
        if not self.inbox:
            return self._error(53) if self.empty_is_error else ok()
        topic, data, qos = self.inbox.pop(0)
        shown = data.hex().upper().encode() if hexadecimal else data
        line = b'+UMQTTC: 6,%d,%d,%d,"%s",%d,"%s"' % (
            qos, len(topic) + len(data), len(topic), topic, len(data), shown,
        )  # fmt: skip
        return ok(line) + (self.announcement() if self.inbox else b"")

    def announcement(self) -> bytes:
        return b"\r\n+UUMQTTC: 6,%d\r\n" % len(self.inbox)
