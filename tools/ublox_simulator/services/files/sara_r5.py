"""Files of SARA-R5, by name and tag (at-commands 10.1, A5 10.2)."""

from __future__ import annotations

from ...errors import FILE_RANGE, FILE_SPACE, FILE_TIMEOUT, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, command
from .common import FileCommands
from .store import USER

FOAT = "FOAT"
"""Firmware packages: they can be written and deleted, not listed or read."""

SILENCE_MS = 20_000


class SaraFiles(FileCommands):
    """+UDWNFILE, +URDFILE, +URDBLOCK, +UDELFILE."""

    tags = (USER, FOAT, "AUDIO", "FOTA_EXT", "PROFILE", "GNSS", "XLWM2M")

    def readable_tag(self, cmd: Command, index: int) -> str:
        """Any tag but FOAT."""
        tag = self.tag(cmd, index)
        if tag == FOAT:
            raise CommandError(NOT_ALLOWED)
        return tag

    @command("+UDWNFILE", alone=True)
    async def download(self, cmd: Command) -> Reply:
        """Append the bytes sent after the prompt; none of them when the host stops midway."""
        if cmd.form is Form.TEST:
            return None
        files, variants = self.module.files, self.module.options.variants
        name, tag = self.name(cmd, 0), self.tag(cmd, 2)
        size = cmd.number(1, 1, 2**31 - 1)
        if size > files.free:
            raise CommandError(FILE_SPACE)
        with self.refusals():
            files.hold(name, tag)
        try:
            echo = self.module.settings.echo and "prompt-echo" in variants
            prompt = self.module.interface.prompt
            data = await prompt(">", size, silence_ms=SILENCE_MS, echo=echo)
        finally:
            files.release(name, tag)
        complete = len(data) == size
        if complete or (data and "udwnfile-keeps-part" in variants):
            with self.refusals():
                files.append(name, data, tag)
        if not complete:
            raise CommandError(FILE_TIMEOUT)
        return None

    @command("+URDFILE")
    def read_file(self, cmd: Command) -> Reply:
        """A whole file."""
        if cmd.form is Form.TEST:
            return None
        name, tag = self.name(cmd, 0), self.readable_tag(cmd, 1)
        with self.refusals():
            return self._shown("+URDFILE", name, self.module.files.load(name, tag))

    @command("+URDBLOCK")
    def read_block(self, cmd: Command) -> Reply:
        """A part of a file, shorter at its end."""
        if cmd.form is Form.TEST:
            return None
        name, tag = self.name(cmd, 0), self.readable_tag(cmd, 3)
        offset, count = cmd.number(1, 0, 2**31 - 1), cmd.number(2, 1, 2**31 - 1)
        with self.refusals():
            if offset > self.module.files.size(name, tag):
                raise CommandError(FILE_RANGE)
            return self._shown("+URDBLOCK", name, self.module.files.read(name, offset, count, tag))

    def _shown(self, command_name: str, name: str, data: bytes) -> bytes:
        plain = "urdfile-unquoted" in self.module.options.variants
        shown = name if plain else f'"{name}"'
        return f'{command_name}: {shown},{len(data)},"'.encode("latin-1") + data + b'"'

    @command("+UDELFILE")
    def delete(self, cmd: Command) -> Reply:
        """Delete a file."""
        if cmd.form is Form.TEST:
            return None
        name, tag = self.name(cmd, 0), self.tag(cmd, 1)
        with self.refusals():
            self.module.files.remove(name, tag)
        return None
