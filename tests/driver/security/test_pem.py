"""PEM as tools write it: text around the block (RFC 7468 section 2), a byte order mark, line ends,
NULs and comments after it, the parameters of a curve before its key. The module gets the block
alone. And no key ever appears in the text of an error. Case F15 of users.md.
"""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driver.support import credentials
from driver.support.certificate_model import Vault, digest
from driver.support.credentials import DER, PEM, PKCS1
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core.pem import Checker

CERT = credentials.certificate().public_bytes(PEM)
CERT_MD5 = digest(credentials.certificate().public_bytes(DER))
KEY = credentials.key_bytes(credentials.ec_key())
SEC1 = credentials.key_bytes(credentials.ec_key(), PEM, PKCS1)
BODY = b"".join(KEY.split(b"\n")[1:-2])

BAG = b"Bag Attributes\n    friendlyName: device\n    localKeyID: 01 02 \nKey Attributes: <No>\n"
TEXT = (
    b"Certificate:\n    Data:\n        Version: 3 (0x2)\n"
    b"        Signature Algorithm: ecdsa-with-SHA256\n" + b"                    04:a1:b2\n" * 90
)
S_CLIENT = b"subject=CN = Test root\n\nissuer=CN = Test root\n\n"
PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
BOM = b"\xef\xbb\xbf"

WRITTEN: dict[str, tuple[str, bytes, bytes]] = {
    "pkcs12-nodes": ("PK", BAG + KEY, KEY),
    "x509-text": ("CA", TEXT + CERT, CERT),
    "s_client": ("CA", CERT + S_CLIENT, CERT),
    "s_client-before": ("CA", S_CLIENT + CERT, CERT),
    "byte-order-mark": ("CA", BOM + CERT, CERT),
    "byte-order-mark-and-text": ("CA", BOM + S_CLIENT + CERT, CERT),
    "leading-lines": ("CA", b"\r\n\n" + CERT, CERT),
    "trailing-lines": ("CA", CERT + b"\n\r\n \n", CERT),
    "nul": ("PK", KEY + b"\0", KEY),
    "nul-at-once": ("PK", KEY.rstrip() + b"\0", KEY.rstrip()),
    "nuls-and-lines": ("PK", KEY + b"\0\0\n", KEY),
    "comment": ("CA", CERT + b"# mine", CERT),
    "comment-before": ("CA", b"# mine\n" + CERT, CERT),
    "no-last-line-end": ("CA", CERT.rstrip(), CERT.rstrip()),
    "crlf": ("CA", (S_CLIENT + CERT).replace(b"\n", b"\r\n"), CERT.replace(b"\n", b"\r\n")),
    "ecparam-genkey": ("PK", PARAMETERS + SEC1, SEC1),
    "ecparam-genkey-text": ("PK", BAG + PARAMETERS + b"\n" + SEC1, SEC1),
    "long-line": ("CA", b"x" * 3000 + b"\n" + CERT, CERT),
}


@pytest.fixture
def benches() -> Iterator[Callable[[str, str], Bench]]:
    made: list[Bench] = []

    def make(flavour: str, module: str) -> Bench:
        made.append(Bench(flavour, module, Vault()))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


