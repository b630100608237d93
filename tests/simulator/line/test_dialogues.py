"""Every dialogue of the seeds' sections 2 and 5, and those about sleep, replayed host side.

The data are in tests/transcripts or, before they are there, in the project's shared folder.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from simulator.support.http_bench import WebStage, linked
from simulator.support.serial_host import PROMPT_GAP_MS, Answer, Bench

from ublox_simulator import VirtualLoop
from ublox_simulator.world.peers import Connection, TcpPeer, UdpPeer, connect_to

HERE = Path(__file__).resolve()
FOLDERS = [
    Path(os.environ.get("TRANSCRIPTS", "")),
    HERE.parents[2] / "transcripts",
    HERE.parents[4] / "shared" / "transcripts",
]
FILES = {"sara-r5": "sara_r5.json", "lexi-r10": "lexi_r10.json"}
SERVER = "195.34.89.241"

Step = dict[str, Any]


def load(module: str) -> list[dict[str, Any]]:
    for folder in FOLDERS:
        path = folder / FILES[module]
        if str(folder) != "." and path.exists():
            return list(json.loads(path.read_text(encoding="utf-8"))["dialogues"])
    raise FileNotFoundError(f"{FILES[module]} not found; set TRANSCRIPTS to its folder")


def branches(steps: list[Step]) -> list[list[Step]]:
    """The straight replay, and one for each run of alternative steps: it replaces the step
    before it."""
    straight = [step for step in steps if not step.get("alternative")]
    found = [straight]
    index = 0
    while index < len(steps):
        if not steps[index].get("alternative"):
            index += 1
            continue
        end = index
        while end < len(steps) and steps[end].get("alternative"):
            end += 1
        before = [s for s in steps[: index - 1] if not s.get("alternative")]
        after = [s for s in steps[end:] if not s.get("alternative")]
        found.append(before + steps[index:end] + after)
        index = end
    return found


def cases() -> list[Any]:
    found = []
    for module in FILES:
        lexi = ("2.3", "2.4", "5.", "6.1.4", "7.")
        wanted = ("2.2", "2.3", "5.", "10.") if module == "sara-r5" else lexi
        for dialogue in load(module):
            if not dialogue["section"].startswith(wanted):
                continue
            for number, steps in enumerate(branches(dialogue["steps"])):
                name = dialogue["id"] + (f"-alternative{number}" if number else "")
                found.append(pytest.param(module, dialogue["id"], number, steps, id=name))
    return found


class Stage:
    """The network of one dialogue: peers, routes and how events happen."""

    def __init__(self, module: str, ident: str, branch: int, steps: list[Step]) -> None:
        self.ident = ident.partition("-")[2]
        self.branch = branch
        self.loop = VirtualLoop(settle=None)
        self.tcp = TcpPeer(self.loop)
        self.udp = UdpPeer(self.loop)
        self.visitor: Connection | None = None
        datagrams = "udp" in ident or "5.12" in ident
        port = self.udp.port if datagrams else self.tcp.port
        if self.ident == "5.1-connect" and branch:
            self.tcp.close()  # the alternative: nobody listens
        google = "216.58.206.68" if "ping" in ident else "216.239.59.147"
        options: dict[str, Any] = {
            "hosts": {
                "www.google.com": google,
                "ftp.u-blox.com": SERVER,
                "echo.u-blox.com": SERVER,
            },
            "routes": {f"{SERVER}:7": f"127.0.0.1:{port}"},
            "pings": {"216.58.206.68": (115, (62, 53))},
            "listen_map": {1099: 0, 12000: 0},
        }
        if "listen" in ident:
            options["address"] = "151.9.34.74"
        if "post-file" in ident:
            options["address"] = "10.130.31.65"
            options["network_apn"] = "click"
        if "udp-write" in ident and branch:
            options["variants"] = {"usocr-port"}
        self.bench = Bench(module, loop=self.loop, **options)
        self.web = WebStage(self.bench, self.ident, steps)
        self.prepare()

    def prepare(self) -> None:
        """What the dialogue's `needs` ask for."""
        bench, name = self.bench, self.ident
        if "registration" in name:
            bench.ok("AT+CFUN=0")
            bench.ok('AT+CGDCONT=1,"IPV4V6","apn_name"')
            bench.ok("AT+CFUN=1")
            bench.pass_ms(5000)
            if self.branch:
                bench.ok("AT+COPS=2")
        elif "psd-activation" in name or "mismatch" in name:
            bench.pass_ms(5000)
            bench.ok("AT+CMEE=2")
        elif "map-" in name:
            bench.ok("AT+CFUN=0")
        elif name.startswith(("5.", "2.3.1-ping", "2.3.2", "2.4")):
            bench.go_online()
            self.prepare_sockets()
            if name.startswith("5.10.2"):
                self.prepare_sleep()
        elif "post-file" in name:
            bench.pass_ms(5000)
        elif name.startswith(("6.1.4", "7.1.2")):
            bench.go_online()
            self.prepare_sleep()
        elif name.startswith(("10.", "7.")):
            bench.go_online()
        self.web.prepare()
        bench.take()

    def prepare_sleep(self) -> None:
        """Deep sleep enabled; a long eDRX cycle where the dialogue wants Hibernate."""
        hibernate = self.ident == "5.10.2-read"
        self.bench.ok("AT+UUSBCONF=99")
        self.bench.ok(f"AT+UPSV=1,5000,{4 if hibernate else 3}")
        if hibernate:
            self.bench.ok('AT+CEDRXS=1,4,"0010"')

    def prepare_sockets(self) -> None:
        bench, name = self.bench, self.ident
        if name.startswith(("5.3", "5.4-", "5.5-", "5.8", "5.9")) and "keep-alive" not in name:
            first = 1 if name == "5.9-remote" else 0
            if first:
                bench.ok("AT+USOCR=17")
            bench.ok("AT+USOCR=6")
            bench.ok(f'AT+USOCO={first},"{SERVER}",7')
            bench.pass_ms(10)
        if "full" in name:
            bench.module.faults.queue_full.add(0)
        if name == "5.8-last-error":
            self.tcp.last.reset()
            assert bench.expect_urc() == "+UUSOCL: 0"
        if name == "5.8-state" and self.branch:
            self.tcp.last.send(b"unread")
            self.tcp.last.close()
            assert bench.expect_urc() == "+UUSORD: 0,6"
        if name.startswith("5.7"):
            bench.ok("AT+USOCR=17")
            bench.ok(f'AT+USOST=0,"{SERVER}",7,1,"x"')
            bench.pass_ms(10)

    def event(self, step: Step) -> None:
        """Make the outside world do what the step says."""
        text = step["event"]
        self.bench.pass_ms(5)  # what was sent before has reached the peer
        if "restarts" in text:
            self.bench.pass_ms(self.bench.module.options.boot_ms + 2000)
            return
        if "goes to" in text:
            self.bench.pass_ms(20_000)
            return
        if "leaves Sleep-2" in text or "cycle passes" in text:
            self.bench.pass_ms(20_000)
            assert self.bench.module.sleeper.deep
            self.bench.module.power_key(True)
            self.bench.pass_ms(300)
            self.bench.module.power_key(False)
            return
        if "the host" in text:
            self.bench.pass_ms(60_000)  # the vote keeps it awake meanwhile
            assert self.bench.module.sleep_state == "awake"
            if "HTTP" in text:
                self.web.configure()
            return
        if "connects to the listening port" in text:
            real = self.bench.module.listen_ports()[1099]
            self.visitor = connect_to(self.loop, real)
            book = self.bench.module.addresses
            book.add_route("151.9.34.66:39912", f"127.0.0.1:{self.visitor.local[1]}")
        elif "closes" in text:
            self.tcp.last.close()
        else:
            self.send_from_outside(step)
        self.bench.pass_ms(200)

    def send_from_outside(self, step: Step) -> None:
        data = step.get("data", step.get("data_start", "")).encode("latin-1")
        if "data" not in step:
            data = (data + b"1234567890" * 4)[: step["data_len"]]
        if "5.7" in self.ident or "5.12" in self.ident:
            self.udp.send(data)
        elif self.visitor is not None:
            self.visitor.send(data)
        else:
            self.tcp.last.send(data)

    def close(self) -> None:
        if self.visitor is not None:
            self.visitor.abandon()
        if not (self.ident == "5.1-connect" and self.branch):
            self.tcp.close()
        self.udp.close()
        self.bench.close()


