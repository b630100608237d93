"""FTP client: +UFTP, +UFTPC, +UFTPER (at-commands 8, A5 9). SARA-R5 only.

What is not documented is decided so (U): impossible parameters are CME 50; an operation that its
state does not allow fails by its URC and +UFTPER, as A5 9.3 has it for a missing user; a link that
does not come about ends its command with CME 3 and no URC. One operation runs at a time,
another one is refused with CME 3.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ..files.sara_r5 import FOAT
from ..files.store import USER as USER_TAG
from ..files.store import FileBusy, NoSpace
from . import profile
from .errors import (
    ABORTED,
    BUSY,
    CLOSED,
    FILE_MISSING,
    FILE_OPEN,
    FILE_WRITE,
    INCOMPLETE,
    NO_PSD,
    NOT_LOGGED_IN,
    SERVER,
    TIMEOUT,
    UNAVAILABLE,
    USER,
    FtpFailure,
)
from .link import FtpLink
from .profile import Settings
from .wire import READ_PIECE, Pipe, Session

if TYPE_CHECKING:
    from ...module import Module

LOGOUT, LOGIN, DELETE, RENAME, GET, PUT, GET_LINK, PUT_LINK, CWD = range(9)
MKDIR, RMDIR, LIST, NAMES, FOTA = 10, 11, 13, 14, 100
OPS = (*range(9), MKDIR, RMDIR, LIST, NAMES, FOTA)
NAMED = {DELETE: "DELE", MKDIR: "MKD", RMDIR: "RMD"}
LONGEST_NAME = 256
LAST_OFFSET = 2**31 - 1
FOTA_FILE = "updatePackage.bin"
LIST_PIECE = 1024


class Ftp(Service):
    """The settings, the session and the operation."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self._busy = False
        self.reset()

    def reset(self) -> None:
        """Everything is volatile."""
        self.close()
        self.settings = Settings()
        self._error = (0, 0)

    def close(self) -> None:
        """The module goes down."""
        self._busy = False
        self._end_session()

    def context_lost(self, cid: int, told: bool = True) -> None:
        """The connections are lost with it."""
        if self._session is not None and self._session.cid == cid:
            if self._task is not None:
                self._task.cancel()
            self._end_session()

    @property
    def logged_in(self) -> bool:
        """Whether there is a session."""
        return self._session is not None

    def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    # -- settings and errors ---------------------------------------------------------------

    @command("+UFTP")
    def configure(self, cmd: Command) -> Reply:
        """Set or reset a parameter; the read form lists them."""
        if cmd.form is Form.TEST:
            return "+UFTP: (0-8,12)"
        if cmd.form is Form.READ:
            return self.settings.shown()
        op = cmd.number(0, 0, max(profile.OPS))
        if op not in profile.OPS:
            raise CommandError(BAD_PARAMETERS)
        if self.logged_in and op not in profile.WHILE_LOGGED_IN:
            raise CommandError(NOT_ALLOWED)
        if len(cmd) == 1:
            self.settings.reset(op)
        else:
            self.settings.change(op, cmd)
        if self._session is not None:
            self._session.use(replace(self.settings))
        return None

    @command("+UFTPER")
    def error(self, cmd: Command) -> Reply:
        """Class and code of the last failure."""
        if cmd.form is Form.TEST:
            return None
        return f"+UFTPER: {self._error[0]},{self._error[1]}"

    # -- operations ------------------------------------------------------------------------

    @command("+UFTPC", alone=True)
    async def perform(self, cmd: Command) -> Reply:
        """Start an operation; +UUFTPCR reports its end."""
        if cmd.form is Form.TEST:
            return "+UFTPC: (0-8,10,11,13,14,100)"
        op = cmd.number(0, 0, FOTA)
        if op not in OPS:
            raise CommandError(BAD_PARAMETERS)
        names, number = self._parameters(op, cmd)
        if self._busy:
            self._error = (1, BUSY)
            raise CommandError(NOT_ALLOWED)
        self._error = (0, 0)
        failing = self.module.interface.failing
        forced = None
        if failing is not None:
            forced = FtpFailure(failing.number, group=failing.group or 1)
        self._busy = True
        if op in (GET_LINK, PUT_LINK):
            return await self._over_link(op, names[0], number, forced)
        self._task = self.module.spawn(self._in_background(op, names, number, forced))
        return None

    def _parameters(self, op: int, cmd: Command) -> tuple[list[str], int]:
        """The names and the offset (or mode) of an operation; CME 50."""
        count = {LOGOUT: 0, LOGIN: 0, LIST: 0, NAMES: 0, RENAME: 2, GET: 2, PUT: 2}.get(op, 1)
        if op in (LIST, NAMES) and cmd.has(1):
            count = 1
        names = [cmd.string(1 + index, LONGEST_NAME) for index in range(count)]
        if op != CWD and not all(names):
            raise CommandError(BAD_PARAMETERS)
        if op == GET:
            number = cmd.number(count + 1, 0, 1, 0)
        elif op in (PUT, GET_LINK, PUT_LINK):
            number = cmd.number(count + 1, 0, LAST_OFFSET, 0)
        else:
            cmd.at_most(count + 1)
            number = 0
        cmd.at_most(count + 2)
        return names, number

    async def _in_background(
        self, op: int, names: list[str], number: int, forced: FtpFailure | None
    ) -> None:
        failure, told = forced, None
        if failure is None:
            try:
                told = await self._run(op, names, number)
            except FtpFailure as error:
                failure = await self._settled(error)
            except asyncio.CancelledError:  # the context is lost, or the module goes down
                failure = FtpFailure(CLOSED, over=True)
        self._ended(op, failure, told)

    def _ended(self, op: int, failure: FtpFailure | None, md5: str | None = None) -> None:
        self._busy = False
        self._task = None
        if failure is not None:
            self._error = failure.pair
            if self._session is not None:
                self._session.drop_data()
            if failure.over or op == LOGIN:
                self._end_session()
        shown = ""
        if md5 and (op == FOTA or "ftp-md5" in self.module.options.variants):
            shown = f',"{md5}"'
        self.module.urc(f"+UUFTPCR: {op},{int(failure is None)}{shown}")

    async def _settled(self, failure: FtpFailure) -> FtpFailure:
        return failure if self._session is None else await self._session.settle(failure)

    def _live(self) -> Session:
        if self._session is None:
            raise FtpFailure(NOT_LOGGED_IN)
        return self._session

    async def _run(self, op: int, names: list[str], number: int) -> str | None:
        """Carry it out; the MD5 of what was transferred."""
        if op == LOGIN:
            await self._login()
            return None
        session = self._live()
        if op == LOGOUT:
            try:
                await session.command("QUIT", "221", CLOSED)
            finally:
                self._end_session()
        elif op == RENAME:
            await session.command(f"RNFR {names[0]}", "350", UNAVAILABLE)
            await session.command(f"RNTO {names[1]}", "250", UNAVAILABLE)
        elif op == CWD:
            words = f"CWD {names[0]}" if names[0] else "CDUP"
            await session.command(words, ("200", "250"), UNAVAILABLE)
        elif op in NAMED:
            words = f"{NAMED[op]} {names[0]}"
            await session.command(words, ("200", "250", "257"), UNAVAILABLE)
        elif op in (LIST, NAMES):
            await self._list(session, op, names)
        elif op == PUT:
            return await self._put(session, names[0], names[1], number)
        else:
            return await self._get(session, op, names, number)
        return None

    async def _login(self) -> None:
        settings = self.settings
        if self._session is not None:
            raise FtpFailure(BUSY)
        if not settings.host:
            raise FtpFailure(SERVER)
        if not settings.user:
            raise FtpFailure(USER)
        try:
            cid = self.module.sockets.require_data()
        except CommandError:
            raise FtpFailure(NO_PSD) from None
        self._session = Session(self.module, replace(settings), cid)
        await self._session.login()

    async def _list(self, session: Session, op: int, names: list[str]) -> None:
        mlsd = "ftp-list-mlsd" in self.module.options.variants
        word = "NLST" if op == NAMES else "MLSD" if mlsd else "LIST"
        data = bytearray()
        async for piece in self._incoming(session, " ".join([word, *names])):
            data += piece
        await session.end(INCOMPLETE)
        size = LIST_PIECE if "ftp-list-pieces" in self.module.options.variants else len(data)
        for at in range(0, max(len(data), 1), max(size, 1)):
            shown = bytes(data[at : at + size]).decode("latin-1")
            if shown or "ftp-list-empty-none" not in self.module.options.variants:
                self.module.urc(f'+UUFTPCD: {op},{len(shown)},"{shown}"')

    async def _incoming(
        self, session: Session, words: str, offset: int = 0
    ) -> AsyncGenerator[bytes, None]:
        """What the server sends over the data connection."""
        pipe = await session.begin(words, offset)
        try:
            while data := await pipe.read(READ_PIECE):
                yield data
        except TimeoutError:
            raise FtpFailure(TIMEOUT) from None
        except (ConnectionError, OSError):
            raise FtpFailure(CLOSED) from None

    # -- files -----------------------------------------------------------------------------

    async def _get(self, session: Session, op: int, names: list[str], resume: int) -> str:
        local, tag = (FOTA_FILE, FOAT) if op == FOTA else (names[1], USER_TAG)
        files = self.module.files
        offset = files.size(local, tag) if resume and files.exists(local, tag) else 0
        writer = None
        try:
            async for piece in self._incoming(session, f"RETR {names[0]}", offset):
                if writer is None:
                    writer = files.open_for_writing(local, tag, keep_content=bool(resume))
                writer.write(piece)
            await session.end(INCOMPLETE)
            if writer is None and not resume:
                files.save(local, b"", tag)
        except FileBusy:
            raise FtpFailure(FILE_OPEN) from None
        except NoSpace:
            raise FtpFailure(FILE_WRITE) from None
        finally:
            if writer is not None:
                writer.close()
        return hashlib.md5(files.load(local, tag)).hexdigest()

    async def _put(self, session: Session, local: str, remote: str, offset: int) -> str:
        try:
            content = self.module.files.load(local)
        except KeyError:
            raise FtpFailure(FILE_MISSING) from None
        pipe = await session.begin(f"STOR {remote}", offset)
        await self._send(pipe, content[offset:])
        await session.end(INCOMPLETE)
        return hashlib.md5(content).hexdigest()

    async def _send(self, pipe: Pipe, data: bytes, last: bool = True) -> None:
        try:
            for at in range(0, len(data), READ_PIECE):
                await pipe.send(data[at : at + READ_PIECE])
            if last:
                await pipe.finish()
        except TimeoutError:
            raise FtpFailure(TIMEOUT) from None
        except (ConnectionError, OSError):
            raise FtpFailure(CLOSED) from None

    # -- direct link -----------------------------------------------------------------------

    async def _over_link(
        self, op: int, name: str, offset: int, forced: FtpFailure | None
    ) -> Reply:
        link = FtpLink(self.module)
        failure, md5 = forced, hashlib.md5()
        try:
            if failure is None:
                session = self._live()
                work = self._link_get if op == GET_LINK else self._link_put
                await work(session, link, name, offset, md5)
        except FtpFailure as error:
            failure = await self._settled(error)
        except asyncio.CancelledError:
            link.close()
            raise
        if not link.entered:
            return self._no_link(op, failure)
        link.leave()
        self.module.interface.after_final(lambda: self._ended(op, failure, md5.hexdigest()))
        if "ftp-link-no-carrier" in self.module.options.variants and not link.escaped.is_set():
            return "NO CARRIER"
        return "DISCONNECT"

    def _no_link(self, op: int, failure: FtpFailure | None) -> Reply:
        assert failure is not None
        if "ftp-link-fails-by-urc" in self.module.options.variants:
            self.module.interface.after_final(lambda: self._ended(op, failure))
            return None
        self._busy = False
        self._error = failure.pair
        if self._session is not None:
            self._session.drop_data()
        if failure.over:
            self._end_session()
        raise CommandError(NOT_ALLOWED)

    async def _link_get(
        self, session: Session, link: FtpLink, name: str, offset: int, md5: hashlib._Hash
    ) -> None:
        """The file to the host. At its end the module stays in the link until the host ends
        the link (A5 9.1.1), or ends it itself ([M4], variant)."""
        escape = self.module.loop.create_task(link.escaped.wait())
        copy = self.module.loop.create_task(self._copy_out(session, link, name, offset, md5))
        try:
            await asyncio.wait({copy, escape}, return_when=asyncio.FIRST_COMPLETED)
            if not copy.done():
                raise FtpFailure(ABORTED)
            copy.result()
            if "ftp-link-exits" not in self.module.options.variants:
                await link.escaped.wait()
        finally:
            copy.cancel()
            escape.cancel()

    async def _copy_out(
        self, session: Session, link: FtpLink, name: str, offset: int, md5: hashlib._Hash
    ) -> None:
        pieces = self._incoming(session, f"RETR {name}", offset)
        first = await anext(pieces, b"")
        link.enter()
        await link.write(first)
        md5.update(first)
        async for piece in pieces:
            await link.write(piece)
            md5.update(piece)
        await session.end(INCOMPLETE)

    async def _link_put(
        self, session: Session, link: FtpLink, name: str, offset: int, md5: hashlib._Hash
    ) -> None:
        pipe = await session.begin(f"STOR {name}", offset)
        link.enter()
        while data := await link.read():
            md5.update(data)
            await self._send(pipe, data, last=False)
        await self._send(pipe, b"")
        await session.end(INCOMPLETE)
