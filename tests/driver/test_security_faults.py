"""Certificates and profiles on a bad line: splits, URCs at every boundary, lost, doubled and
damaged bytes, both ways; restarts and cancellation. After each the channel is in command mode,
what is stored is right or gone, and a profile counts as in place only if it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

import credentials
import pytest
from credentials import PEM
from model import LATENCY_MS
from script import FLAVOURS, Bench
from test_matrix import URCS, Nth, boundaries, faulty, pieces, splits
from vault import Vault, digest

CERT = credentials.certificate().public_bytes(PEM)
MD5 = digest(CERT)
HOST = "broker.example.com"
TICKET = "Ab+/" * 40


def store(bench: Bench) -> Any:
    return bench.call(bench.modem.security.store, "CA", "root", CERT)


def stored(bench: Bench, result: Any) -> bool:
    return result == MD5 and bench.partner.stored[0, "root"].strip() == CERT.strip()


def apply(bench: Bench) -> Any:
    return bench.call(profile(bench).apply, HOST)


def applied(bench: Bench, result: Any) -> bool:
    wanted = {
        "4": f'"{HOST}"', "0": "3", "1": "3", "3": '"root"', "10": f'"{HOST}"', "13,0": "1",
        "13,1": "0" if bench.module == "sara-r5" else "1",
    }  # fmt: skip
    found = bench.partner.profiles.get(0, {})
    if bench.partner.lax:  # with another name or version than was meant connections fail
        found, wanted = {"0": found.get("0")}, {"0": "3"}
    return profile(bench).in_place(HOST) and found == wanted


def collect(bench: Bench) -> Any:
    bench.call(profile(bench).collect)
    return profile(bench).session


def collected(bench: Bench, result: Any) -> bool:
    return result is None or TICKET.encode() in result


def profile(bench: Bench) -> Any:
    return bench.modem.security.profiles[0]


class Case:
    def __init__(
        self, module: str, run: Callable[[Bench], Any], good: Callable[[Bench, Any], bool]
    ) -> None:
        self.module = module
        self.run = run
        self.good = good

    def ready(self, flavour: str, bench: Bench | None) -> Bench:
        vault = Vault(self.module)
        if bench is None:
            bench = Bench(flavour, self.module, vault)
        else:
            bench.restart(vault)
        bench.call(bench.modem.attach, rates=(), sockets="keep")
        made = bench.modem.security.profile(ca="root", resume="plain")
        if self.run is collect:
            bench.call(made.apply, HOST)
            vault.read = {"0,13,3": f'+USECPRF: 0,13,3,"{TICKET}",{len(TICKET)}'.encode()}
        vault.answers.clear()
        return bench

    def outcome(self, bench: Bench) -> str:
        """ "right", or the name of the error; AssertionError if it is neither."""
        try:
            result = self.run(bench)
        except OSError as error:
            assert str(error)
            if self.run is apply:
                assert not profile(bench).in_place(HOST)
            return type(error).__name__
        assert self.good(bench, result), (result, bench.partner.stored, bench.partner.profiles)
        return "right"

    def works_again(self, bench: Bench) -> None:
        bench.partner.tamper = None
        if bench.partner.lax:
            bench.modem.security.lost()
        bench.partner.lax = False
        bench.pass_ms(1000)
        assert bench.call(bench.modem.imei) == "004999010640000"
        assert self.outcome(bench) == "right"


CASES = {
    "store": Case("sara-r5", store, stored),
    "apply": Case("sara-r5", apply, applied),
    "collect": Case("lexi-r10", collect, collected),
}


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def plain_answers(case: Case) -> list[bytes]:
    bench = case.ready("blocking", None)
    assert case.outcome(bench) == "right"
    bench.close()
    return list(bench.partner.answers)


def edges(answer: bytes) -> list[int]:
    return [0] if answer.endswith(b">") else boundaries(answer)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_split_with_a_urc_at_every_boundary(case: Case, flavour: str) -> None:
    rng = random.Random(7)
    bench: Bench | None = None
    for number, answer in enumerate(plain_answers(case)):
        for urc in [b"", *URCS, b"\r\n+UUSECPRF: 0,13,0,2\r\n", b"\r\n+USECPRF: 0,13,0,2\r\n"]:
            for boundary in edges(answer) if urc else [0]:
                data = answer[:boundary] + urc + answer[boundary:]
                if case.run is collect or flavour == "asyncio":
                    ways = [[len(answer) // 2], list(range(1, len(data)))]
                else:
                    ways = list(splits(data, rng))
                for cuts in ways:
                    bench = case.ready(flavour, bench)
                    bench.partner.tamper = Nth(number, lambda _, d=data, c=cuts: pieces(d, c))
                    assert case.outcome(bench) == "right", (number, urc, boundary, cuts)
    assert bench is not None
    bench.close()


def undetectable(case: Case, what: str, data: bytes) -> bool:
    """A damaged ticket is one that the server does not take: no more than a full handshake."""
    return case.run is collect and b"+USECPRF: 0,13,3," in data and data.endswith(b"OK\r\n")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_byte_lost_doubled_or_damaged(case: Case, flavour: str) -> None:
    bench: Bench | None = None
    wrong = []
    seen = set()
    for number, answer in enumerate(plain_answers(case)):
        for what, position, data in faulty(answer):
            if undetectable(case, what, data):
                continue
            if flavour == "asyncio" and what.startswith("damaged"):
                continue  # the same engine: what differs are waits and cancellation
            bench = case.ready(flavour, bench)
            bench.partner.tamper = Nth(number, lambda _, d=data: [(LATENCY_MS, d)])
            try:
                seen.add(case.outcome(bench))
                case.works_again(bench)
            except Exception as error:
                wrong.append((number, what, position, data, repr(error)))
    assert bench is not None
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))
    assert "right" in seen  # doubled line ends do no harm


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("times", [0, 2])
def test_every_byte_to_the_module_lost_or_doubled(case: Case, flavour: str, times: int) -> None:
    """The certificate's own bytes included: the module then waits for one more, or has one. Left
    out are digits of its size that are there twice: a module that waits for thousands of bytes
    more gives up by itself, see test_security_simulated.py."""
    bench = case.ready(flavour, None)
    before = len(bench.line.written)
    assert case.outcome(bench) == "right"
    size = len(bench.line.written) - before
    digits = bytes(bench.line.written[before:]).find(b",%d\r" % len(CERT)) + 1
    wrong = []
    for at in range(0, size, 1 if flavour == "blocking" else 7):
        if digits and times and 0 <= at - digits < len(str(len(CERT))):
            continue
        bench = case.ready(flavour, bench)
        feed = bench.partner.feed
        bench.partner.lax = True
        left = [at]

        def faulted(data: bytes, feed: Any = feed, left: Any = left) -> Any:
            cut = left[0]
            left[0] -= len(data)
            if 0 <= cut < len(data):
                data = data[:cut] + data[cut : cut + 1] * times + data[cut + 1 :]
            return feed(data)

        bench.partner.feed = faulted  # type: ignore[method-assign]
        try:
            case.outcome(bench)
            case.works_again(bench)
        except Exception as error:
            wrong.append((at, repr(error)))
    bench.close()
    assert not wrong, f"{len(wrong)} cases, the first:\n" + "\n".join(map(str, wrong[:12]))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_restart_in_place_of_every_answer(case: Case, flavour: str) -> None:
    bench: Bench | None = None
    for number in range(len(plain_answers(case))):
        bench = case.ready(flavour, bench)
        vault = bench.partner
        vault.tamper = Nth(number, lambda _, v=vault: [(LATENCY_MS, v.restart())])
        vault.profiles.clear()
        assert case.outcome(bench) != "right"
        assert bench.modem.security.placed == [None] * 5
        case.works_again(bench)
    assert bench is not None
    bench.close()


def test_cancelled_anywhere(case: Case) -> None:
    bench = case.ready("asyncio", None)
    loop = bench.clock.loop
    assert loop is not None
    for ms in range(0, 700, 3):
        bench = case.ready("asyncio", bench)

        loop.run_until_complete(cut_off(bench, case, ms))
        case.works_again(bench)
    bench.close()


async def cut_off(bench: Bench, case: Case, ms: int) -> None:
    """The task of an exchange is cancelled after a while."""
    security: Any = bench.modem.security
    if case.run is store:
        work = security.store("CA", "root", CERT)
    elif case.run is apply:
        work = profile(bench).apply(HOST)
    else:
        work = profile(bench).collect()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(work, ms / 1000)
