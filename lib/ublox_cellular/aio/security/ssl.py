"""`modem.ssl` stands in for the `ssl` module: ordinary code asks the module for TLS by it.

    context = modem.ssl.create_default_context()
    context.load_verify_locations(cadata=pem)           # or "root", its name on the module
    sock = context.wrap_socket(modem.socket(), server_hostname="example.com")
    sock.connect(("example.com", 443))

It verifies unless `verify_mode` or `cert_reqs` is set to `CERT_NONE`, also where CPython's or
MicroPython's would not by default. What the modules have not is refused (`NotSupported`), never
ignored: servers, a highest version, several root certificates, revocation lists. Contexts are in
ssl_context.py, names in core/ssl_constants.py, what wrapped sockets have in ssl_socket.py.
"""

from ...core.errors import NotSupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .ssl_context import Context

_EOPNOTSUPP = 95
_SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
_TLS_CLIENT = 16
_TLS_SERVER = 17


class Ssl:
    """The module's face: constants, `SSLContext`, `create_default_context`, `wrap_socket`."""

    if TYPE_CHECKING:
        SSLContext: Any

    def __init__(self, modem):
        self.modem = modem

    def __getattr__(self, name: str):
        if name == "SSLContext":
            from .ssl_context import bound

            self.SSLContext = bound(self.modem)
            return self.SSLContext
        if name[:3] == "SSL" or name == "CertificateError":
            from ...core import ssl_errors

            return getattr(ssl_errors, name)
        from ...core import ssl_constants

        if name in ("TLSVersion", "Purpose"):
            return getattr(ssl_constants, name)
        return ssl_constants.number(name)

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

    async def wrap_socket(
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
        return await context.wrap_socket(
            sock,
            server_side,
            do_handshake and do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
        )
