"""From any state to a usable data connection, and back to it. A5 2.2, A10 2.3.

`Connection` is what the application wants, and how far it is: each `step()` does what is missing
next with short commands and never waits for the network. `connect()` runs the steps to their
end; without waiting they are run by a task (asyncio) or by the calls of `isconnected()` and
`status()` (blocking). Later they bring a lost connection back.
"""

from ..core.command import sendable
from ..core.compat import const
from ..core.errors import Cancelled, CommandError, Garbled, ModemError, ModuleReset
from ..wait_aio import background
from .at import Lock
from .registration import ask_registration
from .sendoff import accepted, send_off

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_POLL_MS = const(5000)  # a lost URC must not cost the connection
_LOOK_MS = const(20)
_RADIO_MS = const(180000)  # +CFUN, +COPS, at most (at-commands 1.6)
_SIM_MS = const(20000)
_BUSY = const(14)  # the SIM, for some seconds after a start
_NO_SIM = const(10)
_TRIES = const(3)  # of an activation
_RETRY_MS = const(1000)
_PATIENCE_MS = const(600000)  # as of ladder.py
_LONGEST_APN = const(99)
_LONGEST_USER = const(64)

_ENODEV = const(19)
_ETIMEDOUT = const(110)
_ECANCELED = const(125)

# Stages, also second field of the PROGRESS event; `STAGES` are their names.
SIM = const(0)
PROFILE = const(1)
CONTEXT = const(2)
RADIO = const(3)
REGISTRATION = const(4)
ACTIVATION = const(5)
CONNECTED = const(6)
STAGES = ("sim", "profile", "context", "radio", "registration", "activation", "connected")

_EVENT_PROGRESS = const(7)


async def connect(
    modem,
    apn="",
    *,
    user="",
    password="",
    kind="",
    mno=None,
    plmn="",
    timeout_ms=180000,
    progress=None,
    wait=True,
    recover=True,
) -> None:
    """Do what is missing between the module's state and a usable data connection.

    `apn`: of the operator, at most 99 characters; "" keeps what the module has. `user`,
    `password`: for PAP or CHAP. `kind`: "IP", "IPV6" or "IPV4V6"; "" keeps what the module has.
    `mno`: number of the MNO profile (+UMNOPROF; a change costs a restart). `plmn`: register with
    this operator only, such as "00101". `progress(stage)` is called again and again with the name
    of the stage; returning False gives up (`Cancelled`). `recover`: climb the ladder of
    `modem.recovery` when the module or the network does not do its part; a rung may take minutes.

    With `wait=False` it returns at once: `isconnected()` and `status()` tell, and `disconnect()`
    gives up. Until `disconnect()` a connection that is lost is brought back in the same way.

    Raises `ValueError` before anything is sent, `ModemError` (SIM missing or locked, not
    registered in time: with the network's reason), `CommandError`, `ModuleLost`, `Cancelled`.
    """
    sendable(apn, _LONGEST_APN)
    sendable(user, _LONGEST_USER)
    sendable(password, _LONGEST_USER)
    if kind not in ("", "IP", "IPV6", "IPV4V6"):
        raise ValueError("kind: IP, IPV6 or IPV4V6")
    if plmn and not (plmn.isdigit() and 5 <= len(plmn) <= 6):
        raise ValueError("plmn: 5 or 6 digits")
    connection = Connection(modem, apn, user, password, kind, mno, plmn, recover)
    modem.network.wanted = connection
    if not wait:
        connection.task = background(connection.keep)
        return
    try:
        await connection.finish(timeout_ms, progress)
    except BaseException:
        if modem.network.wanted is connection:
            modem.network.wanted = None
        raise


async def disconnect(modem) -> None:
    """Give the data connection up, or the attempt to get one; the module stays registered."""
    wanted = modem.network.wanted
    modem.network.wanted = None
    if wanted is not None and wanted.task is not None:
        wanted.task.cancel()
    await modem.release_data()
    modem.network.set_up(False)


