"""The exceptions of the `ssl` module. What the module reports of a failed handshake does not
distinguish a certificate from a version: it always is `SSLError`.
"""


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
