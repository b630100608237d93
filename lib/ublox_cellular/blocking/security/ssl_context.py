# Generated from aio/security/ssl_context.py by tools/generate. Do not edit.
"""Contexts of `modem.ssl`: what a program asks for, as wishes of a security profile (__init__.py).

Certificates and keys given as bytes or as local files are stored on the module first, under a name
made of their digest, unless they are there already.
"""

from binascii import hexlify

from ...core.compat import const
from ...core.errors import NotSupported
from .. import entry, lazily
from ..network.dns import is_address

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_NONE = const(0)  # verify_mode
_REQUIRED = const(2)

_TLS = const(2)  # protocols
_TLS_CLIENT = const(16)
_DTLS_CLIENT = const(18)
_PROTOCOLS = (2, 16, 17, 18, 19)

_LOWEST = const(-2)  # versions
_HIGHEST = const(-1)
_SSL3 = const(0x300)
_TLS1_2 = const(0x303)
_TLS1_3 = const(0x304)
_VERSIONS = ("any", "1.0", "1.1", "1.2", "1.3")  # from SSL 3.0 on

_NO_VERSION = ((0x04000000, 0x301), (0x10000000, 0x302), (0x08000000, 0x303))  # OP_NO_…
_NO_TLS1_3 = const(0x20000000)
_HARMLESS_FLAGS = const(0x88000)  # of verify_flags: what the modules do anyway

_EOPNOTSUPP = const(95)

_FUNCTIONS = "ssl set_ciphers get_ciphers set_alpn_protocols load_cert_chain \n"


def bound(modem):
    """The class of a modem's contexts, which `isinstance()` knows and programs may subclass."""

    class SSLContext(Context):
        def __init__(self, protocol=_TLS_CLIENT):
            Context.__init__(self, modem, protocol)

    return SSLContext


