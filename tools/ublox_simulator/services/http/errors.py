"""Reasons of failed HTTP operations: class and code as reported by +UHTTPER (at-commands 9.3)."""

from __future__ import annotations

PROTOCOL, FILE_SYSTEM, MISUSE = 3, 4, 10
"""Classes: failures on the way, of the file system, and of the host's request."""

INPUT = 2
HOST_INVALID = 4
NO_SERVER = 7
SERVER_CONNECTION = 11
REQUEST = 12
POST_SIZE = 15
FILE_LENGTH = 17
CONTENT_TYPE = 18
NO_PSD = 22
LOOK_UP = 23
CONNECT_TIMEOUT = 26
RESPONSE_TIMEOUT = 28
SEND_TIMEOUT = 29
IN_PROGRESS = 30
FILE_NAME_LENGTH = 36
PATH, PATH_LENGTH = 37, 38
CONTENT_NAME_LENGTH, CUSTOM_TYPE = 39, 40
FILE_WRITE = 43
CONNECTION_LOST = 44
NOT_NOW = 45

FILE_ALREADY_OPEN, FILE_NOT_FOUND = 4, 6
"""In class 4."""

STATES = frozenset({NO_SERVER, NO_PSD, IN_PROGRESS, NOT_NOW})
"""Codes of class 10 for a state, not for a wrong parameter."""


class HttpFailure(Exception):
    """Ends an operation; `pair` is reported by +UHTTPER."""

    def __init__(self, group: int, code: int) -> None:
        super().__init__(f"HTTP class {group}, code {code}")
        self.pair = (group, code)

    @property
    def by_parameter(self) -> bool:
        """Whether a parameter of the command was wrong."""
        group, code = self.pair
        return group == MISUSE and code not in STATES


def misuse(code: int) -> HttpFailure:
    """The host's request is impossible."""
    return HttpFailure(MISUSE, code)
