"""HTTP by direct link: bodies are transferred on the line, not through files. The stored HTTP
profile. A10 7.1, 7.3."""

from ...core.compat import const
from ...core.errors import CommandError, ModuleReset
from ...core.service_errors import HttpTimeout
from ..at.data_mode import keep_awake
from ..at.link import Link as Stream
from . import Order
from .profile import check, configure, file_of, occupy, over, ready, release
from .request import begin

_POST_LINK = const(7)
_PAUSE_MS = const(51)  # rule 1, as after a prompt
_PIECE = const(512)
_DRAIN_MS = const(5000)  # for the module to end a link whose answer is complete
_URC_MS = const(5000)
_LOOK_MS = const(5)

_GARBLED = const(5)  # outcome of the engine

_EIO = const(5)
_ECONNRESET = const(104)
_ETIMEDOUT = const(110)


async def open_link(http, slot, order):
    """Start the request; returns the `Link` for its answer, after sending the body.

    The channel is held until the link is left.
    """
    channel = http.channel
    await channel.acquire(slot.left())
    try:
        try:
            await keep_awake(http.modem)
        except CommandError:  # during a request the module does not sleep anyway
            pass
        await _connect(http, slot, order)
        link = Link(channel, slot)
    except BaseException:
        channel.release()
        raise
    if order.cmd == _POST_LINK:
        try:
            await link.send(order.body, order.size)
        except BaseException as error:
            from ...core.giving_up import given_up

            if given_up(error):
                link.desert()
                slot.cmd = None
            else:
                await link.leave(False)
            raise
    return link


async def _connect(http, slot, order) -> None:
    """+UHTTPC up to its CONNECT."""
    channel = http.channel
    line = channel.start(b"+UHTTPC")
    line.number(slot.number)
    line.number(order.cmd)
    line.text(order.path)
    if order.cmd == _POST_LINK:
        line.number(order.kind[0])
        line.part(order.kind[1] if len(order.kind) > 1 else None)
        line.number(order.size)
    else:  # ignored, but it must be there
        line.text(file_of(http.answer_file, slot))
    channel.connect = True

    def launch() -> None:
        """After the pause, in which the result of an earlier request may come, or a restart."""
        check(slot)
        begin(http, slot, order)

    def kept(ended: bool) -> None:
        """Cancelled before the module has answered. A refusal ends the request; if the link is
        established later, the next command leaves it, which ends the request."""
        if ended and channel.outcome < _GARBLED and slot.cmd is not None:
            slot.cmd = None
            if not slot.held:
                over(http, slot)

    channel.guard = launch
    channel.keeper = kept
    try:
        await channel.execute(min(slot.left(), slot.limit_ms), slot.limit_ms)
    except BaseException:
        if channel.outcome:  # an answer, even if invalid: no URC will come
            slot.cmd = None
        raise
    if channel.state == 0:
        slot.cmd = None
        raise channel.garbled("no CONNECT")
    slot.cmd = order.cmd  # results of earlier requests are ignored
    slot.result = None


class Link(Stream):
    """The answer as it comes along the line, its headers first."""

    def __init__(self, channel, slot):
        Stream.__init__(self, channel)
        self.slot = slot

    async def readinto(self, buf, nbytes: int = 0, timeout_ms=None):
        """Read some bytes of the answer to `buf`; 0 at its end."""
        slot = self.slot
        n = await self.some(buf, nbytes, timeout_ms or slot.limit_ms)
        if self.restarted:
            raise ModuleReset(_ECONNRESET, "AT+UHTTPC")
        if n is None:  # neither data nor the module's own time-out
            raise HttpTimeout(_ETIMEDOUT, "AT+UHTTPC", slot.limit_ms, 0)
        return n

    # ---- sending ------------------------------------------------------------------------------

    async def send(self, body, size: int) -> None:
        """Send the body: the module waits for exactly `size` bytes."""
        channel = self.channel
        began = channel.port.ticks_ms()
        while channel.elapsed(began) < _PAUSE_MS:
            self._fill()  # the rest of the CONNECT line: a byte left there would cut the sleep
            channel.proceed("data mode")
            await channel.sleep(1)
        if not hasattr(body, "readinto"):
            await self._pass(memoryview(body))
            return
        from ..files.whole_file import fill

        piece = memoryview(bytearray(min(size, _PIECE)))
        while size:
            wanted = min(size, _PIECE)
            n = await fill(channel, body, piece[:wanted])
            await self._pass(piece[:n])
            size -= n
            if n < wanted:
                raise OSError(_EIO, "the source ended %d bytes early" % size)

    async def _pass(self, data) -> None:
        """Send small pieces: after the end of the link the module would take them for commands."""
        for at in range(0, len(data), _PIECE):
            self._fill()
            self._ready()
            if self.ended:
                return  # the missing answer leads to an error
            await self.write(data[at : at + _PIECE])

    # ---- leaving ------------------------------------------------------------------------------

    async def leave(self, complete: bool) -> int:
        """Return to command mode. A module whose answer is complete ends the link itself,
        otherwise it is ended here. Then its URC is awaited, if it sends one. Returns how many
        bytes came after a complete answer. After a cancellation, the next command leaves it."""
        channel = self.channel
        slot = self.slot
        began = channel.port.ticks_ms()
        self.counted = self.counted and not complete
        surplus = 0
        channel.firm += 1
        try:
            while complete and not self.ended and channel.elapsed(began) < _DRAIN_MS:
                self._fill()
                ready = self._ready()
                channel.lexer.start += ready
                surplus += ready
                await self._look()
            await self.close()
            began = channel.port.ticks_ms()
            while slot.cmd is not None and channel.elapsed(began) < _URC_MS:
                channel.poll()
                await self._look()
        finally:
            channel.firm -= 1
            self.desert()
            slot.cmd = None
        return surplus

    async def _look(self) -> None:
        self.channel.proceed("data mode")
        await self.channel.sleep(_LOOK_MS)


