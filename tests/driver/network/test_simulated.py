"""The network in detail against the simulated module: what the behaviours cannot set up, since it
needs a module of its own or nobody looking: locked SIMs, other networks, restarts half-way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.errors import ModemError, ModuleReset
from ublox_cellular.core.service_errors import SimError

Nodes = Callable[..., Node]


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    """Makes nodes that are on; rules of the wire hold at the end."""
    made: list[Node] = []

    def make(*arguments: Any, **options: Any) -> Node:
        node = Node(*arguments, **options)
        made.append(node)
        node.make()
        node.call(node.modem.power_on)
        return node

    yield make
    for node in made:
        violations = node.violations()
        crashes = node.module.crashes
        node.close()
        assert (violations, crashes) == ([], [])


pytestmark = [pytest.mark.parametrize("flavour", FLAVOURS)]
both = pytest.mark.parametrize("module", MODULES)


@both
def test_a_puk_unlocks(flavour: str, module: str, nodes: Nodes) -> None:
    node = nodes(module, flavour, sim="PUK", pin="4711", puk="12345678")
    modem = node.modem
    shown: list[str] = []
    modem.channel.trace = lambda direction, line: shown.append(repr(line))
    assert node.call(modem.sim_state) == "SIM PUK"
    for digits in (("4321",), ("87654321", "4321")):
        with pytest.raises(SimError) as caught:
            node.call(modem.unlock, *digits)
        assert caught.value.state == "SIM PUK"
        shown.append(str(caught.value))
    assert node.call(modem.unlock, "12345678", "4321") is True
    assert not [text for text in shown if "4321" in text or "12345678" in text]
    node.call(modem.connect, APN)
    node.usable()
    node.call(modem.reboot)  # the new PIN is the PIN
    assert node.call(modem.unlock, "4321") is True


@both
def test_the_last_wrong_pin_tells_of_the_puk(flavour: str, module: str, nodes: Nodes) -> None:
    node = nodes(module, flavour, sim="PIN", pin="4711")
    states = []
    for _ in range(3):
        with pytest.raises(SimError) as caught:
            node.call(node.modem.unlock, "1234")
        states.append(caught.value.state)
    assert states == ["SIM PIN", "SIM PIN", "SIM PUK"]
    with pytest.raises(SimError, match="PUK"):
        node.call(node.modem.unlock, "4711")
    assert node.sent().count(b"+CPIN=") == 3


@both
def test_roaming(flavour: str, module: str, nodes: Nodes) -> None:
    node = nodes(module, flavour, network="roaming")
    node.call(node.modem.connect, APN)
    told = node.call(node.modem.network.registration)
    assert (told["eps"], told["text"]) == (5, "roaming")
    node.usable()


@both
@pytest.mark.parametrize("quarters", [8, -14])
def test_the_network_sets_the_clock(
    flavour: str, module: str, quarters: int, nodes: Nodes
) -> None:
    node = nodes(module, flavour, time_zone=quarters, registered_after_ms=20_000)
    modem = node.modem
    assert node.call(modem.clock) is None  # nobody has set it
    node.call(modem.connect, APN)
    utc, local = node.call(modem.clock), node.call(modem.clock, utc=False)
    assert utc[6] == local[6] == quarters * 15
    minutes = (local[2] - utc[2]) * 1440 + (local[3] - utc[3]) * 60 + local[4] - utc[4]
    assert minutes == quarters * 15
    node.pass_ms(3_600_000)
    later = node.call(modem.clock)
    assert (later[2] - utc[2]) * 24 + later[3] - utc[3] == 1


@both
@pytest.mark.parametrize("kind", ["IPV4V6", "IPV6"])
def test_addresses_of_a_network_with_ipv6(
    flavour: str, module: str, kind: str, nodes: Nodes
) -> None:
    node = nodes(module, flavour, network_type=kind)
    modem = node.modem
    node.call(modem.connect, APN, kind=kind)
    four, six = node.call(modem.network.address)
    given = node.call(modem.network.parameters)
    assert (given["address"], given["address6"]) == (four, six)
    assert ":" in six and given["prefix6"] == 64 and ":" in given["gateway6"]
    assert (four is None) == (kind == "IPV6")
    assert [row["address"] for row in node.call(modem.network.contexts)] == [(four, six)]
    assert node.call(modem.ipconfig, "addr6")[0][0] == six
    address, _, _, server = node.call(modem.ifconfig)
    assert address == (four or "0.0.0.0") and ":" not in server
    if module == "sara-r5":
        assert node.call(modem.network.profile_status, 0)[1] == (four, six)


@both
def test_as_many_contexts_as_there_can_be(flavour: str, module: str, nodes: Nodes) -> None:
    node = nodes(module, flavour)
    modem = node.modem
    node.call(modem.connect, APN)
    cids, most = (range(12), 7) if module == "sara-r5" else (range(1, 16), 3)
    up = {1}
    for cid in cids:
        if cid != 1:
            assert node.call(modem.network.define, cid, f"apn{cid}.example")
            if len(up) < most:
                node.call(modem.network.activate, cid)
                up.add(cid)
    rows = node.call(modem.network.contexts)
    assert {row["cid"] for row in rows} == set(cids)
    assert {row["cid"] for row in rows if row["active"]} == up
    assert all(row["address"][0] for row in rows if row["active"])
    with pytest.raises(ModemError, match="all there can be"):
        node.call(modem.network.activate, cids[-1])
    node.usable()


@pytest.mark.parametrize("module", ["sara-r5"])
def test_a_type_that_was_changed_behind_the_profile(
    flavour: str, module: str, nodes: Nodes
) -> None:
    node = nodes(module, flavour, network_type="IPV4V6")
    network = node.modem.network
    node.call(node.modem.connect, APN)
    node.call(network.define, 2, "two.example")
    node.call(network.map_profile, 1, 2)
    node.call(network.define, 2, "two.example", "IPV6")
    with pytest.raises(ModemError, match=r"map_profile\(1, 2\)"):
        node.call(network.activate_profile, 1)
    node.call(network.map_profile, 1, 2)
    assert node.call(network.activate_profile, 1) is True
    assert ":" in node.call(network.profile_status, 1)[1][1]


@both
def test_nothing_is_received(flavour: str, module: str, nodes: Nodes) -> None:
    node = nodes(module, flavour)
    node.module.set_coverage(False)
    network = node.modem.network
    assert set(node.call(network.signal).values()) == {None}
    assert node.call(network.serving_cell) is None
    assert node.call(network.operator) == (0, None, None)
    assert node.call(node.modem.scan) == []
    assert node.call(network.registration)["text"] == "searching"
    node.module.set_coverage(True)
    node.call(node.modem.connect, APN)
    node.usable()


@both
def test_a_host_that_does_not_answer(flavour: str, module: str, nodes: Nodes) -> None:
    node = nodes(module, flavour)
    node.call(node.modem.connect, APN)
    began = node.seconds()
    found = node.call(node.modem.ping, "192.0.2.1", count=3, timeout_ms=2000, interval_ms=500)
    assert [(entry[0], entry[5]) for entry in found] == [(1, None), (2, None), (3, None)]
    assert node.seconds() - began < 9


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "scan": lambda modem: modem.scan(),
    "ping": lambda modem: modem.ping("192.0.2.1"),
    "select": lambda modem: modem.network.select("26201"),
    "registration": lambda modem: modem.network.registration(),
    "signal": lambda modem: modem.network.signal(),
}


@both
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("ms", [0, 20, 60, 1500])
def test_a_restart_half_way(flavour: str, module: str, name: str, ms: int, nodes: Nodes) -> None:
    node = nodes(module, flavour)
    modem = node.modem
    node.call(modem.connect, APN)
    restarted: list[float] = []

    def restart() -> None:
        restarted.append(node.seconds())
        node.module.restart()

    node.loop.call_later(ms / 1000, restart)
    try:
        node.call(lambda: OPERATIONS[name](modem))
    except ModuleReset:
        assert restarted and node.seconds() - restarted[0] < 60
    except OSError:
        pass
    else:  # it was done before
        assert name in ("registration", "signal", "select") or not restarted
    node.pass_ms(max(0.0, ms + 20_000))
    node.call(modem.connect, APN)
    node.usable()
    assert len(node.call(modem.ping, "127.0.0.1", count=1)) == 1


@both
def test_two_pings_at_a_time_take_turns(flavour: str, module: str, nodes: Nodes) -> None:
    node = nodes(module, flavour)
    modem = node.modem
    node.call(modem.connect, APN)

    async def two() -> Any:
        return await asyncio.gather(
            modem.ping("127.0.0.1", count=2, interval_ms=50), modem.ping("192.0.2.1", count=1)
        )

    if flavour == "asyncio":
        first, second = node.call(two)
        assert [entry[3] for entry in first + second] == ["127.0.0.1"] * 2 + ["192.0.2.1"]
        return
    # Blocking there is one caller, but a hook can call back into the driver: refused.
    with pytest.raises(OSError, match="cannot use the modem"):
        modem.ping("127.0.0.1", progress=lambda found: modem.ping("192.0.2.1"))
    assert len(modem.ping("127.0.0.1", count=1)) == 1
