"""Wrong types and shapes in every public method of `modem.security`, profiles and `secure()`:
`TypeError` or `ValueError`, before anything is sent or taken.
"""

from __future__ import annotations

import array
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver.support import credentials
from driver.support.certificate_model import HOST, Vault
from driver.support.credentials import PEM
from driver.support.serial_script import FLAVOURS, Bench

CERT = credentials.certificate().public_bytes(PEM)
WRONG = (TypeError, ValueError)


class Stage:
    def __init__(self, flavour: str) -> None:
        self.vault = Vault()
        self.bench = Bench(flavour, "sara-r5", self.vault)
        self.security = self.bench.modem.security
        self.modem = self.bench.modem
        self.call = self.bench.call


@pytest.fixture(params=FLAVOURS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(request.param)
    yield made
    made.bench.close()


def store(*arguments: Any, **options: Any) -> Callable[[Stage], Any]:
    return lambda stage: stage.call(stage.security.store, *arguments, **options)


def method(name: str, *arguments: Any) -> Callable[[Stage], Any]:
    return lambda stage: stage.call(getattr(stage.security, name), *arguments)


def profile(*arguments: Any, **wishes: Any) -> Callable[[Stage], Any]:
    return lambda stage: stage.security.profile(*arguments, **wishes)


def applied(host: Any, **wishes: Any) -> Callable[[Stage], Any]:
    def call(stage: Stage) -> None:
        made = stage.security.profile(0, **(wishes or {"ca": "r"}))
        try:
            stage.call(made.apply, host)
        finally:
            assert (made.busy, made.wanted) == (0, 0)
            made.release()

    return call


def secured(*arguments: Any) -> Callable[[Stage], Any]:
    def call(stage: Stage) -> None:
        sock = stage.modem.socket()
        try:
            stage.call(sock.secure, *arguments)
        finally:
            assert sock.tls is None

    return call


CASES: list[Callable[[Stage], Any]] = [
    *[store(kind, "n", CERT) for kind in (None, 5, b"CA", "", "ca", "CAX", ("CA",), "C ")],
    *[store("CA", name, CERT) for name in (None, 5, "", 'a"', "a\r", "n" * 201, ["n"])],
    *[store("CA", "n", source) for source in (None, 5, object(), b"", "-----", [1, 2], b"x")],
    store("CA", "n", memoryview(array.array("H", [0x30] * 40))), store("CA", "n", bytes(9000)),
    *[store("CA", "n", CERT, password) for password in ("x", b"x", 5)],
    *[store("PK", "n", CERT, password) for password in (5, "x" * 129, "a\rb", ["x"])],
    store("CA", "n", CERT, known=None), store("CA", "n", CERT, known=5),
    store(), store("CA"), store("CA", "n", CERT, nothing=1),
    *[method("md5", kind, name) for kind, name in (("XX", "n"), ("CA", None), ("CA", 7))],
    *[method("remove", kind, name) for kind, name in ((7, "n"), ("CA", ""), ("CA", ["n"]))],
    *[method("details", *them) for them in ((7, "n"), ("XX", "n"))],
    *[method("list", kind) for kind in (7, "XX", b"CA", "")],
    *[method("store_file", "CA", "n", file) for file in (None, 5, "f" * 249, 'f"')],
    method("store_file", "CA", "n", "f", "x"), method("store_file", "PK", "n", "f", 5),
    *[profile(number, ca="r") for number in ("1", 1.0, True, -1, 5, b"1", [1])],
    *[profile(ca=ca) for ca in (5, b"r", "", 0, ["r"], 1.5, 'a"', "r" * 201)],
    *[profile(ca="r", cert=cert, key="k") for cert in (5, b"c", "", ["c"])],
    *[profile(ca="r", cert="c", key=key) for key in (5, b"c", "", None)],
    *[profile(ca="r", cert="c", key="k", key_password=word) for word in (5, ["x"], "a\n")],
    *[profile(ca="r", verify=verify) for verify in (5, True, b"full", ["full"], "FULL", {})],
    *[profile(ca="r", min_version=it) for it in (1.2, 3, b"1.2", ["1.2"], "1.5", 0)],
    *[profile(ca="r", ciphers=it) for it in (5.0, True, b"\x01", [], [5], "", "AES", {}, 34, -1)],
    *[profile(psk=psk, psk_identity="me") for psk in (5, "", b"", ["x"], "x" * 65, bytes(65))],
    *[profile(psk="x", psk_identity=who) for who in (5, "", b"", ["x"], None, "x" * 129)],
    *[profile(root_of_trust=it) for it in (5, "yes", None, [])],
    *[profile(ca="r", pinned=it) for it in (5, "n", ("n",), ("n", 3), ("n", "1"), (5, 1), ("", 1),
                                            ("n", 1, 2), ("n", -1))],
    *[profile(ca="r", hostname=it) for it in (5, ["h"], "h" * 257, 'h"', 1.5)],
    *[profile(ca="r", sni=it) for it in (5, ["h"], "h" * 129, 'h"', 1.5)],
    *[profile(ca="r", resume=it) for it in (5, True, b"plain", "", ["plain"])],
    *[profile(ca="r", session=it) for it in (5, 10**12, "x", ["x"], b"", b"x" * 30, object())],
    profile(ca="r", nothing=1), profile(1, 2, ca="r"),
    *[applied(host) for host in (None, 5, b"h", ["h"], "", 'h"', "h" * 257, "h\r")],
    *[applied(host, verify="none") for host in (None, 5, b"h", ["h"], "h\r", "h" * 129)],
    *[secured(it) for it in (5, "x", object(), b"x", ["x"])],
    *[secured(None, name) for name in (5, 'a"', "h" * 257, ["x"])],
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_refused_before_anything_is_sent(number: int, stage: Stage) -> None:
    with pytest.raises(WRONG) as caught:
        CASES[number](stage)
    assert str(caught.value)
    assert stage.bench.line.written == b""
    default = stage.security.__dict__.get("default")
    assert [p for p in stage.security.profiles if p is not None and p is not default] == []
    assert stage.security.users == [None] * 5 and stage.modem.channel.debts == []


def test_what_bytes_stand_for(stage: Stage) -> None:
    """Names given as bytes are text, wherever a name is wanted that is not one of the module's."""
    made = stage.security.profile(0, ca="r", hostname=HOST.encode(), sni=bytearray(b"front"))
    same = stage.security.profile(ca="r", hostname=HOST, sni="front")
    assert same is made
    stage.call(made.apply, HOST)
    assert f'+USECPRF=0,4,"{HOST}"' in stage.vault.lines
    sock = stage.modem.socket()
    stage.call(sock.secure, True, HOST.encode())
    assert (sock.tls, sock.tls_name) == (stage.security.default, HOST)
