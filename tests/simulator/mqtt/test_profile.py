"""+UMQTT, +UMQTTNV: ranges, read-back, factory values, the forms that are uncertain."""

from __future__ import annotations

import pytest
from simulator.support.mqtt_bench import Make
from simulator.support.serial_host import Bench
from simulator.support.sleep_host import pulse

WRONG = "+CME ERROR: 50"
IMEI = "004999010640000"

DEFAULTS = {
    0: f'"{IMEI}"',
    2: '"",1883',
    3: '"",1883',
    4: '""',
    6: "0",
    7: "0",
    8: '""',
    9: '0,""',
    10: "0",
    11: "0",
}


def module(make_bench: Make, name: str = "sara-r5", *variants: str) -> Bench:
    bench = make_bench(name, variants=frozenset(variants))
    bench.ok("AT+CMEE=1")
    return bench


def test_factory_values(make_bench: Make, module_name: str) -> None:
    bench = module(make_bench, module_name)
    listed = [f"+UMQTT: {op},{value}" for op, value in DEFAULTS.items()]
    assert bench.ok("AT+UMQTT?") == listed
    assert [bench.ok(f"AT+UMQTT={op}")[0] for op in DEFAULTS] == listed
    assert bench.ok("AT+UMQTT=12") == ["+UMQTT: 12,1"]
    if module_name == "lexi-r10":
        assert bench.ok("AT+UMQTT=20") == ["+UMQTT: 20,1,0"]
    else:
        assert bench.error("AT+UMQTT=20") == WRONG


@pytest.mark.parametrize(
    ("op", "given", "shown"),
    [
        (0, '"me"', None),
        (0, '""', None),
        (2, f'"{"n" * 256}",1', None),
        (2, '"broker.test"', '"broker.test",1883'),
        (2, '"10.1.2.3",65535', None),
        (3, '"10.1.2.3",8883', None),
        (3, '"2001:db8::1"', '"2001:db8::1",1883'),
        (4, '"user","secret"', '"user"'),
        (4, '"user"', None),
        (6, "2", None),
        (7, "1", None),
        (8, f'"{"t" * 256}"', None),
        (9, '"text"', '0,"text"'),
        (9, '0,"text"', None),
        (9, '1,"00ff"', None),
        (10, "65535", None),
        (11, "1", None),
        (11, "1,4", None),
        (11, "0,4", "0"),
        (12, "0", None),
    ],
)
def test_set_and_read(
    make_bench: Make, module_name: str, op: int, given: str, shown: str | None
) -> None:
    bench = module(make_bench, module_name)
    bench.ok(f"AT+UMQTT={op},{given}")
    assert bench.ok(f"AT+UMQTT={op}") == [f"+UMQTT: {op},{shown or given}"]


@pytest.mark.parametrize(
    "wrong",
    [
        f'0,"{"x" * 257}"',
        '0,"\xff"',
        "0,5",
        "1,1883",
        f'2,"{"n" * 257}"',
        '2,"n",0',
        '2,"n",65536',
        '2,"n",1,1',
        '3,"a.name"',
        "4,1",
        '4,"u","p",1',
        "5",
        "6,3",
        "7,2",
        f'8,"{"t" * 257}"',
        f'9,"{"m" * 257}"',
        '9,1,"0g"',
        '9,1,"012"',
        '9,2,"m"',
        '9,"00",1',
        "10,65536",
        "10,30,1",
        "11,2",
        "11,1,5",
        "12,2",
        "13,5",
        "21",
    ],
)
def test_wrong_values_change_nothing(make_bench: Make, module_name: str, wrong: str) -> None:
    bench = module(make_bench, module_name)
    before = bench.ok("AT+UMQTT?")
    assert bench.error(f"AT+UMQTT={wrong}") == WRONG
    assert bench.ok("AT+UMQTT?") == before


def test_name_and_address_take_turns(make_bench: Make) -> None:
    bench = module(make_bench)
    bench.ok('AT+UMQTT=2,"broker.test",8883')
    bench.ok('AT+UMQTT=3,"10.1.2.3"')
    assert bench.ok("AT+UMQTT?")[1:3] == ['+UMQTT: 2,"",1883', '+UMQTT: 3,"10.1.2.3",1883']
    bench.ok('AT+UMQTT=2,"broker.test",8883')
    assert bench.ok("AT+UMQTT?")[1:3] == ['+UMQTT: 2,"broker.test",8883', '+UMQTT: 3,"",1883']


def test_mapping_of_lexi(make_bench: Make) -> None:
    bench = module(make_bench, "lexi-r10")
    bench.ok("AT+UMQTT=20,2,1")
    assert bench.ok("AT+UMQTT=20") == ["+UMQTT: 20,2,1"]
    bench.ok("AT+UMQTT=20,3")
    assert bench.ok("AT+UMQTT=20") == ["+UMQTT: 20,3,0"]
    for wrong in ("20,0", "20,16", "20,1,2"):
        assert bench.error(f"AT+UMQTT={wrong}") == WRONG


