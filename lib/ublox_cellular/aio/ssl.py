"""`modem.ssl` stands in for the `ssl` module: ordinary code asks the module for TLS by it.

    context = modem.ssl.create_default_context()
    context.load_verify_locations(cadata=pem)           # or "root", its name on the module
    sock = context.wrap_socket(modem.socket(), server_hostname="example.com")
    sock.connect(("example.com", 443))

A context is a security profile of the module (security.py); certificates and keys given as bytes
are stored on the module first, under a name made of their checksum, unless they are there already.
What `ssl` has and the module has not is not here: reading the peer's certificate, servers.
"""

from binascii import crc32

from ..core.errors import NotSupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EOPNOTSUPP = 95

CERT_NONE = 0
CERT_REQUIRED = 2
_PROTOCOL_TLS_CLIENT = 16

_VERSIONS = ("1.0", "1.1", "1.2", "1.3")  # TLSVersion.TLSv1 is 0x301


class Context:
    """What `wrap_socket` hands on to the module. Changes count until the first connection.

    `verify_mode`: `CERT_REQUIRED` (at first) or `CERT_NONE`; `check_hostname`: True at first;
    `minimum_version`: 0x301 for TLS 1.0 to 0x304 for 1.3, None for any.
    """

    if TYPE_CHECKING:
        profile: Any
        minimum_version: int | None

    def __init__(self, modem, profile=None):
        self.modem = modem
        self.profile = profile
        self.verify_mode = CERT_REQUIRED
        self.check_hostname = True
        self.minimum_version = None
        self.ca = self.cert = self.key = self.password = None

    def load_verify_locations(self, cafile=None, capath=None, cadata=None) -> None:
        """The root CA: `cafile` by its name on the module, `cadata` as bytes (PEM or DER)."""
        if capath is not None:
            raise NotSupported(_EOPNOTSUPP, self.modem.name, "directory of certificates")
        self.ca = cadata or cafile

    def load_cert_chain(self, certfile, keyfile=None, password=None) -> None:
        """Client certificate and key: names they have on the module, or bytes (PEM or DER)."""
        self.cert = certfile
        self.key = keyfile or certfile
        self.password = password

    async def _settle(self):
        """The profile, made when it is first needed."""
        security = self.modem.security
        verified = self.verify_mode != CERT_NONE
        if self.profile is None and verified and not self.ca:
            return security.default
        if self.profile is None:
            wanted = {} if verified else {"verify": "none"}
            if verified and not self.check_hostname:
                wanted["verify"] = "chain"
            if self.minimum_version is not None:
                wanted["min_version"] = _VERSIONS[self.minimum_version - 0x301]
            self.profile = security.profile(
                ca=await self._named("CA", self.ca),
                cert=await self._named("CC", self.cert),
                key=await self._named("PK", self.key),
                **wanted,
            )
        return self.profile

    async def _named(self, kind: str, item):
        """The name of a certificate or key on the module, where bytes are brought to now."""
        if item is None or isinstance(item, str):
            return item
        name = "%s-%08x" % (kind.lower(), crc32(item) & 0xFFFFFFFF)
        password = self.password if kind == "PK" else None
        await self.modem.security.store(kind, name, item, password)
        return name

    async def wrap_socket(
        self,
        sock,
        server_side=False,
        do_handshake_on_connect=True,
        suppress_ragged_eofs=True,
        server_hostname=None,
        **more,
    ):
        """The same socket, which speaks TLS from its connection on; one that is connected
        already is connected anew. See secure.py."""
        if server_side:
            raise NotSupported(_EOPNOTSUPP, self.modem.name, "TLS for a server")
        await sock.secure(await self._settle(), server_hostname)
        return sock


class Ssl:
    """The module's face: constants, `SSLContext`, `create_default_context`, `wrap_socket`."""

    CERT_NONE = CERT_NONE
    CERT_REQUIRED = CERT_REQUIRED
    PROTOCOL_TLS_CLIENT = _PROTOCOL_TLS_CLIENT

    def __init__(self, modem):
        self.modem = modem

    def lost(self) -> None:
        """The module has restarted: contexts know nothing of it, profiles do."""

    def SSLContext(self, protocol=_PROTOCOL_TLS_CLIENT) -> Context:
        """A context that verifies; see `Context`."""
        if protocol != _PROTOCOL_TLS_CLIENT:
            raise NotSupported(_EOPNOTSUPP, self.modem.name, "TLS for a server")
        return Context(self.modem)

    def create_default_context(self) -> Context:
        """A context that verifies."""
        return Context(self.modem)

    def context(self, profile) -> Context:
        """A context for a profile of `modem.security.profile()`."""
        return Context(self.modem, profile)

    async def wrap_socket(self, sock, server_hostname=None, **options):
        """MicroPython's old short way, by the default profile."""
        return await Context(self.modem).wrap_socket(sock, server_hostname=server_hostname)