# ---- stored profile -----------------------------------------------------------------------------
#
# The HTTP profile in the module's non-volatile memory (+UHTTPNV). A10 7.1.1, 7.1.2.

_MS = 180000  # default of a request
_READ = ((0, 3), (1, 3), (2, 3), (4, 3), (5, 3), (6, 3), (7, 3), (10, 3), (20, 4))
# Values of a reset profile, which are not written.
_USUAL = ((0, None), (1, None), (2, None), (4, 0), (6, 0), (7, 180), (20, 1, 0))


async def store(http, url: str = "", **options) -> None:
    """Store the profile: after every deep sleep the module restores it by itself. With `url`, and
    the options of `request()`, it is configured for such requests first; without them the settings
    of the last request are stored.

    No deep sleep may happen meanwhile (A10 7.1.2): if one is allowed, it is prevented by a vote.
    The driver remembers the stored settings, and after a deep sleep writes only the differences of
    a request. After a restart of the module `load()` is required, after a restart of this program
    it is useful.
    """
    order = None
    if url:
        timeout_ms = options.pop("timeout_ms", _MS)
        order = Order(http, options.pop("method", "GET"), url, timeout_ms, options)
    elif options:
        raise TypeError("options of a request need its URL")
    slot = await _ours(http)
    try:
        if order is not None:
            await configure(http, slot, order.wanted)
        http.stored = None  # unknown if this fails midway
        await http.channel.command(b"+UHTTPNV", 0, 2, guard=lambda: check(slot))
        http.stored = slot.settings
    finally:
        await release(http, slot)


async def load(http) -> None:
    """Use the stored profile, now and after every deep sleep; it is read back as far as the
    module reports it, so that a request writes only the differences."""
    slot = await _ours(http)
    try:
        slot.settings = http.stored = None
        await http.channel.command(b"+UHTTPNV", 0, 1)
        found = await _read_back(http)
        check(slot)
        http.stored = slot.settings = found
    finally:
        await release(http, slot)


async def factory(http) -> None:
    """Restore the factory settings; also for the time after a deep sleep."""
    slot = await _ours(http)
    try:
        slot.settings = http.stored = None
        await http.channel.command(b"+UHTTPNV", 0, 0)
    finally:
        await release(http, slot)


async def _ours(http):
    """The profile, reserved and ready."""
    slot = await occupy(http, 0, [None], _MS)
    try:
        await ready(http, slot)
    except BaseException:
        await release(http, slot)
        raise
    return slot


async def recall(http):
    """The settings of the module after a deep sleep: the stored ones if it reports that it uses
    them, otherwise None."""
    try:
        for row in await http.channel.command(b"+UHTTPNV?"):
            if row == [0, 1]:
                return http.stored
    except CommandError:
        pass
    http.stored = None
    return None


async def _read_back(http) -> list:
    """The settings, without passwords and headers, which are not queried."""
    found = []
    for operation, fields in _READ:
        try:
            rows = await http.channel.command(b"+UHTTP", 0, operation)
        except CommandError:
            continue
        for row in rows:
            if len(row) >= fields and row[:2] == [0, operation]:
                item = tuple(row[1:])
                if item[:fields] not in _USUAL and item[1] is not None:
                    found.append(item)
    return found
