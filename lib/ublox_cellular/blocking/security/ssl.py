# Generated from aio/security/ssl.py by tools/generate. Do not edit.
"""`modem.ssl` stands in for the `ssl` module: ordinary code asks the module for TLS by it.

    context = modem.ssl.create_default_context()
    context.load_verify_locations(cadata=pem)           # or "root", its name on the module
    sock = context.wrap_socket(modem.socket(), server_hostname="example.com")
    sock.connect(("example.com", 443))

It verifies unless `verify_mode` or `cert_reqs` is set to `CERT_NONE`, also where CPython's or
MicroPython's would not by default. What the modules have not is refused (`NotSupported`), never
ignored: servers, a highest version, several root certificates, revocation lists. Contexts are in
ssl_context.py, names in core/ssl_names.py, what wrapped sockets have in this file.
A5 3.2, A10 3.2.
"""

from ...core.compat import const
from ...core.errors import NotSupported
from .ssl_context import blocks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from .ssl_context import Context

    class _BoundContext(Context):
        def __init__(self, protocol: int = 16): ...


_EOPNOTSUPP = 95
_SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
_TLS_CLIENT = 16
_TLS_SERVER = 17


class Ssl:
    """The module's face: constants, `SSLContext`, `create_default_context`, `wrap_socket`."""

    if TYPE_CHECKING:
        SSLContext: type[_BoundContext]

        from ...core.ssl_names import CertificateError as CertificateError
        from ...core.ssl_names import Purpose as Purpose
        from ...core.ssl_names import SSLCertVerificationError as SSLCertVerificationError
        from ...core.ssl_names import SSLEOFError as SSLEOFError
        from ...core.ssl_names import SSLError as SSLError
        from ...core.ssl_names import SSLSyscallError as SSLSyscallError
        from ...core.ssl_names import SSLWantReadError as SSLWantReadError
        from ...core.ssl_names import SSLWantWriteError as SSLWantWriteError
        from ...core.ssl_names import SSLZeroReturnError as SSLZeroReturnError
        from ...core.ssl_names import TLSVersion as TLSVersion

        CERT_NONE: int
        CERT_OPTIONAL: int
        CERT_REQUIRED: int
        PROTOCOL_TLS: int
        PROTOCOL_SSLv23: int
        PROTOCOL_TLS_CLIENT: int
        PROTOCOL_TLS_SERVER: int
        PROTOCOL_DTLS_CLIENT: int
        PROTOCOL_DTLS_SERVER: int
        OP_ALL: int
        OP_NO_SSLv2: int
        OP_NO_SSLv3: int
        OP_NO_TLSv1: int
        OP_NO_TLSv1_1: int
        OP_NO_TLSv1_2: int
        OP_NO_TLSv1_3: int
        OP_NO_COMPRESSION: int
        OP_NO_TICKET: int
        OP_NO_RENEGOTIATION: int
        OP_CIPHER_SERVER_PREFERENCE: int
        OP_SINGLE_DH_USE: int
        OP_SINGLE_ECDH_USE: int
        OP_ENABLE_MIDDLEBOX_COMPAT: int
        OP_IGNORE_UNEXPECTED_EOF: int
        OP_LEGACY_SERVER_CONNECT: int
        VERIFY_DEFAULT: int
        VERIFY_CRL_CHECK_LEAF: int
        VERIFY_CRL_CHECK_CHAIN: int
        VERIFY_X509_STRICT: int
        VERIFY_X509_TRUSTED_FIRST: int
        VERIFY_X509_PARTIAL_CHAIN: int
        HAS_SNI: bool
        HAS_ECDH: bool
        HAS_TLSv1: bool
        HAS_TLSv1_1: bool
        HAS_TLSv1_2: bool
        HAS_ALPN: bool
        HAS_NPN: bool
        HAS_SSLv2: bool
        HAS_SSLv3: bool
        HAS_TLSv1_3: bool
        HAS_NEVER_CHECK_COMMON_NAME: bool

    def __init__(self, modem):
        self.modem = modem

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            if name == "SSLContext":
                from .ssl_context import bound

                self.SSLContext = bound(self.modem)
                return self.SSLContext
            if name[:3] == "SSL" or name == "CertificateError":
                from ...core import ssl_names

                return getattr(ssl_names, name)
            from ...core import ssl_names

            if name in ("TLSVersion", "Purpose"):
                return getattr(ssl_names, name)
            return ssl_names.number(name)

    def lost(self) -> None:
        """The module has restarted: contexts know nothing of it, profiles do."""

    def create_default_context(
        self, purpose=_SERVER_AUTH, *, cafile=None, capath=None, cadata=None
    ) -> "Context":
        """A context that verifies, by the root certificate given or by any the module has; see
        `Context.load_verify_locations`. `NotSupported` for `Purpose.CLIENT_AUTH`."""
        if purpose != _SERVER_AUTH:
            raise NotSupported(_EOPNOTSUPP, self.modem.name, "TLS for a server")
        context = self.SSLContext(_TLS_CLIENT)
        if cafile or capath or cadata:
            context.load_verify_locations(cafile, capath, cadata)
        return context

    def _create_default_https_context(self) -> "Context":
        """As CPython's http.client asks for one."""
        return self.create_default_context()

    def _create_unverified_context(self) -> "Context":
        """As programs ask for one that verifies nothing."""
        context = self.SSLContext(_TLS_CLIENT)
        context.verify_mode = 0
        return context

    def context(self, profile) -> "Context":
        """A context for a profile of `modem.security.profile()`, whose settings it has."""
        context = self.SSLContext(_TLS_CLIENT)
        context.given = profile
        return context

    def wrap_socket(
        self, sock, server_side=False, key=None, cert=None, cert_reqs=None, cadata=None,
        server_hostname=None, do_handshake=True, *, keyfile=None, certfile=None, ca_certs=None,
        ciphers=None, ssl_version=_TLS_CLIENT, do_handshake_on_connect=True,
        suppress_ragged_eofs=True,
    ):  # fmt: skip
        """The old short way, with MicroPython's arguments and those of CPython's names: `key`,
        `cert`, `cadata` as of `Context.load_cert_chain` and `load_verify_locations`. `cert_reqs`
        is `CERT_REQUIRED` where it is not given."""
        context = self.SSLContext(_TLS_SERVER if server_side else ssl_version)
        key, cert = key or keyfile, cert or certfile
        if key or cert:
            context.load_cert_chain(cert or key, key)
        if cadata or ca_certs:
            context.load_verify_locations(ca_certs, None, cadata)
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if cert_reqs is not None:
            context.verify_mode = cert_reqs
        return context.wrap_socket(
            sock,
            server_side,
            do_handshake and do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
        )


