"""When the ladder is climbed and how often: by time, over calls and over a saved state, within a
budget; and never for the last time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, MODULES, Bench
from driver.support.told_uart import COMMON, Told, told

from ublox_cellular.core.errors import ModuleLost

APN = "iot.example"
MINUTE = 60_000
HOUR = 60 * MINUTE
CONTEXT, RADIO, REBOOT, POWER = 3, 4, 5, 6


def keep(bench: Bench, ms: float, step_ms: float = 250) -> None:
    """A program that only looks now and then."""
    end = bench.clock.ms() + ms
    while bench.clock.ms() < end:
        bench.pass_ms(step_ms)
        bench.modem.isconnected()


def until_connected(bench: Bench, limit_ms: float) -> float:
    """How long it takes, in ms."""
    began = bench.clock.ms()
    while not bench.modem.isconnected():
        assert bench.clock.ms() - began < limit_ms, bench.modem.network.wanted.failed
        bench.pass_ms(250)
    return bench.clock.ms() - began


def refusing(cured: Callable[[Told], bool]) -> dict[str, tuple[tuple[str, Any], ...]]:
    """Answers of modules whose network refuses the activation until `cured`."""
    return {
        "sara-r5": (
            ("+UPSND", lambda node: f"+UPSND: 0,8,{int(cured(node))}|OK"),
            ("+UPSDA=0,3", lambda node: "OK|+UUPSDA: 0" if cured(node) else "+CME ERROR: 148"),
        ),
        "lexi-r10": (
            ("+CGACT?", lambda node: f"+CGACT: 1,{int(cured(node))}|OK"),
            ("+CGACT=1", lambda node: "OK" if cured(node) else "+CME ERROR: 148"),
        ),
    }


# ---- no state is final --------------------------------------------------------------------------


@pytest.mark.parametrize("away_ms", [5_000, 2 * MINUTE, 5 * HOUR])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_sim_that_is_put_back_brings_the_connection_back(
    flavour: str, module: str, away_ms: float
) -> None:
    there = [True]
    answers = (
        ("+CPIN?", lambda node: "+CPIN: READY|OK" if there[0] else "+CME ERROR: 10"),
        ("+CEREG?", lambda node: f"+CEREG: 5,{int(there[0])}|OK"),
    )
    with told(flavour, module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        until_connected(bench, 10_000)
        there[0] = False
        node.say("+CEREG: 0")
        keep(bench, away_ms)
        assert not bench.modem.isconnected()
        if away_ms > MINUTE:
            assert "SIM" in str(bench.modem.network.wanted.failed)
        there[0] = True
        assert until_connected(bench, 5 * MINUTE) < 2 * MINUTE
        assert len(node.sent("+CFUN=16")) <= 6


@pytest.mark.parametrize("refused_ms", [30_000, 19 * MINUTE, 9 * HOUR])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_network_that_accepts_again_after_hours_gets_the_connection_back(
    flavour: str, module: str, refused_ms: float
) -> None:
    answers = refusing(lambda node: node.ms > refused_ms)[module]
    with told(flavour, module, *answers) as (_, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        keep(bench, refused_ms - bench.clock.ms())
        assert until_connected(bench, 10 * MINUTE) < 6 * MINUTE


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_network_that_refuses_for_a_day_is_not_hammered(flavour: str, module: str) -> None:
    with told(flavour, module, *refusing(lambda node: False)[module]) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        keep(bench, 24 * HOUR, 1000)
        name = "+UPSDA=0,3" if module == "sara-r5" else "+CGACT=1"
        tries = len(node.sent(name))
        counts = list(bench.modem.recovery.counts)
        print(f"{module}: {tries} attempts, rungs {counts}")
        assert 100 < tries < 400
        assert counts[CONTEXT] + counts[RADIO] + counts[REBOOT] <= 24
        assert 1 <= counts[REBOOT] <= 6 and counts[RADIO] >= 2


# A command of the start that a module never answers, or not as it should, until it has restarted.
ODD = {
    "+CGDCONT?": "+CGDCONT: 1|OK", "+CFUN?": "OK", "+COPS?": "OK", "+CEREG?": None,
    "+UPSND": "+UPSND: 0,8|OK", "+UPSD=0,100": "+UPSD: 0,100|OK", "+CGACT?": None,
}  # fmt: skip


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_stumbles_over_one_command_is_restarted(
    flavour: str, module: str, name: str, answered: bool
) -> None:
    odd = ODD[name] if answered else None
    if (answered and odd is None) or (name[:4] == "+UPS" and module != "sara-r5"):
        return
    if name == "+CGACT?" and module == "sara-r5":
        return
    if flavour == "asyncio" and name != "+COPS?":
        return
    usual = dict(COMMON)[name]
    answers: list[tuple[str, Any]] = [
        (name, lambda node: usual if node.sent("+CFUN=16") else odd),
        ("+UPSDA=0,3", "OK|+UUPSDA: 0"),
    ]
    with told(flavour, module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        node.log.clear()
        for _ in range(40):
            with contextlib.suppress(OSError):
                bench.call(bench.modem.connect, APN)
                break
            bench.pass_ms(1000)
        assert bench.modem.isconnected()
        assert 10 * MINUTE < node.ms < 90 * MINUTE
        assert len(node.sent("+CFUN=16")) == 1
        assert len(node.sent(name)) < 3 * node.ms / 1000  # not as fast as the line allows


# ---- over calls and over a saved state ----------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_program_that_loops_over_connect_climbs_too(flavour: str, module: str) -> None:
    """With the default time-out, and a registration that is refused until the radio was off."""
    denied = "+CEREG: 5,3,,,,0,11|OK"
    answers = (("+CEREG?", lambda node: "+CEREG: 5,1|OK" if node.sent("+CFUN=4") else denied),)
    with told(flavour, module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        for _ in range(8):
            try:
                bench.call(bench.modem.connect, APN)
                break
            except OSError as error:
                assert "denied" in str(error)
        assert bench.modem.isconnected()
        assert 10 * MINUTE < node.ms < 14 * MINUTE


@pytest.mark.parametrize("module", MODULES)
def test_a_program_that_sleeps_between_its_attempts_climbs_too(module: str) -> None:
    denied = "+CEREG: 5,3,,,,0,11|OK"
    answers = (("+CEREG?", lambda node: "+CEREG: 5,1|OK" if node.sent("+CFUN=4") else denied),)
    with told("blocking", module, *answers) as (node, bench):
        state = b""
        for _ in range(40):
            bench.restart(node)  # a new object: the microcontroller has slept
            if state:
                bench.modem.__init__(bench.line, state=state)
                bench.modem.recovery.slept(600)
            bench.call(bench.modem.power_on)
            try:
                bench.call(bench.modem.connect, APN, timeout_ms=90_000)
                break
            except OSError:
                state = bench.modem.save_state()
                assert len(state) <= 256
        assert node.sent("+CFUN=4")


@pytest.mark.parametrize(("awake_s", "asleep_s"), [(5, 20), (20, 30), (45, 10), (10, 115)])
def test_short_times_awake_and_asleep_add_up(awake_s: int, asleep_s: int) -> None:
    denied = "+CEREG: 5,3,,,,0,11|OK"
    answers = (("+CEREG?", lambda node: "+CEREG: 5,1|OK" if node.sent("+CFUN=4") else denied),)
    with told("blocking", "sara-r5", *answers) as (node, bench):
        state = b""
        while node.ms < HOUR:
            bench.restart(node)
            if state:
                bench.clock.sleep_ms(asleep_s * 1000)
                bench.modem.__init__(bench.line, state=state)
                bench.modem.recovery.slept(asleep_s)
            bench.call(bench.modem.power_on)
            try:
                bench.call(bench.modem.connect, APN, timeout_ms=awake_s * 1000)
                break
            except OSError:
                state = bench.modem.save_state()
        assert bench.modem.isconnected()
        assert 10 * MINUTE < node.ms < 15 * MINUTE


def test_looking_now_and_then_loses_no_time() -> None:
    with told("blocking", "sara-r5") as (_, bench):
        recovery = bench.modem.recovery
        began = recovery.now()
        for _ in range(100):
            bench.pass_ms(1900)
            recovery.now()
        assert 189 <= recovery.now() - began <= 191


@pytest.mark.parametrize("module", MODULES)
def test_a_program_that_sleeps_goes_on_after_all_rungs_have_been_used_once(module: str) -> None:
    """What is over is a round of them, not the climbing: it is told once, also by new objects."""
    restarts = 3

    def registered(node: Told) -> str:
        return f"+CEREG: 5,{1 if len(node.sent('+CFUN=16')) >= restarts else 2}|OK"

    with told("blocking", module, ("+CEREG?", registered)) as (node, bench):
        state = b""
        given_up = 0
        for _ in range(120):
            bench.restart(node)
            if state:
                bench.modem.__init__(bench.line, state=state)
                bench.modem.recovery.slept(900)
            bench.call(bench.modem.power_on)
            try:
                bench.call(bench.modem.connect, APN, timeout_ms=90_000)
                break
            except OSError as error:
                given_up += "no rung of the ladder has helped" in str(error)
                state = bench.modem.save_state()
        assert bench.modem.isconnected()
        assert 1 <= given_up <= restarts


def test_the_budget_is_kept_over_a_saved_state() -> None:
    with told("blocking", "sara-r5") as (node, bench):
        recovery = bench.modem.recovery
        for _ in range(6):
            assert recovery.allowed(REBOOT)
            bench.call(recovery.climb, REBOOT, "a test")
            assert not recovery.allowed(REBOOT)
            for _ in range(61):
                bench.pass_ms(MINUTE)
        assert not recovery.allowed(REBOOT)  # six a day
        state = bench.modem.save_state()
        bench.restart(node)
        bench.modem.__init__(bench.line, state=state)
        recovery = bench.modem.recovery
        assert not recovery.allowed(REBOOT) and recovery.allowed(POWER)
        recovery.slept(18 * 3600)
        assert recovery.allowed(REBOOT)


@pytest.mark.parametrize("module", MODULES)
def test_a_program_that_sleeps_gets_rid_of_a_service_that_refuses_everything(module: str) -> None:
    """Awake for some seconds of each half an hour, with a new object each time."""
    answers: list[tuple[str, Any]] = [
        ("+USOCR", lambda node: "+USOCR: 0|OK" if node.sent("+CFUN=16") else "+CME ERROR: 3"),
    ]
    with told("blocking", module, *answers) as (node, bench):
        state = b""
        for _ in range(10):
            bench.restart(node)
            if state:
                bench.modem.__init__(bench.line, state=state)
                bench.modem.recovery.slept(1800)
            bench.call(bench.modem.power_on)
            bench.call(bench.modem.connect, APN)
            sock = bench.modem.socket(2, 2)
            sock.settimeout(20)
            try:
                bench.call(sock.sendto, b"x", ("10.0.0.9", 7))
                break
            except OSError:
                pass
            with contextlib.suppress(OSError):
                bench.call(bench.modem.connect, APN)  # it is due, or not yet
            state = bench.modem.save_state()
            assert len(state) <= 256
        assert node.sent("+CFUN=16") == ["+CFUN=16"]


# ---- services -----------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_client_that_is_dead_inside_the_module_leads_to_a_restart(flavour: str) -> None:
    alive: list[float] = []
    answers = (
        ("+UMQTTC", lambda node: "OK|+UUMQTTC: 1,1" if node.sent("+CFUN=16") else "+CME ERROR: 3"),
        ("+UMQTT", "OK"),
    )
    with told(flavour, "sara-r5", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        until_connected(bench, 10_000)
        session = bench.modem.mqtt.keep("b.example", client_id="x")
        for _ in range(240):
            bench.call(session.work, MINUTE)
            if bench.modem.mqtt.is_connected():
                alive.append(node.ms)
                break
        assert alive and alive[0] < 3 * HOUR
        assert len(node.sent("+CFUN=16")) == 1


@pytest.mark.parametrize("code", [10, 13, 14])
@pytest.mark.parametrize("module", MODULES)
def test_a_kept_session_and_the_task_of_the_connection_do_not_disturb_each_other(
    module: str, code: int
) -> None:
    """Both bring the connection back while the SIM is not there."""
    there = [True]
    sessions: list[Any] = []

    def late(node: Told) -> None:
        answer = "+CPIN: READY|OK" if there[0] else f"+CME ERROR: {code}"
        node.bench.line.at(900, lambda: node.say(answer))
        if sessions and node.bench.modem.network.wanted.failed is not None:
            node.bench.line.at(10, sessions[0].resume)  # it looks while the task waits for that

    answers: list[tuple[str, Any]] = [
        ("+CPIN?", late), ("+CEREG?", lambda node: f"+CEREG: 5,{int(there[0])}|OK"),
        ("+UMQTTC=", lambda node: f"OK|+UUMQTTC: {node.log[-1][8]},1"),
    ]  # fmt: skip
    with told("asyncio", module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, wait=False)
        session = bench.modem.mqtt.keep("b.example", client_id="x", keepalive=0)
        sessions.append(session)
        bench.call(session.work, MINUTE)
        assert session.connections == 1
        there[0] = False
        node.say("+CEREG: 0")
        node.say("+UUMQTTC: 0,100")
        for _ in range(5):
            bench.call(session.work, MINUTE)
        assert bench.modem.trouble is None
        there[0] = True
        bench.call(session.work, 3 * MINUTE)
        assert session.connections == 2


# ---- slow, and silent ---------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_command_that_is_slower_than_its_maximum_is_waited_for(
    flavour: str, module: str
) -> None:
    """+COPS of 250 s, in which the module hears nothing."""
    deaf = [0.0]

    def slow(node: Told) -> None:
        deaf[0] = node.ms + 250_000
        node.bench.line.at(250_000, lambda: node.say("OK"))

    answers = (
        ("+COPS=1", slow),
        ("+CEREG?", lambda node: f"+CEREG: 5,{int(0 < deaf[0] < node.ms)}|OK"),
    )
    with told(flavour, module, *answers) as (node, bench):
        feed = node.feed
        node.feed = lambda data: [] if node.ms < deaf[0] else feed(data)  # type: ignore
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN, plmn="22812", timeout_ms=390_000)
        assert 250_000 < node.ms < 270_000
        assert list(bench.modem.recovery.counts) == [0] * 8


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_is_slow_is_asked_plainly_before_anything_else(flavour: str) -> None:
    with told(flavour, "sara-r5") as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        feed = node.feed
        node.feed = lambda data: []  # type: ignore[method-assign]
        bench.line.at(40_000, lambda: setattr(node, "feed", feed))
        bench.line.written.clear()
        bench.call(bench.modem.recovery.reach, "a test")
        assert b"+++" not in bench.line.written and b"\xf9" not in bench.line.written
        assert bench.modem.recovery.counts[0] == 1 and bench.modem.recovery.counts[1] == 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_stays_silent_is_lost(flavour: str) -> None:
    with told(flavour, "sara-r5") as (node, bench):
        bench.call(bench.modem.power_on)
        node.feed = lambda data: []  # type: ignore[method-assign]
        with pytest.raises(ModuleLost):
            bench.call(bench.modem.recovery.reach, "a test")
