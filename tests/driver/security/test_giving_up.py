"""Everything of certificates, profiles and TLS that waits, given up at every place where it does.

An operation runs once, and every place where it waits is noted: where in the driver, and after how
many writes. Then it is run again and again and ended at one of them: a cancelled task (asyncio),
MemoryError, KeyboardInterrupt (blocking), a hook that says no. Afterwards nobody holds anything,
what counts as placed is in the module, a verified connection stands, and one to a server that
nobody vouches for is refused.

GIVING_UP=all tries every place in every way; else it is a sample, the same on every run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from behaviours.stage import FLAVOURS, MODULES
from driver.support.certificate_model import digest
from driver.support.credentials import PASSWORD, PEM, PKCS8, key_bytes, rsa_key
from driver.support.secured import Ground, given_up, sampled

SAMPLE = 2
TOLD = "x" * 190


@dataclass
class Case:
    """`work(ground)` is the operation, run after `before(ground)`; `after(ground)` says what must
    be so whether it came to its end or not."""

    name: str
    work: Callable[[Ground], Any]
    before: Callable[[Ground], Any] = lambda ground: None
    after: Callable[[Ground], Any] = lambda ground: None
    flavours: tuple[str, ...] = FLAVOURS
    modules: tuple[str, ...] = MODULES
    unsure: bool = False  # it ends in an error by itself


def both(blocking: Callable[[Ground], Any], awaited: Callable[[Ground], Any]) -> Any:
    """One operation in either flavour."""
    return lambda ground: (blocking if ground.flavour == "blocking" else awaited)(ground)


# ---- profiles -----------------------------------------------------------------------------------


def forget(ground: Ground) -> None:
    ground.security.lost()


def apply(ground: Ground) -> Any:
    return ground.good.apply(ground.name)


def apply_long(ground: Ground) -> Any:
    """A profile with settings longer than the command buffer."""
    profile = ground.security.profile(
        1, ca="peers", hostname="h" * 250 + ".x", sni="s" * 128, cert=TOLD, key=TOLD,
        psk="secret" * 10, psk_identity="me" * 60, resume="plain",
    )  # fmt: skip
    return profile.apply(ground.name)


def with_session(ground: Ground) -> None:
    """A profile that gives a long session back, in one line of more than the command buffer."""
    from driver.support.certificate_model import packed

    sara = ground.kind == "sara-r5"
    wishes: dict[str, Any] = {"ca": "peers", "resume": "encrypted"}
    data = (1, 12, "A" * 900, "900") if sara else (11, 13, "A" * 900, "900")
    kept = packed(ground.security, wishes, *data, host=ground.name)
    ground.security.profile(1, **wishes, session=kept)


def apply_session(ground: Ground) -> Any:
    return ground.security.profiles[1].apply(ground.name)


def read_back(ground: Ground) -> Any:
    return ground.good.read_back()


# ---- sockets ------------------------------------------------------------------------------------


def socket_to(port: str, **wishes: Any) -> Callable[[Ground], Any]:
    """Connect by TLS, use it, close."""

    def profile(ground: Ground) -> Any:
        return ground.security.profile(2, ca="peers", **wishes) if wishes else ground.good

    def blocking(ground: Ground) -> None:
        sock = ground.modem.socket()
        sock.settimeout(60)
        try:
            sock.secure(profile(ground))
            sock.connect((ground.name, ground.place[port]))
        finally:
            sock.close()

    async def awaited(ground: Ground) -> None:
        sock = ground.modem.socket()
        sock.settimeout(60)
        try:
            await sock.secure(profile(ground))
            await sock.connect((ground.name, ground.place[port]))
        finally:
            await sock.close()

    return both(blocking, awaited)


def wrapped(ground: Ground) -> Any:
    """Connect in the clear, then wrap: certificate stored on the way, connected anew."""
    modem = ground.modem
    context = modem.ssl.SSLContext(modem.ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ground.pem["ca"])
    modem.socket_pool.tls_ports = ()

    def blocking(ground: Ground) -> None:
        sock = modem.socket()
        sock.settimeout(60)
        try:
            sock.connect((ground.name, ground.place["tls"]))
            context.wrap_socket(sock, server_hostname=ground.name)
        finally:
            sock.close()

    async def awaited(ground: Ground) -> None:
        sock = modem.socket()
        sock.settimeout(60)
        try:
            await sock.connect((ground.name, ground.place["tls"]))
            await context.wrap_socket(sock, server_hostname=ground.name)
        finally:
            await sock.close()

    return both(blocking, awaited)(ground)


def unstored(ground: Ground) -> None:
    """No certificate of a context is on the module."""
    for kind, name, _, _ in ground.call(ground.security.list):
        if name.startswith("ca-"):
            ground.call(ground.security.remove, kind, name)


def does_not_wait(ground: Ground) -> Any:
    """A socket that does not wait, pushed until it is connected."""
    modem = ground.modem

    def blocking(ground: Ground) -> None:
        sock = modem.socket()
        sock.setblocking(False)
        try:
            sock.secure(ground.good)
            with pytest.raises(OSError):
                sock.connect((ground.name, ground.place["tls"]))
            while not sock.ioctl(3, 4) & 28:
                modem.channel.pause(10)
            assert sock.write(b"echo\n") == 5
        finally:
            sock.close()

    async def awaited(ground: Ground) -> None:
        sock = modem.socket()
        sock.setblocking(False)
        try:
            await sock.secure(ground.good)
            with pytest.raises(OSError):
                await sock.connect((ground.name, ground.place["tls"]))
            while not sock.ioctl(3, 4) & 28:
                await modem.channel.pause(10)
            assert await sock.write(b"echo\n") == 5
        finally:
            await sock.close()

    return both(blocking, awaited)(ground)


async def two_hosts(ground: Ground) -> None:
    """Two tasks want one profile for different hosts at the same time: one waits."""
    other = socket_to("tls")
    task = asyncio.ensure_future(ground.good.hold("elsewhere.example"))
    try:
        await asyncio.sleep(0)
        await other(ground)
    finally:
        task.cancel()
        if not task.cancelled() and (await asyncio.gather(task, return_exceptions=True)) == [None]:
            ground.good.let_go()


async def waits_for_a_number(ground: Ground) -> None:
    """A profile is wanted while another one is making a connection by its number."""
    first = ground.security.profile(2, ca="peers")
    second = ground.security.profile(2, ca="peers", sni="front")
    await first.hold(ground.name)
    loop = asyncio.get_running_loop()
    loop.call_later(0.5, first.let_go)
    try:
        await second.hold(ground.name)
        second.let_go()
    finally:
        while first.busy:
            await asyncio.sleep(0.1)


# ---- sessions -----------------------------------------------------------------------------------


def connected_for_resumption(ground: Ground) -> None:
    """A profile with a session that is not collected yet."""
    profile = ground.security.profile(3, ca="peers", resume="plain")
    profile.due = True
    profile.collect = lambda: nothing(ground)
    sock = ground.tls(profile, "https")
    del profile.collect
    ground.call(sock.close)


def nothing(ground: Ground) -> Any:
    async def later() -> None: ...

    return later() if ground.flavour == "asyncio" else None


def collect(ground: Ground) -> Any:
    return ground.security.profiles[3].collect()


def kept_or_due(ground: Ground) -> None:
    """What the module has given out is taken, or asked for again when the profile is written."""
    profile = ground.security.profiles[3]
    assert profile.session or profile.due
    ground.refused(profile, "https", "elsewhere.example")
    assert profile.session and not profile.due


# ---- certificates -------------------------------------------------------------------------------


def stored(ground: Ground, kind: int, name: str) -> str:
    """MD5 of what the module has."""
    for item in ground.module.security.certificates:
        if (item.kind, item.name) == (kind, name):
            return digest(item.der)
    return ""


def store_new(ground: Ground) -> Any:
    return ground.security.store("CA", "fresh", ground.pem["other_ca"])


def remove_new(ground: Ground) -> None:
    if stored(ground, 0, "fresh"):
        ground.call(ground.security.remove, "CA", "fresh")


def all_or_nothing(ground: Ground) -> None:
    assert stored(ground, 0, "fresh") in ("", digest(ground.pem["other_ca"]))


def store_old(ground: Ground) -> None:
    ground.call(ground.security.store, "CA", "fresh", ground.pem["ca"])


def old_or_new(ground: Ground) -> None:
    wanted = (digest(ground.pem["ca"]), digest(ground.pem["other_ca"]))
    assert stored(ground, 0, "fresh") in wanted


class Pieces:
    """A file object that can only be read, a little at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, n: int) -> bytes:
        piece, self.data = self.data[: min(n, 100)], self.data[min(n, 100) :]
        return piece


