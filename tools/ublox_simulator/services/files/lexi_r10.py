"""Files of LEXI-R10, by handle (at-commands 10.2, A10 7.2)."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import (
    BAD_PARAMETERS,
    FILE_HANDLE,
    FILE_MODE,
    FILE_RANGE,
    FILE_SPACE,
    FILE_WRITE,
    FILES_OPEN,
    CommandError,
)
from ...line.parser import Command, Form
from ...service import Reply, command
from .common import FileCommands

if TYPE_CHECKING:
    from ...module import Module

HANDLES = 5
"""Files open at a time; the module's limit is not documented (U)."""

READ_WRITE, FRESH, READ_ONLY = range(3)
"""Modes of +FOPEN; only 0 is documented, the others follow the pattern of the family (U)."""

FROM_START, FROM_HERE, FROM_END = range(3)
"""Origins of +FSEEK; only 0 is documented (U)."""

SILENCE_S = 5
"""Default of the third parameter of +FWRITE, in seconds (U)."""

HEX_DIGITS = 254
"""Most digits of one +FWRITEHEX."""

LARGEST = 2**31 - 1


@dataclass
class Handle:
    """An open file."""

    number: int
    name: str
    mode: int
    before: bytes | None
    """Content when it was opened, None for a new file; for the variant that loses it."""
    position: int = 0