# ---- options of a context -----------------------------------------------------------------------
#
# What a context of `modem.ssl` is seldom told: cipher suites, and a certificate of our own.


def set_ciphers(context, ciphers) -> None:
    """Cipher suites by OpenSSL's or IANA's names, with ":" between or in a sequence; LEXI-R10
    takes one. "DEFAULT": the module chooses. `NotSupported` for expressions, `SSLError` for
    names that are not known."""
    from ...core.ciphers import chosen

    suites = chosen(ciphers)
    if suites is None:
        raise context.refused("choice of ciphers by expressions")
    if len(suites) > 1 and not context.modem.PROFILE_TRAITS[3]:
        raise context.refused("list of ciphers: one at a time")
    context.suites = suites or None


def get_ciphers(context) -> list:
    """What `set_ciphers` was told, as CPython has it: a dictionary with "name" of each;
    `NotSupported` before, as the module does not list what it has."""
    if not context.suites:
        raise context.refused("list of its ciphers")
    return [{"name": name} for name in context.suites]


def set_alpn_protocols(context, protocols) -> None:
    """`NotSupported`, but for "http/1.1" alone: what servers speak where they are asked for
    nothing, and what CPython's http.client always asks for."""
    if list(protocols) != ["http/1.1"]:
        raise context.refused("documented way to set ALPN")


def load_cert_chain(context, certfile, keyfile=None, password=None) -> None:
    """Client certificate and key: local files, else names they have on the module, or PEM or
    DER; without `keyfile` the key is in the same PEM, or has the same name. `password`: of an
    encrypted key, or a function that gives it."""
    certificates = blocks(certfile, b"CERTIFICATE")
    if len(certificates) > 1:
        raise context.refused("chain of client certificates")
    keys = blocks(keyfile or certfile, b"PRIVATE KEY")
    if len(keys) != 1:
        raise ValueError("keyfile: one private key wanted")
    if callable(password):
        password = password()
    context.cert, context.key, context.password = certificates[0], keys[0], password


# ---- methods of a secure socket -----------------------------------------------------------------
#
# What a socket that speaks TLS has beside the others, as in the `ssl` module. The handshake is
# the module's, and it tells nothing of what was agreed on: what is not known is not made up here.


def _none(sock, what: str) -> NotSupported:
    return NotSupported(_EOPNOTSUPP, sock.pool.modem.name, what)


def do_handshake(sock, block=False) -> None:
    """Wait until the connection stands and is secure. `SSLError` as of `connect()`; where the
    socket does not wait `SSLWantReadError` until it is done."""
    if sock.ready():
        return
    attempt = sock.attempt
    if attempt is None:
        raise sock.dead()
    if sock.timeout_ms == 0 and not block:
        raise sock.late()
    attempt.finish()


def getpeercert(sock, binary_form=False):
    """`NotSupported`: the module verifies certificates and shows them to nobody."""
    raise _none(sock, "certificate of the other side")


def cipher(sock) -> None:
    """None: not known."""


def version(sock) -> None:
    """None: not known; at least what the profile asks for."""


def selected_alpn_protocol(sock) -> None:
    """None: the modules have no documented way to ask for one."""


def pending(sock) -> int:
    """Bytes that can be read without waiting."""
    slot = sock.slot
    return sock.last - sock.first + (slot.pending if slot is not None else 0)


def unwrap(sock):
    """`NotSupported`: TLS ends with the connection."""
    raise _none(sock, "connection that goes on without TLS")
