"""Common part of the file commands of both modules (at-commands 10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import (
    BAD_PARAMETERS,
    FILE_IN_USE,
    FILE_NAME,
    FILE_NOT_FOUND,
    FILE_SPACE,
    FILE_UNKNOWN,
    CommandError,
)
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from .store import USER, FileBusy, NoSpace

LIST, FREE, SIZE = range(3)
"""Operations of +ULSTFILE."""


class FileCommands(Service):
    """+ULSTFILE, and the format of names, tags and failures."""

    tags: tuple[str, ...] = ()

    @command("+ULSTFILE")
    def list_files(self, cmd: Command) -> Reply:
        """The names, the free space, or the size of one file."""
        if cmd.form is Form.TEST:
            return "+ULSTFILE: (0-2)"
        if cmd.form is Form.READ:
            raise CommandError(BAD_PARAMETERS)
        op = cmd.number(0, LIST, SIZE, LIST)
        tag = self.readable_tag(cmd, 2 if op == SIZE else 1)
        if op == FREE:
            return f"+ULSTFILE: {self.module.files.free}"
        if op == SIZE:
            with self.refusals():
                return f"+ULSTFILE: {self.module.files.size(self.name(cmd, 1), tag)}"
        return self._shown_names(self.module.files.names(tag))

    def _shown_names(self, names: list[str]) -> Reply:
        if names:
            return "+ULSTFILE: " + ",".join(f'"{name}"' for name in names)
        if "ulstfile-empty-none" in self.module.options.variants:
            return None
        quotes = "ulstfile-empty-quotes" in self.module.options.variants
        return '+ULSTFILE: ""' if quotes else "+ULSTFILE:"

    def name(self, cmd: Command, index: int) -> str:
        """Parameter `index` as the name of a file."""
        name = cmd.string(index, self.module.options.max_line)
        if not 1 <= len(name) <= self.module.spec.file_name:
            raise CommandError(FILE_NAME)
        return name

    def tag(self, cmd: Command, index: int) -> str:
        """The last parameter as a tag, if the module has tags."""
        if not self.tags:
            cmd.at_most(index)
            return USER
        cmd.at_most(index + 1)
        tag = cmd.string(index, 32, USER)
        if tag not in self.tags:
            raise CommandError(BAD_PARAMETERS)
        return tag

    def readable_tag(self, cmd: Command, index: int) -> str:
        """Like `tag`, for a command that only reads."""
        return self.tag(cmd, index)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Translates refusals of the store into error codes."""
        try:
            yield
        except KeyError:
            unknown = "file-missing-1624" in self.module.options.variants
            raise CommandError(FILE_UNKNOWN if unknown else FILE_NOT_FOUND) from None
        except FileBusy:
            raise CommandError(FILE_IN_USE) from None
        except NoSpace:
            raise CommandError(FILE_SPACE) from None