def store_file_object(ground: Ground) -> Any:
    pem = ground.pem["other_ca"]
    return ground.security.store("CA", "fresh", Pieces(pem), size=len(pem))


KEY = key_bytes(rsa_key(), PEM, PKCS8, PASSWORD)


def store_key(ground: Ground) -> Any:
    return ground.security.store("PK", "mine", KEY, PASSWORD)


def remove_key(ground: Ground) -> None:
    if stored(ground, 2, "mine"):
        ground.call(ground.security.remove, "PK", "mine")


def whole_key(ground: Ground) -> None:
    assert stored(ground, 2, "mine") in ("", digest(KEY))


def store_file(ground: Ground) -> Any:
    return ground.security.store_file("CA", "fresh", "ca.pem")


def with_file(ground: Ground) -> None:
    remove_new(ground)
    ground.call(ground.modem.files.write, "ca.pem", ground.pem["other_ca"])


def remove(ground: Ground) -> Any:
    return ground.security.remove("CA", "fresh")


def look(ground: Ground) -> Any:
    return ground.security.details("CA", "peers")


# ---- other services -----------------------------------------------------------------------------


def page(ground: Ground) -> Any:
    url = f"https://{ground.name}:{ground.place['https']}/bytes/20/1"

    def blocking(ground: Ground) -> None:
        with ground.modem.http.get(url, tls=ground.good) as response:
            assert len(response.read()) == 20

    async def awaited(ground: Ground) -> None:
        async with await ground.modem.http.get(url, tls=ground.good) as response:
            assert len(await response.read()) == 20

    return both(blocking, awaited)(ground)


