"""An FTP server on the event loop of its caller: pyftpdlib, which has a loop of its own.

That one's selector is a file like any other: the caller's loop watches it. So server, simulated
module and driver share one loop, in virtual time, too.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

logging.getLogger("pyftpdlib").disabled = True

USER, SECRET = "node", "s3cret-w0rd"
ALL = "elradfmwMT"
TICK_S = 0.5
"""How often its own timers are looked at."""


class _Full(AbstractedFS):
    """A disk of `room` bytes for each file."""

    room: int | None = None
    names = 0

    def format_list(self, basedir: str, listing: list[str], ignore_err: bool = True) -> Any:
        """With `names`: so many files that do not exist."""
        if not self.names:
            yield from super().format_list(basedir, listing, ignore_err)
            return
        for n in range(self.names):
            line = f"-rw-r--r--   1 ftp      ftp      {n:8} Aug 05 09:45 name {n:05}.txt\r\n"
            yield line.encode()

    def get_user_by_uid(self, uid: int) -> Any:
        return "ftp"

    def get_group_by_gid(self, gid: int) -> Any:
        return "ftp"

    def listdir(self, path: str) -> list[str]:
        return sorted(super().listdir(path))

    def open(self, filename: str, mode: str) -> Any:
        found = super().open(filename, mode)
        if self.room is not None and "r" not in mode:
            return _Limited(found, self.room)
        return found


class _Limited:
    """A file that takes no more than so many bytes."""

    def __init__(self, file: Any, room: int) -> None:
        self._file = file
        self._left = room

    def write(self, data: bytes) -> int:
        if len(data) > self._left:
            raise OSError(errno.ENOSPC, "no space left on device")
        self._left -= len(data)
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class FtpServer:
    """Serves a folder to `USER` (all rights) and to "anonymous" (any password, all rights).

    `tls`: a certificate of trustme for FTPS; `without`: commands it does not know; `room`: bytes
    that fit into a file; `names`: list so many that are not there. `cut_after`: so
    many bytes into a transfer the server vanishes.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        tls: Any = None,
        host: str = "127.0.0.1",
        folder: Path | None = None,
        without: tuple[str, ...] = (),
        room: int | None = None,
        names: int = 0,
    ) -> None:
        self._loop = loop
        self._made = tempfile.TemporaryDirectory() if folder is None else None
        self.folder = Path(self._made.name) if self._made else folder or Path()
        authorizer = self._authorizer = DummyAuthorizer()
        authorizer.add_user(USER, SECRET, str(self.folder), perm=ALL)
        authorizer.add_anonymous(str(self.folder))
        authorizer.user_table["anonymous"]["perm"] = ALL
        kind: type[Any] = FTPHandler
        options: dict[str, Any] = {}
        if tls is not None:
            from pyftpdlib.handlers import TLS_FTPHandler

            kind = TLS_FTPHandler
            self._keys = tempfile.TemporaryDirectory()
            file = Path(self._keys.name) / "server.pem"
            file.write_bytes(tls.private_key_and_cert_chain_pem.bytes())
            options = {"certfile": str(file), "ssl_context": None, "tls_control_required": True,
                       "tls_data_required": True}  # fmt: skip
        commands = {name: rule for name, rule in kind.proto_cmds.items() if name not in without}
        self.stalled = False
        self.cut_after: int | None = None
        self.handlers: list[Any] = []
        server = self

        class Handler(kind):
            """One session."""

            def on_connect(self) -> None:
                server.handlers.append(self)

        for name, value in options.items():
            setattr(Handler, name, value)
        Handler.authorizer = authorizer
        Handler.proto_cmds = commands
        Handler.use_sendfile = False
        Handler.abstracted_fs = type("Disk", (_Full,), {"room": room, "names": names})
        Handler.timeout = 0
        Handler.auth_failed_timeout = 0
        Handler.banner = "ready"
        Handler.dtp_handler = self._transfer(Handler.dtp_handler)
        Handler.permit_foreign_addresses = False
        self._ioloop: Any = IOLoop.factory()
        self._server = FTPServer((host, 0), Handler, ioloop=self._ioloop)
        self.port = self._server.address[1]
        self._file = self._ioloop._poller.fileno()
        loop.add_reader(self._file, self._run)
        self._timer = loop.call_later(TICK_S, self._tick)

    def _transfer(self, kind: type[Any]) -> type[Any]:
        """A data connection that breaks at a chosen byte."""
        server = self

        class Transfer(kind):
            """One transfer."""

            def send(self, data: bytes) -> int:
                cut = server.cut_after
                if cut is None:
                    return int(super().send(data))
                room = max(0, cut - self.tot_bytes_sent)
                if not room:
                    server._loop.call_soon(self.cmd_channel.close)
                    return 0
                return int(super().send(data[:room]))

        return Transfer

    def empty(self) -> None:
        """Remove all files."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def user(self, name: str, password: str) -> None:
        """One more who may log in."""
        self._authorizer.add_user(name, password, str(self.folder), perm=ALL)

    def _run(self) -> None:
        if not self.stalled:
            self._ioloop.loop(timeout=0, blocking=False)

    def _tick(self) -> None:
        self._run()
        self._timer = self._loop.call_later(TICK_S, self._tick)

    def stall(self, stalled: bool = True) -> None:
        """Do nothing at all, or go on."""
        self.stalled = stalled
        if stalled:
            self._loop.remove_reader(self._file)
        else:
            self._loop.add_reader(self._file, self._run)

    def drop(self) -> None:
        """Close all control connections without a word."""
        for handler in self.handlers:
            handler.close()
        self.handlers.clear()

    def close(self) -> None:
        """Stop."""
        self._timer.cancel()
        self._loop.remove_reader(self._file)
        self._server.close_all()
        self._ioloop.close()
        if self._made:
            self._made.cleanup()


__all__ = ["SECRET", "USER", "FtpServer"]
