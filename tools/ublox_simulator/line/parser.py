"""From bytes to commands: the line editor (V.250 S3/S5) and the command-line grammar."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ..errors import BAD_PARAMETERS, CommandError


class Form(Enum):
    """The four shapes of an extended command."""

    EXEC = "exec"
    SET = "set"
    READ = "read"
    TEST = "test"


@dataclass(frozen=True)
class Param:
    """One parameter as written: its text without quotes and whether it had quotes."""

    text: str
    quoted: bool = False


@dataclass
class Command:
    """One parsed command; `name` is upper case with its + or &, e.g. "+USOCR", "E", "&K"."""

    name: str
    form: Form
    params: list[Param] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.params)

    @property
    def text(self) -> str:
        """The command as it is typed after AT, in one way of writing: no needless blanks."""
        shown = ",".join(f'"{p.text}"' if p.quoted else p.text for p in self.params)
        if not self.name.startswith("+"):
            number, equals, value = shown.partition(",")
            tail = "?" if self.form is Form.READ else ""
            return self.name + number + ("=" + value if equals else "") + tail
        tails = {Form.EXEC: "", Form.READ: "?", Form.TEST: "=?", Form.SET: "=" + shown}
        return self.name + tails[self.form]

    def has(self, index: int) -> bool:
        """Whether parameter `index` is present and not left empty."""
        return index < len(self.params) and (
            bool(self.params[index].text) or self.params[index].quoted
        )

    def number(self, index: int, low: int, high: int, default: int | None = None) -> int:
        """Parameter `index` as an integer in low..high; CME 50 when it is none."""
        if not self.has(index):
            if default is None:
                raise CommandError(BAD_PARAMETERS)
            return default
        param = self.params[index]
        text = param.text.strip()
        digits = text[1:] if text[:1] == "-" else text
        if param.quoted or not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
            raise CommandError(BAD_PARAMETERS)
        value = int(text)
        if not low <= value <= high:
            raise CommandError(BAD_PARAMETERS)
        return value

    def string(self, index: int, longest: int, default: str | None = None) -> str:
        """Parameter `index` as text (quotes are asked for); CME 50 when missing or too long."""
        if not self.has(index):
            if default is None:
                raise CommandError(BAD_PARAMETERS)
            return default
        param = self.params[index]
        if not param.quoted or len(param.text) > longest:
            raise CommandError(BAD_PARAMETERS)
        return param.text

    def at_most(self, count: int) -> None:
        """CME 50 when more than `count` parameters were given."""
        if len(self.params) > count:
            raise CommandError(BAD_PARAMETERS)


class LineEditor:
    """Collects a command line byte by byte: S3 ends it, S5 deletes, control characters before it
    are ignored. A line beyond `limit` is kept short and marked, and answered with an error."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.end = 13
        self.erase = 8
        self._buffer = bytearray()
        self.overflow = False

    @property
    def pending(self) -> bool:
        """Whether part of a line has been received."""
        return bool(self._buffer) or self.overflow

    def clear(self) -> None:
        """Forget a partial line."""
        self._buffer.clear()
        self.overflow = False

    def feed(self, data: bytes) -> tuple[bytes | None, int]:
        """Take bytes up to and including the line end; returns (line or None, bytes used)."""
        cut = data.find(self.end)
        part = data if cut < 0 else data[:cut]
        if self.erase in part:
            self._edit(part)
        else:
            self._add(part)
        if not self.overflow and self._buffer and self._buffer[0] <= 32:
            # The LF of "CR LF" hosts, blanks and wake-up NULs before a line are ignored.
            self._buffer = self._buffer.lstrip(bytes(range(33)))
        if cut < 0:
            return None, len(data)
        line = bytes(self._buffer)
        return line, cut + 1

    def _add(self, part: bytes) -> None:
        room = self.limit - len(self._buffer)
        if len(part) > room:
            self.overflow = True
        self._buffer += part[: max(room, 0)]

    def _edit(self, part: bytes) -> None:
        for byte in part:
            if byte == self.erase:
                del self._buffer[-1:]
            else:
                self._add(bytes((byte,)))


