"""A node that is never visited: outages of every kind, one after the other, in virtual time.

By default some days of it run; DAYS=365 SEEDS=2 are the whole, which takes hours. Printed is how
long after the end of a cause the program could use the network again; TABLE=FILE appends that to
a file, a line for each time.
"""

from __future__ import annotations

import contextlib
import os
import statistics
from collections.abc import Callable
from typing import Any

import pytest
from driver.support.field import DAY, HOUR, USE_S, Field
from driver.support.node import APN
from driver.support.serial_script import MODULES

DAYS = float(os.environ.get("DAYS", "2"))
SEEDS = int(os.environ.get("SEEDS", "1"))
TABLE = os.environ.get("TABLE")
LARGEST_STATE = 256
WARM_S = 1.5 * DAY  # until then files are loaded, and lists grow to what they hold


class Memory:
    """The number of objects the driver has: it must not grow."""

    def __init__(self) -> None:
        self.first = 0

    def look(self, field: Field) -> None:
        if not self.first and field.node.seconds() >= min(WARM_S, DAYS * DAY / 2):
            self.first = field.objects()


def keeps(field: Field, memory: Memory) -> None:
    """`connect(wait=False)`, and a look now and then."""
    keep(field, memory, field.node.usable)


def fetches(field: Field, memory: Memory) -> None:
    """The same with HTTP."""
    keep(field, memory, lambda: field.server.get("x", timeout_ms=60_000))


def keep(field: Field, memory: Memory, what: Callable[[], Any]) -> None:
    field.node.call(field.modem.connect, APN, wait=False)
    used = -USE_S
    while field.node.seconds() < DAYS * DAY:
        field.pass_s(30)
        if field.modem.isconnected() and field.node.seconds() - used >= USE_S:
            used = field.node.seconds()
            if not field.use(what):
                used -= USE_S - 60
        field.look()
        memory.look(field)


def loops(field: Field, memory: Memory) -> None:
    """The plain program: connect, send, pause, with default time-outs."""
    while field.node.seconds() < DAYS * DAY:
        try:
            field.node.call(field.modem.connect, APN)
            done = field.use(field.node.usable)
        except OSError:
            done = False
        field.look()
        memory.look(field)
        field.pass_s(USE_S if done else 60)


def publishes(field: Field, memory: Memory) -> None:
    """A session of MQTT that is kept. What is not delivered is either in the outbox, or refused
    by a full one."""
    node = field.node
    refused: set[int] = set()
    published: list[int] = []
    tickets: dict[int, int] = {}

    def result(ticket: int, error: Any) -> None:
        number = tickets.pop(ticket)
        if error is None:
            assert number in field.broker.values
            field.succeeded()
        else:
            refused.add(number)

    def work(seconds: float) -> None:
        """Until there is nothing to be done; with pauses, as nothing is to be seen of them."""
        end = node.seconds() + seconds
        while node.seconds() < end:
            node.call(session.work, 1000)
            busy = session.waiting or not field.modem.mqtt.connected
            field.rest(min(5.0 if busy else seconds, end - node.seconds()))

    node.call(field.modem.connect, APN, wait=False)
    session = field.modem.mqtt.keep(
        "127.0.0.1", field.broker.peer.port, client_id="node", keepalive=300, on_result=result
    )
    at = 0.0
    while node.seconds() < DAYS * DAY:
        if node.seconds() >= at:
            at = node.seconds() + USE_S
            published.append(len(published))
            try:
                tickets[session.publish("value", str(published[-1]))] = published[-1]
            except OSError:
                refused.add(published[-1])
                field.unused += 1
        field.pass_s(60, work)
        field.look()
        memory.look(field)
    waiting = set(tickets.values())
    assert len(waiting) <= len(session.waiting)
    assert set(published) - field.broker.values - refused <= waiting


PROGRAMS: dict[Callable[[Field, Memory], None], list[tuple[str, str]]] = {
    keeps: [("sockets", "blocking")], loops: [("sockets", "blocking")],
    fetches: [("HTTP", "blocking")], publishes: [("MQTT", "blocking"), ("MQTT", "asyncio")],
}  # fmt: skip


@pytest.mark.timeout(12 * 3600)
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(
    ("program", "service", "flavour"),
    [(program, *ways) for program, found in PROGRAMS.items() for ways in found],
)
@pytest.mark.parametrize("module", MODULES)
def test_a_node_comes_back_from_everything(
    module: str, program: Callable[[Field, Memory], None], service: str, flavour: str, seed: int
) -> None:
    field = Field(module, seed, service, flavour)
    memory = Memory()
    try:
        field.modem = field.node.make()
        field.node.call(field.modem.power_on)
        program(field, memory)
        last = field.objects()
        told(field, f"{module}, {program.__name__}, {flavour}", memory.first, last)
        assert field.largest <= LARGEST_STATE
        for at in field.restarts:  # 6 and 2 a day are allowed
            assert sum(at <= other < at + DAY for other in field.restarts) <= 8
        assert last <= memory.first * 1.1 + 200
        for name, found in field.back.items():
            assert not found or max(found) < 3 * HOUR, name
        with contextlib.suppress(OSError):
            field.node.call(field.modem.channel.pay)
        assert field.modem.socket_pool.taken() == 0
    finally:
        field.close()


def told(field: Field, what: str, first: int, last: int) -> None:
    """The account of it."""
    searching = max(field.searching, default=0.0)
    print(
        f"{what}, {DAYS:g} days: {field.used} uses, {field.unused} that failed, "
        f"{len(field.restarts)} restarts, state {field.largest} bytes, {first} → {last} objects, "
        f"at most {searching / 3600:.1f} h of a day searching"
    )
    for name, found in field.back.items():
        if found:
            print(
                f"  {name:32} {len(found):4} times, back after {statistics.median(found):5.0f}"
                f" s, at most {max(found):5.0f} s"
            )
    if TABLE:
        with open(TABLE, "a", encoding="utf-8") as file:
            for name, found in field.back.items():
                file.writelines(f"{what}\t{name}\t{seconds:.0f}\n" for seconds in found)
