"""What `connect()` is told of context, operator and user, against what a module has left over."""

from __future__ import annotations

import pytest
from driver.support.serial_script import FLAVOURS, MODULES
from driver.support.told_uart import Answer, Told, told

APN = "iot.example"
CHOSEN = '1,2,"22812"'


def context(text: str) -> tuple[str, str]:
    return "+CGDCONT?", f"+CGDCONT: {text}|OK"


# What the module has, what connect() is told, what is written.
WRITTEN = {
    "an APN that begins alike": ('1,"IP","iot.1nce.net"', ("iot",), {}, '1,"IP","iot"'),
    "a longer one": ('1,"IP","internet.telekom"', ("internet",), {}, '1,"IP","internet"'),
    "the same": ('1,"IP","iot.example"', (APN,), {}, None),
    "the same in capitals": ('1,"IP","IOT.Example"', (APN,), {}, None),
    "with its operator": ('1,"IP","iot.example.mnc001.mcc001.gprs"', (APN,), {}, None),
    "almost with its operator": (
        '1,"IP","iot.example.mncx.mcc001.gprs"', (APN,), {}, '1,"IP","iot.example"'
    ),
    "the type is kept": ('1,"IPV6","old.apn"', ("new.apn",), {}, '1,"IPV6","new.apn"'),
    "both families are kept": ('1,"IPV4V6","old"', ("new",), {}, '1,"IPV4V6","new"'),
    "the APN is kept": ('1,"IP","iot.example"', (), {"kind": "IPV6"}, '1,"IPV6","iot.example"'),
    "nothing is asked for": ('1,"IPV6","old.apn"', (), {}, None),
    "nothing is there": ('2,"IP","other"', ("new",), {}, '1,"IP","new"'),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_context_is_written_where_it_differs(flavour: str, module: str, case: str) -> None:
    has, arguments, options, written = WRITTEN[case]
    with told(flavour, module, context(has)) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, *arguments, **options)
        assert node.sent("+CGDCONT=") == ([f"+CGDCONT={written}"] if written else [])
        radio = node.sent("+CFUN=")
        assert radio == (["+CFUN=0"] if written else [])  # the table says that it is on


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_another_type_is_written_although_it_is_registered(flavour: str, module: str) -> None:
    with told(flavour, module) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        bench.call(bench.modem.connect, APN, kind="IPV4V6")
        assert node.sent("+CGDCONT=") == ['+CGDCONT=1,"IPV4V6","iot.example"']
        # The network may grant less, and the module show that: it is not written again and again.
        bench.call(bench.modem.connect, APN, kind="IPV4V6")
        assert len(node.sent("+CGDCONT=")) == 1


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_apn_in_two_contexts_is_refused_with_the_reason(flavour: str, module: str) -> None:
    two = '1,"IP","old"|+CGDCONT: 2,"IP","iot.example"'
    with told(flavour, module, context(two)) as (node, bench):
        bench.call(bench.modem.power_on)
        with pytest.raises(OSError, match="context 2 has that APN already"):
            bench.call(bench.modem.connect, APN)
        assert not node.sent("+CGDCONT=")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_new_apn_without_a_user_ends_the_authentication_of_an_earlier_one(
    flavour: str, module: str
) -> None:
    with told(flavour, module, context('1,"IP","old"')) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        name = "+UAUTHREQ=1,0" if module == "sara-r5" else "+CGAUTH=1,0"
        assert [line[: len(name)] for line in node.sent(name[:5])] == [name]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_profile_that_is_mapped_to_another_context_is_mapped_anew(flavour: str) -> None:
    def mapped(node: object) -> str:
        cid = 1 if getattr(node, "sent")("+UPSD=0,100,1") else 2  # noqa: B009
        return f"+UPSD: 0,100,{cid}|OK"

    answers: list[tuple[str, Answer]] = [
        ("+UPSD=0,100,", "OK"), ("+UPSD=0,100", mapped),
        ("+UPSDA=0,3", "OK|+UUPSDA: 0"),
    ]  # fmt: skip
    with told(flavour, "sara-r5", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        assert node.sent("+UPSDA=") == ["+UPSDA=0,4", "+UPSDA=0,3"]
        assert node.sent("+UPSD=0,100,") == ["+UPSD=0,100,1"]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_operator_that_an_earlier_program_has_chosen_is_given_up(
    flavour: str, module: str
) -> None:
    answers: list[tuple[str, Answer]] = [
        (
            "+COPS?",
            lambda node: "+COPS: 0|OK" if node.sent("+COPS=0") else '+COPS: 1,2,"22812"|OK',
        ),
        ("+CEREG?", lambda node: f"+CEREG: 5,{1 if node.sent('+COPS=0') else 2}|OK"),
    ]
    with told(flavour, module, *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        assert node.sent("+COPS=") == ["+COPS=0"]
        assert 60_000 <= node.ms < 80_000


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_operator_that_this_program_has_chosen_is_kept(flavour: str) -> None:
    answers = (("+COPS?", '+COPS: 1,2,"00101"|OK'), ("+CEREG?", "+CEREG: 5,2|OK"))
    with told(flavour, "lexi-r10", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.network.select, "22812")
        with pytest.raises(OSError, match="not registered"):
            bench.call(bench.modem.connect, APN)
        assert not node.sent("+COPS=0")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_context_of_data_is_the_modules_default_one(flavour: str) -> None:
    answers = (
        ("+UDCONF=19", "+UDCONF: 19,2,0|OK"),
        context('1,"IP","ims"|+CGDCONT: 2,"IP","iot.example"'),
        ("+CGACT?", lambda node: f"+CGACT: 1,1|+CGACT: 2,{len(node.sent('+CGACT=1,2'))}|OK"),
        ("+CGPADDR=2", '+CGPADDR: 2,"10.1.2.3"|OK'),
    )
    with told(flavour, "lexi-r10", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        assert node.sent("+CGACT=") == ["+CGACT=1,2"]
        assert not node.sent("+CGDCONT=")
        assert bench.call(bench.modem.network.address) == ("10.1.2.3", None)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_verizon_reserves_context_1(flavour: str) -> None:
    answers = (
        ("+UMNOPROF?", "+UMNOPROF: 3|OK"), ("+UDCONF=19", "+UDCONF: 19,3,0|OK"),
        context('1,"IPV4V6","vzwims"|+CGDCONT: 3,"IPV4V6","other"'),
        ("+CGACT?", lambda node: f"+CGACT: 1,1|+CGACT: 3,{len(node.sent('+CGACT=1,3'))}|OK"),
    )  # fmt: skip
    with told(flavour, "lexi-r10", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, "vzwinternet", mno=3)
        assert node.sent("+CGDCONT=") == ['+CGDCONT=3,"IPV4V6","vzwinternet"']
        assert node.sent("+CGACT=") == ["+CGACT=1,3"]


@pytest.mark.parametrize("module", MODULES)
def test_a_context_that_cannot_be_is_refused_before_anything_is_sent(module: str) -> None:
    with told("blocking", module) as (node, bench):
        for cid in (-1, 16, "1"):
            with pytest.raises((ValueError, TypeError)):
                bench.call(bench.modem.connect, APN, cid=cid)
        assert node.log == []


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_the_module_is_limited_to_is_named_and_in_the_end_reset(flavour: str) -> None:
    answers: list[tuple[str, Answer]] = [
        ("+URAT?", lambda node: "+URAT: 7,8|OK" if node.sent("+URAT=7,8") else "+URAT: 8|OK"),
        ("+UBANDMASK?", "+UBANDMASK: 0,524288,1,524288|OK"), ("+CFUN?", "+CFUN: 1|OK"),
        ("+CEREG?", lambda node: f"+CEREG: 5,{1 if node.sent('+URAT=7,8') else 2}|OK"),
    ]  # fmt: skip
    with told(flavour, "sara-r5", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        with pytest.raises(OSError, match="limited the module to technology NB-IoT; bands 20"):
            bench.call(bench.modem.connect, APN)
        for _ in range(20):
            try:
                bench.call(bench.modem.connect, APN)
                break
            except OSError:
                assert node.ms < 3_600_000
        assert bench.modem.isconnected()
        assert node.sent("+URAT=") == ["+URAT=7,8"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_technologies_that_this_program_has_chosen_are_kept(flavour: str) -> None:
    answers: list[tuple[str, Answer]] = [
        ("+URAT?", lambda node: "+URAT: 8|OK"), ("+CEREG?", "+CEREG: 5,2|OK"),
        ("+UBANDMASK?", "+UBANDMASK: 0,524288,1,524288|OK"),
    ]  # fmt: skip
    with told(flavour, "sara-r5", *answers) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.network.set_rats, "NB-IoT")
        for _ in range(20):
            with pytest.raises(OSError):
                bench.call(bench.modem.connect, APN)
        assert node.sent("+CFUN=16") and not node.sent("+URAT=")


# The arguments of connect() after a sleep, and whether the context is looked at.
RESUMED = {
    "the same": ((APN,), {}, False),
    "nothing": ((), {}, False),
    "another APN": (("other.apn",), {}, True),
    "another type": ((APN,), {"kind": "IPV6"}, True),
    "an operator": ((APN,), {"plmn": "00101"}, True),
}


@pytest.mark.parametrize("case", RESUMED)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_another_wish_after_a_sleep_is_not_taken_for_the_one_before(
    flavour: str, module: str, case: str
) -> None:
    arguments, options, looked = RESUMED[case]
    with told(flavour, module) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        for _ in range(2):  # the first has no connect()
            state = bench.modem.save_state()
            bench.restart(node)
            bench.modem.__init__(bench.line, state=state)
            bench.call(bench.modem.power_on)
        node.log.clear()
        bench.call(bench.modem.connect, *arguments, **options)
        assert bool(node.sent("+CGDCONT?")) == looked
        if "APN" in case:
            assert node.sent("+CGDCONT=") == ['+CGDCONT=1,"IP","other.apn"']


def refuses_until(module: str, code: int, begin: str) -> list[tuple[str, Answer]]:
    """The activation is refused until something was written."""
    up = [0]

    def activated(node: Told) -> str:
        up[0] = int(bool(node.sent(begin)))
        good = "OK|+UUPSDA: 0" if module == "sara-r5" else "OK"
        return good if up[0] else f"+CME ERROR: {code}"

    return [
        ("+UPSND", lambda node: f"+UPSND: 0,8,{up[0]}|OK"), ("+UPSDA=0,3", activated),
        ("+CGACT?", lambda node: f"+CGACT: 1,{up[0]}|OK"), ("+CGACT=1", activated),
    ]  # fmt: skip


@pytest.mark.parametrize("code", [4000, 4001])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_profile_that_does_not_fit_the_context_is_reset(flavour: str, code: int) -> None:
    with told(flavour, "sara-r5", *refuses_until("sara-r5", code, "+UPSDA=0,0")) as (node, bench):
        bench.call(bench.modem.power_on)
        bench.call(bench.modem.connect, APN)
        assert node.sent("+UPSDA=0,0") == ["+UPSDA=0,0"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_profile_that_still_does_not_fit_is_reported(flavour: str) -> None:
    with told(flavour, "sara-r5", *refuses_until("sara-r5", 4000, "never")) as (node, bench):
        bench.call(bench.modem.power_on)
        with pytest.raises(OSError, match="name different APNs"):
            bench.call(bench.modem.connect, APN)
        assert node.sent("+UPSDA=0,0") == ["+UPSDA=0,0"]


@pytest.mark.parametrize("chosen", [False, True])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_last_rungs_reset_a_user_that_the_network_does_not_accept(
    flavour: str, module: str, chosen: bool
) -> None:
    """Left with the same APN; not one that this program has chosen."""
    begin = "+UAUTHREQ=1,0" if module == "sara-r5" else "+CGAUTH=1,0"
    with told(flavour, module, *refuses_until(module, 149, begin)) as (node, bench):
        bench.call(bench.modem.power_on)
        if chosen:
            bench.call(bench.modem.network.set_authentication, 1, "pap", "u", "p")
        for _ in range(60):
            try:
                bench.call(bench.modem.connect, APN)
                break
            except OSError:
                bench.pass_ms(30_000)
        assert bench.modem.isconnected() != chosen
        assert bool(node.sent(begin)) != chosen
