"""Sleep and back, on a whole node: what survives, what is told, and that no byte is lost to it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular import event
from ublox_simulator.world.peers import TcpPeer

SLEEP, WOKE, RESET = event.SLEEP, event.WOKE, event.RESET


@pytest.fixture
def nodes(nodes: Callable[..., Node]) -> Iterator[Callable[..., Node]]:
    """As everywhere, and no rule of the wire may be broken."""
    made: list[Node] = []

    def make(*arguments: Any, **options: Any) -> Node:
        made.append(nodes(*arguments, **options))
        return made[-1]

    yield make
    assert [node.violations() for node in made] == [[] for _ in made]


WAYS = {  # module, what save() is told, wires, and the state the simulated module then gets to
    "sara-timer": ("sara-r5", ("timer", 1000), "power_key power_sense", "uart"),
    "sara-timer-no-wires": ("sara-r5", ("timer", 1000), "", "uart"),
    "sara-dtr": ("sara-r5", ("dtr", 500), "dtr", "uart"),
    "sara-rts": ("sara-r5", ("rts", 500), "rts", "uart"),
    "lexi-sleep1": ("lexi-r10", ("timer", 1000, "sleep1"), "power_key", "sleep1"),
    "lexi-sleep2": ("lexi-r10", ("timer", 1000, "sleep2"), "power_key power_sense", "sleep2"),
    "lexi-gpio": ("lexi-r10", ("gpio", 500, "sleep1", 14), "wake_gpio", "sleep1"),
}


def save(node: Node, mode: str, after_ms: int, level: str = "", gpio: int = 0) -> None:
    """power.save() with what fits the module."""
    more = {"level": level} if level else {}
    node.call(node.modem.power.save, mode, after_ms, **more, **({"gpio": gpio} if gpio else {}))


def fall_asleep(node: Node, wanted: str, ms: float = 30_000) -> None:
    """Until the radio is idle and the module sleeps; the program polls now and then."""
    for _ in range(10):
        node.pass_ms(ms / 10)
        node.modem.poll()
    assert node.module.sleep_state == wanted, node.call(node.modem.power.blockers)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_sleeping_module_is_woken_before_a_command_and_the_socket_lives(
    flavour: str, way: str, nodes: Callable[..., Node]
) -> None:
    kind, saving, wires, state = WAYS[way]
    node = nodes(kind, flavour)
    modem = node.up(wires=wires)
    save(node, *saving)
    sock = node.stream()
    for turn in range(4):
        node.echo(sock, b"message %d" % turn)
        fall_asleep(node, state)
    assert len(node.call(modem.imei)) == 15
    assert (RESET, 0, 0) not in node.events()
    assert node.module.lost_bytes <= 8  # those that wake it


@pytest.mark.parametrize("way", ["sara-timer", "sara-dtr", "lexi-sleep1", "lexi-sleep2"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_data_that_comes_in_sleep_is_told_and_read(
    flavour: str, way: str, nodes: Callable[..., Node]
) -> None:
    kind, saving, wires, state = WAYS[way]
    node = nodes(kind, flavour)
    node.up(wires=wires)
    save(node, *saving)
    sock = node.stream()
    node.echo(sock, b"here I am")
    fall_asleep(node, state)
    node.events()
    node.tcp.last.send(b"wake up and read this")
    node.pass_ms(8000)
    assert any(kind == event.DATA and n == 21 for kind, _, n in node.events())
    assert node.call(sock.read, 21) == b"wake up and read this"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_psm_and_back_gives_up_sockets_and_restores_the_rest(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    modem = node.up()
    node.call(modem.power.save, "timer", 1000)
    assert node.call(modem.power.set_psm, 3601, 7) == (3600, 8)
    assert node.call(modem.power.psm) == ((3600, 8), (3600, 8))
    sock = node.stream()
    node.echo(sock, b"before")
    fall_asleep(node, "psm")
    assert modem.power.depth == 4
    node.events()
    node.call(modem.connect, APN)
    told = node.events()
    assert (WOKE, 0, 0) in told and (RESET, 0, 0) not in told
    with pytest.raises(ConnectionResetError):
        node.call(sock.send, b"x")
    node.usable()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_the_network_grants_is_told_apart_from_what_was_asked(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour, psm_grant="00000110,00000101")
    modem = node.up()
    node.call(modem.power.save, "timer", 1000)
    asked = node.call(modem.power.set_psm, 7200, 10)
    assert asked == (7200, 10)
    node.pass_ms(2000)
    requested, granted = node.call(modem.power.psm)
    assert requested == (7200, 10)
    assert granted == (3600, 10)
    written = node.sent().count(b"AT+CPSMS=")
    node.call(modem.power.set_psm, 7200, 10)
    assert node.sent().count(b"AT+CPSMS=") == written  # the memory is spared


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_network_without_psm_is_told(flavour: str, nodes: Callable[..., Node]) -> None:
    node = nodes("sara-r5", flavour, psm_grant="none")
    modem = node.up()
    node.call(modem.power.save, "timer", 1000)
    node.call(modem.power.set_psm, 7200, 10)
    assert node.call(modem.power.psm) == ((7200, 10), None)
    assert "the network has not granted PSM" in node.call(modem.power.blockers)


def hibernating(node: Node) -> tuple[Any, Any]:
    modem = node.up()
    node.call(modem.power.save, "timer", 1000, "hibernate")
    node.call(modem.power.set_edrx, 80)
    sock = node.stream()
    node.echo(sock, b"before")
    return modem, sock


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_hibernate_keeps_the_always_on_socket(flavour: str, nodes: Callable[..., Node]) -> None:
    node = nodes("lexi-r10", flavour)
    modem, sock = hibernating(node)
    told = []
    for turn in range(3):
        fall_asleep(node, "hibernate", 60_000)
        node.echo(sock, b"turn %d" % turn)
        told += node.events()
    assert told.count((WOKE, 1, 0)) == 3 and (RESET, 0, 0) not in told
    assert modem.isconnected()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_page_wakes_the_module_from_hibernate_and_nothing_of_it_is_lost(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("lexi-r10", flavour)
    _, sock = hibernating(node)
    fall_asleep(node, "hibernate", 60_000)
    node.tcp.last.send(b"x" * 3000)
    node.pass_ms(100_000)
    assert node.call(sock.read, 3000) == b"x" * 3000


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_keeps_it_awake_is_explained(flavour: str, nodes: Callable[..., Node]) -> None:
    node = nodes("lexi-r10", flavour)
    modem = node.up()
    assert any("save()" in text for text in node.call(modem.power.blockers))
    node.call(modem.power.save, "timer", 1000, "hibernate")
    first, second = node.stream(), node.stream()
    assert first.slot.always_on and not second.slot.always_on
    assert node.call(modem.power.sockets) == [(0, 1, True), (1, 1, False)]
    assert "socket 1 is not always-on: only the first of each kind is" in node.call(
        modem.power.blockers
    )
    node.call(second.close)
    node.tcp.connections[0].send(b"unread")
    node.pass_ms(3000)
    modem.poll()
    found = node.call(modem.power.blockers)
    assert "socket 0 has 6 bytes to be read" in found
    node.call(first.recv, 10)
    node.pass_ms(30_000)
    modem.poll()
    assert node.call(modem.power.blockers) == []


def vote(node: Node, body: Callable[[], None]) -> None:
    """`body` inside `awake()`, in either flavour."""
    awake = node.modem.power.awake()
    if node.flavour == "blocking":
        with awake:
            body()
        return

    async def inside() -> None:
        async with awake:
            body()

    node.call(inside)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_votes_are_balanced_even_on_errors_and_restarts(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("lexi-r10", flavour)
    modem = node.up()
    node.call(modem.power.save, "timer", 1000, "hibernate")
    node.call(modem.power.set_edrx, 80)

    def fail() -> None:
        raise KeyError("inside")

    with pytest.raises(KeyError):
        vote(node, fail)
    assert modem.power.votes == 0
    vote(node, lambda: vote(node, lambda: None) if node.flavour == "blocking" else None)
    fall_asleep(node, "hibernate", 60_000)
    node.module.faults.mute.add("+USLPVOTE")
    with pytest.raises(OSError):
        vote(node, lambda: None)
    node.module.faults.clear()
    node.call(modem.imei)  # the next command settles it
    assert modem.power.votes == 0 and not modem.power.vote_owed
    fall_asleep(node, "hibernate", 60_000)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_vote_lasts_through_a_restart_of_the_module(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("lexi-r10", flavour)
    modem = node.up()
    node.call(modem.power.save, "timer", 1000, "hibernate")
    node.call(modem.power.set_edrx, 80)
    awake = modem.power.awake()
    node.call(awake.__aenter__ if flavour == "asyncio" else awake.__enter__)
    node.module.restart()
    node.pass_ms(5000)
    node.call(modem.connect, APN)
    for _ in range(6):
        node.pass_ms(10_000)
        modem.poll()
    assert node.module.sleep_state == "awake"


@pytest.mark.parametrize("when", ["in a command", "while nothing is asked"])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_restart_is_no_wake_up(
    flavour: str, module: str, when: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    if module == "sara-r5":
        node.call(modem.power.save, "timer", 1000)
        node.call(modem.power.set_psm, 3600, 600)
    else:
        node.call(modem.power.save, "timer", 1000, "hibernate")
    sock = node.stream()
    node.echo(sock, b"before")
    node.events()
    if when == "in a command":
        node.module.faults.load(f"restart=#{node.module.faults.commands + 1}")
        with pytest.raises(OSError):
            node.call(modem.imei)
    else:
        node.module.restart()
        node.pass_ms(6000)
    node.call(modem.connect, APN)
    told = node.events()
    assert (RESET, 0, 0) in told and WOKE not in [kind for kind, _, _ in told]
    with pytest.raises(ConnectionResetError):
        node.call(sock.send, b"x")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_host_sleeps_too_and_takes_up_where_it_was(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    modem = node.up()
    node.call(modem.power.save, "timer", 1000, *(["sleep1"] if module == "lexi-r10" else []))
    sock = node.stream()
    node.echo(sock, b"before")
    modem.recovery.counts[2] = 7
    state = modem.save_state()
    assert len(state) <= 256
    node.pass_ms(120_000)
    node.tcp.last.send(b"while you slept")
    node.pass_ms(10_000)
    before = node.sent()
    modem = node.make(state=state)
    node.call(modem.power_on)
    node.call(modem.connect, APN)
    assert modem.recovery.counts[2] == 7
    (sock,) = modem.socket_pool.adopted
    sock.settimeout(60)
    assert node.call(sock.recv, 100) == b"while you slept"
    node.echo(sock, b"after")
    since = node.sent()[len(before) :]
    for touched in (b"+CFUN=", b"+COPS=", b"+CGDCONT=", b"+UPSDA=", b"+CGACT="):
        assert touched not in since
    assert sock.getpeername


@pytest.mark.parametrize("module", MODULES)
def test_a_state_that_is_damaged_or_of_another_module_is_no_state(
    module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module)
    modem = node.up()
    node.stream()
    good = modem.save_state()
    other = nodes(MODULES[1 - MODULES.index(module)])
    states = [good[:n] for n in range(len(good))] + [other.up().save_state()]
    for i in range(len(good)):
        damaged = bytearray(good)
        damaged[i] ^= 16
        states.append(bytes(damaged))
    for state in states:
        assert not node.make(state=state).resumed
    assert node.make(state=bytearray(good)).resumed
    assert node.make(state=good + bytes(300 - len(good))).resumed  # RTC memory is longer


@pytest.mark.parametrize("module", MODULES)
def test_the_largest_state_fits(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module)
    modem = node.up()
    node.call(modem.power.save, "timer", 5000)
    for _ in range(modem.sockets):
        node.stream()
    state = modem.save_state()
    print(f"{module}: state of {len(state)} bytes with {modem.sockets} sockets")
    assert len(state) <= 256


BAD: dict[str, list[tuple[str, tuple[Any, ...]]]] = {
    "sara-r5": [
        ("save", ("nap",)), ("save", ("timer", 10)), ("save", ("timer", 10**9)),
        ("save", ("timer", 5000, "hibernate")), ("save", ("rts",)), ("save", ("dtr",)),
        ("set_psm", (-1, 0)), ("set_psm", (3600, 99999)), ("set_psm", (10**9, 6)),
        ("set_psm", (3600, "6")), ("set_edrx", (0,)), ("set_edrx", (10,1000)),
        ("set_edrx", (20000,)), ("set_edrx", (20, 5, 7)),
    ],
    "lexi-r10": [
        ("save", ("dtr",)), ("save", ("timer", 0)), ("save", ("timer", 10**9)),
        ("save", ("timer", 5000, "deep")), ("save", ("gpio",)), ("set_edrx", (9999,)),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [(module, *case) for module, cases in BAD.items() for case in cases],
)
def test_what_does_not_fit_is_refused_before_a_byte_is_sent(
    module: str, name: str, arguments: tuple[Any, ...], nodes: Callable[..., Node]
) -> None:
    node = nodes(module)
    modem = node.up()
    before = node.sent()
    with pytest.raises((ValueError, TypeError)):
        node.call(getattr(modem.power, name), *arguments)
    assert node.sent() == before


def test_psm_without_a_way_to_wake_the_module_is_refused(nodes: Callable[..., Node]) -> None:
    node = nodes("sara-r5")
    modem = node.up(wires="")
    with pytest.raises(ValueError):
        node.call(modem.power.set_psm, 3600, 6)


def test_what_a_module_does_not_have_says_so(nodes: Callable[..., Node]) -> None:
    sara, lexi = nodes("sara-r5"), nodes("lexi-r10")
    with pytest.raises(OSError) as caught:
        sara.up().power.awake()
    assert caught.value.errno == 95
    with pytest.raises(OSError) as caught:
        lexi.call(lexi.up().power.release_assistance)
    assert caught.value.errno == 95


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_release_assistance_ends_the_radio_connection_soon(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    modem = node.up()
    node.call(modem.power.report)
    node.call(modem.power.release_assistance)
    silent = TcpPeer(node.loop)
    sock = modem.socket()
    node.call(sock.connect, ("127.0.0.1", silent.port))
    node.call(sock.sendall, b"last words")
    node.pass_ms(1000)
    modem.poll()
    silent.close()
    assert modem.power.radio is False


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_edrx_requested_and_granted(flavour: str, nodes: Callable[..., Node]) -> None:
    node = nodes("sara-r5", flavour, edrx_grant="0011,0001")
    modem = node.up()
    asked = node.call(modem.power.set_edrx, 80, 5)
    assert asked == (81.92, 5.12)
    node.pass_ms(5000)
    requested, granted = node.call(modem.power.edrx)
    assert requested[0] == 81.92
    assert granted == (40.96, 2.56)
    node.call(modem.power.edrx_off)
    assert node.call(modem.power.edrx)[1] is None


@pytest.mark.parametrize("wires", ["power_key power_sense", "power_key"])
@pytest.mark.parametrize("after_ms", [0, 100, 300, 450, 600, 1500])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_module_that_is_just_falling_asleep_is_reached(
    flavour: str, after_ms: int, wires: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour, rrc_idle_ms=400, psm_wake_ms=700)
    modem = node.up(wires=wires)
    node.call(modem.power.save, "timer", 500)
    node.call(modem.power.set_psm, 3600, 2)
    node.echo(node.stream(), b"last words")
    while modem.power.depth != 4:
        node.pass_ms(5)
        modem.poll()
    node.pass_ms(after_ms)
    began = node.seconds()
    node.call(modem.connect, APN)
    node.usable()
    assert node.seconds() - began < 12
    node.module.violations.clear()  # a probe may meet a module that has just gone


@pytest.mark.parametrize("byte", range(40))
@pytest.mark.parametrize("question", ["psm", "edrx"])
def test_a_damaged_answer_about_sleep_is_an_error_of_the_line(
    question: str, byte: int, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5")
    modem = node.up()
    modem.power.set_psm(3600, 10)
    modem.power.set_edrx(80)
    node.pass_ms(2000)
    right = node.call(getattr(modem.power, question))
    node.module.faults.load(f"drop=out@{node.module.faults.out.count + byte}")
    with contextlib.suppress(OSError):
        node.call(getattr(modem.power, question))
    node.module.faults.clear()
    assert node.call(getattr(modem.power, question)) == right
    node.module.violations.clear()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_state_of_the_radio_is_known_from_the_beginning(
    flavour: str, nodes: Callable[..., Node]
) -> None:
    node = nodes("sara-r5", flavour)
    modem = node.up()
    node.call(modem.power.report)
    assert modem.power.radio is True
    node.pass_ms(30_000)
    modem.poll()
    assert modem.power.radio is False
