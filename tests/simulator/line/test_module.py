"""Power states, NVM, registration, contexts, SIM, greeting, names, ping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Nvm, open_uart

Make = Callable[..., Bench]


def awake(bench: Bench) -> None:
    """Wait for the end of a boot and quieten the module."""
    bench.pass_ms(bench.module.options.boot_ms + 200)
    bench.take()
    bench.ok("ATE0")
    bench.take()


@pytest.mark.parametrize(("module", "on_ms"), [("sara-r5", 1500), ("lexi-r10", 300)])
def test_the_power_key_switches_on_and_off(make_bench: Make, module: str, on_ms: int) -> None:
    bench = make_bench(module, powered=False, quiet=False)
    bench.uart.write(b"AT\r")
    bench.expect_silence(1000)
    bench.module.power_key(True)
    bench.pass_ms(100)
    bench.module.power_key(False)
    assert not bench.module.v_int
    bench.module.power_key(True)
    bench.pass_ms(on_ms)
    bench.module.power_key(False)
    assert bench.module.v_int
    bench.uart.write(b"AT\r")
    bench.expect_silence(bench.module.options.boot_ms - 100)
    awake(bench)
    bench.module.power_key(True)
    bench.pass_ms(2000)
    bench.module.power_key(False)
    bench.pass_ms(1000)
    assert not bench.module.v_int


def test_cpwroff_answers_then_ends(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+CPWROFF")
    bench.pass_ms(1000)
    assert bench.module.state == "off"
    bench.uart.write(b"AT\r")
    bench.expect_silence(10_000)


def test_a_restart_loses_what_was_not_stored(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, online=True)
    bench.ok("AT+CMEE=2")
    bench.ok("AT+USOCR=6")
    bench.ok('AT+CGDCONT=2,"IP","other"')
    bench.module.restart()
    bench.expect_silence(bench.module.options.boot_ms)
    bench.pass_ms(100)
    assert bench.ok("AT+CMEE?") == ["+CMEE: 0"]
    bench.ok("ATE0")
    assert bench.module.sockets.table == {}
    assert any('2,"IP","other"' in line for line in bench.ok("AT+CGDCONT?"))


def test_the_greeting_tells_of_a_restart_at_a_fixed_rate(make_bench: Make) -> None:
    lexi = make_bench("lexi-r10")
    lexi.ok('AT+CSGT=1,"hello there"')
    assert lexi.ok("AT+CSGT?") == ['+CSGT: "hello there",1']
    lexi.module.restart()
    assert lexi.expect_urc() == "hello there"
    sara = make_bench("sara-r5")
    sara.ok('AT+CSGT=1,"ready"')
    sara.module.restart()
    sara.expect_silence(5000)  # autobaud: silent
    sara.ok("AT+IPR=115200")
    sara.ok("AT&W")
    sara.module.restart()
    assert sara.expect_urc() == "ready"


def test_nvm_lives_in_a_file(make_bench: Make, module_name: str, tmp_path: Path) -> None:
    path = tmp_path / "nvm.json"
    first = make_bench(module_name, nvm=path)
    first.ok("AT+CFUN=0")
    first.ok("AT+UMNOPROF=100")
    assert first.ok("AT+UMNOPROF?") == ["+UMNOPROF: 90"]
    first.ok('AT+CSGT=1,"kept"')
    second = make_bench(module_name, nvm=Nvm(path))
    assert second.ok("AT+UMNOPROF?") == ["+UMNOPROF: 100"]
    assert second.ok("AT+CSGT?") == ['+CSGT: "kept",1']


def test_the_profile_is_stored_by_and_w_on_sara(make_bench: Make) -> None:
    bench = make_bench("sara-r5")
    bench.ok("AT+IPR=57600")
    bench.pass_ms(100)
    bench.uart.init(baudrate=57600)
    bench.ok("AT&K0&W")
    bench.module.restart()
    bench.pass_ms(3000)
    assert bench.ok("AT+IPR?") == ["+IPR: 57600"]
    lexi = make_bench("lexi-r10")
    assert lexi.error("AT&W") == "ERROR"


@pytest.mark.parametrize(
    ("module", "setting", "after"),
    [
        ("sara-r5", 4, "+CFUN: 4,0"),
        ("sara-r5", 0, "+CFUN: 1,0"),
        ("lexi-r10", 4, "+CFUN: 4"),
        ("lexi-r10", 0, "+CFUN: 1"),
    ],
)
def test_which_functionality_survives_a_reboot(
    make_bench: Make, module: str, setting: int, after: str
) -> None:
    bench = make_bench(module)
    bench.ok(f"AT+CFUN={setting}")
    bench.ok("AT+CFUN=16")
    bench.expect_silence(1500)
    awake(bench)
    assert bench.ok("AT+CFUN?") == [after]


def test_the_operator_profile_needs_the_radio_off(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+CMEE=2")
    assert bench.error("AT+UMNOPROF=100") == "+CME ERROR: operation not allowed"


def test_registration_takes_its_time_and_is_reported(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name, registered_after_ms=4000)
    bench.ok("AT+CEREG=1")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 1,2"]
    began = bench.loop.time()
    assert bench.expect_urc() == "+CEREG: 1"
    assert 3.5 < bench.loop.time() - began < 4.1
    bench.ok("AT+CEREG=2")
    assert bench.ok("AT+CEREG?") == ['+CEREG: 2,1,"1A2B","01A2D103",7']
    bench.ok("AT+CEREG=4")
    assert bench.ok("AT+CEREG?") == ['+CEREG: 4,1,"1A2B","01A2D103",7,,,"11100000","11100000"']
    bench.module.set_coverage(False)
    assert bench.expect_urc() == "+CEREG: 2"
    assert bench.ok("AT+CSQ") == ["+CSQ: 99,99"]
    bench.module.set_coverage(True)
    assert bench.expect_urc().startswith("+CEREG: 1,")
    bench.ok("AT+COPS=2")
    assert bench.expect_urc() == "+CEREG: 0"
    assert bench.ok("AT+COPS?") == ["+COPS: 2"]


def test_the_radio_connection_is_reported_and_released(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True, rrc_idle_ms=5000)
    bench.ok("AT+CSCON=1")
    bench.pass_ms(20_000)
    bench.take()
    peer = bench.tcp_peer()
    bench.ok("AT+USOCR=6")
    bench.send(f'AT+USOCO=0,"127.0.0.1",{peer.port}')
    assert bench.answer().final == "OK"
    assert bench.expect_urc() == "+CSCON: 1"
    began = bench.loop.time()
    assert bench.expect_urc() == "+CSCON: 0"
    assert bench.loop.time() - began == pytest.approx(5, abs=0.1)


def test_sim_states(make_bench: Make) -> None:
    bench = make_bench("sara-r5", start="boot", quiet=False)
    bench.pass_ms(2001)
    bench.ok("ATE0+CMEE=2")
    assert bench.error("AT+CPIN?") == "+CME ERROR: SIM busy"
    bench.pass_ms(300)
    assert bench.ok("AT+CPIN?") == ["+CPIN: READY"]
    locked = make_bench("sara-r5", sim="PIN", pin="4321")
    locked.ok("AT+CMEE=2")
    assert locked.ok("AT+CPIN?") == ["+CPIN: SIM PIN"]
    assert locked.error("AT+CIMI") == "+CME ERROR: SIM PIN required"
    assert locked.error('AT+CPIN="0000"') == "+CME ERROR: incorrect password"
    locked.ok('AT+CPIN="4321"')
    locked.pass_ms(5000)
    assert locked.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    none = make_bench("lexi-r10", sim="NONE")
    none.ok("AT+CMEE=2")
    assert none.error("AT+CPIN?") == "+CME ERROR: SIM not inserted"


def test_identity(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True)  # the network has set the clock
    assert bench.ok("AT+CGMI") == ["u-blox"]
    assert bench.ok("AT+CGMM") == ["LEXI-R10401D"]
    assert bench.ok("AT+CGSN") == ["004999010640000"]
    assert bench.ok("AT+CGSN=1") == ['+CGSN: "004999010640000"']
    assert bench.ok("AT+CCID") == ["+CCID: 89882390000000000001"]
    assert bench.ok("AT+CCLK?")[0].startswith('+CCLK: "24/05/07,08:47:4')
    bench.ok('AT+CCLK="25/12/31,23:59:50+00"')
    bench.pass_ms(20_000)
    assert bench.ok("AT+CCLK?")[0].startswith('+CCLK: "26/01/01,00:00:1')


def test_contexts(make_bench: Make) -> None:
    bench = make_bench("lexi-r10", online=True, network_type="IPV4V6")
    assert bench.ok("AT+CGACT?") == ["+CGACT: 1,1"]
    bench.ok('AT+CGDCONT=2,"IP","two"')
    bench.ok("AT+CGACT=1,2")
    assert bench.ok("AT+CGPADDR=2") == ['+CGPADDR: 2,"10.40.50.51"']
    assert " 38.0.3.128." in bench.ok("AT+CGPADDR=1")[0]
    assert bench.ok("AT+USOCR=6,,,2") == ["+USOCR: 0"]
    bench.ok("AT+CGACT=0,2")
    assert bench.expect_urc() == "+UUSOCL: 0"
    assert bench.error("AT+USOCR=6,,,2") == "ERROR"
    assert bench.error("AT+CGACT=0,1") == "ERROR"
    assert bench.ok("AT+CGCONTRDP=1")[0].startswith('+CGCONTRDP: 1,5,"internet.sim","10.40.50.50.')


@pytest.mark.parametrize(
    ("kind", "protocol", "fits"),
    [
        ("IP", 0, True),
        ("IP", 1, False),
        ("IP", 2, False),
        ("IPV6", 1, True),
        ("IPV6", 0, False),
        ("IPV4V6", 2, True),
        ("IPV4V6", 3, True),
        ("IPV4V6", 1, False),
    ],
)
def test_profile_and_context_types_must_fit(
    make_bench: Make, kind: str, protocol: int, fits: bool
) -> None:
    bench = make_bench("sara-r5")
    bench.ok("AT+CMEE=1")
    bench.ok("AT+CFUN=0")
    bench.ok(f'AT+CGDCONT=1,"{kind}","apn"')
    bench.ok("AT+CFUN=1")
    bench.pass_ms(5000)
    bench.ok("AT+UPSD=0,100,1")
    bench.ok(f"AT+UPSD=0,0,{protocol}")
    answer = bench.at("AT+UPSDA=0,3")
    assert answer.final == ("OK" if fits else "+CME ERROR: 4001")


def test_psd_profile_life(make_bench: Make) -> None:
    bench = make_bench("sara-r5")
    bench.ok("AT+CMEE=1")
    assert bench.error("AT+UPSDA=0,3") == "+CME ERROR: 3"
    bench.pass_ms(5000)
    bench.ok('AT+UPSD=0,1,"wrong"')
    assert bench.ok("AT+UPSD=0,1") == ['+UPSD: 0,1,"wrong"']
    bench.ok("AT+CFUN=0")
    bench.ok('AT+CGDCONT=1,"IP","right"')
    bench.ok("AT+CFUN=1")
    bench.pass_ms(5000)
    assert bench.error("AT+UPSDA=0,3") == "+CME ERROR: 4000"
    bench.ok("AT+UPSDA=0,0")
    assert bench.ok("AT+UPSND=0,8") == ["+UPSND: 0,8,0"]
    bench.ok("AT+UPSDA=0,3")
    assert bench.expect_urc() == '+UUPSDA: 0,"100.108.232.233"'
    assert bench.ok("AT+UPSND=0,8") == ["+UPSND: 0,8,1"]
    assert bench.ok("AT+UPSND=0,0") == ['+UPSND: 0,0,"100.108.232.233"']
    assert bench.error("AT+UPSDA=0,3") == "+CME ERROR: 3"
    bench.ok("AT+UPSDA=0,4")
    assert bench.expect_urc() == "+UUPSDD: 0"


def test_names(make_bench: Make) -> None:
    hosts = {"a.example": "10.1.1.1"}
    sara = make_bench("sara-r5", online=True, hosts=hosts)
    assert sara.ok('AT+UDNSRN=0,"A.Example"') == ['+UDNSRN: "10.1.1.1"']
    assert sara.ok('AT+UDNSRN=1,"10.1.1.1"') == ['+UDNSRN: "a.example"']
    assert sara.error('AT+UDNSRN=0,"b.example"') == "ERROR"
    assert sara.ok("AT+USOER") == ["+USOER: 163"]
    sara.ok('AT+UDNSRN=0,"a.example",1')
    assert sara.expect_urc() == '+UUDNSRN: 0,"10.1.1.1"'
    plain = make_bench("sara-r5", online=True, hosts=hosts, variants={"dns-urc-plain"})
    plain.ok('AT+UDNSRN=0,"a.example",1')
    assert plain.expect_urc() == '+UUDNSRN: "10.1.1.1"'
    lexi = make_bench("lexi-r10", online=True, hosts=hosts)
    lexi.ok('AT+UDNSRN=0,"b.example"')
    assert lexi.expect_urc() == "+UUDNSRN: -1"
    assert lexi.ok("AT+USOER") == ["+USOER: 0"]
    for refused in ('AT+UDNSRN=1,"10.1.1.1"', 'AT+UDNSRN=0,"a.example",0'):
        assert lexi.error(refused) == "ERROR"


def test_ping_failures(make_bench: Make) -> None:
    bench = make_bench("sara-r5", online=True, hosts={"near": "127.0.0.1"})
    bench.ok('AT+UPING="nowhere.example"')
    assert bench.expect_urc() == "+UUPINGER: 8"
    bench.ok('AT+UPING="10.99.99.99",1,32,500')
    assert bench.expect_urc() == '+UUPING: 1,32,"10.99.99.99","10.99.99.99",0,-1'
    bench.ok('AT+UPING="near",2')
    assert [bench.expect_urc().split(",")[0] for _ in range(2)] == ["+UUPING: 1", "+UUPING: 2"]


def test_a_quiet_day_passes_at_once() -> None:
    with open_uart("lexi-r10") as uart:
        uart.clock.sleep_ms(86_400_000)
        assert uart.loop.time() == pytest.approx(86_400, abs=1)
        uart.write(b"AT\r")
        assert uart.wait(100)
