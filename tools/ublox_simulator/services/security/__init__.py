"""The module's security as a whole: certificates, profiles and their TLS sessions."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...tls import session as tls_session
from ...tls.certificates import CertificateStore, KeyLimits
from ...tls.failure import ENOMEM, TlsFailure
from ...tls.profile import Profile
from ..general.clock import RealTime
from .certificates import CertificateCommands
from .profiles import ProfileCommands, session_values

if TYPE_CHECKING:
    from ...module import Module
    from ...tls.client import TlsClient

ID_VALUES = 2
RESUMPTION, STATUS_TAG, KIND_TAG = 13, 0, 1


class Security(CertificateCommands, ProfileCommands):
    """+USECMNG, +USECPRF and the TLS clients of sockets, HTTP and other services."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        traits = module.spec.tls
        self.certificates = CertificateStore(
            module.nvm, KeyLimits(traits.least_rsa_bits, traits.least_ec_bits)
        )
        self.local = tls_session.LocalEncryption(module.nvm)
        self._sessions: dict[TlsClient, int | None] = {}
        self.reset_profiles()

    def reset(self) -> None:
        """Profiles are volatile, certificates are not."""
        self._sessions.clear()
        self.reset_profiles()

    def deep_slept(self, level: str) -> None:
        """Deep sleep clears the profiles (A10 3.4: the host keeps the session data)."""
        self.reset_profiles()

    def root_of_trust_psk(self, number: int) -> tuple[bytes, bytes]:
        """(identity, key) that the root of trust provides for a profile; test servers use them."""
        secret = self.local.secret
        identity = hmac.digest(secret, b"identity %d" % number, hashlib.sha256).hex()[:32]
        return identity.encode(), hmac.digest(secret, b"key %d" % number, hashlib.sha256)[:16]

    # -- sessions --------------------------------------------------------------------------

    @property
    def open_sessions(self) -> int:
        """Number of TLS sessions, handshakes included."""
        return len(self._sessions)

    def begin(self, number: int | None, host: str, datagrams: bool = False) -> TlsClient:
        """A client for profile `number` (None: a fresh one) that is to connect to `host`, a name
        or address. Raises TlsFailure. The caller must call `end`."""
        from ...tls.client import Plan, TlsClient  # OpenSSL is loaded only if needed

        if len(self._sessions) >= self.traits.sessions:
            raise TlsFailure("no TLS session is free", ENOMEM)
        profile = self.fresh_profile() if number is None else self.profiles[number]
        variants = self.module.options.variants
        resumes = profile.resumption.enabled
        plan = Plan(
            profile=replace(profile),
            certificates=self.certificates,
            host=profile.host or (host if "tls-host-implied" in variants else ""),
            now=self.module.service(RealTime).utc,
            newest=4 if "tls13" in variants and not resumes else 3,
            datagrams=datagrams,
            psk=self._psk(number, profile),
            session=self._offered(profile) if resumes else None,
            by_id=resumes and not self.traits.tickets,
        )
        client = TlsClient(plan)
        self._sessions[client] = number
        return client

    def end(self, client: TlsClient) -> None:
        """The connection of this client has ended."""
        self._sessions.pop(client, None)

    def _psk(self, number: int | None, profile: Profile) -> tuple[bytes, bytes] | None:
        if profile.root_of_trust and number is not None:
            return self.root_of_trust_psk(number)
        return (profile.psk_id, profile.psk) if profile.psk else None

    # -- resumption ------------------------------------------------------------------------

    def _offered(self, profile: Profile) -> Callable[[bytes], bytes | None]:
        def offer(suite: bytes) -> bytes | None:
            values = profile.resumption.current
            if values and profile.resumption.encrypted:
                values = self.local.open(values[0])
            if self.traits.tickets:
                return tls_session.from_ticket(values[0]) if values else None
            if len(values) != ID_VALUES:
                return None
            return tls_session.from_id_and_secret(values[0], values[1], suite)

        return offer

    def established(self, client: TlsClient) -> None:
        """The handshake is done: store and report the session's data if enabled."""
        number = self._sessions.get(client)
        if number is None or not self.profiles[number].resumption.enabled:
            return
        now = self.profiles[number].resumption
        values = self._data_of(client)
        if values:
            now.data[now.tag] = (self.local.seal(values),) if now.encrypted else values
        variants = self.module.options.variants
        if self.traits.tickets:
            prefix = "+USECPRF" if "session-urc-single-u" in variants else "+UUSECPRF"
            self.module.urc(f"{prefix}: {number},{RESUMPTION},{STATUS_TAG},{now.status}")
            return
        self.module.urc(f"+UUSECPRF: {number},{RESUMPTION},{KIND_TAG},{now.kind}")
        if values:
            quote = "" if "session-urc-plain" in variants else '"'
            shown = session_values(now.tag, now.current, quote)
            self.module.urc(f"+UUSECPRF: {number},{RESUMPTION},{now.tag},{shown}")

    def _data_of(self, client: TlsClient) -> tuple[str, ...]:
        """The strings that a host could restore; () when the server does not allow resumption."""
        session = client.session
        if not session:
            return ()
        if not self.traits.tickets:
            return tls_session.id_and_secret(session) or ()
        text = tls_session.ticket(session)
        return (text,) if text else ()
