"""Why an FTP operation failed: class and code as +UFTPER reports them (at-commands 8.3)."""

from __future__ import annotations

PROTOCOL, MISUSE = 1, 8
"""Classes. Only A5 9.3 (1,1) and 9.2 (8,63) show which codes come with which: 8 is taken for
TLS alone (U)."""

USER, PASSWORD, ACCOUNT, SERVER = 1, 2, 3, 4
NO_PSD = 12
BUSY = 21
CONNECT = 22
TIMEOUT = 31
NOT_LOGGED_IN = 33
LOGIN = 34
UNAVAILABLE = 35
ABORTED = 40
NO_DATA_CHANNEL = 42
HOST_UNRESOLVED = 48
CLOSED = 62
SECURE = 63
FILE_OPEN, FILE_MISSING, FILE_WRITE = 66, 68, 70
"""Of 66 to 73, which are "file-system errors": which is which is not documented (U)."""
EXTENDED_PASSIVE = 75
INCOMPLETE = 79

FIRST_REPLY, LAST_REPLY = 226, 553


class FtpFailure(Exception):
    """Ends an operation; `pair` is what +UFTPER reports. `over`: the session is lost with it."""

    def __init__(self, code: int, *, group: int = PROTOCOL, over: bool = False) -> None:
        super().__init__(f"FTP class {group}, code {code}")
        self.pair = (group, code)
        self.over = over


def refused(reply: str, otherwise: int) -> FtpFailure:
    """What a reply code of the server becomes."""
    code = int(reply) if reply.isdigit() else 0
    if not FIRST_REPLY <= code <= LAST_REPLY:
        return FtpFailure(otherwise)
    return FtpFailure(code, over=code == 421)
