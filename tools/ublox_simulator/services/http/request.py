"""The request of +UHTTPC, read from its parameters (at-commands 9.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import CommandError
from ...line.parser import Command
from .errors import (
    CONTENT_NAME_LENGTH,
    CONTENT_TYPE,
    CUSTOM_TYPE,
    FILE_NAME_LENGTH,
    INPUT,
    NOT_NOW,
    PATH,
    PATH_LENGTH,
    POST_SIZE,
    misuse,
)

HEAD, GET, DELETE, PUT_FILE, POST_FILE, POST_DATA, PUT_LINK, POST_LINK = range(8)
METHODS = ("HEAD", "GET", "DELETE", "PUT", "POST", "POST", "PUT", "POST")

PATH_LIMIT, DATA_LIMIT, TYPE_LIMIT = 128, 128, 64
LENGTH_LIMIT = 2**31 - 1
USER_TYPE = 6
CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/octet-stream",
    "multipart/form-data",
    "application/json",
    "application/xml",
)
OCTETS = 2
"""Content type of a PUT that names none (U): nothing is known about a file."""

TARGET = re.compile(r"[\x21-\x7e]+")
TYPE_TEXT = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True)
class Order:
    """One operation. Its body is `data`, the file `source`, or `length` bytes from the line."""

    profile: int
    action: int
    path: str
    answer_file: str = ""
    source: str = ""
    data: bytes = b""
    length: int = 0
    content_type: str = ""

    @property
    def method(self) -> str:
        """The HTTP method."""
        return METHODS[self.action]

    @property
    def has_body(self) -> bool:
        """Whether the request carries a body."""
        return self.action >= PUT_FILE


class OrderReader:
    """Reads one command; raises HttpFailure with the code of the parameter that is wrong."""

    def __init__(self, cmd: Command, profile: int, *, by_link: bool, name_limit: int) -> None:
        self._cmd = cmd
        self._profile = profile
        self._by_link = by_link
        self._name_limit = name_limit

    def read(self, actions: range) -> Order:
        """The order; `actions`: the numbers that the module supports."""
        action = self._number(1, actions.start, actions.stop - 1, INPUT)
        if (action in (PUT_LINK, POST_LINK)) != (self._by_link and action > DELETE):
            raise misuse(NOT_NOW)  # file operations and direct link exclude each other
        path = self._text(2, PATH_LIMIT, PATH_LENGTH, PATH)
        if not TARGET.fullmatch(path):
            raise misuse(PATH)
        if action in (PUT_LINK, POST_LINK):
            return self._streamed(action, path)
        name = self._answer_file()
        if action <= DELETE:
            self._at_most(4)
            return Order(self._profile, action, path, name)
        if action == POST_DATA:
            data = self._text(4, DATA_LIMIT, POST_SIZE, INPUT).encode("latin-1")
            kind = self._content_type(5)
            return Order(self._profile, action, path, name, data=data, content_type=kind)
        source = self._text(4, self._name_limit, CONTENT_NAME_LENGTH, INPUT)
        if not source:
            raise misuse(INPUT)
        optional = action == PUT_FILE and not self._cmd.has(5)
        kind = CONTENT_TYPES[OCTETS] if optional else self._content_type(5)
        return Order(self._profile, action, path, name, source=source, content_type=kind)

    def _streamed(self, action: int, path: str) -> Order:
        """Parameters of direct link: type, perhaps a custom type, length."""
        kind = self._content_type(3, more=1)
        length = self._number(5, 1, LENGTH_LIMIT, POST_SIZE)
        return Order(self._profile, action, path, length=length, content_type=kind)

    def _answer_file(self) -> str:
        if self._by_link and not self._cmd.has(3):
            return ""  # it is ignored there, so it may be missing
        name = self._text(3, self._name_limit, FILE_NAME_LENGTH, INPUT)
        return name or f"http_last_response_{self._profile}"

    def _content_type(self, index: int, more: int = 0) -> str:
        self._at_most(index + 2 + more)
        number = self._number(index, 0, USER_TYPE, CONTENT_TYPE)
        if number != USER_TYPE:
            return CONTENT_TYPES[number]
        text = self._text(index + 1, TYPE_LIMIT, CUSTOM_TYPE, CUSTOM_TYPE)
        if not TYPE_TEXT.fullmatch(text):
            raise misuse(CUSTOM_TYPE)
        return text

    def _text(self, index: int, limit: int, too_long: int, missing: int) -> str:
        params = self._cmd.params
        if index >= len(params) or not params[index].quoted:
            raise misuse(missing)
        if len(params[index].text) > limit:
            raise misuse(too_long)
        return params[index].text

    def _number(self, index: int, low: int, high: int, wrong: int) -> int:
        try:
            return self._cmd.number(index, low, high)
        except CommandError:
            raise misuse(wrong) from None

    def _at_most(self, count: int) -> None:
        try:
            self._cmd.at_most(count)
        except CommandError:
            raise misuse(INPUT) from None
