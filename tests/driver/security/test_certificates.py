"""Certificates and keys: from every source, checked before they are sent, stored once, and what
is left when something fails. At-commands 4.1.
"""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import Any

import pytest
from driver.support import credentials
from driver.support.certificate_model import Vault, digest
from driver.support.credentials import DER, PASSWORD, PEM, PKCS1, PKCS8
from driver.support.serial_script import MODULES, Bench

from ublox_cellular.core.errors import CommandError, Garbled
from ublox_cellular.core.pem import Checker

CERT = credentials.certificate().public_bytes(PEM)
CERT_DER = credentials.certificate().public_bytes(DER)
MD5 = digest(CERT_DER)


class Readable:
    """A file object that can only read: no seek, no readinto."""

    def __init__(self, data: bytes, breaks_at: int = 1 << 20) -> None:
        self._file = io.BytesIO(data)
        self.left = breaks_at

    def read(self, n: int) -> bytes:
        self.left -= n
        if self.left < 0:
            raise OSError(5, "the card was pulled")
        return self._file.read(n)


class Stage:
    def __init__(self, flavour: str, module: str) -> None:
        self.vault = Vault()
        self.bench = Bench(flavour, module, self.vault)
        self.modem = self.bench.modem
        self.security = self.modem.security
        self.shown: list[bytes] = []
        self.modem.channel.trace = lambda way, line: self.shown.append(bytes(line))

    def call(self, name: str, *arguments: Any, **options: Any) -> Any:
        return self.bench.call(getattr(self.security, name), *arguments, **options)

    def fails(
        self, kind: type[BaseException], words: str, name: str, *args: Any, **kw: Any
    ) -> Any:
        with pytest.raises(kind) as caught:
            self.call(name, *args, **kw)
        assert words in str(caught.value), str(caught.value)
        return caught.value

    def usable(self) -> None:
        """The channel is in command mode, and answers are those of what was asked."""
        assert self.call("store", "CA", "afterwards", CERT, force=True) == MD5
        assert self.call("md5", "CA", "afterwards") == MD5


def sources(folder: Path) -> dict[str, tuple[Any, dict[str, Any]]]:
    path = folder / "root.pem"
    path.write_bytes(CERT)
    ahead = io.BytesIO(b"other things" + CERT)
    ahead.seek(12)
    return {
        "bytes": (CERT, {}),
        "bytearray": (bytearray(CERT), {}),
        "memoryview": (memoryview(CERT), {}),
        "text": ("\n" + CERT.decode(), {}),
        "path": (str(path), {}),
        "file": (io.BytesIO(CERT), {}),
        "from-where-it-stands": (ahead, {}),
        "so-many-of-it": (io.BytesIO(CERT + b"other things"), {"size": len(CERT)}),
        "readable": (Readable(CERT), {"size": len(CERT)}),
    }


@pytest.mark.parametrize("name", list(sources(Path("/tmp"))))
def test_every_source(name: str, flavour: str, tmp_path: Path, stages: Any) -> None:
    stage = stages(flavour, "sara-r5")
    source, options = sources(tmp_path)[name]
    assert stage.call("store", "CA", "root", source, **options) == MD5
    sent = CERT.strip() if name == "text" else CERT
    assert stage.vault.payloads == [sent]
    assert stage.vault.lines == ['+USECMNG=4,0,"root"', f'+USECMNG=0,0,"root",{len(sent)}']


def test_der(flavour: str, stages: Any) -> None:
    stage = stages(flavour, "lexi-r10")
    assert stage.call("store", "CA", "root", CERT_DER) == MD5
    assert stage.vault.payloads == [CERT_DER]


@pytest.mark.parametrize("module", MODULES)
def test_stored_once(module: str, flavour: str, stages: Any) -> None:
    stage = stages(flavour, module)
    for _ in range(3):
        assert stage.call("store", "CA", "root", CERT) == MD5
        assert stage.call("store", "CA", "root", CERT_DER) == MD5  # the same to the module
    assert len(stage.vault.payloads) == 1
    stage.call("store", "CA", "root", CERT, force=True)
    assert len(stage.vault.payloads) == 2
    key = credentials.key_bytes(credentials.ec_key())
    stage.call("store", "PK", "root", key)  # the same name, of another kind
    assert sorted(stage.vault.stored) == [(0, "root"), (2, "root")]


KEYS = [
    (credentials.rsa_key, encoding, form) for encoding in (PEM, DER) for form in (PKCS1, PKCS8)
] + [(credentials.ec_key, encoding, form) for encoding in (PEM, DER) for form in (PKCS1, PKCS8)]


