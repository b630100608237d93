"""+UMNOPROF, +URAT, +UBANDMASK, +UBANDCONF: radio off, in force after a restart, kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator import Nvm

Make = Callable[..., Bench]


def restart(bench: Bench) -> None:
    """Reboot by command and quieten the module again."""
    bench.ok("AT+CFUN=16")
    bench.pass_ms(bench.module.options.boot_ms + 1000)
    bench.ok("ATE0+CMEE=1")
    bench.take()


def radio_off(make_bench: Make, module: str, **options: object) -> Bench:
    bench = make_bench(module, **options)
    bench.ok("AT+CMEE=1")
    bench.ok("AT+CFUN=0")
    return bench


CHANGES = [
    ("sara-r5", "+UMNOPROF", "100", "90"),
    ("lexi-r10", "+UMNOPROF", "100", "90"),
    ("sara-r5", "+URAT", "8", "7"),
    ("sara-r5", "+URAT", "8,7", "7"),
    ("sara-r5", "+UBANDMASK", "0,524420", "0,185473183,1048642,1,185473183,1048642"),
    ("lexi-r10", "+UBANDCONF", "3,8,20", "1,2,3,4,5,7,8,12,13,14,19,20,28,66,71"),
]
AFTER = {"0,524420": "0,524420,1,185473183,1048642"}


@pytest.mark.parametrize(("module", "name", "value", "before"), CHANGES)
def test_a_change_needs_radio_off_and_a_restart(
    make_bench: Make, module: str, name: str, value: str, before: str
) -> None:
    nvm = Nvm()
    bench = make_bench(module, nvm=nvm)
    bench.ok("AT+CMEE=1")
    assert bench.error(f"AT{name}={value}") == "+CME ERROR: 3"
    bench.ok("AT+CFUN=4")
    bench.ok(f"AT{name}={value}")
    assert bench.ok(f"AT{name}?") == [f"{name}: {before}"]
    restart(bench)
    shown = AFTER.get(value, value)
    assert bench.ok(f"AT{name}?") == [f"{name}: {shown}"]
    later = make_bench(module, nvm=nvm)
    assert later.ok(f"AT{name}?") == [f"{name}: {shown}"]


@pytest.mark.parametrize(
    ("module", "command", "code"),
    [
        ("sara-r5", "+UMNOPROF=7", 3),
        ("lexi-r10", "+UMNOPROF=8", 3),
        ("sara-r5", "+UMNOPROF=100,2", 50),
        ("sara-r5", "+UMNOPROF", 50),
        ("sara-r5", "+URAT=9", 50),
        ("sara-r5", "+URAT=7,7", 50),
        ("lexi-r10", "+URAT=7", 50),
        ("sara-r5", "+UBANDMASK=0,0", 3),
        ("sara-r5", "+UBANDMASK=0,64", 3),  # band 7
        ("sara-r5", "+UBANDMASK=2,1", 50),
        ("sara-r5", "+UBANDMASK=0", 50),
        ("sara-r5", "+UBANDMASK=0,99999999999999999999", 50),
        ("sara-r5", "+UBANDCONF=3", 4),
        ("lexi-r10", "+UBANDCONF=3,3", 50),
        ("lexi-r10", "+UBANDCONF=6", 3),
        ("lexi-r10", "+UBANDCONF=0", 50),
        ("lexi-r10", "+UBANDMASK=0,4", 4),
    ],
)
def test_refusals(make_bench: Make, module: str, command: str, code: int) -> None:
    bench = radio_off(make_bench, module)
    assert bench.error(f"AT{command}") == f"+CME ERROR: {code}"


@pytest.mark.parametrize(("variant", "kept"), [((), False), (("mno-keeps-contexts",), True)])
def test_a_new_profile_brings_its_own_contexts(
    make_bench: Make, module_name: str, variant: tuple[str, ...], kept: bool
) -> None:
    bench = radio_off(make_bench, module_name, variants=variant)
    bench.ok('AT+CGDCONT=1,"IP","mine"')
    bench.ok('AT+CGDCONT=3,"IP","other"')
    bench.ok("AT+UMNOPROF=100")
    restart(bench)
    lines = bench.ok("AT+CGDCONT?")
    assert (len(lines), '"mine"' in lines[0]) == ((2, True) if kept else (1, False))
    bench.ok("AT+CFUN=0")
    bench.ok('AT+CGDCONT=1,"IP","mine"')
    restart(bench)  # the same profile: nothing is reset
    assert '"mine"' in bench.ok("AT+CGDCONT?")[0]


def test_the_profile_of_verizon_moves_the_default_context(make_bench: Make) -> None:
    bench = radio_off(make_bench, "lexi-r10")
    bench.ok("AT+UMNOPROF=3")
    restart(bench)
    assert bench.ok("AT+UDCONF=19") == ["+UDCONF: 19,3,0"]
    assert [line.split(",")[0] for line in bench.ok("AT+CGDCONT?")] == [
        "+CGDCONT: 1",
        "+CGDCONT: 3",
    ]
    bench.pass_ms(5000)
    assert bench.error("AT+USOCR=6") == "+CME ERROR: 3"  # context 3 is not active yet
    bench.ok("AT+CGACT=1,3")
    bench.ok("AT+USOCR=6")


def test_bands_decide_which_cells_there_are(make_bench: Make) -> None:
    bench = radio_off(make_bench, "sara-r5", cell_band=5)
    bench.ok("AT+UMNOPROF=100")  # bands 3, 8 and 20
    restart(bench)
    bench.pass_ms(60_000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,2"]
    bench.ok("AT+CFUN=0")
    bench.ok("AT+UBANDMASK=0,16")
    restart(bench)
    bench.pass_ms(5000)
    assert bench.ok("AT+CEREG?") == ["+CEREG: 0,1"]


def test_the_technology_shows_everywhere(make_bench: Make) -> None:
    bench = radio_off(make_bench, "sara-r5", variants={"bandmask-active"})
    assert bench.ok("AT+UBANDMASK?")[0].startswith("+UBANDMASK: 0,")
    bench.ok("AT+URAT=8")
    restart(bench)
    bench.pass_ms(5000)
    assert bench.ok("AT+COPS?")[0].endswith(",9")
    bench.ok("AT+CEREG=2")
    assert bench.ok("AT+CEREG?")[0].endswith(",9")
    assert bench.ok("AT+UCGED?")[1].startswith("7,")
    masks = bench.ok("AT+UBANDMASK?")[0]
    assert masks.startswith("+UBANDMASK: 1,")
    assert len(masks.split(",")) == 3


def test_the_sim_selects_the_profile(make_bench: Make) -> None:
    bench = radio_off(make_bench, "sara-r5", sim_profile=100)
    bench.ok("AT+UMNOPROF=1,0,1")
    restart(bench)  # the URC comes when the SIM is ready, before anybody looks
    assert bench.ok("AT+UMNOPROF?") == ["+UMNOPROF: 1,100,0,1"]
    everything = bench.ok("AT+UBANDMASK?")
    restart(bench)
    assert bench.ok("AT+UBANDMASK?") != everything  # now profile 100 is in force


def test_detection_is_announced_or_restarts_the_module(make_bench: Make) -> None:
    nvm = Nvm()
    nvm.put("mno", 1)
    nvm.put("mno_flags", [0, 1])
    bench = make_bench("lexi-r10", nvm=nvm, sim_profile=2)
    assert bench.expect_urc() == "+UMNOPROF: 1,2"
    nvm.put("mno_flags", [1, 1])
    again = make_bench("lexi-r10", nvm=nvm, sim_profile=100)
    again.pass_ms(5000)
    assert again.module.boots == 2
    assert again.module.nvm.get("mno_in_force", 0) == 100
    again.pass_ms(60_000)
    assert again.module.boots == 2
