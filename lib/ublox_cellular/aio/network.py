"""Registration and the data connection, as far as sockets need them; name resolution."""

from ..core.compat import const
from ..core.errors import ENODEV, ETIMEDOUT, Cancelled, CommandError, ModemError
from ..core.text import is_address
from ..runtime.aio import Lock
from .modem import EVENT_CONNECTION, EVENT_REGISTRATION

HOME = const(1)
DENIED = const(3)
ROAMING = const(5)

_POLL_MS = const(5000)  # a lost URC must not cost the connection
_RADIO_MS = const(180000)  # +CFUN, +COPS, +CGACT, +UPSDA at most (at-commands 1.6)
_SIM_MS = const(20000)
_SIM_BUSY = const(14)
_DNS_MS = const(120000)
_FAILED = const(-2)  # what socket.getaddrinfo() raises everywhere


def _read_form(line) -> bool:
    """+CEREG: the answer to the read command has <n> in front, then an unquoted <stat>."""
    line.number()
    return line.more() and not line.quoted()


class Network:
    """`modem.network`. `stat` is the last `+CEREG` status, None before the first."""

    def __init__(self, modem):
        self._modem = modem
        self._channel = channel = modem.channel
        self.stat = None
        self.apn = ""
        self.up = False
        self.async_dns = True
        self._progress = None
        self._dns_lock = Lock()
        self._dns_result = None
        self._dns_since = None  # when a request was sent that has not been answered
        channel.urcs.add(b"+CEREG", self._registration)
        channel.urcs.add(b"+CGEV", self._context_event)
        channel.urcs.add(b"+UUDNSRN", self._resolved)

    # ---- what the module tells ----------------------------------------------------------------

    def _registration(self, line) -> None:
        stat = line.number()
        if stat is not None and stat != self.stat:
            self.stat = stat
            self._modem.events.put(EVENT_REGISTRATION, stat)
            if self.up and not self.registered():
                self.set_up(False)

    def _context_event(self, line) -> None:
        if line.begins(b"+CGEV: NW DETACH") or line.begins(b"+CGEV: NW PDN DEACT"):
            self.set_up(False)

    def set_up(self, up: bool) -> None:
        if up != self.up:
            self.up = up
            self._modem.events.put(EVENT_CONNECTION, 1 if up else 0)

    def lost(self) -> None:
        """The module has restarted."""
        self.stat = None
        self.set_up(False)
        self._dns_since = None

    async def configure(self) -> None:
        """Settings a restart loses; the channel is held."""
        await self._channel.ask(b"+CEREG", 1)
        await self._channel.ask(b"+CGEREP", 1)

    def registered(self) -> bool:
        return self.stat == HOME or self.stat == ROAMING

    def isconnected(self) -> bool:
        """Whether the data connection is up, as far as the module has told."""
        self._channel.poll()
        return self.up

    # ---- connecting -------------------------------------------------------------------------

    async def connect(
        self,
        apn: str = "",
        *,
        user: str = "",
        password: str = "",
        timeout_ms: int = 180000,
        progress=None,
    ) -> None:
        """From any state to a usable data connection, doing only what is missing.

        `apn`: of the operator, at most 99 characters; "" keeps what the module has. `progress` is
        called with the name of each stage; returning False gives up (`Cancelled`). Raises
        `ModemError` (SIM, denied, time-out) or `CommandError`. A5 2.2, A10 2.3.
        """
        if len(apn) > 99 or len(user) > 64 or len(password) > 64:
            raise ValueError("APN of at most 99, user and password of at most 64 characters")
        began = self._channel.port.ticks_ms()
        self._progress = progress
        try:
            self._tell("sim")
            await self._sim_ready()
            self._tell("context")
            await self._define_context(apn, user, password)
            self._tell("radio")
            await self._radio_on()
            await self._register(began, timeout_ms)
            self._tell("activation")
            await self._modem.activate(max(10000, timeout_ms - self._channel.elapsed(began)))
        finally:
            self._progress = None
        self._tell("connected")
        self.set_up(True)

    def _tell(self, stage: str) -> None:
        if self._progress and self._progress(stage) is False:
            raise Cancelled("connect")

    async def _sim_ready(self) -> None:
        channel = self._channel
        began = channel.port.ticks_ms()
        while True:
            try:
                rows = await channel.command(b"+CPIN", b"?")
                state = rows[0][0] if rows else "nothing"
                if state == "READY":
                    return
                raise ModemError(ENODEV, "SIM not usable: it says " + str(state))
            except CommandError as error:
                if error.code != _SIM_BUSY or channel.elapsed(began) > _SIM_MS:
                    raise
            self._tell("sim")
            await channel.sleep(500)

    async def _define_context(self, apn: str, user: str, password: str) -> None:
        if user:
            await self._modem.authenticate(user, password)
        if not apn:
            return
        for row in await self._channel.command(b"+CGDCONT", b"?"):
            # After the attach the network's name of it is shown, which may have a suffix.
            if row[0] == 1 and str(row[2]).lower().startswith(apn.lower()):
                return
        await self._channel.command(b"+CFUN", 0, timeout_ms=_RADIO_MS)
        await self._channel.command(b"+CGDCONT", 1, "IP", apn)

    async def _radio_on(self) -> None:
        channel = self._channel
        if (await channel.command(b"+CFUN", b"?"))[0][0] != 1:
            await channel.command(b"+CFUN", 1, timeout_ms=_RADIO_MS)
        if (await channel.command(b"+COPS", b"?"))[0][0] == 2:
            await channel.command(b"+COPS", 0, timeout_ms=_RADIO_MS)

    async def _register(self, began: int, timeout_ms: int) -> None:
        channel = self._channel
        await channel.acquire()
        try:
            await self.configure()
        finally:
            channel.release()
        asked = None
        while not self.registered():
            if asked is None or channel.elapsed(asked) > _POLL_MS:
                rows = await channel.command(b"+CEREG", b"?", shape=_read_form)
                asked = channel.port.ticks_ms()
                if rows and len(rows[0]) > 1:
                    self.stat = rows[0][1]
                    continue
            self._tell("registration")
            if channel.elapsed(began) > timeout_ms:
                raise ModemError(
                    ETIMEDOUT,
                    "not registered within %d ms: %s"
                    % (timeout_ms, "denied" if self.stat == DENIED else "stat %s" % self.stat),
                )
            channel.poll()
            await channel.sleep(20)

    async def disconnect(self) -> None:
        """Give the data connection up; the module stays registered."""
        await self._modem.deactivate()
        self.set_up(False)

    async def ifconfig(self):
        """(address, mask, gateway, DNS); what the network does not tell is "0.0.0.0"."""
        address = gateway = dns = "0.0.0.0"
        for row in await self._channel.command(b"+CGPADDR", 1):
            address = str(row[1]).split(" ")[0]
        try:
            for row in await self._channel.command(b"+CGCONTRDP", 1):
                row += [None] * 6
                gateway = row[4] or gateway
                dns = row[5] or dns
        except CommandError:
            pass
        return (address, "255.255.255.255", gateway, dns)

    # ---- names ------------------------------------------------------------------------------

    async def resolve(self, host: str, timeout_ms: int = 70000) -> str:
        """The address of `host` (at most 128 characters), which may be one already.

        The answer comes with the command or later as a URC, as module and `async_dns` have it;
        meanwhile other commands may run. Raises `OSError(-2)` when the name is not found,
        `OSError(ETIMEDOUT)`. A5 2.3.2, A10 2.4.2.
        """
        if not isinstance(host, str):
            raise TypeError("host name as a string wanted")
        if not 0 < len(host) <= 128:
            raise ValueError("host name of 1 to 128 characters wanted")
        if is_address(host):
            return host
        await self._dns_lock.acquire()
        try:
            return await self._resolve(host, timeout_ms)
        finally:
            self._dns_lock.release()

    async def _resolve(self, host: str, timeout_ms: int) -> str:
        began = self._channel.port.ticks_ms()
        if self._dns_since is not None:  # an answer nobody waited for must not be taken for ours
            await self._dns_answer(self._dns_since, _DNS_MS, began, timeout_ms)
        self._dns_result = None
        try:
            rows = await self._channel.command(
                b"+UDNSRN", 0, host, *self._modem.dns_options(), timeout_ms=timeout_ms, max_ms=_DNS_MS
            )
        except CommandError as error:
            raise OSError(_FAILED, "%s not resolved: %s" % (host, await self._reason(error)))
        if rows:
            return rows[0][0]
        self._dns_since = began
        await self._dns_answer(began, _DNS_MS, began, timeout_ms)
        if self._dns_since is not None:
            raise OSError(ETIMEDOUT, "%s not resolved within %d ms" % (host, timeout_ms))
        if not self._dns_result:
            raise OSError(_FAILED, "%s not resolved" % host)
        return self._dns_result

    async def _dns_answer(self, asked: int, max_ms: int, began: int, timeout_ms: int) -> None:
        channel = self._channel
        while self._dns_since is not None:
            if channel.elapsed(asked) > max_ms:
                self._dns_since = None
                return
            if channel.elapsed(began) > timeout_ms:
                return
            channel.poll()
            channel.proceed("resolve")
            if self._dns_since is not None:
                await channel.sleep(5)

    async def _reason(self, error) -> str:
        try:
            rows = await self._channel.command(b"+USOER")
            if rows and rows[0][0]:
                return "+USOER %d" % rows[0][0]
        except CommandError:
            pass
        return str(error)

    def _resolved(self, line) -> None:
        if line.quoted():  # one manual prints the URC without its result code
            result = 0
        else:
            result = line.number()
        self._dns_result = line.text() if result == 0 else None
        self._dns_since = None
