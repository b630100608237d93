"""Sleep, back and bring-up with every uncertain fact in its other form (tools/simulate --help)."""

from __future__ import annotations

import pytest
from driver.power.test_sleep_cycles import Program, Server, live
from driver.support.node import Node
from driver.support.serial_script import MODULES

from ublox_simulator import VARIANTS


@pytest.mark.parametrize("variant", sorted(VARIANTS))
@pytest.mark.parametrize("module", MODULES)
def test_a_node_sleeps_and_sends_with_the_other_form(module: str, variant: str) -> None:
    node = Node(module, variants=[variant])
    server = Server(node)
    program = Program(node, server)
    try:
        program.begin()
        live(program, 3)
        assert node.module.sleep_state in ("psm", "hibernate", "sleep1", "sleep2", "uart")
        state = node.modem.save_state()
        node.module.restart()
        node.pass_ms(5000)
        live(program, 1)
        program.begin(state)  # of a module that has restarted since
        live(program, 2)
        program.begin()
        live(program, 2)
        program.check(server)
        assert len(program.delivered) == 8, program.failed
        assert node.violations() == []
        assert node.module.crashes == []
    except BaseException:
        print(node.told())
        raise
    finally:
        server.peer.close()
        node.close()


@pytest.mark.parametrize("variant", ["upsv-rx-only", "upsv-wake-needs-k0", "upsv-read-mode"])
@pytest.mark.parametrize("module", MODULES)
def test_light_sleep_with_the_other_form(module: str, variant: str) -> None:
    node = Node(module, variants=[variant])
    try:
        modem = node.up(flow=False)
        modem.power.save("timer", 1000)
        sock = node.stream()
        for turn in range(4):
            node.echo(sock, b"turn %d" % turn)
            node.pass_ms(30_000)
            modem.poll()
            assert node.module.sleep_state in ("uart", "sleep1")
        assert node.violations() == []
    finally:
        node.close()
