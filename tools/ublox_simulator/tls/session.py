"""TLS session data as the host stores them (A5 3.4, A10 3.4): id and secret, or a ticket.

The host has everything that a resumption needs; the module stores nothing of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ..nvm import Nvm

TLS12 = 0x0303
INTEGER, OCTETS, SEQUENCE = 0x02, 0x04, 0x30
TIME, TIMEOUT, PEER, TICKET = 0xA1, 0xA2, 0xA3, 0xAA
"""Tags in OpenSSL's serialised session."""

VERSION_FIELD, ID_FIELD, SECRET_FIELD = 1, 3, 4
MASTER_SECRET, LONGEST_ID = 48, 32
LIFETIME_S = 7200
NVM_KEY = "local-encryption"


# -- OpenSSL's form: a sequence of simple fields --------------------------------------------


def _field(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _number(value: int) -> bytes:
    return _field(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _fields(der: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents of the outer sequence; ValueError when it is none."""
    outer = _split(der)
    if len(outer) != 1 or outer[0][0] != SEQUENCE:
        raise ValueError("not a session")
    return _split(outer[0][1])


def _split(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    index = 0
    while index < len(data):
        if index + 2 > len(data):
            raise ValueError("cut short")
        tag, size = data[index], data[index + 1]
        index += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[index : index + count], "big")
            index += count
        if index + size > len(data):
            raise ValueError("cut short")
        found.append((tag, data[index : index + size]))
        index += size
    return found


# -- session id -----------------------------------------------------------------------------


def id_and_secret(der: bytes) -> tuple[str, str] | None:
    """Data reported by SARA-R5: id and master secret in base64; None when the server gave no
    id."""
    fields = _fields(der)
    ident, secret = fields[ID_FIELD][1], fields[SECRET_FIELD][1]
    if not ident or any(tag == TICKET for tag, _ in fields):
        return None
    return base64.b64encode(ident).decode(), base64.b64encode(secret).decode()


def from_id_and_secret(ident: str, secret: str, suite: bytes) -> bytes | None:
    """A session to offer; None when the data are damaged. `suite` replaces the unknown one
    until the server has named it (`openssl.agree_session`)."""
    raw_id, raw_secret = _decode(ident), _decode(secret)
    if not raw_id or len(raw_id) > LONGEST_ID or raw_secret is None:
        return None
    if len(raw_secret) != MASTER_SECRET:
        return None
    return _field(
        SEQUENCE,
        _number(1)
        + _number(TLS12)
        + _field(OCTETS, suite)
        + _field(OCTETS, raw_id)
        + _field(OCTETS, raw_secret)
        + _field(TIME, _number(int(time.time())))
        + _field(TIMEOUT, _number(LIFETIME_S)),
    )


def server_hello(data: bytes) -> tuple[int, bytes, bytes] | None:
    """(version, session id, suite) of the first record, None when it is not one."""
    body = data[5:]
    if len(body) < 39 or data[0] != 22 or body[0] != 2:
        return None
    end = 39 + body[38]
    if len(body) < end + 2:
        return None
    return int.from_bytes(body[4:6], "big"), body[39:end], body[end : end + 2]


# -- ticket ---------------------------------------------------------------------------------


def ticket(der: bytes) -> str | None:
    """Data reported by LEXI-R10: the session without the peer's certificate, in base64; None when
    the server gave no ticket."""
    fields = _fields(der)
    if not any(tag == TICKET for tag, _ in fields):
        return None
    slim = b"".join(_field(tag, content) for tag, content in fields if tag != PEER)
    return base64.b64encode(_field(SEQUENCE, slim)).decode()


def from_ticket(text: str) -> bytes | None:
    """A session to offer; None when the data are damaged."""
    der = _decode(text)
    if der is None:
        return None
    try:
        fields = _fields(der)
    except ValueError:
        return None
    whole = len(fields) > SECRET_FIELD and len(fields[SECRET_FIELD][1]) == MASTER_SECRET
    return der if whole and any(tag == TICKET for tag, _ in fields) else None


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


# -- local encryption -----------------------------------------------------------------------


class LocalEncryption:
    """Encrypts with a key that never leaves this module: no other module can use its results."""

    def __init__(self, nvm: Nvm) -> None:
        self._nvm = nvm

    @property
    def secret(self) -> bytes:
        """The root of trust: created at the first use and kept permanently."""
        stored = self._nvm.get(NVM_KEY, "")
        if not stored:
            stored = os.urandom(32).hex()
            self._nvm.put(NVM_KEY, stored)
        return bytes.fromhex(stored)

    def seal(self, values: tuple[str, ...]) -> str:
        """Strings to base64, the same for the same: according to A5 3.4 the host compares them."""
        plain = json.dumps(values).encode()
        return base64.b64encode(AESSIV(self.secret).encrypt(plain, None)).decode()

    def open(self, text: str) -> tuple[str, ...]:
        """Base64 to strings; () when it is damaged or another module's."""
        raw = _decode(text)
        if not raw:
            return ()
        try:
            plain = AESSIV(self.secret).decrypt(raw, None)
        except (InvalidTag, ValueError):
            return ()
        return tuple(json.loads(plain))
