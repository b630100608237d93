"""Certificates and profiles on a bad line: splits, URCs at every boundary, lost, doubled and
damaged bytes, both ways; restarts and cancellation. After each the channel is in command mode,
what is stored is right or gone, and a profile counts as in place only if it is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from driver.support import credentials
from driver.support.certificate_model import Vault, digest
from driver.support.credentials import PEM
from driver.support.fault_matrix import URCS, Matrix, Nth, in_command_mode, none_wrong, sampled
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import LATENCY_MS

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


@dataclass
class Case:
    """`run(bench)` is the exchange under test; `good(bench, result)`: whether it did its work."""

    module: str
    run: Callable[[Bench], Any]
    good: Callable[[Bench, Any], bool]


CASES = {
    "store": Case("sara-r5", store, stored),
    "apply": Case("sara-r5", apply, applied),
    "collect": Case("lexi-r10", collect, collected),
}


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


class Security(Matrix):
    urcs = (*URCS, b"\r\n+UUSECPRF: 0,13,0,2\r\n", b"\r\n+USECPRF: 0,13,0,2\r\n")

    def __init__(self, flavour: str, case: Case) -> None:
        super().__init__(flavour, case.module, seed=7)
        self.case = case

    def model(self) -> Vault:
        return Vault(self.module)

    def prepare(self, bench: Bench) -> None:
        made = bench.modem.security.profile(ca="root", resume="plain")
        if self.case.run is collect:
            bench.call(made.apply, HOST)
            ticket = f'+USECPRF: 0,13,3,"{TICKET}",{len(TICKET)}'
            bench.partner.read = {"0,13,3": ticket.encode()}

    def outcome(self, bench: Bench) -> str:
        try:
            result = self.case.run(bench)
        except OSError as error:
            assert str(error)
            if self.case.run is apply:
                assert not profile(bench).in_place(HOST)
            return type(error).__name__
        vault = bench.partner
        assert self.case.good(bench, result), (result, vault.stored, vault.profiles)
        return "right"

    def works_again(self, bench: Bench) -> None:
        if bench.partner.lax:
            bench.modem.security.lost()
        bench.partner.lax = False
        in_command_mode(bench)
        assert self.outcome(bench) == "right"

    def in_full(self, answer: bytes, urc: bytes) -> bool:
        return self.flavour == "blocking" and self.case.run is not collect

    def undetectable(self, answer: bytes, what: str, i: int, data: bytes) -> bool:
        """A damaged ticket is one that the server does not take: no more than a full
        handshake."""
        ticket = self.case.run is collect and b"+USECPRF: 0,13,3," in data
        return ticket and data.endswith(b"OK\r\n")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_split_with_a_urc_at_every_boundary(case: Case, flavour: str) -> None:
    Security(flavour, case).every_split()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_byte_lost_doubled_or_damaged(case: Case, flavour: str) -> None:
    Security(flavour, case).every_byte()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("times", [0, 2])
def test_every_byte_to_the_module_lost_or_doubled(case: Case, flavour: str, times: int) -> None:
    """The certificate's own bytes included: the module then waits for one more, or has one. Left
    out are digits of its size that are there twice: a module that waits for thousands of bytes
    more gives up by itself, see test_security_simulated.py."""
    matrix = Security(flavour, case)
    bench = matrix.ready()
    before = len(bench.line.written)
    assert matrix.outcome(bench) == "right"
    size = len(bench.line.written) - before
    digits = bytes(bench.line.written[before:]).find(b",%d\r" % len(CERT)) + 1
    wrong = []
    places = range(0, size, 1 if flavour == "blocking" else 7)
    for at in sampled(places, f"{case.run.__name__} {flavour} {times}"):
        if digits and times and 0 <= at - digits < len(str(len(CERT))):
            continue
        bench = matrix.ready()
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
            matrix.outcome(bench)
            matrix.works_again(bench)
        except Exception as error:
            wrong.append((at, repr(error)))
    matrix.close()
    none_wrong(wrong)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_restart_in_place_of_every_answer(case: Case, flavour: str) -> None:
    matrix = Security(flavour, case)
    for number in range(len(matrix.plain_answers())):
        bench = matrix.ready()
        vault = bench.partner
        vault.tamper = Nth(number, lambda v=vault: [(LATENCY_MS, v.restart())])
        vault.profiles.clear()
        assert matrix.outcome(bench) != "right"
        assert bench.modem.security.placed == [None] * 5
        matrix.works_again(bench)
    matrix.close()


def test_cancelled_anywhere(case: Case) -> None:
    matrix = Security("asyncio", case)
    loop = matrix.ready().clock.loop
    assert loop is not None
    for ms in sampled(range(0, 700, 3), case.run.__name__):
        bench = matrix.ready()

        loop.run_until_complete(cut_off(bench, case, ms))
        matrix.works_again(bench)
    matrix.close()


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