def test_nvm(make_bench: Make, module_name: str) -> None:
    bench = module(make_bench, module_name)
    bench.ok('AT+UMQTT=4,"user","password"')
    bench.ok("AT+UMQTT=10,30")
    bench.ok("AT+UMQTT=11,1,3")
    stored = bench.ok("AT+UMQTT?")
    bench.ok("AT+UMQTTNV=2")
    bench.ok("AT+UMQTTNV=0")
    factory = bench.ok("AT+UMQTT?")
    assert factory == [f"+UMQTT: {op},{value}" for op, value in DEFAULTS.items()]
    bench.module.restart()
    bench.pass_ms(5000)
    bench.ok("ATE0")
    assert bench.ok("AT+UMQTT?") == factory
    bench.ok("AT+UMQTTNV=1")
    assert bench.ok("AT+UMQTT?") == stored
    assert bench.module.mqtt.profile.password == "password"
    assert bench.error("AT+UMQTTNV=3").endswith("ERROR")


def test_loading_what_was_never_stored(make_bench: Make, module_name: str) -> None:
    bench = module(make_bench, module_name)
    factory = bench.ok("AT+UMQTT?")
    bench.ok("AT+UMQTT=6,2")
    bench.ok("AT+UMQTTNV=1")
    assert bench.ok("AT+UMQTT?") == factory


@pytest.mark.parametrize("level", ["sleep2", "hibernate"])
def test_deep_sleep_loses_what_was_not_stored(make_bench: Make, level: str) -> None:
    bench = make_bench("lexi-r10", online=True)
    bench.ok("AT+UUSBCONF=99")
    bench.ok("AT+UMQTT=10,30")
    bench.ok("AT+UMQTTNV=2")
    bench.ok("AT+UMQTT=10,60")
    if level == "hibernate":
        bench.ok('AT+CEDRXS=1,4,"0010"')
    bench.ok(f"AT+UPSV=1,2000,{4 if level == 'hibernate' else 3}")
    bench.pass_ms(20_000)
    assert bench.module.sleep_state == level
    pulse(bench)
    bench.pass_ms(1000)
    bench.ok("ATE0")
    assert bench.ok("AT+UMQTT=10") == ["+UMQTT: 10,0"]
    bench.ok("AT+UMQTTNV=1")
    assert bench.ok("AT+UMQTT=10") == ["+UMQTT: 10,30"]


def test_the_test_forms(make_bench: Make, module_name: str) -> None:
    bench = module(make_bench, module_name)
    tail = ",20" if module_name == "lexi-r10" else ""
    assert bench.ok("AT+UMQTT=?") == [f"+UMQTT: (0,2,3,4,6,7,8,9,10,11,12{tail})"]
    assert bench.ok("AT+UMQTTNV=?") == ["+UMQTTNV: (0-2)"]
    assert bench.ok("AT+UMQTTC=?") == ["+UMQTTC: (0-6,8,9)"]


# -- the other form of what is uncertain -------------------------------------------------------


def test_reading_may_reset(make_bench: Make) -> None:
    bench = module(make_bench, "sara-r5", "mqtt-op-resets")
    bench.ok('AT+UMQTT=2,"broker.test",8883')
    bench.ok("AT+UMQTT=10,30")
    bench.ok("AT+UMQTT=11,1,2")
    for op in (2, 10, 11):
        assert bench.ok(f"AT+UMQTT={op}") == []
    assert bench.ok("AT+UMQTT?") == [f"+UMQTT: {op},{value}" for op, value in DEFAULTS.items()]


def test_name_and_address_may_be_swapped(make_bench: Make) -> None:
    bench = module(make_bench, "sara-r5", "mqtt-server-swapped")
    assert bench.error('AT+UMQTT=2,"a.name"') == WRONG
    bench.ok('AT+UMQTT=2,"10.1.2.3"')
    bench.ok('AT+UMQTT=3,"a.name"')
    assert bench.ok("AT+UMQTT?")[1:3] == ['+UMQTT: 2,"",1883', '+UMQTT: 3,"a.name",1883']


def test_clean_session_may_be_missing(make_bench: Make, module_name: str) -> None:
    bench = module(make_bench, module_name, "mqtt-no-clean-session")
    assert bench.error("AT+UMQTT=12") == WRONG
    assert bench.error("AT+UMQTT=12,0") == WRONG


def test_client_id_may_be_empty(make_bench: Make, module_name: str) -> None:
    bench = module(make_bench, module_name, "mqtt-no-client-id")
    assert bench.ok("AT+UMQTT=0") == ['+UMQTT: 0,""']


def test_hexadecimal_will_may_be_told_behind(make_bench: Make) -> None:
    bench = module(make_bench, "sara-r5", "mqtt-will-hex-behind")
    bench.ok('AT+UMQTT=9,"00ff",1')
    assert bench.ok("AT+UMQTT=9") == ['+UMQTT: 9,1,"00ff"']
    bench.ok('AT+UMQTT=9,"text"')
    assert bench.ok("AT+UMQTT=9") == ['+UMQTT: 9,0,"text"']
    assert bench.error('AT+UMQTT=9,1,"00ff"') == WRONG
