"""The dialogues of A5 6 and A10 6, with a real broker, the last will with two modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from servers.broker import Broker
from simulator.line.test_dialogues import FILES, branches, load
from simulator.support.mqtt_bench import PINGREQ, PONG, Make, Scripted, done
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import trust

Step = dict[str, Any]

SERVER = "192.168.105.30"
IMEI = "357862090033897"
ELSEWHERE = ("6.1.4",)
"""Played by test_dialogues: it is about sleep."""

OPEN = ("6.3", "6.4", "6.5")
"""Dialogues that need an open session."""


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


def dialogues() -> list[tuple[str, dict[str, Any]]]:
    return [
        (module, dialogue)
        for module in FILES
        for dialogue in load(module)
        if dialogue["section"].startswith("6.") and dialogue["section"] not in ELSEWHERE
    ]


def cases(*, together: bool = False) -> list[Any]:
    """All but the one of two modules, or only that."""
    found = []
    for module, dialogue in dialogues():
        if dialogue["id"].endswith("6.7-last-will") != together:
            continue
        for number, steps in enumerate(branches(dialogue["steps"])):
            name = dialogue["id"] + (f"-alternative{number}" if number else "")
            found.append(pytest.param(module, dialogue["section"], steps, id=name))
    return found


class Stage:
    """One dialogue's network, and what it wants to find prepared."""

    def __init__(self, make_bench: Make, module: str, section: str, broker: Broker) -> None:
        self.loop = broker.loop()
        self.broker = broker
        self.benches: dict[int, Bench] = {}
        for number in (1, 2) if section == "6.7" else (1,):
            self.benches[number] = self._bench(make_bench, module, section, number)
        self.deaf: Scripted | None = None
        self.prepare(section)
        for bench in self.benches.values():
            bench.take()

    def _bench(self, make_bench: Make, module: str, section: str, number: int) -> Bench:
        routes = {
            f"{SERVER}:1883": f"127.0.0.1:{self.broker.port}",
            f"{SERVER}:8883": f"127.0.0.1:{self.broker.ports['tls']}",
        }
        imei = IMEI if number == 1 else f"{IMEI[:-1]}{number}"
        online = section != "6.8"
        return make_bench(
            module, loop=self.loop, routes=routes, imei=imei, online=online, strict=True
        )

    def prepare(self, section: str) -> None:
        first = self.benches[1]
        if section == "6.1.3":
            first.ok('AT+UMQTT=2,"185.215.193.15"')
        elif section == "6.6":
            self.deaf = Scripted(first, {PINGREQ: PONG})
            first.ok(f'AT+UMQTT=2,"127.0.0.1",{self.deaf.port}')
        elif section in ("6.2", "6.8", *OPEN):
            first.ok(f'AT+UMQTT=2,"{SERVER}",1883')
        elif section == "6.7":
            for bench in self.benches.values():
                bench.ok(f'AT+UMQTT=2,"{SERVER}",1883')
            first.ok("AT+UMQTT=6,1")
            first.ok('AT+UMQTT=8,"u-blox/publish"')
            first.ok('AT+UMQTT=9,"Unrequested disconnect."')
        elif section == "6.9":
            trust(first, self.broker.ca, level=1, profile=2, host="")
        if section in OPEN:
            done(first, "1")

    def event(self, text: str) -> None:
        if "gets no answer" in text:
            assert self.deaf is not None
            self.deaf.answers[PINGREQ] = None
            start = self.loop.time()
            while PINGREQ not in self.deaf.kinds:
                self.benches[1].pass_ms(500)
            assert 23 < self.loop.time() - start < 25

    def play(self, step: Step) -> None:
        bench = self.benches[step.get("dce", 1)]
        if "send" in step:
            self.say(bench, step)
        else:
            self.event(step["event"])
        for urc in step.get("urcs", []):
            line = bench.expect_urc(60_000)
            if line == "+UUPSDD: 0":  # the dialogue leaves out what the lost context says itself
                line = bench.expect_urc()
            assert line == urc

    def say(self, bench: Bench, step: Step) -> None:
        bench.raw.clear()
        if "prompt" in step:
            payload, prompt = step["payload"].encode("latin-1"), step["prompt"].encode()
            answer = bench.prompted(step["send"], payload, prompt)
        else:
            answer = bench.at(step["send"])
        assert answer.final.lower() == step["final"].lower()
        shown = [f"\r\n{text}\r\n".encode("latin-1") for text in step.get("info", [])]
        assert b"".join(shown) in bench.raw
        assert shown or not answer.info


def play(stage: Stage, steps: list[Step]) -> None:
    for step in steps:
        stage.play(step)
    for bench in stage.benches.values():
        bench.pass_ms(1000)
        assert bench.take() == []
        assert bench.module.violations == []


@pytest.mark.parametrize(("module", "section", "steps"), cases())
def test_dialogue(
    make_bench: Make, broker: Broker, module: str, section: str, steps: list[Step]
) -> None:
    play(Stage(make_bench, module, section, broker), steps)


@pytest.mark.parametrize(("module", "section", "steps"), cases(together=True))
def test_last_will_of_two_modules(
    make_bench: Make, broker: Broker, module: str, section: str, steps: list[Step]
) -> None:
    play(Stage(make_bench, module, section, broker), steps)


def test_each_dialogue_is_played() -> None:
    assert len(dialogues()) == 23
    assert len(cases(together=True)) == 2
