"""The certificate memory of a module: imports of +USECMNG, really parsed and stored in NVM."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from ..errors import CommandError
from ..nvm import Nvm

ROOT_CA, CLIENT_CERT, PRIVATE_KEY, SERVER_CERT, VERIFY_CERT, PUBLIC_KEY = range(6)
KIND_NAMES = ("CA", "CC", "PK", "SC", "VC", "PU")
CERTIFICATES = (ROOT_CA, CLIENT_CERT, SERVER_CERT, VERIFY_CERT)

BAD_FORMAT, FULL, NOT_THERE, BAD_KEY, NOT_DECODED = 1913, 1914, 1916, 1918, 1920
"""+CME ERROR numbers (at-commands 15)."""

ITEM_LIMIT = 16
NVM_KEY = "certificates"
ARMOUR = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
HEADER_LINE = re.compile(rb"^[A-Za-z-]+: .*$", re.MULTILINE)
"""Mark of an old-style encrypted PEM key."""


@dataclass(frozen=True)
class Item:
    """One stored certificate or key."""

    kind: int
    name: str
    der: bytes
    password: str = ""

    @property
    def md5(self) -> str:
        """MD5 of the stored bytes, 32 hex digits."""
        return hashlib.md5(self.der, usedforsecurity=False).hexdigest()

    @property
    def certificate(self) -> x509.Certificate:
        """The parsed certificate (not for keys)."""
        return x509.load_der_x509_certificate(self.der)

    def private_key(self, password: str) -> bytes:
        """The key as plain PKCS8 DER; raises ValueError when the password does not open it."""
        return plain_key(self.der, password or self.password)

    def listed(self, quote: str) -> str:
        """The line of +USECMNG=3 (at-commands 4.1)."""
        fields = [f"{quote}{KIND_NAMES[self.kind]}{quote}", f'"{self.name}"']
        if self.kind in CERTIFICATES:
            certificate = self.certificate
            fields += [f'"{common_name(certificate)}"', f'"{expiry(certificate)}"']
        return ",".join(fields)


def common_name(certificate: x509.Certificate) -> str:
    """The subject's common name, "" when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def expiry(certificate: x509.Certificate) -> str:
    """`YYYY/MM/DD HH:MM:SS`; the last second of a day is shown as the next day without a time, as
    both seeds show it (thawte's root ends 2036-07-16 23:59:59, listed as 2036/07/17)."""
    end = certificate.not_valid_after_utc
    if (end.hour, end.minute, end.second) == (23, 59, 59):
        return (end + timedelta(seconds=1)).strftime("%Y/%m/%d")
    return end.strftime("%Y/%m/%d %H:%M:%S")


def key_size(key: object) -> tuple[str, int]:
    """("rsa", bits), ("ec", bits) or ("", 0) for kinds without limits."""
    if isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)):
        return "rsa", key.key_size
    if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
        return "ec", key.key_size
    return "", 0


@dataclass(frozen=True)
class KeyLimits:
    """The smallest keys that a module accepts (A10 3.1)."""

    rsa_bits: int
    ec_bits: int

    def allow(self, key: object) -> bool:
        """Whether this key is large enough."""
        family, bits = key_size(key)
        least = {"rsa": self.rsa_bits, "ec": self.ec_bits}.get(family, 0)
        return bits >= least


def plain_key(der: bytes, password: str) -> bytes:
    """A private key decrypted, as PKCS8 DER; raises ValueError."""
    secret = password.encode("latin-1") or None
    try:
        try:
            key = load_der_private_key(der, secret)
        except TypeError:  # a password for a key without one does no harm; a missing one does
            if secret is None:
                raise ValueError("the key is encrypted") from None
            key = load_der_private_key(der, None)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from None
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def is_encrypted(der: bytes) -> bool:
    """Whether a DER private key needs a password."""
    try:
        load_der_private_key(der, None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return False


def decode(kind: int, data: bytes, password: str) -> bytes:
    """PEM or DER as DER; raises CommandError."""
    found = ARMOUR.search(data)
    if found is None:
        if b"-----BEGIN" in data or b"-----END" in data:
            raise CommandError(NOT_DECODED)
        return data
    label, body = found.groups()
    if ARMOUR.search(data, found.end()):
        raise CommandError(BAD_FORMAT)  # one item at a time, no bundles (decided, U)
    wanted = b"CERTIFICATE" if kind in CERTIFICATES else b"KEY"
    if wanted not in label:
        raise CommandError(BAD_FORMAT if kind in CERTIFICATES else BAD_KEY)
    if b"Proc-Type" in body:
        return _old_style_key(data, password)
    try:
        return base64.b64decode(b"".join(HEADER_LINE.sub(b"", body).split()), validate=True)
    except binascii.Error:
        raise CommandError(NOT_DECODED) from None


def _old_style_key(data: bytes, password: str) -> bytes:
    """A PEM key whose header has the kind of its encryption cannot be kept as DER: decrypt it."""
    try:
        key = load_pem_private_key(data, password.encode("latin-1"))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CommandError(BAD_KEY) from None
    return key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def check(kind: int, der: bytes, password: str, limits: KeyLimits) -> None:
    """Parse an item to be stored; raises CommandError when it is not of this `kind`."""
    if kind == PRIVATE_KEY:
        _check_private_key(der, password, limits)
        return
    try:
        if kind == PUBLIC_KEY:
            key: object = load_der_public_key(der)
        else:
            certificate = x509.load_der_x509_certificate(der)
            common_name(certificate)
            key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CommandError(BAD_FORMAT) from None
    if not limits.allow(key):
        raise CommandError(BAD_FORMAT)


def _check_private_key(der: bytes, password: str, limits: KeyLimits) -> None:
    if not password and is_encrypted(der):
        return  # +USECPRF op-code 7 must open it at each handshake
    try:
        key = load_der_private_key(plain_key(der, password), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CommandError(BAD_KEY) from None
    if not limits.allow(key):
        raise CommandError(BAD_KEY)


class CertificateStore:
    """Up to 16 items, by kind and name."""

    def __init__(self, nvm: Nvm, limits: KeyLimits) -> None:
        self._nvm = nvm
        self.limits = limits

    def __iter__(self) -> Iterator[Item]:
        for kind, name, der, password in self._nvm.get(NVM_KEY, []):
            yield Item(kind, name, base64.b64decode(der), password)

    def add(self, kind: int, name: str, data: bytes, password: str) -> Item:
        """Check and store; the same name overwrites. Raises CommandError."""
        der = decode(kind, data, password)
        check(kind, der, password, self.limits)
        item = Item(kind, name, der, password)
        kept = [old for old in self if (old.kind, old.name) != (kind, name)]
        if len(kept) >= ITEM_LIMIT:
            raise CommandError(FULL)
        self._write([*kept, item])
        return item

    def find(self, kind: int, name: str) -> Item:
        """The item; raises CommandError(1916) when there is none."""
        for item in self:
            if (item.kind, item.name) == (kind, name):
                return item
        raise CommandError(NOT_THERE)

    def remove(self, kind: int, name: str) -> None:
        """Remove it; raises CommandError(1916) when there is none."""
        gone = self.find(kind, name)
        self._write([item for item in self if item != gone])

    def _write(self, items: list[Item]) -> None:
        self._nvm.put(
            NVM_KEY,
            [
                [item.kind, item.name, base64.b64encode(item.der).decode(), item.password]
                for item in items
            ],
        )