ASYNC = ("asyncio",)
CASES = [
    Case("apply", apply, forget),
    Case("apply-long", apply_long, forget),
    Case("apply-session", apply_session, with_session),
    Case("read-back", read_back),
    Case("connect", socket_to("tls"), forget),
    Case("connect-again", socket_to("tls")),
    Case("connect-resuming", socket_to("https", resume="encrypted"), forget),
    Case("refused", socket_to("tls_stranger"), forget, unsure=True),
    Case("wrapped", wrapped, unstored),
    Case("does-not-wait", does_not_wait, forget, unsure=True),
    Case("two-hosts", two_hosts, forget, flavours=ASYNC),
    Case("waits", waits_for_a_number, forget, flavours=ASYNC),
    Case("collect", collect, connected_for_resumption, kept_or_due, modules=("lexi-r10",)),
    Case("store", store_new, remove_new, all_or_nothing),
    Case("store-other", store_new, store_old, old_or_new),
    Case("store-file-object", store_file_object, store_old, old_or_new),
    Case("store-key", store_key, remove_key, whole_key),
    Case("store-file", store_file, with_file, all_or_nothing),
    Case("remove", remove, store_old),
    Case("look", look),
    Case("https", page, forget),
]  # fmt: skip
RUNS = [
    pytest.param(case, flavour, module, id=f"{case.name}-{flavour}-{module}")
    for case in CASES
    for flavour in case.flavours
    for module in case.modules
]


@pytest.fixture
def ground(flavour: str, module: str) -> Iterator[Ground]:
    made = Ground(flavour, module)
    yield made
    made.close()


@pytest.mark.parametrize(("case", "flavour", "module"), RUNS)
def test_given_up_anywhere(case: Case, flavour: str, module: str, ground: Ground) -> None:
    def begin() -> None:
        case.before(ground)

    ground.works()
    begin()
    numbers = ground.places(case.work)
    case.after(ground)
    ground.works()
    tried = 0
    for way, strike in ground.ways().items():
        for number in sampled(numbers, f"{case.name} {flavour} {module} {way}", SAMPLE):
            begin()
            error = ground.run(case.work, number, strike)
            tried += given_up(error)
            said = f"{way} at {number} of {len(numbers)}: {error!r}"
            try:
                assert given_up(error) or error is None or case.unsure or way == "no", said
                ground.nothing_is_left()
                case.after(ground)
                ground.works()
            except BaseException as wrong:
                raise AssertionError(said) from wrong
    print(f"{tried} of {len(numbers)} places")
    assert tried or case.unsure
