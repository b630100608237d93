"""Operations of the modem that are given up, at every place where they wait.

An operation is run once, and every place where it waits is noted: where in the driver, and behind
how many writes. Then it is run again and again and ended at one of these places: a cancelled task
(asyncio), MemoryError, KeyboardInterrupt, or the hook that says no. Afterwards nothing is held,
the module is as it was, and an echo works.

GIVING_UP=all tries every place in every way; else it is a sample, the same on every run.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from node import APN, Node
from script import FLAVOURS, MODULES

import ublox_cellular
from ublox_cellular.core.errors import Cancelled

ALL = os.environ.get("GIVING_UP") == "all"
SAMPLE = 6
LIB = str(Path(ublox_cellular.__file__).parent)
PATIENCE_MS = 60_000  # for a module that is booting, or busy with what was given up
Place = tuple[Any, ...]

WAYS: dict[str, tuple[str, ...]] = {
    "asyncio": ("cancelled", "no"),
    "blocking": ("memory", "interrupt", "no"),
}
ERRORS = {
    "cancelled": asyncio.CancelledError,
    "memory": MemoryError,
    "interrupt": KeyboardInterrupt,
}


class Stage:
    """A node, and its waits."""

    def __init__(self, module: str, flavour: str, case: Case) -> None:
        options = {"registered_after_ms": 200, "sim_ready_ms": 100, "boot_ms": 700}
        self.node = Node(module, flavour, **(options | case.options))
        self.flavour = flavour
        self.modem = self.node.make(case.wires, **case.keywords)
        self.case = case
        if case.starts:
            self.node.call(self.modem.power_on)
        if case.connects:
            self.node.call(self.modem.connect, APN)
        self.waits = 0
        self.strike = 0
        self.only: Any = None  # the task that is meant, if there are several
        self.error: type[BaseException] | None = None
        self.seen: list[Place] = []
        self.hook_seen: list[Place] = []
        self.kept: list[Any] = []
        self.watch()

    def watch(self) -> None:
        """Count the waits of the modem object."""
        channel = self.modem.channel
        sleep = channel.sleep

        async def watched(ms: int) -> None:
            self.waiting(ms)
            await sleep(ms)

        def watched_blocking(ms: int) -> None:
            self.waiting(ms)
            sleep(ms)

        channel.sleep = watched if self.flavour == "asyncio" else watched_blocking

    def waiting(self, ms: int) -> None:
        assert ms >= 0
        if self.only is not None and asyncio.current_task() is not self.only:
            return
        self.waits += 1
        self.seen.append(self.place())
        if self.waits == self.strike and self.error is not None:
            raise self.error()

    def keep(self, thing: Any) -> None:
        self.kept[:] = [thing]

    def place(self) -> Place:
        """Where it waits: the lines of the driver, and how much was written."""
        found = []
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(LIB):
                found.append((code.co_filename[len(LIB) :], frame.f_lineno))
            frame = frame.f_back  # type: ignore[assignment]
        trace = self.node.uart.trace
        return (*found, sum(way == ">" for _, way, _ in trace))

    def run(self, strike: int = 0, way: str = "") -> BaseException | None:
        """Run the operation and end it at a wait; the error it ended with."""
        channel = self.modem.channel
        self.node.call(self.case.before, self)
        self.node.uart.trace.clear()
        self.seen.clear()
        self.hook_seen.clear()
        self.waits = 0
        self.strike = strike if way in ERRORS else 0
        self.error = ERRORS.get(way)

        def go_on() -> bool:
            self.hook_seen.append(self.place())
            return way != "no" or len(self.hook_seen) != strike

        channel.keep_going = go_on if way in ("", "no") else None
        try:
            self.node.call(self.case.work, self)
        except BaseException as error:
            return error
        finally:
            self.strike = 0
            channel.keep_going = None
        return None

    def places(self) -> tuple[list[int], list[int]]:
        """A number for each place where it waits, and where it asks the hook."""
        assert (error := self.run()) is None, repr(error)
        found: tuple[dict[Place, int], dict[Place, int]] = ({}, {})
        for seen, numbers in zip((self.seen, self.hook_seen), found, strict=True):
            for number, place in enumerate(seen, 1):
                numbers.setdefault(place, number)
        self.settle()
        return list(found[0].values()), list(found[1].values())

    def reached(self, strike: int, way: str) -> bool:
        """Whether the operation came to the place where it was to be ended."""
        return (self.waits if way in ERRORS else len(self.hook_seen)) >= strike

    # ---- afterwards ---------------------------------------------------------------------------

    def settle(self) -> None:
        """Nothing is held, and all works again."""
        modem, channel, node = self.modem, self.modem.channel, self.node
        locks = {"channel": channel.lock, "look-up": modem.network.lock}
        if "pinger" in modem.loaded:
            locks["ping"] = modem.loaded["pinger"].lock
        for name, lock in locks.items():
            assert not lock.held and not lock.queue, f"{name} is held"
        assert channel.firm == 0
        if modem.sleeper is not None:
            assert not modem.sleeper.waking and modem.sleeper.votes == 0
        pins = node.module.pins
        assert pins._key_since is None and pins._reset_since is None, "a key is still pressed"
        if self.case.off:
            node.call(modem.power_on)
        self.answers()
        assert channel.debts == []
        for command, answer in self.case.wanted.items():
            if answer == "radio":
                answer = "+CFUN: 1" + (",0" if node.kind == "sara-r5" else "")
            assert node.call(modem.at, command) == [answer], command
        node.call(self.case.after, self)
        node.call(modem.connect, APN)
        node.usable()
        assert node.module.sockets.table == {}
        assert modem.network.asked is None
        assert node.module.crashes == []
        assert node.violations() == []

    def answers(self) -> None:
        """A module that is restarting may need some time, and says so; others answer at once."""
        node, modem = self.node, self.modem
        tries = 3 if self.case.restarts else 1
        began = node.seconds()
        model = ""
        for left in range(tries - 1, -1, -1):
            try:
                model = node.call(modem.model)
                break
            except OSError:
                if not left:
                    raise
        assert model.startswith(modem.name)
        assert node.seconds() - began < PATIENCE_MS / 1000


def nothing(stage: Stage) -> None:
    """Neither before nor after."""


@dataclass
class Case:
    """`work(stage)` is the operation; `wanted`: what the module answers to a command afterwards,
    however the operation ended."""

    name: str
    work: Callable[[Stage], Any]
    before: Callable[[Stage], Any] = nothing
    after: Callable[[Stage], Any] = nothing
    wanted: dict[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = MODULES
    wires: str = "power_key power_sense"
    options: dict[str, Any] = field(default_factory=dict)
    keywords: dict[str, Any] = field(default_factory=dict)
    starts: bool = True  # the modem is on and attached
    connects: bool = True  # and connected
    restarts: bool = False  # the module, in the operation
    off: bool = False  # it may be off afterwards


def drop(stage: Stage) -> Any:
    return stage.modem.disconnect()


def steps(*works: Callable[[Stage], Any]) -> Callable[[Stage], Any]:
    """One after the other, in either flavour."""

    def work(stage: Stage) -> Any:
        if stage.flavour == "blocking":
            for one in works:
                one(stage)
            return None

        async def awaited() -> None:
            for one in works:
                result = one(stage)
                if asyncio.iscoroutine(result):
                    await result

        return awaited()

    return work


def op(*path_and_arguments: Any, **options: Any) -> Callable[[Stage], Any]:
    """An operation of the modem: op("network.select", "00101")."""
    path, *arguments = path_and_arguments

    def work(stage: Stage) -> Any:
        target = stage.modem
        for name in path.split("."):
            target = getattr(target, name)
        return target(*arguments, **options)

    return work


def pressed_off(stage: Stage) -> None:
    if stage.node.module.v_int:
        stage.node.module.power_off()


def stay_awake(stage: Stage) -> Any:
    """Inside and out again."""
    if stage.flavour == "blocking":
        with stage.modem.power.awake():
            stage.modem.imei()
        return None

    async def inside() -> None:
        async with stage.modem.power.awake():
            await stage.modem.imei()

    return inside()


def two_awake(stage: Stage) -> Any:
    async def both() -> None:
        await asyncio.gather(stay_awake(stage), stay_awake(stage))

    return both()


def rung(number: int) -> Callable[[Stage], Any]:
    """A rung of the ladder for the network: context, radio, reboot, power cycle."""

    def climb(stage: Stage) -> Any:
        recovery = stage.modem.recovery
        recovery.used.clear()  # the budget is not what is tried here
        return recovery.climb(number, "a test")

    return climb


def fall_asleep(stage: Stage) -> Any:
    if stage.flavour == "blocking":
        stage.node.pass_ms(20_000)
        stage.modem.poll()
        return None

    async def asleep() -> None:
        await asyncio.sleep(20)
        stage.modem.poll()

    return asleep()


def saves_as_told(stage: Stage) -> None:
    """The module sleeps as the driver thinks it does."""
    (line,) = stage.node.call(stage.modem.at, "+UPSV?")
    mode = stage.modem.sleeper.mode if stage.modem.sleeper is not None else 0
    assert line.startswith(f"+UPSV: {mode}"), (line, mode)


def psm_as_told(stage: Stage) -> None:
    """The driver knows that the module may fall asleep."""
    (line,) = stage.node.call(stage.modem.at, "+CPSMS?")
    assert stage.modem.power.deep or not line.startswith("+CPSMS: 1")


SARA, LEXI = ("sara-r5",), ("lexi-r10",)
SAVE_OFF = op("power.save", "off")

CASES = [
    Case("attach", op("attach")),
    Case("attach-adopt", op("attach", sockets="adopt"), before=lambda s: s.keep(s.node.stream()),
         after=lambda s: s.modem.close()),
    Case("power-on", op("power_on"), before=pressed_off, starts=False, connects=False, off=True),
    Case("power-off", op("power_off"), before=op("power_on"), off=True),
    Case("key-off", lambda s: s.modem.recovery.power_cycle(), off=True, restarts=True),
    Case("emergency-off", op("emergency_off"), before=op("power_on"), off=True, modules=SARA,
         wires="power_key power_sense reset", options={"hard_reset_ok": True}),
    Case("reboot", op("reboot"), restarts=True),
    Case("connect", op("connect", APN), before=drop),
    Case("connect-plmn", op("connect", APN, plmn="00101"), before=drop),
    Case("connect-user", op("connect", APN, user="u", password="secret"), before=drop),
    Case("connect-apn", op("connect", "other"), before=op("connect", APN)),
    Case("connect-mno", op("connect", APN, mno=90), restarts=True,
         before=steps(drop, op("network.set_profile", 100))),
    Case("connect-pin", op("connect", APN), before=op("reboot"), keywords={"pin": "1234"},
         options={"sim": "PIN"}),
    Case("unlock", op("unlock", "1234"), before=op("reboot"), keywords={"pin": "1234"},
         options={"sim": "PIN"}, connects=False),
    Case("disconnect", op("disconnect")),
    Case("baudrate", steps(op("set_baudrate", 460800), op("set_baudrate", 115200))),
    Case("scan", op("scan")),
    Case("select", op("network.select", "00101"), before=op("network.select")),
    Case("deregister", op("network.deregister")),
    Case("ping", op("ping", "peer.example", count=2)),
    Case("resolve", op("resolve", "peer.example")),
    Case("define", op("network.define", 4, "four"), before=op("network.undefine", 4)),
    Case("define-attach", op("network.define", 1, "one"), wanted={"+CFUN?": "radio"},
         before=op("network.define", 1, APN)),
    Case("activate", op("network.activate", 3), wanted={"+CFUN?": "radio"},
         before=steps(op("network.deactivate", 3), op("network.define", 3, "three"))),
    Case("deactivate", op("network.deactivate", 3),
         before=steps(op("network.define", 3, "three"), op("network.activate", 3))),
    Case("set-profile", op("network.set_profile", 100), wanted={"+CFUN?": "radio"}, restarts=True,
         before=op("network.set_profile", 90)),
    Case("set-profile-later", op("network.set_profile", 100, restart=False),
         wanted={"+CFUN?": "radio"}, before=op("network.set_profile", 90)),
    Case("set-bands", op("network.set_bands", (3,)), restarts=True, wanted={"+CFUN?": "radio"},
         before=op("network.set_bands", (3, 20))),
    Case("psd-activate", op("network.activate_profile", 1), modules=SARA,
         before=steps(op("network.define", 3, "three"), op("network.deactivate_profile", 1),
                      op("network.map_profile", 1, 3))),
    Case("psd-deactivate", op("network.deactivate_profile", 1), modules=SARA,
         before=steps(op("network.define", 3, "three"), op("network.deactivate_profile", 1),
                      op("network.map_profile", 1, 3), op("network.activate_profile", 1))),
    Case("clock", steps(op("set_clock", 2024, 5, 6), op("clock"), op("time_zone_update", False))),
    Case("signal", steps(op("network.signal"), op("network.registration"))),
    Case("status", steps(op("ifconfig"), op("active", True))),
    Case("radio-off-on", steps(op("active", False), op("active", True))),
    Case("save", op("power.save", "timer", 2000), before=SAVE_OFF, after=saves_as_told),
    Case("save-off", SAVE_OFF, before=op("power.save", "timer", 2000), after=saves_as_told),
    Case("save-wire", op("power.save", "dtr", 2000), before=SAVE_OFF, modules=SARA,
         wires="power_key power_sense dtr"),
    Case("save-wire", op("power.save", "gpio", 2000, gpio=14), before=SAVE_OFF, modules=LEXI,
         wires="power_key power_sense wake_gpio"),
    Case("psm", op("power.set_psm", 7200, 4), modules=SARA, before=op("power.psm_off"),
         after=psm_as_told),
    Case("edrx", op("power.set_edrx", 40), before=op("power.edrx_off")),
    Case("awake", stay_awake, modules=LEXI),
    Case("wake-up", op("imei"),
         before=steps(op("power.save", "timer", 2000), fall_asleep)),
    Case("wake-up-deep", op("imei"), modules=SARA,
         before=steps(op("power.save", "timer", 2000), op("power.set_psm", 7200, 4), fall_asleep)),
    Case("wake-up-deep", op("imei"), modules=LEXI, restarts=True,
         before=steps(op("power.save", "timer", 2000, "hibernate"), op("power.set_edrx", 160),
                      fall_asleep)),
    Case("rung-context", rung(3), wanted={"+CFUN?": "radio"}),
    Case("rung-radio", rung(4)),
    Case("rung-reboot", rung(5), restarts=True),
    Case("rung-power", rung(6), restarts=True, off=True),
    Case("reach", lambda s: s.modem.recovery.reach("a test")),
    Case("catch-up", op("catch_up"), before=lambda s: s.keep(s.node.stream()),
         after=lambda s: s.kept[0].close()),
]  # fmt: skip


def cases() -> list[Any]:
    return [
        pytest.param(case, module, flavour, id=f"{case.name}-{module}-{flavour}")
        for case in CASES
        for module in case.modules
        for flavour in FLAVOURS
    ]


def chosen(numbers: list[int], seed: str) -> list[int]:
    if ALL or len(numbers) <= SAMPLE:
        return numbers
    return sorted(random.Random(seed).sample(numbers, SAMPLE))


@pytest.mark.parametrize(("case", "module", "flavour"), cases())
@pytest.mark.timeout(3600 if ALL else 120)
def test_given_up_at_any_wait_it_leaves_nothing_behind(
    case: Case, module: str, flavour: str
) -> None:
    stage = Stage(module, flavour, case)
    wrong = []
    count = 0
    try:
        waits, questions = stage.places()
        for way in WAYS[flavour]:
            numbers = waits if way in ERRORS else questions
            for number in chosen(numbers, f"{case.name} {module} {way}"):
                count += 1
                error: BaseException | None = None
                told = ""
                place: list[Place] = []
                try:
                    error = stage.run(number, way)
                    told = stage.node.told()
                    place = (stage.seen if way in ERRORS else stage.hook_seen)[-1:]
                    right = ERRORS.get(way, Cancelled)
                    assert isinstance(error, right) or not stage.reached(number, way), (
                        f"it ended with {error!r}"
                    )
                    stage.settle()
                except (AssertionError, OSError) as fault:
                    wrong.append(f"{way} at {number} {place}: {fault!r}\n{told[-300:]}")
                    if len(wrong) > 3:
                        break
                    stage.node.close()
                    stage = Stage(module, flavour, case)
    finally:
        stage.node.close()
    print(f"{count} ways out of {case.name} on {module}, {flavour}")
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("way", ["entering", "inside", "leaving"])
@pytest.mark.timeout(1800 if ALL else 60)
def test_a_vote_holds_as_long_as_one_of_two_tasks_wants_it(way: str) -> None:
    stage = Stage("lexi-r10", "asyncio", Case("votes", nothing))
    node, modem = stage.node, stage.modem
    power, votes = modem.power, node.module.votes

    async def other(entered: asyncio.Event, done: asyncio.Event) -> None:
        async with power.awake():
            assert not votes.up
            entered.set()
            await done.wait()
            assert not votes.up, "it was taken back too early"

    async def given_up(number: int) -> bool:
        """Whether there was a wait of that number."""
        entered, done = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(other(entered, done))
        if way != "entering":
            await entered.wait()
        vote = power.awake()
        works = [vote.__aenter__()] if way != "leaving" else []
        if way != "entering":
            works.append(vote.__aexit__(None, None, None))
        if way == "leaving":
            await vote.__aenter__()
            done.set()
            await task
        stage.only = asyncio.current_task()
        stage.waits, stage.strike, stage.error = 0, number, asyncio.CancelledError
        struck = False
        try:
            for work in works:
                await work
        except asyncio.CancelledError:
            struck = True
        stage.strike, stage.only = 0, None
        if way == "entering" and not struck:
            await vote.__aexit__(None, None, None)
        await entered.wait()
        done.set()
        await task
        await modem.imei()
        assert power.votes == 0 and not power.vote_owed
        assert votes.up
        for work in works:
            work.close()
        return struck

    try:
        number = 1
        while node.call(given_up, number) and number < 40:
            number += 1
        assert number > (1 if way != "inside" else 0)
        print(f"{number - 1} waits, {way}")
        stage.settle()
    finally:
        node.close()


HOSTS = {"a.example": "192.0.2.1", "b.example": "192.0.2.2"}


@pytest.mark.parametrize("later", [True, False])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_address_of_a_name_is_never_that_of_one_that_was_given_up(
    flavour: str, module: str, later: bool
) -> None:
    case = Case("names", op("resolve", "a.example"), options={"hosts": HOSTS})
    stage = Stage(module, flavour, case)
    stage.modem.network.async_dns = later
    way = WAYS[flavour][0]
    try:
        number = 0
        while True:
            number += 1
            stage.run(number, way)
            if not stage.reached(number, way):
                break
            for name in ("b.example", "a.example"):
                assert stage.node.call(stage.modem.resolve, name) == HOSTS[name], number
        assert number > 10
        print(f"{number} waits")
    finally:
        stage.node.close()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_pin_that_is_wrong_is_sent_once_whenever_it_is_given_up(
    flavour: str, module: str
) -> None:
    case = Case(
        "pin", op("connect", APN), keywords={"pin": "9999"}, options={"sim": "PIN"}, connects=False
    )
    places = 0
    number = 0
    while True:
        number += 1
        stage = Stage(module, flavour, case)
        try:
            stage.run(number, WAYS[flavour][0])
            reached = stage.reached(number, WAYS[flavour][0])
            sent = b"".join(data for _, way, data in stage.node.uart.trace if way == ">")
            if b"+CPIN=" in sent:  # before there is an answer, too: the state may be saved now
                assert stage.modem.pin_refused
            for _ in range(2):
                with pytest.raises(OSError):
                    stage.node.call(stage.modem.connect, APN)
            sent = b"".join(data for _, way, data in stage.node.uart.trace if way == ">")
            assert sent.count(b"+CPIN=") == 1, number
            assert stage.modem.pin_refused
            state = stage.modem.save_state()
            modem = stage.node.make(state=state, pin="9999")
            stage.node.call(modem.power_on)
            with pytest.raises(OSError):
                stage.node.call(modem.connect, APN)
            sent = b"".join(data for _, way, data in stage.node.uart.trace if way == ">")
            assert sent.count(b"+CPIN=") == 1, number
            assert stage.node.call(modem.unlock, "1234") is True
            stage.node.call(modem.connect, APN)
        finally:
            stage.node.close()
        if not reached:
            break
        places += 1
    print(f"{places} waits")


@pytest.mark.parametrize("module", MODULES)
def test_two_tasks_that_need_the_radio_off_leave_it_on(module: str) -> None:
    stage = Stage(module, "asyncio", Case("radio", nothing))
    network = stage.modem.network

    async def both() -> None:
        await asyncio.gather(
            network.set_profile(90, restart=False), network.define(1, "one"),
            network.set_profile(100, restart=False), network.define(1, "two"),
        )  # fmt: skip

    try:
        stage.node.call(both)
        answer = stage.node.call(stage.modem.at, "+CFUN?")[0]
        assert answer.startswith("+CFUN: 1")
    finally:
        stage.node.close()
