"""A module with sockets, MQTT, HTTP, files and security profiles at once, for what several tasks
do with one modem. Everything names itself: a connection by its host, a message by its topic, an
answer by its path, so that what reaches the wrong one is seen.
"""

from __future__ import annotations

from typing import Any

from driver.support.crowd import Crowd
from driver.support.http_model import HttpModel
from driver.support.mqtt_model import MqttModel, fields
from driver.support.socket_model import LATENCY_MS, Arrivals, ok

BODY = b"this is the answer for %s, and nothing else"


class Web(HttpModel):
    """Answers with the path that was asked for."""

    def _run(self, values: list[str]) -> bytes:
        body = BODY % values[2].encode()
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        number, values[0] = values[0], "0"
        urc = super()._run(values)
        return urc.replace(b"+UUHTTPCR: 0,", b"+UUHTTPCR: %s," % number.encode())


class World:
    """The far end of a `Line`: a part for each service, and one command at a time."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.crowd = Crowd(7 if module == "sara-r5" else 6)
        self.web = Web(module)
        self.web.cmee = 1
        self.mqtt = MqttModel()
        self.profiles: dict[str, dict[str, str]] = {}
        self.secured: dict[str, str] = {}
        self.votes: list[str] = []
        self.commands: list[str] = []
        self.deaf = False  # it boots
        self._line = bytearray()
        self._part: Any = None  # that waits for a payload

    def feed(self, data: bytes) -> Arrivals:
        found: Arrivals = []
        for byte in b"" if self.deaf else data:
            answer = self._byte(byte)
            if answer:
                found.append((LATENCY_MS, answer))
        return found

    def _byte(self, byte: int) -> bytes:
        if self._part is not None:
            answer = self._part._byte(byte)
            if not self._part._need:
                self._part = None
            return answer
        if byte != 13:
            self._line.append(byte)
            return b""
        line, self._line = bytes(self._line).lstrip(b" \n"), bytearray()
        if not line.startswith(b"AT"):
            return b""
        self.commands.append(line[2:].decode("latin-1"))
        return self._command(line[2:])

    def _command(self, text: bytes) -> bytes:
        name = text.partition(b"=")[0].rstrip(b"?")
        if name in (b"+USECPRF", b"+USOSEC", b"+USLPVOTE", b"+CGSN"):
            return getattr(self, name[1:].decode().lower())(fields(text.decode("latin-1")))
        if name.startswith(b"+UMQTT"):
            part: Any = self.mqtt
        elif name.startswith((b"+UHTTP", b"+F", b"+ULST", b"+UDEL", b"+UDWN", b"+URD")):
            part = self.web
        else:
            part = self.crowd
            part.commands.append(text.decode("latin-1"))
            answer = part._command(text.decode("latin-1"))
            answer += b"".join(part.urcs)
            part.urcs.clear()
            self._part = part if part._need else None
            return answer
        answer = part._command(text)
        self._part = part if part._need else None
        return answer

    def cgsn(self, values: list[str]) -> bytes:
        return ok(b"004999010640000")

    def usecprf(self, values: list[str]) -> bytes:
        number = values[0].partition("=")[2]
        if len(values) == 1:
            self.profiles[number] = {}
        elif len(values) == 2:
            found = self.profiles.get(number, {}).get(values[1], "0")
            return ok(f"+USECPRF: {number},{values[1]},{found}".encode())
        else:
            self.profiles.setdefault(number, {})[values[1]] = values[2]
        return ok()

    def usosec(self, values: list[str]) -> bytes:
        number = values[0].partition("=")[2]
        if len(values) == 1:
            return ok(f"+USOSEC: {number},1,{self.secured.get(number, 0)}".encode())
        self.secured[number] = values[2] if len(values) > 2 else "0"
        return ok()

    def uslpvote(self, values: list[str]) -> bytes:
        self.votes.append(",".join(values))
        return ok()

    # -- what happens outside ---------------------------------------------------------------

    def message(self, topic: bytes, payload: bytes) -> bytes:
        """A message arrives at the module; the URC."""
        self.mqtt.inbox.append((topic, payload, 1))
        return b"\r\n+UUMQTTC: 6,%d\r\n" % len(self.mqtt.inbox)
