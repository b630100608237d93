"""What a failed FTP operation raises. A5 9.3, at-commands 8.3."""

from .errors import CommandTimeout, ServiceError
from .service_errors import PartialFile

# Codes of classes 1 and 8, and replies of servers: errno.
_ERRNOS = {
    12: 100, 13: 12, 21: 16, 22: 111, 31: 110, 33: 107, 34: 13, 35: 2, 38: 2, 39: 13, 41: 13,
    48: -2, 49: 111, 62: 104, 63: 71, 79: 104, 421: 104, 426: 104, 450: 16, 452: 28, 530: 13,
    532: 13, 550: 2, 552: 28,
}  # fmt: skip
_EIO = 5
_ENOTCONN = 107
_FIRST_REPLY = 226

# What ends the session, by class 1 or 8: not logged in, not connected, the server says so.
OVER = (33, 62, 421)

_TEXTS = (
    b"\n"
    b"1 no user name\n"
    b"2 no password\n"
    b"3 no account\n"
    b"4 no server\n"
    b"5 no directory name\n"
    b"6 no file name\n"
    b"7 a parameter is missing\n"
    b"8 unknown command\n"
    b"9 unknown file action\n"
    b"10 not possible in this state\n"
    b"11 wrong parameter\n"
    b"12 no data connection: is connect() done?\n"
    b"13 no memory in the module\n"
    b"15 host name too long\n"
    b"16 invalid host name\n"
    b"17 invalid address\n"
    b"18 user name too long\n"
    b"19 password too long\n"
    b"20 account too long\n"
    b"21 an operation is in progress\n"
    b"22 no connection to the server\n"
    b"23 error in the request\n"
    b"25 no name of the module's file\n"
    b"31 the server did not answer in time\n"
    b"32 internal error of the module\n"
    b"33 not logged in: connect() first\n"
    b"34 the server refuses user or password\n"
    b"35 file unavailable\n"
    b"36 the server is not ready\n"
    b"37 the server does not allow the name\n"
    b"38 no such directory\n"
    b"39 no access to the directory\n"
    b"40 aborted by the host\n"
    b"41 no permission\n"
    b"42 no data channel: try the other of passive and active\n"
    b"48 host name not resolved\n"
    b"49 the socket was not connected\n"
    b"62 the connection is lost: connect() again\n"
    b"63 no secure connection: certificate, host name, date, or the operator refuses FTPS\n"
    b"74 internal error of the direct link\n"
    b"75 extended passive mode failed\n"
    b"76 extended passive mode failed\n"
    b"77 internal error of the module\n"
    b"78 address family: try passive mode\n"
    b"79 the transfer is incomplete\n"
    b"421 the server closes the connection: connect() again\n"
    b"425 the server cannot open the data channel\n"
    b"426 the server aborted the transfer\n"
    b"450 the file is busy on the server\n"
    b"451 the server failed\n"
    b"452 no room on the server\n"
    b"500 the server does not know the command\n"
    b"501 the server refuses the parameter\n"
    b"502 the server does not have the command\n"
    b"503 wrong order of commands\n"
    b"504 the server does not have that parameter\n"
    b"530 the server refuses user or password\n"
    b"532 the server wants an account\n"
    b"550 no such file on the server, or no access to it\n"
    b"551 unknown type of page\n"
    b"552 no room on the server\n"
    b"553 the server does not allow the name\n"
)


class FtpError(ServiceError):
    """(errno, command, error_class, code): what +UFTPER reported after `command` failed. Both are
    0 where the module gives no reason. `reply`: the server's own reply code, 0 if it is none."""

    @property
    def reply(self) -> int:
        """The reply code of the server (226 to 553), 0 if the module failed before that."""
        return self.code if self.code >= _FIRST_REPLY else 0

    def __str__(self) -> str:
        return sentence(*self.details)


class FtpTimeout(CommandTimeout):
    """(ETIMEDOUT, command, ms, 0): nothing was heard of the operation; how it ended is unknown.
    The module may still be at it: the next operation waits for that."""

    def __str__(self) -> str:
        return "%s: nothing heard of it for %d ms; the module may still be at it" % (
            self.details[0], self.details[1],
        )  # fmt: skip


class PartialTransfer(PartialFile):
    """(errno, sentence, name, size, error_class, code): a transfer failed and left a part of file
    `name`, of the module after `get()`, of the server after an upload. The first `size` bytes are
    certain; `get(…, resume=True)` goes on there."""

    @property
    def error_class(self) -> int:
        """Of +UFTPER, 0 where it gave no reason."""
        return self.details[3]

    @property
    def code(self) -> int:
        """Of +UFTPER."""
        return self.details[4]


def sentence(command: str, error_class: int, code: int) -> str:
    """All that is known of the failure."""
    if error_class in (0, 1, 8):
        from .error_text import looked_up

        if not code:
            return command + " failed, and the module gives no reason"
        words = looked_up(_TEXTS, code)
        if not words:
            words = "code unknown"
            if 43 <= code <= 65:
                words = "socket error"
            elif 66 <= code <= 73:
                words = "error of the module's file system: is it full?"
            elif code >= _FIRST_REPLY:
                words = "the server refuses it"
        return "%s failed: %s (class %d, code %d)" % (command, words, error_class, code)
    from .service_texts import http_sentence

    return http_sentence(command, error_class, code)


def ftp_error(command: str, error_class: int, code: int) -> FtpError:
    """The exception for what +UFTPER reported."""
    errno = _EIO
    if error_class in (0, 1, 8):
        errno = _ERRNOS.get(code, _EIO)
    elif error_class == 6 and code > 0:
        errno = code
    return FtpError(errno, command, error_class, code)


def not_connected(command: str) -> FtpError:
    """There is no session."""
    return FtpError(_ENOTCONN, command, 1, 33)
