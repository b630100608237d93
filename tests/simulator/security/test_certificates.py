"""+USECMNG: what is taken, what is refused and with which number, and what is kept."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import der_of, install
from simulator.support.weak_keys import weak_key

Make = Callable[..., Bench]
END = datetime(2032, 10, 18, 8, 23, 32, tzinfo=UTC)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    """A CA."""
    return trustme.CA()


@pytest.fixture(scope="module")
def cert(ca: trustme.CA) -> trustme.LeafCert:
    """A certificate with a name and an end."""
    return ca.issue_cert(common_name="A client", not_after=END)


def fails(bench: Bench, kind: int, data: bytes, password: str = "") -> str:
    """The error with which an import ends."""
    bench.ok("AT+CMEE=1")
    secret = f',"{password}"' if password else ""
    return bench.prompted(f'AT+USECMNG=0,{kind},"x",{len(data)}{secret}', data, b">").final


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_pem_and_der_are_the_same_certificate(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name)
    pem = cert.cert_chain_pems[0].bytes()
    der = der_of(cert.cert_chain_pems[0])
    for data in (pem, pem.replace(b"\n", b"\r\n"), der):
        answer = bench.prompted(f'AT+USECMNG=0,1,"c",{len(data)}', data, b">")
        assert answer.text == [f'+USECMNG: 0,1,"c","{md5(der)}"']
    assert bench.ok('AT+USECMNG=4,1,"c"') == [f'+USECMNG: 4,1,"c","{md5(der)}"']
    assert bench.ok("AT+USECMNG=3") == ['"CC","c","A client","2032/10/18 08:23:32"']


def test_the_list_by_type_and_removal(
    make_bench: Make, module_name: str, ca: trustme.CA, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name)
    key = load_pem_private_key(cert.private_key_pem.bytes(), None)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    install(bench, 2, "k", cert.private_key_pem.bytes())
    for kind in (0, 1, 3, 4):
        install(bench, kind, "c", cert.cert_chain_pems[0].bytes())
    install(bench, 5, "p", public)
    shown = '"c","A client","2032/10/18 08:23:32"'
    certificates = [f'"{kind}",{shown}' for kind in ("CA", "CC", "SC", "VC")]
    everything = [*certificates[:2], '"PK","k"', *certificates[2:], '"PU","p"']
    assert bench.ok("AT+USECMNG=3") == everything
    assert bench.ok("AT+USECMNG=3,2") == ['"PK","k"']
    bench.ok('AT+USECMNG=2,2,"k"')
    assert bench.ok("AT+USECMNG=3,2") == []
    bench.ok("AT+CMEE=2")
    wanted = "+CME ERROR: USECMNG certificate/key internal name not found"
    assert bench.error('AT+USECMNG=2,2,"k"') == wanted
    assert bench.error('AT+USECMNG=4,2,"k"') == wanted
    bench.ok('AT+USECMNG=2,0,"c"')
    assert bench.ok('AT+USECMNG=4,1,"c"')


def test_import_from_the_file_system(make_bench: Make, module_name: str, ca: trustme.CA) -> None:
    bench = make_bench(module_name)
    pem = ca.cert_pem.bytes()
    bench.module.files.save("ca.crt", pem)
    assert bench.ok('AT+USECMNG=1,0,"ca","ca.crt"') == [
        f'+USECMNG: 1,0,"ca","{md5(der_of(ca.cert_pem))}"'
    ]
    bench.ok("AT+CMEE=1")
    assert bench.error('AT+USECMNG=1,0,"ca","no.crt"') == "+CME ERROR: 1612"
    bench.module.files.save("big.crt", pem + bytes(8192))
    assert bench.error('AT+USECMNG=1,0,"ca","big.crt"') == "+CME ERROR: 1911"


def test_what_is_not_a_certificate_is_refused(
    make_bench: Make, module_name: str, cert: trustme.LeafCert
) -> None:
    bench = make_bench(module_name)
    pem = cert.cert_chain_pems[0].bytes()
    key = cert.private_key_pem.bytes()
    assert fails(bench, 0, b"no certificate at all") == "+CME ERROR: 1913"
    assert fails(bench, 0, key) == "+CME ERROR: 1913"
    assert fails(bench, 0, pem + pem) == "+CME ERROR: 1913"
    assert fails(bench, 0, pem[:-30]) == "+CME ERROR: 1920"
    assert fails(bench, 0, pem.replace(b"M", b"?", 1)) == "+CME ERROR: 1920"
    der = bytearray(der_of(cert.cert_chain_pems[0]))
    der[4] ^= 0xFF
    assert fails(bench, 1, bytes(der)) == "+CME ERROR: 1913"
    assert fails(bench, 2, pem) == "+CME ERROR: 1918"
    assert fails(bench, 2, b"0\x03\x02\x01\x01") == "+CME ERROR: 1918"
    assert bench.ok("AT+USECMNG=3") == []


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_keys_with_a_password(
    make_bench: Make, module_name: str, cert: trustme.LeafCert, encoding: Encoding
) -> None:
    bench = make_bench(module_name)
    key = load_pem_private_key(cert.private_key_pem.bytes(), None)
    lock = BestAvailableEncryption(b"open sesame")
    data = key.private_bytes(encoding, PrivateFormat.PKCS8, lock)
    body = ssl_body(data) if encoding is Encoding.PEM else data
    answer = bench.prompted(f'AT+USECMNG=0,2,"k",{len(data)},"open sesame"', data, b">")
    assert answer.text == [f'+USECMNG: 0,2,"k","{md5(body)}"']
    assert fails(bench, 2, data, "wrong") == "+CME ERROR: 1918"


def ssl_body(pem: bytes) -> bytes:
    """The base64-decoded inside of a PEM."""
    inside = b"".join(pem.splitlines()[1:-1])
    return ssl.PEM_cert_to_DER_cert(
        f"-----BEGIN CERTIFICATE-----\n{inside.decode()}\n-----END CERTIFICATE-----"
    )


def test_small_keys_are_refused_by_lexi_r10_only(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    fine = ec.generate_private_key(ec.SECP192R1())
    small = rsa.generate_private_key(65537, 1024)
    for key in (fine, small):
        install(bench, 2, "k", plain(key))
    weak = plain(weak_key())
    if module_name == "sara-r5":
        install(bench, 2, "k", weak)
    else:
        assert fails(bench, 2, weak) == "+CME ERROR: 1918"


def plain(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_sizes_and_names(make_bench: Make, module_name: str, ca: trustme.CA) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+CMEE=1")
    assert bench.error('AT+USECMNG=0,0,"x",8193') == "+CME ERROR: 1911"
    install(bench, 0, "n" * 200, ca.cert_pem.bytes())
    assert bench.error(f'AT+USECMNG=0,0,"{"n" * 201}",100') == "+CME ERROR: 50"
    assert bench.error('AT+USECMNG=0,6,"x",100') == "+CME ERROR: 50"
    assert bench.error('AT+USECMNG=0,0,"",100') == "+CME ERROR: 50"
    bench.module.violations.clear()


def test_sixteen_items_fit(make_bench: Make, module_name: str, ca: trustme.CA) -> None:
    bench = make_bench(module_name)
    pem = ca.cert_pem.bytes()
    for number in range(16):
        install(bench, number % 2, f"c{number}", pem)
    assert fails(bench, 0, pem) == "+CME ERROR: 1914"
    install(bench, 0, "c0", pem)
    bench.ok('AT+USECMNG=2,1,"c1"')
    install(bench, 4, "x", pem)


def test_a_host_that_stops_in_the_middle(
    make_bench: Make, module_name: str, ca: trustme.CA
) -> None:
    bench = make_bench(module_name)
    bench.ok("AT+CMEE=1")
    pem = ca.cert_pem.bytes()
    bench.send(f'AT+USECMNG=0,0,"ca",{len(pem)}')
    bench.expect_bytes(b">")
    bench.clock.sleep_ms(60)
    bench.uart.write(pem[:100])
    bench.pass_ms(19_000)
    bench.uart.write(pem[100:200])
    bench.expect_silence(19_900)
    assert bench.expect_urc(1000) == "+CME ERROR: 1910"
    assert bench.ok("AT+USECMNG=3") == []
    bench.module.violations.clear()


def test_certificates_are_kept(
    make_bench: Make, module_name: str, ca: trustme.CA, tmp_path: Path
) -> None:
    bench = make_bench(module_name, nvm=tmp_path / "nvm.json")
    install(bench, 0, "ca", ca.cert_pem.bytes())
    bench.ok('AT+USECPRF=0,3,"ca"')
    listed = bench.ok("AT+USECMNG=3")
    bench.send("AT+CFUN=16")
    bench.pass_ms(8000)
    bench.take()
    bench.ok("ATE0")
    assert bench.ok("AT+USECMNG=3") == listed
    assert bench.ok("AT+USECPRF=0,3") == ['+USECPRF: 0,3,""']
    bench.uart.close()
    again = make_bench(module_name, nvm=tmp_path / "nvm.json")
    assert again.ok("AT+USECMNG=3") == listed


def test_the_forms_of_the_seeds(make_bench: Make, module_name: str, ca: trustme.CA) -> None:
    bench = make_bench(module_name, variants={"usecmng-import-1", "usecmng-list-plain"})
    pem = ca.cert_pem.bytes()
    answer = bench.prompted(f'AT+USECMNG=0,0,"ca",{len(pem)}', pem, b">")
    assert answer.text[0].startswith('+USECMNG: 1,0,"ca",')
    assert bench.ok("AT+USECMNG=3")[0].startswith('CA,"ca",')


def test_the_end_of_a_day_is_told_as_the_next_day(make_bench: Make, ca: trustme.CA) -> None:
    bench = make_bench()
    late = ca.issue_cert(common_name="x", not_after=datetime(2036, 7, 16, 23, 59, 59, tzinfo=UTC))
    install(bench, 0, "c", late.cert_chain_pems[0].bytes())
    assert bench.ok("AT+USECMNG=3")[0].endswith('"2036/07/17"')
