"""The web server of the seeds' HTTP dialogues, and what these want to find prepared."""

from __future__ import annotations

from typing import Any

from simulator.support.http_server import HttpServer, ok, sends
from simulator.support.serial_host import PROMPT_GAP_MS, Answer, Bench

NAME, ADDRESS = "httpbin.org", "54.72.52.58"
ORDER = "AT+UHTTPC="
STORED = "result.txt"

Step = dict[str, Any]


class WebStage:
    """A server that says what the dialogue goes on to show."""

    def __init__(self, bench: Bench, ident: str, steps: list[Step]) -> None:
        self._bench = bench
        self._ident = ident
        self._server = HttpServer(bench, ok())
        self._stored = self._read_later(steps)
        book = bench.module.addresses
        book.hosts[NAME] = ADDRESS
        book.add_route(f"{ADDRESS}:80", f"127.0.0.1:{self._server.peer.port}")

    @staticmethod
    def _read_later(steps: list[Step]) -> bytes:
        """The answer a dialogue reads out of the file it was stored in."""
        for step in steps:
            if STORED in step.get("send", "") and step.get("info", [""])[0].startswith("+URDF"):
                return step["info"][0].partition(',"')[2][:-1].encode("latin-1")
            if step.get("connect") == "CONNECT 498":
                return step["stream_in"].encode("latin-1")
        return ok()

    def prepare(self) -> None:
        """What the dialogue's `needs` ask for."""
        bench, name = self._bench, self._ident
        if name.startswith(("10.3", "7.4")):
            self.configure()
            bench.module.files.save("postdata.txt", b"hello world")
        elif name.endswith("port-rules"):
            bench.ok("AT+UHTTP=0,6,1")
        elif name == "7.1-basics":
            bench.ok('AT+CGDCONT=2,"IP","second"')
            bench.ok("AT+CGACT=1,2")
        elif name.startswith("7.1.2.2"):
            self.configure()
            bench.ok("AT+UHTTPNV=0,2")
            bench.ok("AT+UHTTPNV=0,0")

    def configure(self) -> None:
        """The profile as the dialogues set it."""
        self._bench.ok(f'AT+UHTTP=0,1,"{NAME}"')

    def before(self, step: Step) -> None:
        """The server gets ready for the request of this step."""
        if step.get("send", "").startswith(ORDER):
            answer = step.get("stream_in", "").encode("latin-1") or self._stored
            self._server.answer = sends(answer)

    def check(self, steps: list[Step]) -> None:
        """Every order was one request, and the port is what the dialogue says."""
        orders = [step for step in steps if step.get("send", "").startswith(ORDER)]
        assert len(self._server.requests) == len(orders)
        if self._ident.startswith(("10.4", "7.5")):
            port = "9000" if self._ident.endswith("port-rules") else "443"
            assert self._bench.ok("AT+UHTTP=0,5") == [f"+UHTTP: 0,5,{port}"]


def linked(bench: Bench, step: Step) -> Answer:
    """An order over direct link; the answer without what passed the link."""
    bench.send(step["send"])
    assert bench.expect_urc() == step["connect"]
    if "stream_out" in step:
        bench.pass_ms(PROMPT_GAP_MS)
        bench.uart.write(step["stream_out"].encode("latin-1"))
    answer = bench.answer()
    shown = "\r\n{connect}\r\n{stream_in}\r\n{disconnect}\r\n\r\nOK\r\n".format_map(step)
    assert shown.encode("latin-1") in bench.raw
    return Answer([], answer.final)
