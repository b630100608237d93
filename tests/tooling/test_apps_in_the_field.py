"""The programs of boards/apps go on through what happens to a node that is never visited: each
delivers again after each cause, in virtual time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from behaviours.rig import Rig
from behaviours.stage import Stage
from dev.environment import ROOT
from servers.broker import Broker

from ublox_simulator import VirtualLoop, open_uart
from ublox_simulator.control.channel import Control
from ublox_simulator.world.peers import tcp_echo

sys.path.insert(0, str(ROOT / "tests" / "driver"))
sys.path.insert(0, str(ROOT / "tests" / "tooling"))
from driver.support.mqtt_client import Party
from test_apps import LEXI, SARA, day, honest
from test_https_app import folder_of as https_folder
from test_mqtt_app import folder_of as mqtt_folder

HOUR = 3600.0
# What happens, and what ends it 40 minutes later, where nothing else does.
CAUSES: dict[str, tuple[str, str]] = {
    "no coverage": ("coverage off", "coverage on"),
    "registration denied": ("faults deny=11:2400000", ""),
    "denied until the radio was off": ("faults deny=11:radio", ""),
    "activation refused": ("faults refuse=+UPSDA=0,3|+CGACT=1:148:2400000", ""),
    "refused until a restart": ("faults refuse=+UPSDA=0,3|+CGACT=1:148:restart", ""),
    "SIM out": ("sim out", "sim in"),
    "context gone without a word": ("deactivate 1 silent", ""),
    "sockets refused until a restart": ("faults refuse=+USO*:3:restart", ""),
    "the SIM is busy": ("faults refuse=+CPIN?|+CG*:14:60000", ""),
    "restart of the module": ("restart", ""),
}
MODULES = [SARA, LEXI]


def on_either(*more: str) -> list[tuple[str, str]]:
    """Each cause, on the one module or the other."""
    return [(MODULES[n % 2], cause) for n, cause in enumerate([*CAUSES, *more])]


# ---- the battery nodes ------------------------------------------------------------------------


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("module", MODULES)
def test_sensor_and_node(module: str, cause: str) -> None:
    begin, end = CAUSES[cause]
    acts = [(1.9, f"module {begin}")] + ([(3.9, f"module {end}")] if end else [])
    # With its radio switched off the module may fall asleep while it receives a command,
    # which a strict one counts.
    run = day(module, 12.2, *acts, strict=cause != "SIM out")
    honest(run)
    assert run.summary["made"] >= 12
    assert run.summary["waiting"] <= 1, run.said[-20:]
    assert run.summary["measurements"] >= run.summary["made"] - 1


# ---- in this process --------------------------------------------------------------------------


class Over(BaseException):
    """The time of the test is over."""


class Sleep(BaseException):
    """The board goes to sleep."""


class Place:
    """The simulated module, and programs that are given it."""

    def __init__(self, module: str, loop: Any, **options: Any) -> None:
        self.loop = loop
        self.name = module
        self.uart = open_uart(
            module, loop=loop, registered_after_ms=500, retry_ms=30_000, **options
        )
        self.control = Control(self.uart.module)

    def lend(self, app: ModuleType, monkeypatch: pytest.MonkeyPatch, flavour: str = "") -> None:
        """The program makes its modem on this module, with its wires."""
        from driver.support.node import Node

        import ublox_cellular as blocking
        from ublox_cellular import aio

        node = Node.__new__(Node)
        node.module, node.kind = self.uart.module, self.name
        wires = node.wires()
        driver = aio if flavour == "asyncio" else blocking
        cls: Any = driver.SaraR5 if self.name == SARA else driver.LexiR10

        def modem(*_: Any, **__: Any) -> Any:
            return cls(self.uart, **{n: wires[n] for n in ("power_key", "power_sense")})

        for name in ("UART", "Pin"):
            if hasattr(app, name):
                double: Any = type(name, (), {"OPEN_DRAIN": 0, "IN": 0, "__init__": _taken})
                monkeypatch.setattr(app, name, double)
        monkeypatch.setattr(app, "SaraR5", modem)

    def happen(self, cause: str) -> None:
        begin, end = CAUSES[cause]
        self._tell(begin)
        if end:
            self.loop.call_later(40 * 60, self._tell, end)

    def _tell(self, line: str) -> None:
        answer = self.control.execute(line)[-1]
        assert answer == "ok" or line.startswith("deactivate")  # perhaps there is no context

    def sleep_ms(self, ms: float) -> None:
        self.uart.trace.clear()
        self.uart.clock.sleep_ms(ms)


def _taken(self: Any, *_: Any, **__: Any) -> None:
    """In place of a pin or a UART."""


@pytest.fixture
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.mark.parametrize(("module", "cause"), on_either("wedged"))
def test_mqtt_node(
    module: str, cause: str, broker: Broker, tmp_path: Path,
    load_app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(CAUSES, "wedged", ("faults refuse=+UMQTTC:3:restart", ""))
    app = load_app("mqtt_node")
    folder = mqtt_folder(broker, tmp_path)
    monkeypatch.chdir(folder)
    place = Place(module, broker.loop(), hosts={"broker.example": "127.0.0.1"})
    place.lend(app, monkeypatch)
    monkeypatch.setattr(
        app, "time", type("Time", (), {"sleep": lambda s: place.sleep_ms(1000 * s)})
    )
    monkeypatch.setattr(app, "INTERVAL_MS", 600_000)
    keep = app.Node
    port = broker.ports["mutual"]
    monkeypatch.setattr(app, "Node", lambda modem, host: keep(modem, host, port))
    measured: list[float] = []

    def measure() -> float:
        measured.append(len(measured) + 1)
        if len(measured) == 4:
            place.happen(cause)
        if len(measured) > 24:
            raise Over
        return measured[-1]

    monkeypatch.setattr(app, "measure", measure)
    try:
        with Party(broker, "node-1/#") as party:
            with pytest.raises(Over):
                app.main()
            heard = {payload for topic, payload, _, _ in party.heard if topic == "node-1/value"}
            wanted = {b"%d.00" % number for number in (1, 2, 3, *range(21, 25))}
            party.until(lambda: wanted <= {p for t, p, _, _ in party.heard if t == "node-1/value"})
            assert len(heard) >= 14
    finally:
        place.uart.close()
        place.loop.close()


@pytest.mark.parametrize(("module", "cause"), on_either("wedged", "failing"))
def test_https_node(
    module: str, cause: str, tmp_path: Path, load_app: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setitem(CAUSES, "wedged", ("faults refuse=+UHTTP|+UHTTPC:3:restart", ""))
    monkeypatch.setitem(CAUSES, "failing", ("faults fail=+UHTTPC:10/22:restart", ""))
    stage = Stage("blocking", module, Rig)
    app = load_app("https_node")
    monkeypatch.chdir(https_folder(stage, tmp_path))
    place = Place.__new__(Place)
    place.loop, place.name, place.uart = stage.uart.module.loop, module, stage.uart
    place.control = Control(stage.uart.module)
    place.lend(app, monkeypatch)
    name = f"https://{stage.rig.name}:{stage.rig.place['https_mutual']}"
    monkeypatch.setattr(app, "BASE", name)
    asleep: list[float] = []

    def deepsleep(ms: float) -> None:
        asleep.append(ms)
        place.sleep_ms(ms)
        raise Sleep

    monkeypatch.setattr(app.machine, "deepsleep", deepsleep)
    good: list[bool] = []
    try:
        for turn in range(7):
            if turn == 1:
                place.loop.call_later(6, place.happen, cause)
            with pytest.raises(Sleep):
                app.main()
            good.append("server said" in capsys.readouterr().out)
        assert good[0] and good[-2:] == [True, True], good
        assert len(asleep) == 7
    finally:
        stage.close()


@pytest.mark.parametrize(("module", "cause"), on_either())
def test_listener(
    module: str, cause: str, load_app: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    loop = VirtualLoop(settle=None)
    echo = tcp_echo(loop)
    place = Place(
        module, loop, hosts={"echo.example": "192.0.2.7"},
        routes={"192.0.2.7:7": f"127.0.0.1:{echo.port}"},
    )  # fmt: skip
    mains: list[Any] = []
    monkeypatch.setattr(asyncio, "run", mains.append)
    app = load_app("listener")
    place.lend(app, monkeypatch, "asyncio")
    try:
        main = loop.create_task(app.main())
        mains[0].close()
        loop.run_until_complete(asyncio.sleep(300))
        assert capsys.readouterr().out.count("reported") >= 3
        place.happen(cause)
        loop.run_until_complete(asyncio.sleep(1.8 * HOUR))
        capsys.readouterr()
        loop.run_until_complete(asyncio.sleep(900))
        assert not main.done()
        assert capsys.readouterr().out.count("reported") >= 3
        assert called(place, loop, app.PORT) == b"hello you\n"
        main.cancel()
        loop.run_until_complete(asyncio.sleep(60))  # what it has left is closed
    finally:
        echo.close()
        place.uart.close()
        loop.close()


def called(place: Place, loop: VirtualLoop, port: int) -> bytes:
    """What a caller of the program hears."""
    ports = place.control.execute("listen-ports")
    local = int(next(line for line in ports if str(port) in line).split()[-1].split(":")[-1])

    async def call() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", local)
        writer.write(b"you\n")
        data = await asyncio.wait_for(reader.read(100), 60)
        writer.close()
        return data

    return loop.run_until_complete(call())
