"""TLS and DTLS of the module as a client: pyOpenSSL over memory, without any socket."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from OpenSSL import SSL, crypto

from ..errors import CommandError
from . import ciphers, openssl
from .certificates import CLIENT_CERT, PRIVATE_KEY, ROOT_CA, SERVER_CERT, CertificateStore
from .failure import EINVAL, TlsFailure
from .profile import CHAIN, DATE, HOST, Profile
from .session import server_hello

RECORD = 16384
HELLO = 5 + 4 + 2 + 32 + 1 + 32 + 2
"""Bytes that contain the suite of a ServerHello."""

DTLS10, DTLS12 = 0xFEFF, 0xFEFD
TLS_VERSIONS = (
    *(SSL.TLS1_VERSION, SSL.TLS1_VERSION, SSL.TLS1_1_VERSION),
    *(SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION),
)
DTLS_VERSIONS = (DTLS10, DTLS10, DTLS10, DTLS12, DTLS12)
"""<minimum version> of the profile -> OpenSSL's number."""


@dataclass
class Plan:
    """Everything a handshake depends on besides the server."""

    profile: Profile
    certificates: CertificateStore
    host: str
    """The name the certificate must have; "" when there is none."""
    now: Any
    """The module's UTC (datetime)."""
    newest: int
    """TLS version it speaks at most, as in op-code 1."""
    datagrams: bool = False
    psk: tuple[bytes, bytes] | None = None
    session: Callable[[bytes], bytes | None] | None = None
    """First suite offered -> session to resume, or None."""
    by_id: bool = False