@pytest.mark.parametrize("number", range(len(KEYS)))
@pytest.mark.parametrize("module", MODULES)
def test_keys(number: int, module: str, stages: Any) -> None:
    make, encoding, form = KEYS[number]
    key = credentials.key_bytes(make(), encoding, form)
    stage = stages("blocking", module)
    assert stage.call("store", "PK", "mine", key) == digest(key)
    assert key not in b"".join(stage.shown)


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_public_key(encoding: Any, stages: Any) -> None:
    stage = stages("blocking", "sara-r5")
    key = credentials.public_bytes(encoding)
    assert stage.call("store", "PU", "signer", key) == digest(key)


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_encrypted_key(encoding: Any, flavour: str, stages: Any) -> None:
    key = credentials.key_bytes(credentials.rsa_key(), encoding, PKCS8, PASSWORD)
    stage = stages(flavour, "lexi-r10")
    assert stage.call("store", "PK", "mine", key, PASSWORD) == digest(key)
    assert stage.vault.lines[-1].endswith(f',"{PASSWORD}"')
    assert PASSWORD.encode() not in b"".join(stage.shown)
    assert b'AT+USECMNG=0,2,"mine",%d,"***"' % len(key) in stage.shown
    assert stage.call("store", "PK", "mine", key, PASSWORD) == digest(key)
    assert len(stage.vault.payloads) == 1


def test_encrypted_key_with_an_md5_of_its_own(flavour: str, stages: Any) -> None:
    key = credentials.key_bytes(credentials.rsa_key(), PEM, PKCS8, PASSWORD)
    stage = stages(flavour, "sara-r5")
    stage.vault.blank_md5 = True
    told = stage.call("store", "PK", "mine", key, PASSWORD)
    assert told != digest(key)
    stage.call("store", "PK", "mine", key, PASSWORD)
    assert len(stage.vault.payloads) == 2
    assert stage.call("store", "PK", "mine", key, PASSWORD, known=told) == told
    assert len(stage.vault.payloads) == 2


BODY = CERT.split(b"\n", 1)[1].rsplit(b"-----END", 1)[0].replace(b"\n", b"")
KEY = credentials.key_bytes(credentials.ec_key())
KEY_DER = credentials.key_bytes(credentials.ec_key(), DER)
LOCKED_DER = credentials.key_bytes(credentials.rsa_key(), DER, PKCS8, "x")
LOCKED = credentials.key_bytes(credentials.rsa_key(), PEM, PKCS8, PASSWORD)


def pem(body: bytes, label: bytes = b"CERTIFICATE", end: bytes | None = None) -> bytes:
    end = label if end is None else end
    return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, body, end)


