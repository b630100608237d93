"""+COPS with several operators, and signal quality."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Nvm

Make = Callable[..., Bench]

OPERATORS = (
    ("Home Network", "HOME", "00101", "current"),
    ("Second Network", "SEC", "00102", "available"),
    ("Closed Network", "CLO", "00103", "forbidden"),
)


def online(make_bench: Make, module: str = "lexi-r10", **options: object) -> Bench:
    bench = make_bench(module, operators=OPERATORS, **options)
    bench.ok("AT+CMEE=1")
    bench.pass_ms(4000)
    return bench


@pytest.mark.parametrize(("form", "name"), [(0, "Home Network"), (1, "HOME"), (2, "00101")])
def test_the_operator_in_each_format(
    make_bench: Make, module_name: str, form: int, name: str
) -> None:
    bench = online(make_bench, module_name)
    bench.ok(f"AT+COPS=3,{form}")
    assert bench.ok("AT+COPS?") == [f'+COPS: 0,{form},"{name}",7']


@pytest.mark.parametrize(
    ("asked", "shown", "stat"),
    [
        ('1,0,"Second Network"', '1,0,"Second Network",7', 5),
        ('1,1,"SEC"', '1,0,"Second Network",7', 5),
        ('1,2,"00102"', '1,0,"Second Network",7', 5),
        ('1,2,"00102",7', '1,0,"Second Network",7', 5),
        ('1,2,"00101"', '1,0,"Home Network",7', 1),
        ('4,2,"00102"', '4,0,"Second Network",7', 5),
        ('4,2,"00199"', '0,0,"Home Network",7', 1),
        ('4,2,"00103"', '0,0,"Home Network",7', 1),
    ],
)
def test_selection(make_bench: Make, asked: str, shown: str, stat: int) -> None:
    bench = online(make_bench)
    bench.ok(f"AT+COPS={asked}")
    assert bench.ok("AT+COPS?") == [f"+COPS: {shown}"]
    assert bench.ok("AT+CEREG?") == [f"+CEREG: 0,{stat}"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ('1,2,"00199"', 30),
        ('1,2,"00103"', 32),
        ('1,0,"00102"', 30),  # that is not its long name
        ('1,2,"00102",9', 30),  # not with this technology
        ("1,2", 50),
        ('1,3,"00102"', 50),
        ("6", 50),
    ],
)
def test_a_refused_selection_changes_nothing(make_bench: Make, asked: str, code: int) -> None:
    bench = online(make_bench)
    bench.ok("AT+CEREG=1")
    assert bench.error(f"AT+COPS={asked}") == f"+CME ERROR: {code}"
    bench.pass_ms(10_000)
    assert bench.take() == []
    assert bench.ok("AT+COPS?") == ['+COPS: 0,0,"Home Network",7']


def test_a_selection_the_network_refuses_is_taken_back(make_bench: Make) -> None:
    bench = online(make_bench)
    bench.module.network.set_network("denied", 15)
    bench.pass_ms(4000)
    assert bench.error('AT+COPS=1,2,"00102"') == "+CME ERROR: 30"
    bench.module.network.set_network("home")
    bench.pass_ms(4000)
    assert bench.ok("AT+COPS?") == ['+COPS: 0,0,"Home Network",7']


def test_the_selection_outlives_power_off(make_bench: Make, module_name: str) -> None:
    nvm = Nvm()
    bench = online(make_bench, module_name, nvm=nvm)
    bench.ok('AT+COPS=1,2,"00102"')
    again = online(make_bench, module_name, nvm=nvm)
    assert again.ok("AT+COPS?") == ['+COPS: 1,0,"Second Network",7']
    again.ok("AT+COPS=2")
    third = online(make_bench, module_name, nvm=nvm)
    assert third.ok("AT+COPS?") == ["+COPS: 2"]
    assert third.ok("AT+CEREG?") == ["+CEREG: 0,0"]


def test_the_scan_takes_its_time_and_tells_everything(make_bench: Make, module_name: str) -> None:
    bench = online(make_bench, module_name, scan_ms=30_000)
    began = bench.loop.time()
    line = bench.ok("AT+COPS=?")[0]
    assert bench.loop.time() - began > 30
    assert line.startswith(
        '+COPS: (2,"Home Network","HOME","00101",7),(1,"Second Network","SEC","00102",7),'
        '(3,"Closed Network","CLO","00103",7),,'
    )
    bench.module.set_coverage(False)
    assert bench.ok("AT+COPS=?")[0].startswith("+COPS: ,,")


def test_a_scan_can_be_aborted_and_needs_the_radio(make_bench: Make) -> None:
    bench = online(make_bench)
    bench.send("AT+COPS=?")
    bench.pass_ms(2000)
    bench.uart.write(b"\r")
    assert bench.answer().final == "+CME ERROR: 3000"
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    bench.ok("AT+CFUN=4")
    assert bench.error("AT+COPS=?") == "+CME ERROR: 3"


def test_the_deep_scan_of_sara(make_bench: Make) -> None:
    bench = online(make_bench, "sara-r5")
    lines = bench.ok("AT+COPS=5")
    assert [line.split(", ")[:2] for line in lines] == [
        ["MCC:001", "MNC:01"],
        ["MCC:001", "MNC:02"],
        ["MCC:001", "MNC:03"],
    ]
    assert "RSRP LEV:55" in lines[0]
    assert bench.ok("AT+COPS?") == ['+COPS: 0,0,"Home Network",7']
    lexi = online(make_bench, "lexi-r10")
    assert lexi.error("AT+COPS=5") == "+CME ERROR: 50"


def test_with_radio_off_only_the_mode_is_noted(make_bench: Make) -> None:
    bench = online(make_bench)
    bench.ok("AT+CFUN=4")
    bench.ok("AT+COPS=2")
    assert bench.error('AT+COPS=1,2,"00102"') == "+CME ERROR: 3"
    bench.ok("AT+CFUN=1")
    bench.pass_ms(10_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,0"]
    bench.ok("AT+COPS=0")
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]
    strict = online(make_bench, variants={"cops-radio-off"})
    strict.ok("AT+CFUN=4")
    assert strict.error("AT+COPS=0") == "+CME ERROR: 3"


def test_automatic_selection_waits_until_there_is_a_network(make_bench: Make) -> None:
    bench = make_bench("sara-r5", network="none")
    bench.ok("AT+CMEE=1")
    bench.loop.call_later(60, bench.module.network.set_network, "home")
    began = bench.loop.time()
    bench.ok("AT+COPS=0")
    assert 60 < bench.loop.time() - began < 65
    bench.module.set_coverage(False)
    assert bench.error("AT+COPS=0") == "+CME ERROR: 30"


@pytest.mark.parametrize(
    ("rsrp", "rsrq", "sinr", "csq", "cesq"),
    [
        (-86, -10, 12, "20,0", "20,55"),
        (-140, -19.5, -5, "0,0", "1,1"),
        (-141, -20, 0, "0,0", "0,0"),
        (-44, -3, 30, "31,0", "34,97"),
        (-30, 5, 30, "31,0", "34,97"),
        (-110.4, -12.5, 3.25, "9,0", "15,31"),
    ],
)
def test_signal_in_the_documented_steps(
    make_bench: Make, rsrp: float, rsrq: float, sinr: float, csq: str, cesq: str
) -> None:
    bench = make_bench("lexi-r10", rsrp=rsrp, rsrq=rsrq, sinr=sinr, weakest_rsrp=-150)
    assert bench.ok("AT+CSQ") == ["+CSQ: 99,99"]
    assert bench.ok("AT+CESQ") == ["+CESQ: 99,99,255,255,255,255"]
    bench.pass_ms(4000)
    assert bench.ok("AT+CSQ") == [f"+CSQ: {csq}"]
    assert bench.ok("AT+CESQ") == [f"+CESQ: 99,99,255,255,{cesq}"]


@pytest.mark.parametrize(("module", "rat"), [("sara-r5", 6), ("lexi-r10", 4)])
def test_cell_details(make_bench: Make, module: str, rat: int) -> None:
    bench = make_bench(module, cell_band=20, rsrp=-100, rsrq=-8, sinr=3.5)
    if module == "lexi-r10":
        assert bench.ok("AT+UCGED?") == ["+UCGED: 0"]
        bench.ok("AT+UCGED=2")
    head, where, cell = bench.ok("AT+UCGED?")
    assert (head, where) == ("+UCGED: 2", f"{rat},2,fff,fff")
    assert cell.split(",")[10:13] == ["255", "255", "255"]
    bench.pass_ms(4000)
    head, where, cell = bench.ok("AT+UCGED?")
    assert (head, where) == ("+UCGED: 2", f"{rat},4,001,01")
    fields = cell.split(",")
    assert (fields[1], fields[10:13]) == ("20", ["41", "24", "3.50"])
    assert len(fields) == 23
    bench.ok("AT+CFUN=4")
    assert bench.ok("AT+UCGED?")[1] == f"{rat},1,fff,fff"
