"""Certificates and keys for tests, made once a run."""

from __future__ import annotations

import base64
import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
PKCS8 = serialization.PrivateFormat.PKCS8
PKCS1 = serialization.PrivateFormat.TraditionalOpenSSL
PASSWORD = "open sesame"


@cache
def ec_key(name: str = "p256") -> ec.EllipticCurvePrivateKey:
    curves = {"p256": ec.SECP256R1(), "p192": ec.SECP192R1()}
    return ec.generate_private_key(curves[name])


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def small_key(encoding: serialization.Encoding, form: serialization.PrivateFormat) -> bytes:
    """A key on a curve of 163 bits, which the library has no more: SEC 1 or PKCS #8 by hand."""
    curve = bytes.fromhex("06052b81040001")
    data = _tagged(0x30, b"\x02\x01\x01" + _tagged(4, bytes(range(1, 22))))
    label = b"EC PRIVATE KEY"
    if form is PKCS8:
        algorithm = _tagged(0x30, bytes.fromhex("06072a8648ce3d0201") + curve)
        data = _tagged(0x30, b"\x02\x01\x00" + algorithm + _tagged(4, data))
        label = b"PRIVATE KEY"
    if encoding is DER:
        return data
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, base64.encodebytes(data), label)


def _tagged(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content


@cache
def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test root")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
        .not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=20000))
        .public_key(ec_key().public_key()).sign(ec_key(), hashes.SHA256())
    )  # fmt: skip


def key_bytes(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encoding: serialization.Encoding = PEM,
    form: serialization.PrivateFormat = PKCS8,
    password: str = "",
) -> bytes:
    lock = (
        serialization.BestAvailableEncryption(password.encode())
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(encoding, form, lock)


def public_bytes(encoding: serialization.Encoding = PEM) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return ec_key().public_key().public_bytes(encoding, form)
