"""What modules and SIM cards answer for some seconds after a start, and what for good."""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.serial_script import FLAVOURS, MODULES
from driver.support.told_uart import Told, told

from ublox_cellular.core.errors import CommandError

APN = "iot.example"
PASSING = (3, 10, 13, 14, 15)


def until(ms: float, code: int, answer: str) -> Any:
    """Refused with a code for so long."""
    return lambda node: answer if node.ms > ms else f"+CME ERROR: {code}"


@pytest.mark.parametrize("code", PASSING)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_sim_that_needs_some_seconds_is_waited_for(flavour: str, module: str, code: int) -> None:
    with told(flavour, module, ("+CPIN?", until(8000, code, "+CPIN: READY|OK"))) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        assert 8000 < node.ms < 10_000


@pytest.mark.parametrize("code", PASSING)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_sim_that_stays_so_is_reported_after_the_time_given(flavour: str, code: int) -> None:
    with told(flavour, "sara-r5", ("+CPIN?", f"+CME ERROR: {code}")) as (node, bench):
        bench.modem.channel.start_ms = 5000
        bench.call(bench.modem.power_on)
        began = node.ms
        with pytest.raises(OSError) as caught:
            bench.call(bench.modem.connect, APN)
        assert 5000 <= node.ms - began < 6500
        assert ("no SIM is inserted" in str(caught.value)) == (code == 10)


@pytest.mark.parametrize("state", ["SIM PIN", "SIM PUK", "PH-SIM PIN"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_sim_that_is_locked_is_reported_at_once(flavour: str, state: str) -> None:
    with told(flavour, "lexi-r10", ("+CPIN?", f"+CPIN: {state}|OK")) as (node, bench):
        bench.call(bench.modem.power_on)
        began = node.ms
        with pytest.raises(OSError, match="SIM"):
            bench.call(bench.modem.connect, APN)
        assert node.ms - began < 200


# Commands of the start, each of which may be refused while the SIM is busy.
SET_UP = ("E0", "+CMEE=1", "+UDCONF=1,", "+CGEREP", "+CEREG=", "+CSGT", "+UPSV?", "+CGMM", "+IPR?")


@pytest.mark.parametrize("name", SET_UP)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_set_up_has_patience_with_a_busy_sim(flavour: str, module: str, name: str) -> None:
    plain = Told(module)
    usual = next(answer for begin, answer in plain.answers if name.startswith(begin))
    with told(flavour, module, (name, until(3000, 14, str(usual)))) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        asked = len(node.sent(name))
        assert asked > 2 or (asked == 0 and name == "+IPR?" and module == "lexi-r10")
        assert bench.modem.channel.greeting == b"cellular ready"


@pytest.mark.parametrize("name", ["+CGDCONT?", "+CFUN?", "+COPS?", "+CEREG?"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_connecting_has_patience_with_a_busy_sim(flavour: str, name: str) -> None:
    usual = next(answer for begin, answer in Told("sara-r5").answers if name.startswith(begin))
    with told(flavour, "sara-r5", (name, until(4000, 14, str(usual)))) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        assert 4000 < node.ms < 6000


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_set_up_command_that_is_refused_for_good_is_an_error(flavour: str) -> None:
    with told(flavour, "sara-r5", ("+UDCONF", "+CME ERROR: 14")) as (node, bench):
        bench.modem.channel.start_ms = 4000
        with pytest.raises(CommandError):
            bench.call(bench.modem.power_on)
        assert 4000 < node.ms < 6000


@pytest.mark.parametrize("code", PASSING)
@pytest.mark.parametrize("name", ["imsi", "iccid"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_card_is_asked_again_while_it_is_not_ready(flavour: str, name: str, code: int) -> None:
    answers = (
        ("+CIMI", until(3000, code, "001010000000001|OK")),
        ("+CCID", until(3000, code, "+CCID: 8939107800023416395|OK")),
    )
    with told(flavour, "sara-r5", *answers) as (_, bench):
        bench.call(bench.modem.power_on)
        found = bench.call(getattr(bench.modem, name))
        assert found == ("001010000000001" if name == "imsi" else "8939107800023416395")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_card_that_was_taken_out_later_is_told_at_once(flavour: str) -> None:
    with told(flavour, "sara-r5", ("+CIMI", "+CME ERROR: 10")) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.pass_ms(60_000)
        began = node.ms
        with pytest.raises(CommandError):
            bench.call(bench.modem.imsi)
        assert node.ms - began < 200


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_patience_ends_with_the_time_limit_of_the_command(flavour: str) -> None:
    """Refused once, then never answered: both together take no longer than was asked for."""
    answers = (("+CIMI", lambda node: "+CME ERROR: 14" if len(node.sent("+CIMI")) < 2 else None),)
    with told(flavour, "sara-r5", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        began = node.ms
        with pytest.raises(OSError):
            bench.call(bench.modem.channel.command, b"+CIMI", timeout_ms=3000)
        assert node.ms - began < 3300
