"""The file commands of the dialogues A5 10.2 and A10 7.2, module side, on the driver.

What the dialogues leave out is in `ALSO`: the driver asks what is there before it replaces a file
and makes sure afterwards that all of it has arrived. LEXI-R10's "optional check" is
`write(verify=True)`, SARA-R5's is `read()`.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.dialogues import IDENTITY, Script, latin, load
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import LATENCY_MS, Arrivals, ok

FILE_COMMANDS = ("AT+UDWNFILE", "AT+URDFILE", "AT+FOPEN", "AT+FWRITE", "AT+FSEEK", "AT+FREAD",
                 "AT+FCLOSE")  # fmt: skip
ABSENT = b"\r\n+CME ERROR: 1612\r\n"
REPLY_BYTES = 498


class FileScript(Script):
    """With payload behind CONNECT; postdata.txt exists once it has been written."""

    def feed(self, data: bytes) -> Arrivals:
        if data == b'AT+ULSTFILE=2,"postdata.txt"\r':
            written = not any("WN" in step["send"] or "FW" in step["send"] for step in self.steps)
            return [(LATENCY_MS, ok(b"+ULSTFILE: 11") if written else ABSENT)]
        return super().feed(data)

    def _answer(self) -> Arrivals:
        step = self.steps[0]
        if "connect" not in step:
            return super()._answer()
        head = b"\r\n" + latin(step["connect"]) + b"\r\n"
        if "stream_out" in step:
            self._payload = latin(step["stream_out"])
            del step["connect"]
            return [(LATENCY_MS, head)]
        self.steps.pop(0)
        return [(LATENCY_MS, head + latin(step["stream_in"]) + b"\r\nOK\r\n")]


def steps(module: str, ident: str) -> list[dict[str, Any]]:
    found = next(dialogue for dialogue in load(module) if dialogue["id"] == ident)
    return [
        dict(step) for step in found["steps"] if step.get("send", "").startswith(FILE_COMMANDS)
    ]


ALSO: dict[str, bytes] = {
    **IDENTITY, "AT+CMEE?": ok(b"+CMEE: 1"), "AT+FOPEN?": ok(),
    "AT+ULSTFILE=1": ok(b"+ULSTFILE: 100000"),
    'AT+ULSTFILE=2,"result.txt"': ok(b"+ULSTFILE: %d" % REPLY_BYTES),
}  # fmt: skip


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("module", "ident"), [("sara-r5", "r5-10.2-post-file"), ("lexi-r10", "r10-7.2-post-file")]
)
def test_dialogue(flavour: str, module: str, ident: str) -> None:
    script = FileScript(steps(module, ident), ALSO, frozenset())
    bench = Bench(flavour, module, script)
    files = bench.modem.files
    try:
        checks = module == "lexi-r10"
        assert bench.call(files.write, "postdata.txt", b"hello world", verify=checks) == 11
        if not checks:
            assert bench.call(files.read, "postdata.txt") == b"hello world"
        reply = bench.call(files.read, "result.txt")
        assert len(reply) == REPLY_BYTES
        assert reply.startswith(b"HTTP/1.1 200 OK\r\n") and reply.endswith(b"\n}")
        assert script.over, f"not asked for: {script.steps}"
    finally:
        bench.close()