def given(form: str, data: bytes, folder: Path) -> Any:
    if form == "text":
        return data.decode()
    if form == "path":
        (folder / "given.pem").write_bytes(data)
        return str(folder / "given.pem")
    if form == "file":
        return io.BytesIO(data)
    return memoryview(data) if form == "view" else data


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("form", ["bytes", "view", "text", "path", "file"])
@pytest.mark.parametrize("name", WRITTEN)
def test_what_tools_write_is_stored_and_only_the_block_is_sent(
    name: str, form: str, module: str, flavour: str, tmp_path: Path, benches: Any
) -> None:
    kind, data, block = WRITTEN[name]
    bench = benches(flavour, module)
    stored = bench.call(bench.modem.security.store, kind, "it", given(form, data, tmp_path))
    [sent] = bench.partner.payloads
    assert sent.rstrip() == block.rstrip()
    assert len(block) - len(sent) in (0, 1, 2), "no more than a line end is missing"
    assert stored == digest(sent)


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("piece", [1, 7, 100, 256])
def test_the_block_is_found_however_the_pieces_are_cut(name: str, piece: int) -> None:
    kind, data, block = WRITTEN[name]
    checker = Checker(kind)
    for at in range(0, len(data), piece):
        checker.feed(data[at : at + piece])
    assert checker.end() == digest(block)
    assert data[checker.first : checker.last] == block


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_file_that_is_read_once_must_be_the_block_alone(flavour: str, benches: Any) -> None:
    class Once:
        def __init__(self, data: bytes) -> None:
            self.file = io.BytesIO(data)

        def read(self, n: int) -> bytes:
            return self.file.read(n)

    bench = benches(flavour, "sara-r5")
    store = bench.modem.security.store
    with pytest.raises(ValueError, match="text around"):
        bench.call(store, "CA", "it", Once(S_CLIENT + CERT), size=len(S_CLIENT + CERT))
    assert bench.call(store, "CA", "it", Once(CERT), size=len(CERT)) == CERT_MD5
    assert [name for _, name in bench.partner.stored] == ["it"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_limit_is_that_of_the_block(flavour: str, benches: Any) -> None:
    bench = benches(flavour, "sara-r5")
    assert bench.call(bench.modem.security.store, "CA", "it", TEXT * 4 + CERT) == CERT_MD5
    with pytest.raises(ValueError, match="1 to 8192 bytes"):
        long = CERT[:28] + b"MAAA" * 2250 + b"\n" + CERT[-26:]
        bench.call(bench.modem.security.store, "CA", "it", long)


SECRET = BODY.decode()
ESCAPED = KEY.decode().replace("\n", "\\n")  # from JSON, or an environment variable
LEAKY: dict[str, str | bytes] = {
    "bag-without-end": "Bag Attributes\n-----BEGIN PRIVATE KEY-----\n" + SECRET,
    "no-begin-line": SECRET[:64] + "\n" + SECRET[64:] + "\n-----END PRIVATE KEY-----\n",
    "escaped": ESCAPED,
    "escaped-bytes": ESCAPED.encode(),
    "escaped-and-quoted": '"' + ESCAPED + '"',
    "one-line": KEY.decode().replace("\n", " "),
    "bare": SECRET,
    "bare-with-lines": "\n".join((SECRET[:64], SECRET[64:])),
    "damaged": KEY.decode().replace(SECRET[70:80], "*" * 10),
    "of-another-kind": KEY.decode().replace("PRIVATE KEY", "CERTIFICATE REQUEST"),
    "key-in-its-label": f"-----BEGIN {SECRET}-----\n\n-----END {SECRET}-----\n",
    "cr-only": KEY.decode().replace("\n", "\r"),
}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", LEAKY)
def test_no_key_is_in_the_text_of_an_error(name: str, flavour: str, benches: Any) -> None:
    bench = benches(flavour, "sara-r5")
    with pytest.raises((ValueError, OSError)) as caught:
        bench.call(bench.modem.security.store, "PK", "device", LEAKY[name])
    shown = "".join(traceback.format_exception_only(caught.value)) + repr(caught.value)
    shown += repr(caught.value.__cause__)
    if not caught.value.__suppress_context__:
        shown += repr(caught.value.__context__)
    for at in range(0, len(SECRET) - 8, 4):
        assert SECRET[at : at + 8] not in shown, shown
    assert bytes(bench.line.written) == b""


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", ["pkcs12-nodes", "ecparam-genkey", "byte-order-mark"])
def test_a_tls_context_takes_the_same_texts(name: str, flavour: str, benches: Any) -> None:
    kind, data, block = WRITTEN[name]
    bench = benches(flavour, "sara-r5")
    context = bench.modem.ssl.SSLContext(bench.modem.ssl.PROTOCOL_TLS_CLIENT)
    if kind == "CA":
        context.load_verify_locations(cadata=data.decode())
        assert context.roots == [block]
    else:
        context.load_cert_chain(CERT.decode(), data.decode())
        assert context.key == block
        assert context.cert == CERT


def test_a_string_with_lines_is_no_name_on_the_module(benches: Any) -> None:
    bench = benches("blocking", "sara-r5")
    context = bench.modem.ssl.SSLContext(bench.modem.ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ValueError, match="PEM") as caught:
        context.load_cert_chain(CERT.decode(), "\n".join((SECRET[:64], SECRET[64:])))
    assert SECRET[:8] not in str(caught.value)