class Connection:
    """What `connect()` was told. `stage` is how far it is, `failed` why it was given up."""

    if TYPE_CHECKING:
        task: Any
        failed: Any
        since: Any

    def __init__(self, modem, apn, user, password, kind, mno, plmn, recover):
        self.modem = modem
        self.apn = apn
        self.user = user
        self.password = password
        self.kind = kind
        self.mno = mno
        self.plmn = plmn
        self.recover = recover
        self.cid = 1
        self.lock = Lock()  # its task, `run()` and a socket that waits may step it
        self.task = None
        self.failed = None
        self.authenticated = False
        self.tries = 0
        # What stood when the state was saved stands unless the module says otherwise.
        self.stage = ACTIVATION if modem.network.restored else SIM
        modem.network.restored = False
        self.since = self.asked = self.checked = None  # of the stage: begun, asked for, looked at

    # ---- all of it ---------------------------------------------------------------------------

    async def finish(self, timeout_ms: int, progress) -> None:
        """Step until it is connected."""
        channel = self.modem.channel
        began = channel.port.ticks_ms()
        while True:
            if progress and progress(STAGES[self.stage]) is False:
                raise Cancelled(_ECANCELED, "connect")
            ms = await self.tend()
            if ms < 0:
                if progress:
                    progress(STAGES[self.stage])
                return
            if channel.elapsed(began) > timeout_ms:
                from .reasons import late

                raise late(self, timeout_ms)
            self.modem.poll()  # between two commands: events are told
            channel.proceed("connect")
            await channel.sleep(ms)

    async def keep(self) -> None:
        """The task behind `connect(wait=False)`: bring it up, and back whenever it is lost."""
        while self.modem.network.wanted is self and self.failed is None:
            ms = await self.attempt()
            await self.modem.channel.pause(200 if ms < 0 else ms)

    async def attempt(self) -> int:
        """`tend()` for those who have nobody to raise to: what is refused is tried again rung by
        rung, and `failed` keeps what nothing has helped against."""
        if self.failed is not None or self.modem.network.up:
            return -1
        try:
            try:
                return await self.tend()
            except CommandError:
                if not self.recover:
                    raise
                await self.modem.recovery.reconnect(STAGES[self.stage])
                self.tries = 0
                self.go(SIM)
                return _RETRY_MS
        except OSError as error:
            self.failed = error
            return -1

    async def back(self, timeout_ms: int) -> None:
        """Wait until a connection that was lost stands again."""
        if self.task is None:
            await self.finish(timeout_ms, None)
            return
        channel = self.modem.channel
        began = channel.port.ticks_ms()
        while not self.modem.network.up and self.failed is None:
            if channel.elapsed(began) > timeout_ms:
                from .reasons import late

                raise late(self, timeout_ms)
            await channel.pause(_LOOK_MS)

    async def tend(self) -> int:
        """A step, and the next rung of the ladder if that is what helps."""
        await self.lock.acquire(self.modem.channel)
        try:
            return await self._tend(self.modem)
        finally:
            self.lock.release()

    async def _tend(self, modem) -> int:
        try:
            ms = await self.step()
            if ms < 0 and "recovery" in modem.loaded:
                modem.recovery.settled()
            if ms < 0 or not self.recover or not self.stuck():
                return ms
            await modem.recovery.reconnect(STAGES[self.stage])
        except (ModuleReset, Garbled):  # settled by the next command
            pass
        except ModemError as error:
            if not self.recover or error.errno != _ETIMEDOUT or isinstance(error, CommandError):
                raise
            await modem.recovery.reach(str(error))
        self.go(SIM)
        return _LOOK_MS

    def stuck(self) -> bool:
        """Whether registration or activation lasts longer than patience does."""
        if self.stage < REGISTRATION or self.since is None:
            return False
        recovery = self.modem.loaded.get("recovery")  # not loaded for a look
        patience_ms = recovery.patience_ms if recovery else _PATIENCE_MS
        return self.modem.channel.elapsed(self.since) > patience_ms

    # ---- one step ----------------------------------------------------------------------------

    def go(self, stage: int) -> int:
        """Enter a stage."""
        if stage != self.stage and self.modem.on_event:  # it would fill the queue unread
            self.modem.events.put(_EVENT_PROGRESS, stage)
        self.stage = stage
        self.since = self.asked = None
        return 0

    async def step(self) -> int:
        """Do what is next; ms until the next step makes sense, -1 when all is done."""
        modem = self.modem
        channel = modem.channel
        channel.poll()
        if channel.abandoned and channel.elapsed(channel.since) < channel.late_ms:
            return _LOOK_MS  # a command that was sent off
        now = channel.port.ticks_ms()
        if self.since is None:
            self.since = now
        stage = self.stage
        if stage == SIM:
            return await self._sim(now)
        if stage == PROFILE:
            if self.mno is not None:
                await modem.network.set_profile(self.mno)
            return self.go(CONTEXT)
        if stage == CONTEXT:
            return await self._context()
        if stage == RADIO:
            return await self._radio()
        if stage == REGISTRATION:
            return await self._registration(now)
        if stage == CONNECTED and modem.network.up:
            return -1
        if stage == CONNECTED:
            return self.go(SIM)
        return await self._activation(now)

    async def _sim(self, now: int) -> int:
        modem = self.modem
        try:
            rows = await modem.channel.command(b"+CPIN?")
        except CommandError as error:
            if error.code == _NO_SIM:
                raise ModemError(_ENODEV, "no SIM is inserted, or it has no contact")
            if error.code != _BUSY or modem.channel.port.ticks_diff(now, self.since) > _SIM_MS:
                raise
            return 500
        if rows and rows[0] == ["READY"]:
            return self.go(PROFILE)
        if rows and rows[0] == ["SIM PIN"]:
            await modem.use_pin()
            return _LOOK_MS
        raise ModemError(_ENODEV, "SIM not usable, it says %s" % rows)

    async def _context(self) -> int:
        channel = self.modem.channel
        for row in await channel.command(b"+CGDCONT?", least=3):
            # After the attach the network's name of it is shown, which may have a suffix.
            named = row[0] == self.cid and str(row[2]).lower().startswith(self.apn.lower())
            if named and (self.kind in ("", row[1]) or self.modem.network.registered()):
                break
        else:
            if self.apn or self.kind:
                await channel.command(b"+CFUN", 0, timeout_ms=_RADIO_MS)
                await channel.command(b"+CGDCONT", self.cid, self.kind or "IP", self.apn)
        if self.user and not self.authenticated:
            await self.modem.authenticate(self.user, self.password)
            self.authenticated = True
        return self.go(RADIO)

    async def _radio(self) -> int:
        """On, and free to register: both may take minutes, so nobody waits for the answers."""
        channel = self.modem.channel
        on = accepted(channel, b"+CFUN") if self.asked is not None else False
        if not on and (await channel.row(1, b"+CFUN?"))[0] != 1:
            self.asked = channel.port.ticks_ms()
            await send_off(channel, _RADIO_MS, b"+CFUN", 1)
            return _LOOK_MS
        if self.plmn:
            await channel.command(b"+COPS", 3, 2)  # operators as numbers
        row = await channel.row(1, b"+COPS?")
        manual = self.plmn and (row[0] not in (1, 4) or str(row[2:3]) != str([self.plmn]))
        self.go(REGISTRATION)
        if manual:
            await send_off(channel, _RADIO_MS, b"+COPS", 1, 2, self.plmn)
        elif row[0] == 2:
            await send_off(channel, _RADIO_MS, b"+COPS", 0)
        return _LOOK_MS

    async def _registration(self, now: int) -> int:
        network = self.modem.network
        channel = self.modem.channel
        if network.registered():
            return self.go(ACTIVATION)
        if self.asked is None or channel.port.ticks_diff(now, self.asked) > _POLL_MS:
            await ask_registration(network)
            self.asked = now
        return _LOOK_MS

    async def _activation(self, now: int) -> int:
        network = self.modem.network
        try:
            ms = await self.modem.activation(self, now)
        except CommandError:  # soon after a registration modules refuse at times (ubxlib 2.3)
            self.tries += 1
            if self.tries > _TRIES:
                raise
            network.stat = None
            self.go(SIM)
            return _RETRY_MS
        if ms < 0:
            self.tries = 0
            network.set_up(True)
            self.go(CONNECTED)
        return ms
