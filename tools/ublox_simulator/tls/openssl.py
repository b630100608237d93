"""Functions of OpenSSL that pyOpenSSL includes but does not expose.

They are reached through its own bindings, so there is only one OpenSSL; the attributes have had
these names for years, but are private: pyOpenSSL's version is limited because of that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from OpenSSL import SSL
from OpenSSL._util import ffi, lib

X509_PARTIAL_CHAIN = 0x80000
X509_NO_CHECK_TIME = 0x200000
NO_EXTENDED_MASTER_SECRET = 0x1
"""Option flags that have no name in the bindings."""

PSK_SIGNATURE = (
    "unsigned int(SSL *, const char *, char *, unsigned int, unsigned char *, unsigned int)"
)


def expect_host(connection: SSL.Connection, host: str, address: bytes | None) -> None:
    """Have the peer's certificate checked for a name, or for an address in binary."""
    param = lib.SSL_get0_param(connection._ssl)
    raw = host.encode("latin-1")
    if address is not None:
        lib.X509_VERIFY_PARAM_set1_ip(param, address, len(address))
    else:
        lib.X509_VERIFY_PARAM_set1_host(param, raw, len(raw))


def use_psk(context: SSL.Context, identity: bytes, key: bytes) -> Any:
    """Offer a pre-shared key. The result must live as long as the context."""

    @ffi.callback(PSK_SIGNATURE)
    def give(
        ssl: Any, hint: Any, identity_out: Any, identity_room: int, key_out: Any, key_room: int
    ) -> int:
        if len(identity) + 1 > identity_room or len(key) > key_room:
            return 0
        ffi.memmove(identity_out, identity + b"\0", len(identity) + 1)
        ffi.memmove(key_out, key, len(key))
        return len(key)

    lib.SSL_CTX_set_psk_client_callback(context._context, give)
    return give


def serve_psk(context: SSL.Context, look_up: Callable[[bytes], bytes]) -> Any:
    """The server's side, for test servers: identity -> key, b"" when unknown."""

    @ffi.callback("unsigned int(SSL *, const char *, unsigned char *, unsigned int)")
    def find(ssl: Any, identity: Any, key_out: Any, key_room: int) -> int:
        key = look_up(bytes(ffi.string(identity)))
        ffi.memmove(key_out, key, len(key))
        return len(key)

    lib.SSL_CTX_set_psk_server_callback(context._context, find)
    return find


def export_session(connection: SSL.Connection) -> bytes:
    """The session as OpenSSL serialises it, b"" when there is none."""
    session = lib.SSL_get_session(connection._ssl)
    if session == ffi.NULL:
        return b""
    length = lib.i2d_SSL_SESSION(session, ffi.NULL)
    if length <= 0:
        return b""
    room = ffi.new("unsigned char[]", length)
    lib.i2d_SSL_SESSION(session, ffi.new("unsigned char **", room))
    return bytes(ffi.buffer(room, length))


def import_session(connection: SSL.Connection, der: bytes) -> bool:
    """Offer this session to the server; False when OpenSSL does not understand it."""
    source = ffi.new("unsigned char[]", der)
    session = lib.d2i_SSL_SESSION(ffi.NULL, ffi.new("unsigned char **", source), len(der))
    if session == ffi.NULL:
        lib.ERR_clear_error()
        return False
    session = ffi.gc(session, lib.SSL_SESSION_free)
    return bool(lib.SSL_set_session(connection._ssl, session))


def agree_session(connection: SSL.Connection, version: int, suite: bytes) -> None:
    """Give the session on offer the version and suite with which the server resumes it."""
    session = lib.SSL_get_session(connection._ssl)
    cipher = lib.SSL_CIPHER_find(connection._ssl, suite)
    if session != ffi.NULL and cipher != ffi.NULL:
        lib.SSL_SESSION_set_cipher(session, cipher)
        lib.SSL_SESSION_set_protocol_version(session, version)


def resumed(connection: SSL.Connection) -> bool:
    """Whether the handshake was an abbreviated one."""
    return bool(lib.SSL_session_reused(connection._ssl))


def verdict(error: int) -> str:
    """OpenSSL's text for a certificate's fault."""
    return bytes(ffi.string(lib.X509_verify_cert_error_string(error))).decode()
