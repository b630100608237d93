"""boards/apps/coap_sensor.py against a CoAP server: every measurement arrives, over PSM, a server
that is away and one that refuses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dev import bytecode
from dev.environment import ROOT
from driver.support.node import Node
from servers.coap import CoapServer

from ublox_simulator.control.channel import Control

APPS = ROOT / "boards/apps"


@pytest.fixture
def app(
    load_app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(APPS))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    found: Any = load_app("coap_sensor")
    yield found
    for name in set(sys.modules) - before:
        if name in ("outbox", "machine"):
            del sys.modules[name]


class Field:
    """A node in virtual time, a server, and the program's own clock on the same time."""

    def __init__(self, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.node = Node("sara-r5", "blocking", psm_wake_ms=700)
        loop = self.node.loop
        self.server = loop.run_until_complete(CoapServer(loop).over_datagrams())
        self.uri = f"coap://127.0.0.1:{self.server.port}/store/1"
        clock = self.node.uart.clock
        monkeypatch.setattr(app, "time", clock)
        sys.modules["machine"].RTC().memory(b"")  # nothing is kept of an earlier life
        self.outbox = app.Outbox("outbox.json")
        self.now = 0

    def wake(self) -> bool:
        """The board wakes: a new driver, which knows what was saved."""
        self.outbox.add(self.now, self.app.measure(self.now))
        modem = self.node.make("power_key power_sense", state=self.outbox.modem or None)
        done: bool = self.app.report(modem, self.outbox, self.now, self.uri)
        self.outbox.save(modem.save_state())
        self.now += self.app.INTERVAL_S
        self.node.pass_ms(self.app.INTERVAL_S * 1000)
        return done

    def report(self) -> list[bytes]:
        """What the server has of the last report."""
        return self.server.store.kept[("1",)][0].splitlines()

    def close(self) -> None:
        self.node.loop.run_until_complete(self.server.stop())
        self.node.close()


@pytest.fixture
def field(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Field]:
    made = Field(app, monkeypatch)
    yield made
    assert made.node.violations() == []
    assert made.node.module.crashes == []
    made.close()


def test_every_measurement_arrives_while_module_and_board_sleep(field: Field) -> None:
    for number in range(1, 5):
        assert field.wake()
        assert field.report()[0].split()[0] == b"%d" % number
        assert len(field.report()) == 2
        assert Control(field.node.module).execute("state") == ["psm", "ok"]
    assert field.outbox.waiting == []


def test_what_a_server_that_is_away_does_not_get_comes_later(field: Field) -> None:
    assert field.wake()
    field.server.loses = lambda: True
    assert not field.wake()
    assert not field.wake()
    field.server.loses = lambda: False
    assert field.wake()
    assert [line.split()[0] for line in field.report()[1:]] == [b"2", b"3", b"4"]
    assert field.outbox.again == 3  # 2 twice, 3 once


def test_what_a_server_refuses_is_kept(field: Field, capsys: pytest.CaptureFixture[str]) -> None:
    right, field.uri = field.uri, field.uri.replace("/store/1", "/forbidden")
    assert not field.wake()
    assert "the server says 4.xx" in capsys.readouterr().out
    field.uri = right
    assert field.wake()
    assert len(field.report()) == 3


def test_micropython_takes_it() -> None:
    code = bytecode.compile_file(APPS / "coap_sensor.py", "coap_sensor.py")
    assert code.stat().st_size < 8192