def strip_prefix(line: bytes) -> str | None:
    """The text after the first AT (any case), or None: a line without AT is ignored."""
    index = line.upper().find(b"AT")
    if index < 0:
        return None
    return line[index + 2 :].decode("latin-1")


def split_line(text: str) -> list[Command]:
    """Split the text after AT into its commands; raises CommandError(50) on an unknown form.

    Basic commands run on without separator (`ATE0V1&K0`), extended ones are divided by `;`.
    """
    commands: list[Command] = []
    index = 0
    while index < len(text):
        char = text[index]
        if char in " ;\t":
            index += 1
        elif char == "+":
            end = _end_of_extended(text, index)
            commands.append(parse_extended(text[index:end]))
            index = end
        else:
            command, index = _basic(text, index)
            commands.append(command)
    return commands


def _end_of_extended(text: str, start: int) -> int:
    quoted = False
    for index in range(start, len(text)):
        char = text[index]
        if char == '"':
            quoted = not quoted
        elif char == ";" and not quoted:
            return index
    return len(text)


def parse_extended(text: str) -> Command:
    """Parse one `+NAME`, `+NAME?`, `+NAME=?` or `+NAME=params`."""
    mark = len(text)
    for index in range(1, len(text)):
        if text[index] in "=?":
            mark = index
            break
    name = text[:mark].strip().upper()
    tail = text[mark:].strip(" ")
    if tail == "":
        return Command(name, Form.EXEC)
    if tail == "?":
        return Command(name, Form.READ)
    if tail[0] == "?":
        raise CommandError(BAD_PARAMETERS)
    if tail[1:].strip() == "?":
        return Command(name, Form.TEST)
    return Command(name, Form.SET, split_params(tail[1:]))


def split_params(text: str) -> list[Param]:
    """Split at commas outside quotes; blanks around a parameter are tolerated."""
    params: list[Param] = []
    index, length = 0, len(text)
    while True:
        while index < length and text[index] == " ":
            index += 1
        if index < length and text[index] == '"':
            close = text.find('"', index + 1)
            if close < 0:
                raise CommandError(BAD_PARAMETERS)
            params.append(Param(text[index + 1 : close], quoted=True))
            index = close + 1
            while index < length and text[index] == " ":
                index += 1
            if index < length and text[index] != ",":
                raise CommandError(BAD_PARAMETERS)
        else:
            comma = text.find(",", index)
            end = length if comma < 0 else comma
            raw = text[index:end]
            if '"' in raw:
                raise CommandError(BAD_PARAMETERS)
            params.append(Param(raw.strip()))
            index = end
        if index >= length:
            return params
        index += 1


def _basic(text: str, index: int) -> tuple[Command, int]:
    """One basic command at `index`: a letter (with & in front perhaps), S-registers, or a dial."""
    start = index
    if text[index] == "&":
        index += 1
    if index >= len(text) or not (text[index].isascii() and text[index].isalpha()):
        raise CommandError(BAD_PARAMETERS)
    name = text[start : index + 1].upper()
    index += 1
    if name == "D":  # a dial string runs to the end of the line
        return Command(name, Form.SET, [Param(text[index:].strip())]), len(text)
    first = index
    while index < len(text) and text[index].isascii() and text[index].isdigit():
        index += 1
    number = text[first:index]
    if name == "S":
        return _register(text, index, number)
    params = [Param(number)] if number else []
    return Command(name, Form.SET if number else Form.EXEC, params), index


def _register(text: str, index: int, number: str) -> tuple[Command, int]:
    if index < len(text) and text[index] == "?":
        return Command("S", Form.READ, [Param(number)]), index + 1
    if index < len(text) and text[index] == "=":
        first = index = index + 1
        while index < len(text) and text[index].isascii() and text[index].isdigit():
            index += 1
        return Command("S", Form.SET, [Param(number), Param(text[first:index])]), index
    raise CommandError(BAD_PARAMETERS)
