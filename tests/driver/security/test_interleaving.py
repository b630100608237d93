"""A security profile between two callers: while one makes a connection by it, another one does
something to it, at every place where the first waits.

A server that nobody vouches for is never connected to by a profile that verifies, no command
changes a profile while the module is at a handshake by it, and the other caller gets what he
wants afterwards, or an error.

GIVING_UP=all tries every place; else it is a sample, the same on every run.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from behaviours.stage import FLAVOURS, MODULES
from driver.support.certificate_model import digest
from driver.support.secured import OTHER, Ground, sampled

from ublox_cellular.core.errors import ModemError

SAMPLE = 2
EBUSY = 16
LOOSE: dict[str, Any] = {"verify": "none", "min_version": None}


@pytest.fixture
def ground(flavour: str, module: str) -> Iterator[Ground]:
    made = Ground(flavour, module)
    yield made
    made.close()


# ---- what the other caller does -----------------------------------------------------------------


async def releases(ground: Ground, profile: Any) -> None:
    profile.release()


async def takes_the_number(ground: Ground, profile: Any) -> None:
    await ground.security.profile(2, **LOOSE).apply(ground.name)


async def goes_elsewhere(ground: Ground, profile: Any) -> None:
    await profile.apply("elsewhere.example")


async def goes_to_the_same(ground: Ground, profile: Any) -> None:
    await profile.apply(ground.name)


async def forgets(ground: Ground, profile: Any) -> None:
    profile.lost()
    await profile.apply("elsewhere.example")


async def gives_up(ground: Ground, profile: Any) -> None:
    task = asyncio.ensure_future(profile.apply("elsewhere.example"))
    await asyncio.sleep(0.04)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def has_it_from_before(ground: Ground, profile: Any) -> None:
    """A profile of the same number that was made earlier, and verifies nothing."""
    sock = ground.modem.socket()
    sock.settimeout(60)
    await sock.secure(ground.earlier)  # type: ignore[attr-defined]
    await sock.connect((ground.name, ground.place["tls"]))
    await sock.close()


async def connects_to_another_host(ground: Ground, profile: Any) -> None:
    sock = ground.modem.socket()
    sock.settimeout(60)
    await sock.secure(profile)
    with contextlib.suppress(OSError):  # its name is another one
        await sock.connect((OTHER, ground.place["tls"]))
    await sock.close()


async def fetches_a_page(ground: Ground, profile: Any) -> None:
    url = f"https://{ground.place['host']}:{ground.place['https']}/bytes/20/1"
    async with await ground.modem.http.get(url, tls=profile) as response:
        assert len(await response.read()) == 20


async def uses_contexts(ground: Ground, profile: Any) -> None:
    """Contexts that want more numbers than there are."""
    ssl = ground.modem.ssl
    for version in (0x301, 0x302, 0x303, -2):
        context = ssl._create_unverified_context()
        context.minimum_version = version
        await (await context._settle()).apply(ground.name)


OTHERS = [
    releases, takes_the_number, goes_elsewhere, goes_to_the_same, forgets, gives_up,
    has_it_from_before, connects_to_another_host, fetches_a_page, uses_contexts,
]  # fmt: skip


# ---- what the first one does --------------------------------------------------------------------


async def connects(ground: Ground, profile: Any, port: str) -> None:
    sock = ground.modem.socket()
    sock.settimeout(120)
    try:
        await sock.secure(profile)
        await sock.connect((ground.name, ground.place["tls" + port]))
        await sock.sendall(b"echo\n")
    finally:
        await sock.close()


async def asks(ground: Ground, profile: Any, port: str) -> None:
    url = f"https://{ground.name}:{ground.place['https' + port]}/bytes/20/1"
    async with await ground.modem.http.get(url, tls=profile) as response:
        await response.read()


@pytest.mark.parametrize("flavour", ["asyncio"])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("port", ["", "_stranger"], ids=["friend", "stranger"])
@pytest.mark.parametrize("first", [connects, asks])
@pytest.mark.parametrize("other", OTHERS)
def test_whatever_another_task_does_at_any_moment(
    other: Callable[..., Any], first: Callable[..., Any], port: str, module: str, ground: Ground
) -> None:
    ground.earlier = ground.security.profile(2, **LOOSE)  # type: ignore[attr-defined]
    ground.slow(("tls" if first is connects else "https") + port)
    tasks: list[Any] = []
    made: list[bool] = []

    async def work(_: Ground) -> None:
        profile = ground.security.profile(2, ca="peers")
        profile.lost()
        ground.victim = profile  # type: ignore[attr-defined]
        await first(ground, profile, port)
        made.append(True)

    def strike() -> None:
        tasks.append(asyncio.ensure_future(other(ground, ground.victim)))  # type: ignore

    numbers = ground.places(work)
    assert made == ([] if port else [True])
    seed = f"{other.__name__} {first.__name__} {port} {module}"
    for number in sampled(numbers, seed, SAMPLE):
        tasks.clear()
        made.clear()
        error = ground.run(work, number, strike)
        ended = ground.call(all_of, tasks)
        said = f"at {number}: {error!r}, {ended}"
        for wrong in ended:
            assert wrong is None or isinstance(wrong, OSError), said
        assert not port or not made, said
        assert made or isinstance(error, OSError), said
        assert ground.changed_in_use() == [], said
        ground.nothing_is_left()
        if not port and not made:  # what another one has spoilt is refused, and works again
            assert ground.run(work) is None, said
    ground.works()


async def all_of(tasks: list[Any]) -> list[Any]:
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [None if one is None else one for one in found]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_profile_in_use_is_refused_to_others(ground: Ground, module: str) -> None:
    security = ground.security
    profile = security.profile(2, ca="peers")
    ground.call(profile.hold, ground.name)
    for refused in (profile.release, lambda: security.profile(2, **LOOSE)):
        with pytest.raises(ModemError) as caught:
            refused()
        assert caught.value.errno == EBUSY
    began = len(ground.stage.uart.trace)
    for other in (profile, security.profile(3, ca="peers")):
        other.at = 2
        with pytest.raises(ModemError) as caught:
            ground.call(other.hold, "elsewhere.example", 500)
        assert caught.value.errno == EBUSY and ground.name in str(caught.value)
    assert len(ground.stage.uart.trace) == began
    assert (profile.busy, profile.in_place(ground.name)) == (1, True)
    ground.call(profile.hold, ground.name)  # for the same host it may be shared
    profile.check()
    profile.let_go()
    profile.let_go()
    ground.call(profile.apply, "elsewhere.example")
    profile.release()
    assert security.profiles[2] is None


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_it_stays_in_use_while_the_module_is_at_what_was_given_up(
    ground: Ground, module: str
) -> None:
    profile = ground.security.profile(2, ca="peers")
    at_it = [True]
    ground.call(profile.hold, ground.name)
    profile.let_go(lambda: at_it[0])
    with pytest.raises(ModemError):
        profile.release()
    with pytest.raises(ModemError):
        ground.call(profile.hold, "elsewhere.example", 300)
    ground.call(profile.hold, ground.name)
    profile.let_go()
    at_it[0] = False
    ground.call(profile.hold, "elsewhere.example", 300)
    profile.let_go(lambda: True)
    ground.stage.uart.clock.sleep_ms(121000)  # no module is at it for so long
    ground.call(profile.hold, ground.name, 300)
    profile.let_go(lambda: False)
    ground.nothing_is_left()


@pytest.mark.parametrize("flavour", ["asyncio"])
@pytest.mark.parametrize("module", MODULES)
def test_who_waits_for_a_number_comes_in_turn(ground: Ground, module: str) -> None:
    """Sharing must not let those that want another host wait for ever."""
    profile = ground.security.profile(2, ca="peers")
    order: list[str] = []

    async def use(host: str, ms: int) -> None:
        await profile.hold(host)
        order.append(host)
        await asyncio.sleep(ms / 1000)
        assert profile.stands()
        profile.let_go()

    async def all_at_once() -> None:
        tasks = [asyncio.ensure_future(use("a.example", 3000))]
        await asyncio.sleep(1)
        for host in ("b.example", "a.example", "a.example", "b.example"):
            tasks.append(asyncio.ensure_future(use(host, 500)))
            await asyncio.sleep(0.1)
        await asyncio.gather(*tasks)

    ground.call(all_at_once)
    assert order == ["a.example", "b.example", "a.example", "a.example", "b.example"]
    ground.nothing_is_left()


@pytest.mark.parametrize("flavour", ["asyncio"])
@pytest.mark.parametrize("module", MODULES)
def test_two_first_users_write_it_once(ground: Ground, module: str) -> None:
    profile = ground.security.profile(2, ca="peers")

    async def both() -> None:
        await asyncio.gather(profile.hold(ground.name), profile.hold(ground.name))

    ground.stage.uart.trace.clear()
    ground.call(both)
    sent = b"".join(data for _, way, data in ground.stage.uart.trace if way == ">")
    assert sent.count(b"AT+USECPRF=2\r") == 1
    assert profile.busy == 2
    profile.let_go()
    profile.let_go()
    ground.nothing_is_left()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_profile_that_was_lost_during_a_handshake_ends_it(ground: Ground, module: str) -> None:
    """By what the module has verified nobody knows."""
    profile = ground.security.profile(2, ca="peers")
    step = ground.modem.socket_pool._connected

    def connected(line: Any) -> None:
        profile.lost()
        step(line)

    urcs = ground.channel.urcs
    urcs[urcs.index(b"+UUSOCO") + 1] = connected
    with pytest.raises(OSError, match="security profile lost") as caught:
        ground.tls(profile)
    assert caught.value.errno == 103
    urcs[urcs.index(b"+UUSOCO") + 1] = step
    ground.works()
    ground.echoes(ground.tls(profile))


@pytest.mark.parametrize("flavour", ["asyncio"])
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("gives_up", [False, True])
def test_two_tasks_store_the_same_name(ground: Ground, module: str, gives_up: bool) -> None:
    """Each gets the MD5 of its own, and the module has one of them, whole."""
    security = ground.security
    pems = (ground.pem["ca"], ground.pem["other_ca"])
    found = []

    def there() -> str:
        return next(digest(item.der) for item in ground.module.security.certificates
                    if item.name == "shared")  # fmt: skip

    async def both(cut_s: float) -> None:
        tasks = [asyncio.ensure_future(security.store("CA", "shared", pem)) for pem in pems]
        await asyncio.sleep(cut_s)
        if gives_up:
            tasks[0].cancel()
        found[:] = await asyncio.gather(*tasks, return_exceptions=True)

    for cut_ms in range(0, 400, 23):
        ground.call(both, cut_ms / 1000)
        assert found[1] == digest(pems[1])
        assert gives_up or found[0] == digest(pems[0])
        ground.nothing_is_left()
        assert there() == digest(pems[1])
        ground.call(security.remove, "CA", "shared")


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_socket_that_gets_no_profile_says_so(ground: Ground, module: str) -> None:
    """Also one that does not wait: there is nothing to wait for."""
    for number in range(5):
        ground.security.profile(number, ca=f"r{number}")
    sock = ground.modem.socket()
    ground.call(sock.secure)
    with pytest.raises(OSError, match="all 5 profiles") as caught:
        ground.call(sock.connect, (ground.name, ground.place["tls"]))
    assert caught.value.errno == 23
    sock.setblocking(False)
    with pytest.raises(OSError) as caught:
        ground.call(sock.connect, (ground.name, ground.place["tls"]))
        ground.until(lambda: sock.ioctl(3, 4))
        ground.call(sock.send, b"x")
    assert caught.value.errno == 23
    ground.call(sock.close)
    ground.security.profiles[0].release()
    ground.good = ground.security.profile(0, ca="peers")
    ground.works()


@pytest.mark.parametrize("flavour", ["blocking"])
@pytest.mark.parametrize("module", MODULES)
def test_a_hook_that_meddles(ground: Ground, module: str) -> None:
    """The progress hook of the blocking flavour is another caller, too: it is refused at once, or
    has moved the connection on to its end."""
    profile = ground.security.profile(2, ca="peers")
    asked = []

    def hook() -> None:
        asked.append(True)
        for meddle in (profile.release, lambda: ground.security.profile(2, **LOOSE).apply("x.y"),
                       lambda: profile.apply("elsewhere.example")):  # fmt: skip
            if profile.busy:
                with contextlib.suppress(OSError):
                    meddle()
                    assert not profile.busy

    ground.stage.uart.trace.clear()
    ground.channel.keep_going = hook
    assert ground.refused(profile, "tls_stranger")
    ground.channel.keep_going = hook
    ground.echoes(ground.tls(profile))
    ground.channel.keep_going = None
    assert len(asked) > 100 and ground.changed_in_use() == []
    ground.works()
