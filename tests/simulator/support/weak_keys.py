"""Keys too small for LEXI-R10, and certificates with them."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def weak_key() -> rsa.RSAPrivateKey:
    """RSA of 512 bits, which cryptography does not generate."""
    p, q = prime(2**255 + 2**254), prime(2**255 + 2**253)
    e, d = 65537, pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    crt = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()


def prime(start: int) -> int:
    """The next (probable) prime."""
    odd = start | 1
    while any(pow(base, odd - 1, odd) != 1 for base in (2, 3, 5)):
        odd += 2
    return odd


def certificate(subject: str, key: Key, issuer: str, signer: Key) -> bytes:
    """A certificate in PEM."""
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in (subject, issuer)]
    builder = x509.CertificateBuilder(
        issuer_name=names[1],
        subject_name=names[0],
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2040, 1, 1, tzinfo=UTC),
    ).add_extension(x509.BasicConstraints(subject == issuer, None), critical=True)
    return builder.sign(signer, SHA256()).public_bytes(Encoding.PEM)


def key_pem(key: Key) -> bytes:
    """A private key in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