class LexiFiles(FileCommands):
    """+FOPEN, +FWRITE, +FWRITEHEX, +FREAD, +FSEEK, +FCLOSE, +FDELETE."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.handles: dict[int, Handle] = {}

    def close(self) -> None:
        """The module switches off: all handles are lost."""
        self._drop_handles()

    def forget_settings(self) -> None:
        """Handles are also lost by the restart of the AT side after Hibernate."""
        self._drop_handles()

    def _drop_handles(self) -> None:
        handles, self.handles = self.handles, {}
        for handle in handles.values():
            self.module.files.release(handle.name)
            if "unclosed-lost" not in self.module.options.variants:
                continue
            if handle.before is None:
                self.module.files.remove(handle.name)
            else:
                self.module.files.save(handle.name, handle.before)

    # -- opening and closing ---------------------------------------------------------------

    @command("+FOPEN")
    def open_file(self, cmd: Command) -> Reply:
        """Open a file, creating it when it is missing; the answer has its handle."""
        if cmd.form is Form.TEST:
            return None
        if cmd.form is Form.READ:
            return [f'+FOPEN: "{h.name}",{h.number},{h.mode}' for h in self.handles.values()]
        cmd.at_most(2)
        name = self.name(cmd, 0)
        mode = cmd.number(1, READ_WRITE, READ_ONLY, READ_WRITE)
        if len(self.handles) >= HANDLES:
            raise CommandError(FILES_OPEN)
        handle = self._opened(name, mode)
        self.handles[handle.number] = handle
        blank = "" if self._as_printed else " "
        return f"+FOPEN:{blank}{handle.number}"

    def _opened(self, name: str, mode: int) -> Handle:
        files = self.module.files
        with self.refusals():
            files.hold(name)
            files.release(name)  # it was free: now it can be made or emptied
            known = files.exists(name)
            before = files.load(name) if known or mode == READ_ONLY else None
            if not known or mode == FRESH:
                files.save(name, b"")
            files.hold(name)
        number = next(n for n in range(1, HANDLES + 1) if n not in self.handles)
        return Handle(number, name, mode, before)

    @command("+FCLOSE")
    def close_file(self, cmd: Command) -> Reply:
        """Close the handle."""
        if cmd.form is Form.TEST:
            return None
        cmd.at_most(1)
        self._close(self._handle(cmd))
        return None

    @command("+FDELETE")
    def delete(self, cmd: Command) -> Reply:
        """Delete an open file; its handle is closed too."""
        if cmd.form is Form.TEST:
            return None
        cmd.at_most(1)
        handle = self._handle(cmd)
        self._close(handle)
        with self.refusals():
            self.module.files.remove(handle.name)
        return None

    def _close(self, handle: Handle) -> None:
        del self.handles[handle.number]
        self.module.files.release(handle.name)

    def _handle(self, cmd: Command) -> Handle:
        handle = self.handles.get(cmd.number(0, 0, LARGEST))
        if handle is None:
            raise CommandError(FILE_HANDLE)
        return handle

    @property
    def _as_printed(self) -> bool:
        return "fopen-no-blank" in self.module.options.variants

    # -- writing ---------------------------------------------------------------------------

    @command("+FWRITE", alone=True)
    async def write(self, cmd: Command) -> Reply:
        """Write bytes sent after CONNECT; if the host stops, the bytes received so far are
        written."""
        if cmd.form is Form.TEST:
            return None
        cmd.at_most(3)
        handle = self._handle(cmd)
        length = cmd.number(1, 1, LARGEST)
        silence_s = cmd.number(2, 1, 65535, SILENCE_S)
        self._check_room(handle, length)
        connect = self.module.interface.connect
        return self._write(handle, await connect(length, silence_ms=silence_s * 1000))

    @command("+FWRITEHEX", alone=True)
    async def write_hex(self, cmd: Command) -> Reply:
        """Like +FWRITE in hexadecimal digits, two for each byte."""
        if cmd.form is Form.TEST:
            return None
        cmd.at_most(2)
        handle = self._handle(cmd)
        digits = cmd.number(1, 2, HEX_DIGITS)
        if digits % 2:
            raise CommandError(BAD_PARAMETERS)
        self._check_room(handle, digits // 2)
        text = await self._hex_digits(digits)
        try:
            return self._write(handle, binascii.unhexlify(text))
        except ValueError:
            raise CommandError(FILE_WRITE) from None

    async def _hex_digits(self, count: int) -> bytes:
        to_the_end = "fwritehex-needs-cr" in self.module.options.variants
        return await self.module.interface.connect(
            count + 1 if to_the_end else count,
            silence_ms=SILENCE_S * 1000,
            end=13,
            stray=b"" if to_the_end else b"\r",
        )

    def _check_room(self, handle: Handle, length: int) -> None:
        if handle.mode == READ_ONLY:
            raise CommandError(FILE_MODE)
        files = self.module.files
        if handle.position + length - files.size(handle.name) > files.free:
            raise CommandError(FILE_SPACE)

    def _write(self, handle: Handle, data: bytes) -> str:
        with self.refusals():
            self.module.files.write(handle.name, handle.position, data)
        handle.position += len(data)
        blank = " " if self._as_printed else ""
        return f"+FWRITE: {len(data)},{blank}{self.module.files.size(handle.name)}"

    # -- reading ---------------------------------------------------------------------------

    @command("+FREAD")
    def read(self, cmd: Command) -> Reply:
        """Bytes from the position on, all when no length is given."""
        if cmd.form is Form.TEST:
            return None
        cmd.at_most(2)
        handle = self._handle(cmd)
        count = cmd.number(1, 1, LARGEST, LARGEST)
        data = self.module.files.read(handle.name, handle.position, count)
        handle.position += len(data)
        self.module.interface.info(f"CONNECT {len(data)}")
        end = b"\r\n" if "fread-crlf" in self.module.options.variants else b""
        self.module.interface.raw(data + end)
        return None

    @command("+FSEEK")
    def seek(self, cmd: Command) -> Reply:
        """Move the position inside the file or to its end."""
        if cmd.form is Form.TEST:
            return None
        cmd.at_most(3)
        handle = self._handle(cmd)
        offset = cmd.number(1, -LARGEST, LARGEST)
        size = self.module.files.size(handle.name)
        origin = cmd.number(2, FROM_START, FROM_END, FROM_START)
        position = offset + {FROM_START: 0, FROM_HERE: handle.position, FROM_END: size}[origin]
        if not 0 <= position <= size:
            raise CommandError(FILE_RANGE)
        handle.position = position
        return None