class Context:
    """What `wrap_socket` hands on to the module. Changes count for the connections made after
    them, and a context has a security profile only while it is used.

    `verify_mode`: `CERT_REQUIRED` (at first), `CERT_OPTIONAL`, which is the same, or `CERT_NONE`.
    `check_hostname`: True at first; False gives up the validity dates as well (the modules' levels
    are chain, then name, then dates). `minimum_version`: TLS 1.2 at first; `maximum_version`: the
    modules have no such limit, below TLS 1.3 it is `NotSupported`.
    """

    post_handshake_auth = None  # CPython's http.client looks at it

    if TYPE_CHECKING:
        given: Any
        cert: Any
        key: Any
        suites: Any
        password: Any

        from .ssl import get_ciphers as get_ciphers
        from .ssl import load_cert_chain as load_cert_chain
        from .ssl import set_alpn_protocols as set_alpn_protocols
        from .ssl import set_ciphers as set_ciphers

    def __init__(self, modem, protocol: int):
        self.modem = modem
        self.protocol = protocol
        if protocol not in _PROTOCOLS:
            raise ValueError("protocol: one of PROTOCOL_TLS_CLIENT, PROTOCOL_DTLS_CLIENT")
        if protocol not in (_TLS, _TLS_CLIENT, _DTLS_CLIENT):
            raise self.refused("TLS for a server")
        if protocol == _DTLS_CLIENT and not modem.TLS_TRAITS[1]:
            raise self.refused("DTLS on sockets")
        self.given = None  # a profile with settings of its own
        self.names = {}  # digest of what is stored on the module: its name
        self._mode = _REQUIRED
        self._host = None  # check_hostname, once that is set
        self._least = _TLS1_2
        self._options = self._flags = 0
        self.roots = []
        self.any_root = False
        self.cert = self.key = self.password = self.suites = None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            return lazily(self, entry(_FUNCTIONS, name), name, "security.")

    def refused(self, what: str) -> OSError:
        return NotSupported(_EOPNOTSUPP, self.modem.name, what)

    # ---- what is verified -----------------------------------------------------------------------

    @property
    def verify_mode(self) -> int:
        """As above. `ValueError` for `CERT_NONE` where `check_hostname` was set to True."""
        return self._mode

    @verify_mode.setter
    def verify_mode(self, value) -> None:
        if not isinstance(value, int):
            raise TypeError("verify_mode: CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED")
        if not _NONE <= value <= _REQUIRED:
            raise ValueError("verify_mode: CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED")
        if value == _NONE and self._host:
            raise ValueError("check_hostname = False before verify_mode = CERT_NONE")
        self._mode = value

    @property
    def check_hostname(self) -> bool:
        """Whether the certificate must name the host; setting it to True sets `verify_mode`, too,
        as in CPython."""
        return self._mode != _NONE and self._host is not False

    @check_hostname.setter
    def check_hostname(self, value) -> None:
        self._host = bool(value)
        if value and self._mode == _NONE:
            self._mode = _REQUIRED

    @property
    def verify_flags(self) -> int:
        """`NotSupported` for revocation lists and the strict form."""
        return self._flags

    @verify_flags.setter
    def verify_flags(self, value) -> None:
        if _number("verify_flags", value) & ~_HARMLESS_FLAGS:
            raise self.refused("verify_flags of this kind")
        self._flags = value

    def load_verify_locations(self, cafile=None, capath=None, cadata=None) -> None:
        """The root certificate: `cafile` a local file, else its name on the module; `cadata`: PEM
        or DER. Without one any of the module's counts."""
        if capath is not None:
            raise self.refused("directory of certificates")
        if cafile is None and cadata is None:
            raise TypeError("cafile or cadata wanted")
        for item in (cafile, cadata):
            if item is None:
                continue
            if not item:
                raise ValueError("cafile, cadata: empty")
            item = blocks(item, b"CERTIFICATE")
            if len(item) > 1:
                raise self.refused("context with several root certificates")
            if item[0] not in self.roots:
                self.roots.append(item[0])

    def load_default_certs(self, purpose=None) -> None:
        """Any of the module's root certificates, beside those that are given."""
        self.any_root = True

    def set_default_verify_paths(self) -> None:
        """The same."""
        self.any_root = True

    # ---- versions -----------------------------------------------------------------------------

    @property
    def minimum_version(self) -> int:
        """A `TLSVersion`, or its number; `MINIMUM_SUPPORTED` and SSL 3.0: any."""
        return self._least

    @minimum_version.setter
    def minimum_version(self, value) -> None:
        if value != _LOWEST and not _SSL3 <= _number("minimum_version", value) <= _TLS1_3:
            raise ValueError("minimum_version: a TLSVersion up to TLSv1_3")
        self._least = value

    @property
    def maximum_version(self) -> int:
        return _HIGHEST

    @maximum_version.setter
    def maximum_version(self, value) -> None:
        if _number("maximum_version", value) not in (_HIGHEST, _TLS1_3):
            if not _SSL3 <= value < _TLS1_3:
                raise ValueError("maximum_version: a TLSVersion")
            raise self.refused("highest version of TLS")

    @property
    def options(self) -> int:
        """`OP_NO_TLSv1` … raise the lowest version; `NotSupported` for `OP_NO_TLSv1_3`. Others are
        kept and have no effect, see core/ssl_names.py."""
        return self._options

    @options.setter
    def options(self, value) -> None:
        if _number("options", value) & _NO_TLS1_3:
            raise self.refused("highest version of TLS")
        self._options = value

    # ---- its use ------------------------------------------------------------------------------

    def _wishes(self):
        return (
            self._mode, self._host, self._least, self._options, self.roots, self.any_root,
            self.cert, self.suites,
        )  # fmt: skip

    def _settle(self):
        """The profile for the next connection."""
        security = self.modem.security
        if self.given is not None:
            if self._wishes() != (_REQUIRED, None, _TLS1_2, 0, [], False, None, None):
                raise ValueError("the context of a profile: set it there")
            return self.given
        wishes = {"ca": True, "min_version": self._version(), "ciphers": self.suites}
        if self._mode == _NONE:
            wishes["ca"] = None
            wishes["verify"] = "none"
        else:
            if self._host is False:
                wishes["verify"] = "chain"
            names = []
            for item in self.roots:
                names.append(self._named("CA", item))
            if names and not self.any_root:
                if len(names) > 1:
                    raise self.refused("context with several root certificates")
                wishes["ca"] = names[0]
        if self.cert is not None:
            wishes["cert"] = self._named("CC", self.cert)
            wishes["key"] = self._named("PK", self.key)
            if self.password is not None and isinstance(self.key, str):
                wishes["key_password"] = self.password
        return security.borrow(**wishes)

    def _version(self) -> str:
        least = max(self._least, _SSL3)
        for bit, version in _NO_VERSION:
            if self._options & bit and least <= version:
                least = version + 1
        return _VERSIONS[least - _SSL3]

    def _named(self, kind: str, item) -> str:
        """The name of a certificate or key on the module, where data are brought to now."""
        if isinstance(item, str):
            return item
        digest = _digest(item)
        name = self.names.get(digest)
        if name is None:
            name = kind.lower() + "-" + digest[:32]
            password = self.password if kind == "PK" else None
            self.modem.security.store(kind, name, item, password)
            self.names[digest] = name
        return name

    def wrap_socket(
        self,
        sock,
        server_side=False,
        do_handshake_on_connect=True,
        suppress_ragged_eofs=True,
        server_hostname=None,
        session=None,
    ):
        """The same socket, which speaks TLS from its connection on; one that is connected
        already is connected anew. See sockets/tls.py.

        `server_hostname`: what the certificate must say, None the host that is connected to:
        where that is only an address a `ValueError`, unless `check_hostname` is False.
        `do_handshake_on_connect`: False does not wait for that. `NotSupported` for servers,
        `suppress_ragged_eofs=False` and `session`, for which profiles have their own way.
        """
        if server_side:
            raise self.refused("TLS for a server")
        if session is not None or not suppress_ragged_eofs:
            raise self.refused("session of a context, or an end of TLS that it tells from others")
        if not hasattr(sock, "secure"):
            raise TypeError("sock: a socket of this modem wanted")
        if (sock.type == 1) == (self.protocol == _DTLS_CLIENT):
            raise ValueError("TLS is for stream sockets, DTLS for datagrams")
        if not server_hostname and self.given is None and self.check_hostname:
            peer = sock.peer if sock.attempt is not None or sock.slot is not None else None
            if peer and is_address(peer[0]):
                raise ValueError("server_hostname wanted: check_hostname, and only an address")
        profile = self._settle()
        sock.context = self
        sock.server_hostname = server_hostname
        sock.secure(profile, server_hostname, bool(do_handshake_on_connect))
        return sock


