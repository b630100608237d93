"""The error of a connection that does not become secure; a small file for all importers."""

from __future__ import annotations

EPROTO, EINVAL, ENOMEM = 71, 22, 12
"""Handshake failed, profile unusable, too many sessions (decided: at-commands 3.6 names no error
of TLS proper)."""

HTTP_CLASS, SECURE_CONNECT = 3, 73


class TlsFailure(OSError):
    """No secure connection was established. `errno` is for sockets, `http` for +UHTTPER: class 3
    (HTTP protocol), code 73 (secure connect)."""

    def __init__(self, reason: str, errno: int = EPROTO) -> None:
        super().__init__(errno, reason)
        self.reason = reason
        self.http = (HTTP_CLASS, SECURE_CONNECT)