class TlsClient:
    """One connection: bytes from the peer in, bytes for the peer out, and the plaintext."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._keep: Any = None
        self.refusal = ""
        """The reason why the peer's certificate was not accepted."""
        self.closed = False
        """The peer has announced the end."""
        self._hello: bytearray | None = None
        with _profile_errors():
            self._codes = self._suites()
            context = self._context()
            self.connection = SSL.Connection(context, None)
            self._prepare()
        self.connection.set_connect_state()

    # -- setting up ------------------------------------------------------------------------

    def _context(self) -> SSL.Context:
        plan = self._plan
        context = SSL.Context(SSL.DTLS_METHOD if plan.datagrams else SSL.TLS_METHOD)
        versions = DTLS_VERSIONS if plan.datagrams else TLS_VERSIONS
        context.set_min_proto_version(versions[plan.profile.least_version])
        context.set_max_proto_version(versions[max(plan.newest, plan.profile.least_version)])
        context.set_options(SSL.OP_NO_COMPRESSION)
        if plan.datagrams:
            context.set_options(SSL.OP_NO_QUERY_MTU)
        if plan.by_id:
            # Resumption from id and master secret alone: no other data may enter into the keys.
            context.set_options(SSL.OP_NO_TICKET | openssl.NO_EXTENDED_MASTER_SECRET)
        self._offer(context)
        self._own_identity(context)
        if plan.psk is not None:
            self._keep = openssl.use_psk(context, *plan.psk)
        if plan.profile.level >= CHAIN:
            self._trust(context)
        return context

    def _suites(self) -> list[int]:
        chosen = self._plan.profile.suites.codes
        if chosen:
            return list(chosen)
        psk = self._plan.psk is not None
        return [code for code in ciphers.STRONGEST_FIRST if psk or not ciphers.needs_psk(code)]

    def _offer(self, context: SSL.Context) -> None:
        names = [ciphers.NAMES[code] for code in self._codes if not ciphers.is_tls13(code)]
        newer = [ciphers.NAMES[code] for code in self._codes if ciphers.is_tls13(code)]
        if newer:
            context.set_tls13_ciphersuites(":".join(newer).encode())
        # The module's keys and versions may be too old for OpenSSL's defaults.
        context.set_cipher_list(":".join([*names, "@SECLEVEL=0"]).encode())

    def _own_identity(self, context: SSL.Context) -> None:
        profile, store = self._plan.profile, self._plan.certificates
        if not profile.client_cert:
            return
        certificate = store.find(CLIENT_CERT, profile.client_cert).certificate
        item = store.find(PRIVATE_KEY, profile.client_key)
        key = load_der_private_key(item.private_key(profile.key_password), None)
        context.use_certificate(certificate)
        context.use_privatekey(key)  # type: ignore[arg-type]
        context.check_privatekey()

    def _trust(self, context: SSL.Context) -> None:
        """The chosen root, or every imported one when none is chosen (A10 3.2)."""
        profile, certificates = self._plan.profile, self._plan.certificates
        if profile.ca:
            roots = [certificates.find(ROOT_CA, profile.ca)]
        else:
            roots = [item for item in certificates if item.kind == ROOT_CA]
        store = context.get_cert_store()
        assert store is not None
        for root in roots:
            store.add_cert(crypto.X509.from_cryptography(root.certificate))
        # A certificate imported as a root ends a chain, whatever its issuer.
        store.set_flags(openssl.X509_PARTIAL_CHAIN)
        if profile.level >= DATE:
            store.set_time(self._plan.now)
        else:
            store.set_flags(openssl.X509_NO_CHECK_TIME)
        context.set_verify(SSL.VERIFY_PEER, self._judge)

    def _prepare(self) -> None:
        plan = self._plan
        profile = plan.profile
        if profile.level >= HOST:
            if not plan.host:
                raise TlsFailure("no host name to compare with", EINVAL)
            openssl.expect_host(self.connection, plan.host, _address(plan.host))
        if profile.sni:
            self.connection.set_tlsext_host_name(profile.sni.encode("latin-1"))
        if plan.datagrams:
            self.connection.set_ciphertext_mtu(1200)
        if plan.session is not None:
            session = plan.session(self._codes[0].to_bytes(2, "big"))
            if session and openssl.import_session(self.connection, session) and plan.by_id:
                self._hello = bytearray()

    def _judge(
        self, connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, ok: int
    ) -> bool:
        """Check one certificate of the chain, with OpenSSL's result and the module's limits."""
        if not ok:
            self.refusal = openssl.verdict(error)
            return False
        try:
            key = certificate.to_cryptography().public_key()
        except (ValueError, UnsupportedAlgorithm):
            self.refusal = f"key of an unknown kind at depth {depth}"
            return False
        if not self._plan.certificates.limits.allow(key):
            self.refusal = f"key too small at depth {depth}"
            return False
        return True

    # -- handshake -------------------------------------------------------------------------

    def advance(self) -> bool:
        """Continue as far as possible; True when the connection is secure. Raises TlsFailure."""
        try:
            self.connection.do_handshake()
        except SSL.WantReadError:
            return False
        except SSL.Error as error:
            raise TlsFailure(self.refusal or reason_of(error)) from None
        self._check_pin()
        return True

    def _check_pin(self) -> None:
        profile = self._plan.profile
        if not profile.pin or self.resumed:
            return
        peer = self.connection.get_peer_certificate(as_cryptography=True)
        try:
            expected = self._plan.certificates.find(SERVER_CERT, profile.pin).certificate
        except CommandError:
            raise TlsFailure("pinned certificate not imported", EINVAL) from None
        if peer is None or not matches(peer, expected, profile.pin_level):
            raise TlsFailure("not the pinned certificate")

    @property
    def resumed(self) -> bool:
        """Whether the session data were good for an abbreviated handshake."""
        return openssl.resumed(self.connection)

    @property
    def session(self) -> bytes:
        """The session, serialised; b"" when there is none."""
        return openssl.export_session(self.connection)

    # -- bytes -----------------------------------------------------------------------------

    def incoming(self, data: bytes) -> None:
        """Bytes from the peer."""
        if self._hello is not None:
            self._hello += data
            if len(self._hello) < HELLO and self._hello[0] == 22:
                return
            data, self._hello = bytes(self._hello), None
            found = server_hello(data)
            if found is not None:
                openssl.agree_session(self.connection, found[0], found[2])
        self.connection.bio_write(data)

    def outgoing(self) -> bytes:
        """Bytes to be sent to the peer."""
        found = bytearray()
        with contextlib.suppress(SSL.WantReadError):
            while True:
                found += self.connection.bio_read(65536)
        return bytes(found)

    def read(self, room: int) -> bytes:
        """Up to `room` bytes of plaintext; sets `closed` at the end. Raises TlsFailure."""
        found = bytearray()
        while len(found) < room:
            try:
                found += self.connection.recv(min(RECORD, room - len(found)))
            except SSL.WantReadError:
                break
            except SSL.ZeroReturnError:
                self.closed = True
                break
            except SSL.Error as error:
                if found:
                    break  # reported at the next read
                raise TlsFailure(reason_of(error)) from None
        return bytes(found)

    def write(self, data: bytes) -> bytes:
        """Plaintext to bytes for the peer. Raises TlsFailure."""
        try:
            self.connection.sendall(data)
        except SSL.Error as error:
            raise TlsFailure(reason_of(error)) from None
        return self.outgoing()

    def farewell(self) -> bytes:
        """The last bytes for the peer."""
        with contextlib.suppress(SSL.Error):
            self.connection.shutdown()
        return self.outgoing()


def _address(host: str) -> bytes | None:
    try:
        return ipaddress.ip_address(host).packed
    except ValueError:
        return None


@contextlib.contextmanager
def _profile_errors() -> Any:
    """An unusable profile (names not imported, key of another certificate, an unavailable suite)
    fails the connection before a byte is sent."""
    try:
        yield
    except CommandError as error:
        raise TlsFailure(f"profile: {error}", EINVAL) from None
    except (SSL.Error, crypto.Error, ValueError, UnsupportedAlgorithm) as error:
        raise TlsFailure(f"profile: {error}", EINVAL) from None


def reason_of(error: SSL.Error) -> str:
    """OpenSSL's text of an error."""
    parts = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return str(parts[-1][2]) if parts else "connection lost in the handshake"


def matches(peer: x509.Certificate, expected: x509.Certificate, level: int) -> bool:
    """Pinning (op-code 12): 0 the key with its algorithm, 1 the bare key, 2 the certificate."""
    if level == 2:
        return peer == expected
    key, wanted = peer.public_key(), expected.public_key()
    if level == 1:
        return _bare(key) == _bare(wanted)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_bytes(*form) == wanted.public_bytes(*form)


def _bare(key: Any) -> bytes:
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