def _number(what: str, value) -> int:
    if not isinstance(value, int):
        raise TypeError(what + ": number wanted")
    return value


def blocks(item, label: bytes) -> list:
    """What is given as a name, PEM or DER, or as a local file: a name as a string, else data, of
    PEM the blocks of such a label."""
    if isinstance(item, str):
        from ...core.pem import is_text

        if is_text(item):
            item = item.encode()
        else:
            try:
                with open(item, "rb") as file:
                    item = file.read()
            except OSError:
                return [item]
    if not isinstance(item, (bytes, bytearray, memoryview)):
        raise TypeError("a name, a path, PEM or DER wanted")
    data = bytes(item)
    if not data:
        raise ValueError("a certificate or key without data")
    found = []
    at = data.find(b"-----BEGIN ")
    if at < 0:
        if data[0] != 0x30:
            raise ValueError("neither PEM nor DER")
        return [data]
    while at >= 0:
        end = data.find(b"-----END ", at)
        stop = data.find(b"-----", end + 9)
        if end < 0 or stop < 0:
            raise ValueError("PEM that is cut off")
        if data[at + 11 : data.find(b"-----", at + 11)].endswith(label):
            found.append(data[at : stop + 5] + b"\n")
        at = data.find(b"-----BEGIN ", stop + 5)
    if not found:
        raise ValueError("no %s in this PEM" % str(label, "utf-8"))
    return found


def _digest(data: bytes) -> str:
    try:
        from hashlib import sha256

        return str(hexlify(sha256(data).digest()), "utf-8")
    except ImportError:
        from ...core.md5 import Md5

        digest = Md5()
        digest.update(data)
        return str(hexlify(digest.digest()), "utf-8")
