"""The SIM: PIN, PUK, tries, insertion and removal, and what is refused without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Nvm
from ublox_simulator.control.channel import Control
from ublox_simulator.services.general.sim import Sim

Make = Callable[..., Bench]

WRONG, PIN_NEEDED, PUK_NEEDED, MISSING, BUSY, BLOCKED = (
    f"+CME ERROR: {code}" for code in (16, 11, 12, 10, 14, 262)
)


def with_sim(make_bench: Make, sim: str, module: str = "sara-r5", **options: object) -> Bench:
    bench = make_bench(module, sim=sim, pin="4321", puk="87654321", **options)
    bench.ok("AT+CMEE=1")
    return bench


NEEDS_SIM = [
    "AT+CIMI",
    "AT+COPS=0",
    'AT+COPS=1,2,"00101"',
    "AT+COPS=?",
    "AT+CGATT=1",
    "AT+CGACT=1,1",
]
NEEDS_NO_SIM = [
    "AT+CGSN",
    "AT+CEREG?",
    "AT+CSQ",
    "AT+COPS?",
    "AT+CGDCONT?",
    'AT+CGDCONT=1,"IP","x"',
    "AT+CFUN=4",
    "AT+CCLK?",
]


@pytest.mark.parametrize(
    ("sim", "error"), [("PIN", PIN_NEEDED), ("PUK", PUK_NEEDED), ("NONE", MISSING)]
)
def test_what_is_refused_without_a_usable_sim(
    make_bench: Make, module_name: str, sim: str, error: str
) -> None:
    bench = with_sim(make_bench, sim, module_name)
    for command in NEEDS_SIM:
        assert bench.error(command) == error, command
    for command in NEEDS_NO_SIM:
        bench.ok(command)
    answer = bench.at("AT+CCID")
    assert answer.final == (MISSING if sim == "NONE" else "OK")
    bench.ok("AT+CFUN=1")
    bench.pass_ms(20_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,0"]
    if module_name == "sara-r5":
        assert bench.error("AT+UPSDA=0,3") == error


def test_the_pin_opens_the_way(make_bench: Make, module_name: str) -> None:
    bench = with_sim(make_bench, "PIN", module_name)
    assert bench.ok("AT+CPIN?") == ["+CPIN: SIM PIN"]
    bench.ok('AT+CPIN="4321"')
    assert bench.ok("AT+CPIN?") == ["+CPIN: READY"]
    assert bench.error('AT+CPIN="4321"') == "+CME ERROR: 3"
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    bench.module.restart()
    bench.pass_ms(5000)
    assert bench.ok("AT+CPIN?")[-1] == "+CPIN: SIM PIN"


@pytest.mark.parametrize("given", ['"123"', '"123456789"', '"12a4"', "", '"4321","12"'])
def test_what_is_no_pin_costs_no_try(make_bench: Make, given: str) -> None:
    bench = with_sim(make_bench, "PIN")
    assert bench.error(f"AT+CPIN={given}") == "+CME ERROR: 50"
    assert bench.module.service(Sim).card.pin_tries == 3


def test_three_wrong_pins_need_the_puk_even_after_power_off(make_bench: Make) -> None:
    nvm = Nvm()
    bench = with_sim(make_bench, "PIN", nvm=nvm)
    assert bench.error('AT+CPIN="0000"') == WRONG
    bench = with_sim(make_bench, "PIN", nvm=nvm)  # switched off and on
    assert bench.error('AT+CPIN="0000"') == WRONG
    assert bench.ok("AT+CPIN?") == ["+CPIN: SIM PIN"]
    assert bench.error('AT+CPIN="0000"') == WRONG
    assert bench.ok("AT+CPIN?") == ["+CPIN: SIM PUK"]
    assert bench.error('AT+CPIN="4321"') == PUK_NEEDED
    bench = with_sim(make_bench, "PIN", nvm=nvm)
    assert bench.ok("AT+CPIN?") == ["+CPIN: SIM PUK"]
    assert bench.error('AT+CPIN="11111111","9999"') == WRONG
    bench.ok('AT+CPIN="87654321","9999"')
    assert bench.ok("AT+CPIN?") == ["+CPIN: READY"]
    bench = with_sim(make_bench, "PIN", nvm=nvm)
    assert bench.error('AT+CPIN="4321"') == WRONG
    bench.ok('AT+CPIN="9999"')


def test_a_right_pin_restores_the_tries_and_may_be_changed(make_bench: Make) -> None:
    nvm = Nvm()
    bench = with_sim(make_bench, "PIN", nvm=nvm)
    assert bench.error('AT+CPIN="0000"') == WRONG
    bench.ok('AT+CPIN="4321","55555"')
    assert bench.module.service(Sim).card.pin_tries == 3
    again = with_sim(make_bench, "PIN", nvm=nvm)
    again.ok('AT+CPIN="55555"')


def test_ten_wrong_puks_block_the_card_for_ever(make_bench: Make) -> None:
    nvm = Nvm()
    bench = with_sim(make_bench, "PUK", nvm=nvm)
    bench.ok("AT+USIMSTAT=1")
    for _ in range(10):
        assert bench.error('AT+CPIN="11111111","9999"') == WRONG
    assert bench.expect_urc() == "+UUSIMSTAT: 3"
    assert bench.error("AT+CPIN?") == BLOCKED
    assert bench.error('AT+CPIN="87654321","9999"') == BLOCKED
    again = with_sim(make_bench, "PUK", nvm=nvm)
    assert again.error("AT+CIMI") == BLOCKED


def test_the_sim_is_busy_after_a_boot(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, start="boot", quiet=False, sim_ready_ms=1000)
    bench.pass_ms(bench.module.options.boot_ms + 1)
    bench.ok("ATE0+CMEE=1")
    for command in ("AT+CPIN?", "AT+CIMI", "AT+CCID"):
        assert bench.error(command) == BUSY
    bench.pass_ms(1000)
    assert bench.ok("AT+CPIN?") == ["+CPIN: READY"]


def test_removal_and_insertion(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+CMEE=1")
    bench.ok("AT+CEREG=1")
    bench.ok("AT+USIMSTAT=1")
    assert bench.ok("AT+USIMSTAT?") == ["+USIMSTAT: 1"]
    sim = bench.module.service(Sim)
    sim.remove()
    bench.pass_ms(100)
    assert {"+UUSIMSTAT: 0", "+CEREG: 0"} <= set(bench.take())
    assert bench.error("AT+CPIN?") == MISSING
    sim.insert()
    assert bench.error("AT+CPIN?") == BUSY
    bench.pass_ms(5000)
    assert bench.take() == ["+UUSIMSTAT: 6", "+CEREG: 2", "+CEREG: 1"]
    sim.remove()
    sim.insert()
    sim.remove()
    bench.pass_ms(5000)
    assert bench.error("AT+CPIN?") == MISSING


def test_states_are_announced_only_when_asked(make_bench: Make) -> None:
    bench = with_sim(make_bench, "PIN")
    sim = bench.module.service(Sim)
    sim.remove()
    sim.insert()
    bench.expect_silence(2000)
    bench.ok("AT+USIMSTAT=1")
    sim.remove()
    sim.insert()
    bench.pass_ms(2000)
    assert bench.take() == ["+UUSIMSTAT: 0", "+UUSIMSTAT: 1"]
    bench.ok('AT+CPIN="4321"')
    assert bench.expect_urc() == "+UUSIMSTAT: 6"
    bench.ok("AT+USIMSTAT=0")
    sim.remove()
    bench.expect_silence(2000)
    assert bench.error("AT+USIMSTAT=8") == "+CME ERROR: 50"


@pytest.mark.parametrize("code", [3, 10, 13, 15])
def test_another_code_than_busy_after_a_boot(
    make_bench: Make, module_name: str, code: int
) -> None:
    bench = make_bench(
        module_name, start="boot", quiet=False, sim_ready_ms=4000, sim_start_code=code
    )
    bench.pass_ms(bench.module.options.boot_ms + 1)
    bench.ok("ATE0+CMEE=1")
    for command in ("AT+CPIN?", "AT+CIMI", "AT+CCID", "AT+COPS=0"):
        assert bench.error(command) == f"+CME ERROR: {code}"
    bench.pass_ms(4000)
    assert bench.ok("AT+CPIN?") == ["+CPIN: READY"]
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,2"]  # the radio had to wait for it, too
    bench.pass_ms(3000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_everything_a_removal_in_a_connection_tells(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    control = Control(bench.module)
    for command in ("AT+CMEE=1", "AT+CEREG=1", "AT+USIMSTAT=1", "AT+CGEREP=2,1"):
        bench.ok(command)
    bench.pass_ms(100)
    bench.take()
    bench.connected(bench.tcp_peer())
    bench.pass_ms(100)
    bench.take()
    assert control.execute("sim out") == ["ok"]
    bench.pass_ms(100)
    profile = ["+UUPSDD: 0"] if module_name == "sara-r5" else []
    assert sorted(bench.take()) == sorted(
        ["+UUSIMSTAT: 0", "+CGEV: ME DETACH", "+UUSOCL: 0", "+CEREG: 0", *profile]
    )
    bench.pass_ms(3_600_000)
    assert bench.error("AT+CPIN?") == MISSING
    assert control.execute("sim in") == ["ok"]
    bench.pass_ms(5000)
    lines = bench.take()
    assert lines[:2] == ["+UUSIMSTAT: 6", "+CEREG: 2"]
    assert sorted(lines[2:]) == ["+CEREG: 1", "+CGEV: ME PDN ACT 1,0"]
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,1"]


def test_a_card_that_only_the_next_start_finds(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True, sim_hot=False)
    bench.ok("AT+CMEE=1")
    control = Control(bench.module)
    control.execute("sim out")
    control.execute("sim in")
    bench.pass_ms(60_000)
    bench.take()
    assert bench.error("AT+CPIN?") == MISSING
    control.execute("restart")
    bench.pass_ms(10_000)
    bench.take()
    bench.ok("ATE0")
    assert bench.ok("AT+CPIN?") == ["+CPIN: READY"]
