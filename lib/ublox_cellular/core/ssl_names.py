"""Constants and names of the `ssl` module, as far as the modules have what they name. The values
are CPython's; programs use the names.
"""

# One string: as names of this file they would cost twice the memory. Of OP_NO_TLSv1 … a context
# heeds what they say. The others have no effect: the modules have neither compression nor, unless
# resumption is asked for, tickets, and the rest is the business of servers.
NUMBERS = (
    " CERT_NONE=0 CERT_OPTIONAL=1 CERT_REQUIRED=2 PROTOCOL_TLS=2 PROTOCOL_SSLv23=2 "
    "PROTOCOL_TLS_CLIENT=16 PROTOCOL_TLS_SERVER=17 PROTOCOL_DTLS_CLIENT=18 "
    "PROTOCOL_DTLS_SERVER=19 OP_ALL=2147483728 OP_NO_SSLv2=0 OP_NO_SSLv3=33554432 "
    "OP_NO_TLSv1=67108864 OP_NO_TLSv1_1=268435456 OP_NO_TLSv1_2=134217728 "
    "OP_NO_TLSv1_3=536870912 OP_NO_COMPRESSION=131072 OP_NO_TICKET=16384 "
    "OP_NO_RENEGOTIATION=1073741824 OP_CIPHER_SERVER_PREFERENCE=4194304 OP_SINGLE_DH_USE=0 "
    "OP_SINGLE_ECDH_USE=0 OP_ENABLE_MIDDLEBOX_COMPAT=1048576 OP_IGNORE_UNEXPECTED_EOF=128 "
    "OP_LEGACY_SERVER_CONNECT=4 VERIFY_DEFAULT=0 VERIFY_CRL_CHECK_LEAF=4 "
    "VERIFY_CRL_CHECK_CHAIN=12 VERIFY_X509_STRICT=32 VERIFY_X509_TRUSTED_FIRST=32768 "
    "VERIFY_X509_PARTIAL_CHAIN=524288 HAS_SNI=1 HAS_ECDH=1 HAS_TLSv1=1 HAS_TLSv1_1=1 "
    "HAS_TLSv1_2=1 HAS_ALPN=0 HAS_NPN=0 HAS_SSLv2=0 HAS_SSLv3=0 HAS_TLSv1_3=0 "
    "HAS_NEVER_CHECK_COMMON_NAME=0 "
)


def number(name: str):
    """A constant; `AttributeError`."""
    at = NUMBERS.find(" " + name + "=")
    if at < 0:
        raise AttributeError("'Ssl' object has no attribute %r" % name)
    value = int(NUMBERS[at + len(name) + 2 : NUMBERS.find(" ", at + 1)])
    return bool(value) if name[:4] == "HAS_" else value


class TLSVersion:
    """Numbers for `minimum_version` and `maximum_version`."""

    MINIMUM_SUPPORTED = -2
    SSLv3 = 0x300
    TLSv1 = 0x301
    TLSv1_1 = 0x302
    TLSv1_2 = 0x303
    TLSv1_3 = 0x304
    MAXIMUM_SUPPORTED = -1


class Purpose:
    """Of `create_default_context()`."""

    SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


# ---- exceptions ---------------------------------------------------------------------------------
#
# The exceptions of the `ssl` module. What the module reports of a failed handshake does not
# distinguish a certificate from a version: it always is `SSLError`.


class SSLError(OSError):
    """(errno, text): the handshake has failed."""


class SSLCertVerificationError(SSLError):
    """For programs that name it: see above."""


class SSLWantReadError(SSLError):
    """(EAGAIN, text): nothing is there to read, and the socket does not wait."""


class SSLWantWriteError(SSLError):
    """(EAGAIN, text): nothing can be sent now, and the socket does not wait."""


class SSLZeroReturnError(SSLError):
    """For programs that name it: the end of a stream is no error here."""


SSLEOFError = SSLSyscallError = SSLZeroReturnError
CertificateError = SSLCertVerificationError


def blocked(sending: bool) -> OSError:
    """In place of waiting; EAGAIN, for programs that know sockets only."""
    kind = SSLWantWriteError if sending else SSLWantReadError
    return kind(11, "nothing there now")
