"""A file of an FTP server that is written along the line (direct link). A5 9.1.4, at-commands
8.2."""

from ...core.buffers import check_data
from ...core.compat import const
from ...core.errors import ModemError
from ..at import Lock
from ..at.data_mode import paid
from .link import Linked

_PAUSE_MS = const(51)  # rule 1, as after a prompt
_PIECE = const(512)
_LOOK_MS = const(5)
_REBASE_MS = const(500)
_STUCK_MS = const(10000)  # for a UART that does not get done: flow control

_EIO = const(5)


class Writer(Linked):
    """A file that is written; what was written counts when `close()` has come back. `sent`: bytes
    handed to the module."""

    def __init__(self, *arguments):
        Linked.__init__(self, *arguments)
        self.held = 0  # escape characters that were not sent yet, see write()
        self.begun = False
        self.unsure = False  # close() was given up
        self.closing = Lock()
        self.backlog = 0  # bytes that the UART had not sent yet at `wire_at`
        self.wire_at = self.ftp.channel.port.ticks_ms()
        rate = getattr(self.ftp.channel.port.uart, "baudrate", None)  # of busio and pyserial
        self.rate = (rate if isinstance(rate, int) else self.ftp.modem.baudrate) // 100

    @property
    def sent(self) -> int:
        return self.link.given

    async def write(self, data) -> int:
        """All of `data`; its length. `FtpError` if the module has ended the transfer. Where a
        write was given up, `pos` is what the file has, exactly: go on from there.

        The sequence that leaves data mode, alone in a write, is sent together with what follows,
        or in two parts: the module does not take it for the end.
        """
        check_data(data)
        self._alive()
        link = self.link
        if not self.begun:
            await self._begin()
        n = len(data)
        if not n:
            return 0
        try:
            if self.held + n <= 3 and bytes(data) == self.ftp.channel.escape[:n]:
                self.held += n
            else:
                if self.held:
                    held, self.held = self.held, 0
                    data = self.ftp.channel.escape[:held] + bytes(data)
                for at in range(0, len(data), _PIECE):
                    await self._put(memoryview(data)[at : at + _PIECE])
        except OSError as error:
            if link.ended and self.failed is None:
                await self._broken()
            raise error
        finally:
            self.pos = self.first + link.given + self.held
        return n

    def _waiting(self) -> int:
        """How many bytes are not on the wire yet, by the time that it takes them."""
        channel = self.ftp.channel
        passed = channel.elapsed(self.wire_at)
        left = self.backlog - passed * self.rate // 100
        if left <= 0 or passed > _REBASE_MS:
            self.backlog = left = max(0, left)
            self.wire_at = channel.port.ticks_ms()
        return left

    async def _put(self, piece) -> None:
        """Send a piece. A UART may take any number of bytes before they are on the wire: not more
        than two pieces wait there, as the module may leave data mode any time."""
        channel = self.ftp.channel
        while True:
            self.link._drop()
            if self.link.ended:
                await self._broken()
            if self._waiting() <= _PIECE:
                break
            channel.proceed("data mode")
            await channel.sleep(1)
        before = self.link.given
        try:
            await self.link.write(piece)
        finally:  # given up, a part may have gone
            n = self.link.given - before
            self.backlog += n
            if n and self.md5 is not None:
                self.md5.update(memoryview(piece)[:n])

    async def _drained(self) -> None:
        """Until the UART has sent what it has taken: the silence before the escape sequence is
        counted from then on."""
        channel = self.ftp.channel
        done = getattr(channel.port.uart, "txdone", None)  # flow control may hold it up
        began = channel.port.ticks_ms()
        while self._waiting() or (done and not done() and channel.elapsed(began) < _STUCK_MS):
            self.link._drop()  # a byte left there would cut the sleep
            channel.proceed("data mode")
            await channel.sleep(_LOOK_MS)

    async def _begin(self) -> None:
        """The pause of rule 1, in which the rest of the CONNECT line comes."""
        channel = self.ftp.channel
        began = channel.port.ticks_ms()
        while channel.elapsed(began) < _PAUSE_MS:
            self.link._fill()
            channel.proceed("data mode")
            await channel.sleep(1)
        self.begun = True

    async def _broken(self) -> None:
        """The module has left data mode: why."""
        await self._result()
        error = await self.ftp.failure(self.op)
        self.failed = self._partial(error)
        raise self.failed

    def _partial(self, error) -> Exception:
        """The server may have a part of the file; what was there before is certain."""
        from ...core.ftp_errors import FtpError, PartialTransfer

        if not self.sent or not isinstance(error, FtpError):
            return error
        text = "%s; of %s the server may have a part of the %d bytes that were sent" % (
            error, self.name, self.sent,
        )  # fmt: skip
        return PartialTransfer(
            error.errno or _EIO, text, self.name, self.first, error.error_class, error.code
        )

    async def close(self) -> None:
        """Leave data mode: the file is complete. `PartialTransfer`, `FtpError` if the server did
        not take it; `Garbled` if its MD5 is another one."""
        if not self.closing.take():
            await self.closing.acquire(self.ftp.channel, what="the file")
        try:
            await self._close()
        finally:
            self.closing.release()

    async def _close(self) -> None:
        if self.closed:
            if self.failed:
                raise self.failed
            if self.unsure:
                text = "close() was given up: whether the server has all of %s is not known"
                raise ModemError(_EIO, text % self.name)
            return
        self._alive()
        if not self.begun:
            await self._begin()
        await self._flush()
        await self._drained()
        self.closed = self.unsure = True
        await self._leave()
        await paid(self.ftp.channel)
        try:
            await self._verdict(True)
        except OSError as error:
            self.failed = self._partial(error)
            raise self.failed
        self.unsure = False

    async def _flush(self) -> None:
        """Escape characters that are all that is left: never three alone."""
        held, self.held = self.held, 0
        channel = self.ftp.channel
        while held:
            n = 2 if held == 3 else held
            await self._put(channel.escape[:n])
            held -= n
            if held:
                await self._drained()
                began = channel.port.ticks_ms()
                while channel.elapsed(began) < channel.guard_ms:
                    self.link._drop()
                    channel.proceed("data mode")
                    await channel.sleep(_LOOK_MS)