REFUSED: list[tuple[str, str, Any, dict[str, Any], str]] = [
    ("text", "CA", b"hello", {}, "neither PEM"),
    ("nothing", "CA", b"", {}, "1 to 8192 bytes"),
    ("large", "CA", b"\x30" * 8193, {}, "1 to 8192 bytes"),
    ("key-as-certificate", "CA", KEY, {}, "PRIVATE KEY cannot be stored as CA"),
    ("certificate-as-key", "PK", CERT, {}, "CERTIFICATE cannot be stored as PK"),
    ("der-key-as-certificate", "CA", KEY_DER, {}, "as CA"),
    ("der-certificate-as-key", "PK", CERT_DER, {}, "as PK"),
    ("der-certificate-as-public-key", "PU", CERT_DER, {}, "as PU"),
    ("no-end", "CA", CERT[:-20], {}, "END"),
    ("cut-off", "CA", CERT[:300], {}, "END"),
    ("other-end", "CA", pem(BODY, end=b"PUBLIC KEY"), {}, "END line of something else"),
    ("letters", "CA", pem(BODY[:99] + b"*" + BODY[100:]), {}, "character 42"),
    ("one-letter-less", "CA", pem(BODY[:-3]), {}, "cut off"),
    ("four-letters-less", "CA", pem(BODY[4:]), {}, "neither"),
    ("cut-der", "CA", CERT_DER[:-1], {}, f"DER of {len(CERT_DER)} bytes"),
    ("long-der", "CA", CERT_DER + b"\0", {}, f"DER of {len(CERT_DER)} bytes"),
    ("padding", "CA", pem(b"AA==" + BODY), {}, "padding"),
    ("behind-the-padding", "CA", pem(b"MAA=\nMAAA"), {}, "padding"),
    ("two", "CA", CERT + CERT, {}, "by itself"),
    ("old-encryption", "PK", pem(b"Proc-Type: 4,ENCRYPTED", b"RSA PRIVATE KEY"), {}, "PKCS #8"),
    ("locked", "PK", LOCKED, {}, "password="),
    ("not-locked", "PK", KEY, {"password": "x"}, "not encrypted"),
    ("locked-der", "PK", LOCKED_DER, {}, "password="),
    ("not-locked-der", "PK", KEY_DER, {"password": "x"}, "not encrypted"),
    ("password", "CA", CERT, {"password": "x"}, "only keys"),
    ("long-password", "PK", LOCKED, {"password": "x" * 129}, "129 bytes"),
    ("kind", "XX", CERT, {}, "kind: one of CA"),
    ("no-name", "CA", CERT, {"name": ""}, "name"),
    ("long-name", "CA", CERT, {"name": "n" * 201}, "201 bytes"),
    ("quote", "CA", CERT, {"name": 'a"b'}, "character 34"),
    ("line-end", "CA", CERT, {"name": "a\rb"}, "character 13"),
    ("no-size", "CA", Readable(CERT), {}, "size="),
    ("ends-early", "CA", io.BytesIO(CERT[:-9]), {}, "END"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "source", "options", "reason"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refused_before_it_is_sent(
    kind: str, source: Any, options: dict[str, Any], reason: str, stages: Any
) -> None:
    stage = stages("blocking", "sara-r5")
    options = dict(options)
    name = options.pop("name", "thing")
    stage.fails(ValueError, reason, "store", kind, name, source, **options)
    assert bytes(stage.bench.line.written) == b""


def test_no_source(stages: Any) -> None:
    stage = stages("blocking", "sara-r5")
    stage.fails(TypeError, "file object", "store", "CA", "root", 7)
    stage.fails(OSError, "no-such", "store", "CA", "root", "/no-such.pem")
    assert bytes(stage.bench.line.written) == b""


@pytest.mark.parametrize("width", [1, 4, 63, 64, 76, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_of_any_length(width: int, end: bytes) -> None:
    lines = textwrap.wrap(BODY.decode(), width)
    text = pem(end.join(line.encode() for line in lines)).replace(b"\n", end)
    for piece in (1, 100, 256, 10000):
        checker = Checker("CA")
        for at in range(0, len(text), piece):
            checker.feed(text[at : at + piece])
        assert checker.end() == MD5


def test_own_md5_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    monkeypatch.delattr(hashlib, "md5")
    checker = Checker("CA")
    checker.feed(CERT)
    assert checker.end() == MD5


@pytest.mark.parametrize("encoding", [PEM, DER])
@pytest.mark.parametrize("form", [PKCS1, PKCS8])
def test_small_keys(encoding: Any, form: Any, stages: Any) -> None:
    key = credentials.small_key(encoding, form)
    stage = stages("blocking", "lexi-r10")
    stage.fails(ValueError, "ECDSA key of 168 bits", "store", "PK", "mine", key)
    assert bytes(stage.bench.line.written) == b""
    fits = credentials.key_bytes(credentials.ec_key("p192"), encoding, form)
    assert stage.call("store", "PK", "mine", fits) == digest(fits)
    other = stages("blocking", "sara-r5")
    assert other.call("store", "PK", "mine", key) == digest(key)


@pytest.mark.parametrize("wrapped", [False, True])
def test_small_rsa_key(wrapped: bool, stages: Any) -> None:
    """The library of the tests makes none: the beginning of one decides."""
    from ublox_cellular.core.pem import check

    for bits, large_enough in ((512, False), (1016, False), (1024, True), (4096, True)):
        modulus = b"\x02\x82" + (bits // 8 + 1).to_bytes(2, "big") + b"\x00\xc5" + bytes(100)
        inner = b"\x30\x82\x01\x00\x02\x01\x00" + modulus
        algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
        outer = b"\x30\x82\x01\x20\x02\x01\x00" + algorithm + b"\x04\x82\x01\x04" + inner
        head = (outer if wrapped else inner)[:64]
        if large_enough:
            check(head)
        else:
            with pytest.raises(ValueError, match=f"RSA key of {bits} bits"):
                check(head)


def test_another_md5(flavour: str, stages: Any) -> None:
    stage = stages(flavour, "sara-r5")
    stage.vault.answer_md5 = stage.vault.asked_md5 = "0" * 32
    stage.fails(Garbled, "another MD5", "store", "CA", "root", CERT)
    assert stage.vault.stored == {}
    stage.vault.answer_md5 = stage.vault.asked_md5 = None
    stage.usable()


def test_only_the_answer_has_another_md5(flavour: str, stages: Any) -> None:
    """It was damaged on the line: what is stored is right."""
    stage = stages(flavour, "sara-r5")
    stage.vault.answer_md5 = "0" * 32
    assert stage.call("store", "CA", "root", CERT) == digest(CERT)
    assert stage.vault.stored == {(0, "root"): CERT}


@pytest.mark.parametrize(
    "source",
    [
        lambda: Readable(CERT[:300]),  # ends early
        lambda: Readable(CERT, 300),  # fails
        lambda: Readable(b"-" + CERT[:-1]),  # is none
        lambda: Readable(CERT[:-2] + b"!!"),  # is none, seen at its end
    ],
)
def test_source_that_fails_while_it_is_sent(source: Any, flavour: str, stages: Any) -> None:
    stage = stages(flavour, "sara-r5")
    with pytest.raises((OSError, ValueError)) as caught:
        stage.call("store", "CA", "root", source(), size=len(CERT))
    assert not isinstance(caught.value, Garbled)
    assert [len(data) for data in stage.vault.payloads] == [len(CERT)]
    assert stage.vault.stored == {}
    stage.usable()


@pytest.mark.parametrize(
    ("code", "module", "words"),
    [
        (1914, "sara-r5", "room for 16"),
        (1913, "lexi-r10", "at least 1024"),
        (1918, "lexi-r10", "at least 192"),
        (1913, "sara-r5", "invalid certificate"),
        (1921, "lexi-r10", "certificate date"),
    ],
)
def test_refusals_are_explained(code: int, module: str, words: str, stages: Any) -> None:
    stage = stages("blocking", module)
    stage.vault.refuse["+USECMNG=0"] = code
    error = stage.fails(CommandError, words, "store", "CA", "root", CERT)
    assert error.code == code and str(code) in str(error)
    stage.vault.refuse = {"+USECMNG=1": code}
    error = stage.fails(CommandError, words, "store_file", "CA", "root", "root.pem")
    assert error.code == code
    stage.vault.refuse.clear()
    stage.usable()


@pytest.mark.parametrize("name", ["md5", "remove", "details"])
def test_missing(name: str, flavour: str, stages: Any) -> None:
    stage = stages(flavour, "sara-r5")
    error = stage.fails(OSError, "no CA named root", name, "CA", "root")
    assert error.errno == 2
    stage.vault.refuse["+USECMNG"] = 3
    assert stage.fails(CommandError, "3", name, "CA", "root").code == 3


def test_removed(flavour: str, stages: Any) -> None:
    stage = stages(flavour, "lexi-r10")
    stage.call("store", "CA", "root", CERT)
    stage.call("remove", "CA", "root")
    assert stage.vault.stored == {}


LISTS = [
    b'"CA","root","Test root","2036/07/17"\r\n"PK","mine"',
    b'CA,"root","Test root","2036/07/17"\r\nPK,"mine"',
    b'CA, "root", "Test root", "2036/07/17"\r\nPK, "mine"',
    b'"CA","root","Test root","2036/07/17"\r\n+UUSORD: 0,5\r\n"XX","y"\r\nzzz\r\n"PK","mine"',
]


@pytest.mark.parametrize("listed", LISTS)
def test_lists_of_every_form(listed: bytes, flavour: str, stages: Any) -> None:
    stage = stages(flavour, "sara-r5")
    stage.vault.listed = listed
    root = ("CA", "root", "Test root", "2036/07/17")
    assert stage.call("list") == [root, ("PK", "mine", "", "")]
    assert stage.call("list", "CA") == [root]
    assert stage.call("list", "SC") == []
    stage.fails(ValueError, "kind", "list", "XX")
    stage.call("store", "CA", "root", CERT)
    assert stage.call("details", "CA", "root") == {
        "kind": "CA", "name": "root", "subject": "Test root", "expires": "2036/07/17", "md5": MD5
    }  # fmt: skip


def test_file_of_the_module_is_checked(stages: Any) -> None:
    stage = stages("blocking", "sara-r5")
    stage.fails(ValueError, "only keys", "store_file", "CA", "root", "root.pem", "x")
    stage.fails(ValueError, "249 bytes", "store_file", "CA", "root", "r" * 249)
    assert bytes(stage.bench.line.written) == b""
