"""Secrets are shown nowhere: not in traces, errors, `repr`, nor to the hook for unknown lines,
also where the module echoes and the beginning of the echo is lost, or the head of what it reports.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support.certificate_model import HOST, Vault, packed
from driver.support.credentials import PASSWORD, PEM, PKCS8, key_bytes, rsa_key
from driver.support.serial_script import FLAVOURS, MODULES, Bench

SECRET = "Zq7Wm4Tx9Kp2Rb6Yd8"
LONG = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5v"
PIECE = 8  # so many characters of a secret in a row are too many
LONG_PIECE = 12  # of 384 bits


class Echoing(Vault):
    """Says every line again before it answers, without its first `lost` bytes."""

    def __init__(self, module: str) -> None:
        super().__init__(module)
        self.lost = -1

    def feed(self, data: bytes) -> list[tuple[float, bytes]]:
        line = bytes(self._line) + data if not self._need else data
        answers = super().feed(data)
        whole = line.endswith(b"\r") or line.rstrip().endswith(b"-----")
        if self.lost < 0 or not whole:
            return answers
        return [(0.5, line[self.lost :].replace(b"\n", b"\r") + b"\r\n"), *answers]


class Stage:
    def __init__(self, flavour: str, module: str) -> None:
        self.vault = Echoing(module)
        self.bench = Bench(flavour, module, self.vault)
        self.modem = self.bench.modem
        self.security = self.modem.security
        self.call = self.bench.call
        self.shown: list[bytes] = []
        self.modem.channel.trace = lambda way, line: self.shown.append(bytes(line))
        self.modem.channel.on_unknown = lambda line: self.shown.append(bytes(line))

    def attempt(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except OSError as error:
            self.shown += [str(error).encode(), repr(error).encode(), repr(error.args).encode()]

    def silent_on(self, secret: bytes, piece: int) -> None:
        shown = b"\n".join(self.shown)
        for at in range(len(secret) - piece + 1):
            assert secret[at : at + piece] not in shown, shown


@pytest.fixture(params=[(f, m) for f in FLAVOURS for m in MODULES], ids="-".join)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(*request.param)
    yield made
    made.bench.close()


def psk(stage: Stage) -> Any:
    return stage.security.profile(0, psk=SECRET, psk_identity="me")


def psk_as_bytes(stage: Stage) -> Any:
    return stage.security.profile(0, psk=bytes.fromhex("7A71") * 12, psk_identity=b"me")


def key_password(stage: Stage) -> Any:
    return stage.security.profile(0, ca="r", cert="c", key="k", key_password=SECRET.encode())


def session(stage: Stage) -> Any:
    sara = stage.bench.module == "sara-r5"
    wishes: dict[str, Any] = {"ca": "r", "resume": "plain"}
    data = (0, 2, LONG[:40], LONG) if sara else (1, 3, LONG, str(len(LONG)))
    return stage.security.profile(0, **wishes, session=packed(stage.security, wishes, *data))


PROFILES = {
    "psk": (psk, SECRET.encode()), "psk-bytes": (psk_as_bytes, b"7A71" * 12),
    "password": (key_password, SECRET.encode()), "session": (session, LONG.encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_profile_is_told(name: str, stage: Stage) -> None:
    make, secret = PROFILES[name]
    profile = make(stage)
    piece = LONG_PIECE if secret == LONG.encode() else PIECE
    longest = 60 + len(secret)
    for lost in range(0, longest, 3):
        stage.vault.lost = lost
        profile.lost()
        stage.attempt(lambda: stage.call(profile.apply, HOST))
        stage.silent_on(secret, piece)
        stage.shown.clear()
    stage.shown += [repr(profile).encode(), repr(vars(stage.security)).encode()]
    stage.silent_on(secret, piece)


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_module_refuses(name: str, stage: Stage) -> None:
    make, secret = PROFILES[name]
    profile = make(stage)
    for operation in ("7", "8", "13"):
        stage.vault.refuse[f"+USECPRF=0,{operation},"] = 50
    for lost in (-1, 0, 1, 5, 20, 40):
        stage.vault.lost = lost
        stage.attempt(lambda: stage.call(profile.apply, HOST))
    stage.silent_on(secret, PIECE)


def test_a_key_and_its_password(stage: Stage) -> None:
    key = key_bytes(rsa_key(), PEM, PKCS8, PASSWORD)
    plain = key_bytes(rsa_key(), PEM, PKCS8)
    lines = [line for line in (key + plain).splitlines() if not line.startswith(b"-")]
    for lost in (-1, 0, 1, 2, 9, 22, 30, 45, 60):
        stage.vault.lost = lost
        for data, password in ((key, PASSWORD), (plain, None)):
            stage.attempt(
                lambda data=data, password=password: stage.call(  # type: ignore[misc]
                    stage.security.store, "PK", "mine", data, password, force=True
                )
            )
    stage.silent_on(PASSWORD.encode(), 5)
    for line in lines:
        stage.silent_on(line, 20)


def test_what_a_module_reports_of_a_session(stage: Stage) -> None:
    """Whatever part of the line is lost, wherever it comes in between."""
    profile = stage.security.profile(0, ca="r", resume="plain")
    stage.call(profile.apply, HOST)
    head = "+UUSECPRF: 0,13,2," if stage.bench.module == "sara-r5" else "+USECPRF: 0,13,3,"
    line = f'{head}"{LONG[:40]}","{LONG}"'.encode()
    for at in range(len(line) - 1):
        for damaged in (line[at:], line[:at] + line[at + 1 :], line[:at] + line[at + 3 :]):
            stage.bench.line.push(b"\r\n" + damaged + b"\r\n")
            stage.bench.pass_ms(5)
            stage.silent_on(LONG.encode(), LONG_PIECE)
            stage.shown.clear()
    for at in range(0, len(line) - 1, 5):  # and within another exchange, which then times out
        stage.bench.line.push(b"\r\n" + line[at:], 1)
        feed, stage.vault.feed = stage.vault.feed, lambda data: []  # type: ignore[method-assign]
        stage.attempt(lambda: stage.call(stage.modem.at, "+CSQ", 300))
        stage.vault.feed = feed  # type: ignore[method-assign]
        stage.silent_on(LONG.encode(), LONG_PIECE)
        stage.bench.line.push(b"\r\n")
        with contextlib.suppress(OSError):
            stage.call(stage.modem.imei)
        stage.silent_on(LONG.encode(), LONG_PIECE)
        stage.shown.clear()


def test_what_is_no_secret_is_shown(stage: Stage) -> None:
    """Or nobody could look for faults: also once sessions are resumed."""
    stage.security.profile(0, ca="r", resume="plain")
    lines = (b"+CEREG: 1", b"+UUSORD: 0,12", b"RING", b"004999010640000", b"SARA-R510S-01B")
    for line in lines:
        stage.bench.line.push(b"\r\n" + line + b"\r\n")
        stage.bench.pass_ms(5)
    for line in lines:
        assert line in stage.shown
