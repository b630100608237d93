"""The dialogues of tests/transcripts, played from the module's side.

A `Script` expects exactly the bytes the dialogue's host sends, in order, and answers as printed.
What the driver asks besides, and a dialogue does not show, is in `also`: line -> answer.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from driver.support.socket_model import LATENCY_MS, Arrivals, ok

HERE = Path(__file__).resolve()
FOLDERS = [
    Path(os.environ.get("TRANSCRIPTS", "no-such")),
    HERE.parents[2] / "transcripts",
    HERE.parents[4] / "shared" / "transcripts",
]
FILES = {"sara-r5": "sara_r5.json", "lexi-r10": "lexi_r10.json"}
EVENT_MS = 5.0

Step = dict[str, Any]


def load(module: str) -> list[dict[str, Any]]:
    """All dialogues of a module."""
    for folder in FOLDERS:
        path = folder / FILES[module]
        if path.exists():
            return list(json.loads(path.read_text(encoding="utf-8"))["dialogues"])
    raise FileNotFoundError(f"{FILES[module]} not found; set TRANSCRIPTS to its folder")


def branches(steps: list[Step]) -> list[list[Step]]:
    """The straight replay, then one for each run of alternatives: it replaces the step before."""
    found = [[step for step in steps if not step.get("alternative")]]
    index = 0
    while index < len(steps):
        end = index
        while end < len(steps) and steps[end].get("alternative"):
            end += 1
        if end > index:
            around = steps[: index - 1], steps[end:]
            before, after = ([s for s in part if not s.get("alternative")] for part in around)
            found.append(before + steps[index:end] + after)
        index = end + 1
    return found


def latin(text: str) -> bytes:
    return text.encode("latin-1")


def content(step: Step) -> bytes:
    """The bytes an event's outside actor sends; those the seed does not print are digits."""
    data = latin(step.get("data", step.get("data_start", "")))
    return data if "data" in step else (data + b"1234567890" * 4)[: step["data_len"]]


def enlarge(step: Step, times: int) -> Step:
    """The step with every byte the module received and every count of them `times` as often."""

    def count(found: re.Match[str]) -> str:
        return found[1] + str(int(found[2]) * times)

    def often(text: str) -> str:
        return "".join(char * times for char in text)

    large = dict(step)
    for key in ("data", "data_start"):
        if key in step:
            large[key] = often(step[key])
    if "data_len" in step:
        large["data"] = often((step["data_start"] + "1234567890" * 4)[: step["data_len"]])
    if "send" in step:
        large["send"] = re.sub(r"(\+USORD=\d,)(\d+)", count, step["send"])
    for key in ("info", "urcs"):
        lines = [
            re.sub(r"^(\+(?:USO|UUSO)RD: \d,)(\d+)", count, line) for line in step.get(key, [])
        ]
        large[key] = [
            head + mark + often(data[:-1]) + data[-1:]
            for head, mark, data in (line.partition(',"') for line in lines)
        ] if key == "info" and "USORD" in step.get("send", "") else lines  # fmt: skip
    return large


class Script:
    """The module of one dialogue."""

    def __init__(self, steps: list[Step], also: dict[str, bytes], skip: frozenset[str]) -> None:
        self.steps = [step for step in steps if step.get("send") not in skip]
        self.also = {latin(line): answer for line, answer in also.items()}
        self.events: list[bytes] = []
        self._line = bytearray()
        self._payload: bytes | None = None

    @property
    def over(self) -> bool:
        return not self.steps and self._payload is None

    def begin(self) -> Arrivals:
        """What happens before the host does anything."""
        return self._events()

    def feed(self, data: bytes) -> Arrivals:
        self._line += data
        if self._payload is not None:
            return self._take_payload()
        if not self._line.endswith(b"\r"):
            return []
        line, self._line = bytes(self._line[:-1]), bytearray()
        if self.steps and line == latin(self.steps[0].get("send", "")):
            step = self.steps[0]
            if "prompt" in step:
                self._payload = latin(step["payload"])
                return [(LATENCY_MS, b"\r\n" + latin(step["prompt"]))]
            return self._answer()
        assert line in self.also, f"{line!r} sent, the dialogue has {self.steps[:1]}"
        return [(LATENCY_MS, self.also[line])]

    def _take_payload(self) -> Arrivals:
        assert self._payload is not None
        assert self._payload.startswith(self._line), (bytes(self._line), self._payload)
        if len(self._line) < len(self._payload):
            return []
        self._line.clear()
        self._payload = None
        return self._answer()

    def _answer(self) -> Arrivals:
        step = self.steps.pop(0)
        lines = [latin(text) for text in (*step.get("info", []), step["final"])]
        answer = b"".join(b"\r\n" + line + b"\r\n" for line in lines)
        return [(LATENCY_MS, answer), *self._urcs(step), *self._events()]

    def _urcs(self, step: Step) -> Arrivals:
        return [(EVENT_MS, b"\r\n" + latin(urc) + b"\r\n") for urc in step.get("urcs", [])]

    def _events(self) -> Arrivals:
        found: Arrivals = []
        while self.steps and "event" in self.steps[0]:
            found += self._urcs(self.steps.pop(0))
        return found


IDENTITY = {
    "ATE0": ok(), "AT+CMEE=1": ok(), "AT+UDCONF=1,0": ok(), "AT+UPSV?": ok(b"+UPSV: 0"),
}  # fmt: skip
ONLINE = {
    "AT+CPIN?": ok(b"+CPIN: READY"), "AT+CFUN?": ok(b"+CFUN: 1,0"),
    "AT+COPS?": ok(b'+COPS: 0,0,"net",7'), "AT+CEREG=1": ok(), "AT+CGEREP=1": ok(),
    "AT+CEREG?": ok(b"+CEREG: 1,1"), "AT+UPSND=0,8": ok(b"+UPSND: 0,8,0"),
    "AT+CGACT?": ok(b"+CGACT: 1,1"),
}  # fmt: skip