def connected(bench: Bench, step: Step) -> Answer:
    """A step with counted bytes behind CONNECT; the answer without them."""
    bench.send(step["send"])
    assert bench.expect_urc() == step["connect"]
    if "stream_out" in step:
        bench.pass_ms(PROMPT_GAP_MS)
        bench.uart.write(step["stream_out"].encode("latin-1"))
        return bench.answer()
    content = step["stream_in"].encode("latin-1")
    answer = bench.answer()
    assert bench.raw.endswith(b"%s\r\n%s\r\nOK\r\n" % (step["connect"].encode(), content))
    return Answer([], answer.final)


def play(stage: Stage, step: Step) -> None:
    bench = stage.bench
    stage.web.before(step)
    if "send" in step:
        command = step["send"]
        if "prompt" in step:
            answer = bench.prompted(
                command, step["payload"].encode("latin-1"), step["prompt"].encode()
            )
        elif "disconnect" in step:
            answer = linked(bench, step)
        elif "connect" in step:
            answer = connected(bench, step)
        else:
            bench.raw.clear()
            answer = bench.at(command)
            assert all(text.encode("latin-1") in bench.raw for text in step.get("info", []))
        lines = [line for text in step.get("info", []) for line in text.split("\r\n")]
        assert answer.text == [line for line in lines if line]
        assert answer.final.lower() == step["final"].lower()
    else:
        stage.event(step)
    for urc in step.get("urcs", []):
        assert bench.expect_urc(60_000) == urc
    if not step.get("urcs"):
        assert bench.take() == []


@pytest.mark.parametrize(("module", "ident", "branch", "steps"), cases())
def test_dialogue_of_the_seeds(module: str, ident: str, branch: int, steps: list[Step]) -> None:
    stage = Stage(module, ident, branch, steps)
    try:
        for step in steps:
            play(stage, step)
        stage.bench.pass_ms(1000)
        assert stage.bench.take() == []
        stage.web.check(steps)
        assert stage.bench.module.violations == []
        assert stage.bench.module.crashes == []
    finally:
        stage.close()


def test_each_dialogue_in_scope_is_played() -> None:
    played = {case.values[1] for case in cases()}
    assert len(played) == 65, sorted(played)
