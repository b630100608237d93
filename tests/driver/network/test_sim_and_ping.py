"""The SIM's lock and ping: the dialogues they make, every form of answer, nothing done twice.
Sources: at-commands 1.4, 2.5, A5 2.3.1, A10 2.4.1.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.answers import Case, Dialogue, parameters, play
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core.errors import Cancelled, CommandError, ModemError, ModuleReset
from ublox_cellular.core.service_errors import SimError


def sim(answer: str) -> str:
    return f"> AT+CPIN?\n{answer}\n"


READY = sim("+CPIN: READY\nOK")
PIN = sim("+CPIN: SIM PIN\nOK")
PUK = sim("+CPIN: SIM PUK\nOK")

SIM = [
    *(
        Case(f"state-{number}", lambda modem: modem.sim_state(), sim(answer), wanted)
        for number, (answer, wanted) in enumerate([
            ("+CPIN: READY\nOK", "READY"), ('+CPIN: "READY"\nOK', "READY"),
            ("+CPIN: SIM PIN\nOK", "SIM PIN"), ("+CPIN: SIM PUK \nOK", "SIM PUK"),
            ("+CPIN: PH-NET PIN\nOK", "PH-NET PIN"), ("+CME ERROR: 10", "NOT INSERTED"),
            ("+CME ERROR: 14", "BUSY"), ("+CME ERROR: 13", "FAILURE"),
            ("+CME ERROR: 262", "BLOCKED"), ("+CME ERROR: 11", "SIM PIN"),
        ])
    ),
    Case("state-else", lambda modem: modem.sim_state(), sim("+CME ERROR: 100"),
         raises=(CommandError, 5, "+CPIN")),
    Case("unlock", lambda modem: modem.unlock("1234"), PIN + '> AT+CPIN="1234"\n~ 900\nOK', True),
    Case("unlock-again", lambda modem: modem.unlock("1234"), READY, False),
    Case("unlock-by-puk", lambda modem: modem.unlock("12345678", "4321"),
         PUK + '> AT+CPIN="12345678","4321"\nOK', True),
    Case("puk-wanted", lambda modem: modem.unlock("1234"), PUK,
         raises=(SimError, 13, "unlock(puk, new_pin)")),
    Case("pin-wanted", lambda modem: modem.unlock("12345678", "4321"), PIN,
         raises=(SimError, 13, "PIN: give it alone")),
    Case("nothing-wanted", lambda modem: modem.unlock("1234"), sim("+CME ERROR: 10"),
         raises=(SimError, 13, "NOT INSERTED")),
    Case("wrong-pin", lambda modem: modem.unlock("1234"),
         PIN + '> AT+CPIN="1234"\n+CME ERROR: 16\n' + PUK,
         raises=(SimError, 13, "(incorrect password)); now it says: SIM PUK")),
    Case("wrong-puk", lambda modem: modem.unlock("12345678", "4321"),
         PUK + '> AT+CPIN="12345678","4321"\n+CME ERROR: 16\n' + sim("+CME ERROR: 262"),
         raises=(SimError, 13, "refused the PUK")),
]  # fmt: skip

HOST = "www.google.com"
ADDRESS = "216.58.206.68"


def echoes(command: str, *lines: str) -> str:
    return f"> {command}\nOK\n" + "".join(f"~ 60\n{line}\n" for line in lines)


def echo(sequence: int, ms: int | None, size: int = 32) -> tuple[Any, ...]:
    return (sequence, size, HOST, ADDRESS, 115, ms)


PLAIN = f'AT+UPING="{HOST}"'
SEED = [f'+UUPING: {n},32,"{HOST}","{ADDRESS}",115,{ms}' for n, ms in
        ((1, 62), (2, 53), (3, 53), (4, 53))]  # fmt: skip
SEED_RESULT = [echo(1, 62), echo(2, 53), echo(3, 53), echo(4, 53)]

PING = [
    Case("seed", lambda modem: modem.ping(HOST), echoes(PLAIN, *SEED), SEED_RESULT),
    Case("seed-with-blanks", lambda modem: modem.ping(HOST),
         echoes(PLAIN, *[line.replace(",", ", ") for line in SEED]), SEED_RESULT),
    Case("doubled", lambda modem: modem.ping(HOST),
         echoes(PLAIN, SEED[0], SEED[0], *SEED[1:]), SEED_RESULT),
    Case("one-lost", lambda modem: modem.ping(HOST),
         echoes(PLAIN, SEED[0], *SEED[2:]), [SEED_RESULT[0], *SEED_RESULT[2:]]),
    Case("last-lost", lambda modem: modem.ping(HOST), echoes(PLAIN, *SEED[:3]), SEED_RESULT[:3]),
    Case("times", lambda modem: modem.ping(HOST, count=3, size=100),
         echoes(PLAIN + ",3,100", f'+UUPING: 1,100,"{HOST}","{ADDRESS}",115,-1',
                f'+UUPING: 2,100,"{HOST}","{ADDRESS}",115,-2',
                f'+UUPING: 3,100,"{HOST}","{ADDRESS}",115,0'),
         [echo(1, None, 100), echo(2, -2, 100), echo(3, 0, 100)]),
    Case("options", lambda modem: modem.ping(HOST, count=1, interval_ms=0),
         echoes(PLAIN + ",1,32,5000,32,0", SEED[0]), SEED_RESULT[:1]),
    Case("size-only", lambda modem: modem.ping(HOST, size=64),
         echoes(PLAIN + ",4,64", *SEED), SEED_RESULT),
    Case("unknown-name", lambda modem: modem.ping(HOST), echoes(PLAIN, "+UUPINGER: 8"),
         raises=(OSError, -2, "name not resolved (+UUPINGER 8)")),
    Case("no-connection", lambda modem: modem.ping(HOST), echoes(PLAIN, "+UUPINGER: 17"),
         raises=(OSError, 100, "no data connection")),
    Case("bad-size", lambda modem: modem.ping(HOST), echoes(PLAIN, "+UUPINGER: 13"),
         raises=(OSError, 22, "bad size")),
    Case("internal", lambda modem: modem.ping(HOST), echoes(PLAIN, "+UUPINGER: 104"),
         raises=(OSError, 5, "+UUPINGER 104")),
    Case("fails-on-the-way", lambda modem: modem.ping(HOST),
         echoes(PLAIN, *SEED[:2], "+UUPINGER: 108"), SEED_RESULT[:2]),
    Case("refused", lambda modem: modem.ping(HOST), f"> {PLAIN}\n+CME ERROR: 3",
         raises=(CommandError, 5, "not allowed")),
    Case("silence", lambda modem: modem.ping(HOST), f"> {PLAIN}\nOK",
         raises=(ModemError, 110, "nothing heard")),
]  # fmt: skip


@pytest.mark.parametrize(("flavour", "module", "case"), parameters([*SIM, *PING]))
def test_answer(flavour: str, module: str, case: Case) -> None:
    play(flavour, module, case).close()


WRONG = ("123", "123456789", "12a4", "", "12 4", '1234"')


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("digits", WRONG)
def test_a_pin_that_cannot_be_one_is_not_entered(flavour: str, digits: str) -> None:
    bench = Bench(flavour, "sara-r5", Dialogue(PIN + PUK + PUK + PIN))
    modem = bench.modem
    modem.pin = digits
    try:
        for arguments in ((digits,), (digits, "1234"), ("12345678", digits)):
            with pytest.raises(ValueError, match="digits") as caught:
                bench.call(modem.unlock, *arguments)
            assert len(digits) < 3 or digits not in str(caught.value)
        if digits:
            with pytest.raises(ValueError, match="digits"):
                bench.call(modem.use_pin)
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_pin_that_was_refused_is_never_entered_again(flavour: str, module: str) -> None:
    dialogue = Dialogue('> AT+CPIN="9876"\n+CME ERROR: 16\n' + PIN + PIN + '> AT+CPIN="1234"\nOK')
    bench = Bench(flavour, module, dialogue)
    modem = bench.modem
    shown: list[str] = []
    modem.channel.trace = lambda direction, line: shown.append(repr(line))
    modem.pin = "9876"
    try:
        for words in ("refused the PIN", "unlock() with the right one"):
            with pytest.raises(SimError) as caught:
                bench.call(modem.use_pin)
            assert caught.value.errno == 13 and words in str(caught.value)
            assert caught.value.state == "SIM PIN"
            shown.append(str(caught.value))
        assert modem.pin_refused
        assert bench.call(modem.unlock, "1234") and not modem.pin_refused
        assert dialogue.left == []
        text = " ".join(shown)
        assert "+CPIN" in text and "9876" not in text and "1234" not in text
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_pin_whose_answer_was_lost_is_not_entered_again(flavour: str) -> None:
    bench = Bench(flavour, "lexi-r10", Dialogue('> AT+CPIN="9876"'))
    bench.modem.pin = "9876"
    try:
        with pytest.raises(ModemError):
            bench.call(bench.modem.use_pin)
        with pytest.raises(SimError):
            bench.call(bench.modem.use_pin)
        assert bench.line.written.count(b"9876") == 1
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_busy_sim_has_not_looked_at_the_pin(flavour: str) -> None:
    entry = '> AT+CPIN="9876"\n'
    bench = Bench(flavour, "lexi-r10", Dialogue(f"{entry}+CME ERROR: 14\n{entry}OK"))
    bench.modem.pin = "9876"
    try:
        with pytest.raises(SimError) as caught:
            bench.call(bench.modem.use_pin)
        assert caught.value.state == "BUSY"
        bench.call(bench.modem.use_pin)
        assert bench.modem.pin == "9876" and not bench.modem.pin_refused
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_without_a_pin_it_is_said_what_to_do(flavour: str) -> None:
    bench = Bench(flavour, "sara-r5", Dialogue(""))
    try:
        with pytest.raises(SimError, match="pin="):
            bench.call(bench.modem.use_pin)
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_password_is_in_no_trace(flavour: str) -> None:
    bench = Bench(flavour, "sara-r5", Dialogue('> AT+UAUTHREQ=1,1,"me","hunter2"\nERROR'))
    shown: list[str] = []
    bench.modem.channel.trace = lambda direction, line: shown.append(repr(line))
    try:
        with pytest.raises(CommandError) as caught:
            bench.call(bench.modem.network.set_authentication, 1, "pap", "me", "hunter2")
        assert "***" in shown[0]
        assert "hunter2" not in " ".join(shown) + str(caught.value)
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_ping_given_up_is_not_taken_for_the_next(flavour: str, module: str) -> None:
    dialogue = Dialogue(
        echoes(PLAIN, SEED[0]) + "~ 3000\n" + SEED[1] + "\n~ 4000\n" + SEED[2] + "\n~ 5000\n"
        + SEED[3] + "\n" + echoes(PLAIN, *SEED)
    )  # fmt: skip
    bench = Bench(flavour, module, dialogue)
    try:
        with pytest.raises(Cancelled):
            bench.call(bench.modem.ping, HOST, progress=lambda found: len(found) < 2)
        began = bench.clock.ms()
        assert bench.call(bench.modem.ping, HOST) == SEED_RESULT
        assert bench.clock.ms() - began > 5000 - 3000  # the rest of the first came before
        assert dialogue.left == []
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("lines", "limit_ms"), [(SEED[:3], 12_000), ([], 82_000)])
def test_a_lost_line_is_not_waited_for_long(flavour: str, lines: list[str], limit_ms: int) -> None:
    """A line may take time-out, interval and a little; before the first a name is looked up."""
    bench = Bench(flavour, "lexi-r10", Dialogue(echoes(PLAIN, *lines)))
    try:
        began = bench.clock.ms()
        if lines:
            assert bench.call(bench.modem.ping, HOST) == SEED_RESULT[: len(lines)]
        else:
            with pytest.raises(ModemError):
                bench.call(bench.modem.ping, HOST)
        assert limit_ms - 2000 < bench.clock.ms() - began < limit_ms
    finally:
        bench.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_restart_ends_a_ping(flavour: str, module: str) -> None:
    bench = Bench(flavour, module, Dialogue(echoes(PLAIN, SEED[0]) + "~ 700\ncellular ready"))
    bench.modem.channel.greeting = b"cellular ready"
    try:
        began = bench.clock.ms()
        with pytest.raises(ModuleReset):
            bench.call(bench.modem.ping, HOST)
        assert bench.clock.ms() - began < 1000
    finally:
        bench.close()
