# Generated from aio/network/connection.py by tools/generate. Do not edit.
"""From any state to a usable data connection, and back to it. A5 2.2, A10 2.3.

`Connection` is what the application wants, and how far it is: each `step()` does what is missing
next with short commands and never waits for the network. `connect()` runs the steps to their
end; without waiting they are run by a task (asyncio) or by the calls of `isconnected()` and
`status()` (blocking). Later they bring a lost connection back.
"""

from ...core.command import milliseconds, sendable
from ...core.compat import const
from ...core.errors import Cancelled, CommandError, Garbled, InUse, ModemError, ModuleReset
from ...wait_blocking import background
from ..at import Lock, accepted, send_off
from .registration import ask_registration

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any, Callable

_POLL_MS = const(5000)  # a lost URC must not cost the connection
_LOOK_MS = const(20)
_RADIO_MS = const(180000)  # +CFUN, +COPS, at most (at-commands 1.6)
_SIM_POLL_MS = const(500)
_MANUAL_MS = const(60000)
# What +CPIN? is answered for some seconds after a start: a failure, busy, wrong, no SIM (F3).
_PASSING = (3, 10, 13, 14, 15)
_UNANSWERED = const(2)  # `pin_refused`: whether it is right is not known yet
_NO_SIM = const(10)
_TRIES = const(3)  # of an activation
_RETRY_MS = const(1000)
_SOON_MS = const(60000)
_STUCK_MS = const(10000)
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


def connect(
    modem,
    apn="",
    *,
    cid: "int | None" = None,
    user="",
    password="",
    kind="",
    mno: "int | None" = None,
    plmn="",
    timeout_ms=180000,
    progress: "Callable[[str], Any] | None" = None,
    wait=True,
    recover=True,
) -> None:
    """Do what is missing between the module's state and a usable data connection.

    `apn`: of the operator, at most 99 characters; "" keeps what the module has. `cid`: the PDP
    context of data, which sockets, name resolution, MQTT, HTTP and ping use; None: 1, on LEXI-R10
    the module's default one, with MNO profile 3 (Verizon) 3. `user`, `password`: for PAP or CHAP;
    an APN without a user ends an authentication that was left with another APN. `kind`: "IP",
    "IPV6" or "IPV4V6"; "" keeps what the module has. What is given is written where it differs,
    with the radio off for a moment. `mno`: number of the MNO profile (+UMNOPROF; a change costs a
    restart). `plmn`: register with this operator only, such as "00101"; "": an operator that an
    earlier program has chosen is given up after a minute in which it was not there.
    `progress(stage)` is called once as each stage begins, with its name; returning False ends the
    call (`Cancelled`), as `modem.channel.keep_going` does at any time. `recover`: work through the
    rungs of `modem.recovery` where module or network do not respond; one may take minutes.

    A second task that calls it comes after the first. With `wait=False` it returns at once, and a
    call that waits raises `ModemError(ECANCELED)`: `isconnected()` and `status()` tell, and
    `disconnect()` gives up. Until `disconnect()` a connection that is lost is brought back in the
    same way, in the end every 10 minutes; what went wrong last is in `network.wanted.failed`.

    `timeout_ms` counts from the call, but a rung of the ladder that was begun is brought to its
    end. Given up in the middle of one, the module may be off or about to start: `power_on()`.

    Raises `TypeError` and `ValueError` before anything is sent, `ModemError` (SIM missing or
    locked, not registered in time: with the network's reason), `InUse` (another task had the
    channel all the time), `CommandError`, `ModuleLost`, `Cancelled`.
    """
    sendable(apn, _LONGEST_APN)
    sendable(user, _LONGEST_USER)
    sendable(password, _LONGEST_USER)
    if kind not in ("", "IP", "IPV6", "IPV4V6"):
        raise ValueError("kind: IP, IPV6 or IPV4V6")
    if cid is not None:
        from .contexts import check_cid

        check_cid(modem.network, cid)
    sendable(plmn)
    if plmn and not (plmn.isdigit() and 5 <= len(plmn) <= 6):
        raise ValueError("plmn: 5 or 6 digits")
    milliseconds(mno or 0, "mno")
    milliseconds(timeout_ms)
    if progress is not None and not callable(progress):
        raise TypeError("progress: function wanted")
    apn, plmn = [text if isinstance(text, str) else str(text, "utf-8") for text in (apn, plmn)]
    connection = Connection(modem, apn, cid, user, password, kind, mno, plmn, recover)
    network = modem.network
    began = modem.channel.port.ticks_ms()
    if wait:  # what one has been told is not mixed with what another wants
        network.turn.acquire(modem.channel, timeout_ms or 1, "connect()")
    try:
        if network.wanted is not None:
            from .keep_up import replace

            replace(network.wanted, connection)
        network.wanted = connection
        if wait:
            connection.finish(timeout_ms, progress, began)
        else:
            from .keep_up import keep

            connection.task = background(lambda: keep(connection))
    except BaseException:
        from .keep_up import undo

        undo(connection)
        raise
    finally:
        if wait:
            network.turn.release()


class Connection:
    """What `connect()` was told. `stage` is how far it is, `failed` what has gone wrong since it
    stood last, `again_ms` how long a pause it makes for that."""

    if TYPE_CHECKING:
        task: Any
        failed: Any
        since: Any

    def __init__(self, modem, apn, cid, user, password, kind, mno, plmn, recover):
        self.modem = modem
        self.apn = apn
        self.user = user
        self.password = password
        self.kind = kind
        self.mno = mno
        self.plmn = plmn
        self.recover = recover
        self.cid = cid  # None: to be chosen
        self.lock = Lock()  # its task, `run()` and a socket that waits may step it
        self.task = self.failed = None
        self.tries = self.paused = self.again_ms = 0  # paused: since when, how long
        self.began = self.limit_ms = 0  # of who waits for it; 0: nobody does
        self.dark = False  # the radio may be off, and it was us
        self.authenticated = self.reset = False  # reset: the PSD profile, once
        self.limits = None  # what the module is limited to, in words, once that was looked at
        self.refusal = None  # for which it was begun anew
        self.stuck = SIM  # the stage that was not left, or refused, last
        self.manual = False  # an operator was chosen, not by us, and there is no `plmn`
        self.held_up = False  # by the SIM, in a way that may pass
        self.stage = SIM
        if modem.network.restored is not None:
            from ..device.saved_state import resume

            resume(self, ACTIVATION)
        self.since = self.asked = self.checked = None  # of the stage: begun, asked for, looked at

    # ---- all of it ---------------------------------------------------------------------------

    def finish(self, timeout_ms: int, progress, began: int) -> None:
        """Step until it is connected; the limit counts from `began`."""
        channel = self.modem.channel
        shown = -1
        while True:
            shown, new = self.stage, shown != self.stage
            if progress and new and channel.ask_hook(progress, STAGES[shown]) is False:
                raise Cancelled(_ECANCELED, "connect")
            ms = self.tend(began, timeout_ms or 1)
            given_up = self.modem.network.wanted is not self
            if ms < 0 and not given_up:
                if progress:
                    channel.ask_hook(progress, STAGES[self.stage])
                return
            if given_up or channel.elapsed(began) > timeout_ms:
                from .status import late

                raise late(self, timeout_ms)
            self.modem.poll()  # between two commands: events are told
            channel.proceed("connect")
            channel.sleep(ms)

    def attempt(self) -> int:
        """`tend()` for those who have nobody to raise to, ms until the next, see keep_up.py."""
        from .keep_up import attempt

        return attempt(self)

    def back(self, timeout_ms: int) -> None:
        """Wait until a connection that was lost stands again."""
        from .keep_up import back

        back(self, timeout_ms)

    def tend(self, began: int = 0, limit_ms: int = 0) -> int:
        """A step, and the next rung of the ladder if that is what helps; for a caller that waits
        `limit_ms` from `began` on, if it does."""
        channel = self.modem.channel
        limit = channel.remaining(limit_ms, began) if limit_ms else _RADIO_MS
        self.lock.acquire(channel, limit, "connect()")
        self.began = began
        self.limit_ms = limit_ms
        try:
            return self._tend(self.modem)
        finally:
            self.lock.release()

    def left(self) -> int:
        """What limits the next command, the wait for the channel included; 0 if nothing does."""
        return self.limit_ms and self.modem.channel.remaining(self.limit_ms, self.began)

    def ask(self, name: bytes, *parts, **options):
        """`Channel.command` within that, without patience: a step does not take long."""
        return self.modem.channel.command(
            name, *parts, limit_ms=self.left(), patient=False, **options
        )

    def _tend(self, modem) -> int:
        network = modem.network
        channel = modem.channel
        recovery = modem.loaded.get("recovery")
        try:
            if recovery is not None and recovery.pending is not None:
                recovery.serve()
                self.go(SIM)
                return _LOOK_MS
            ms = self.step()
            if ms < 0:
                self.failed = network.down_since = None
                self.again_ms = 0
                if "recovery" in modem.loaded:
                    modem.recovery.settled()
                return ms
            if not self.climb():
                return ms
        except (ModuleReset, Garbled):  # settled by the next command, as a rule
            self.climb(failed=True)
            return self.go(SIM) or _SIM_POLL_MS
        except CommandError as error:
            if channel.passing(error.code) and self.stage != SIM:
                self.since = self.asked = None
                return _SIM_POLL_MS
            self.stuck = self.stage if error is not self.refusal else self.stuck
            if not self.climb(True):
                raise error
        except InUse:
            raise
        except ModemError as error:
            over = self.limit_ms and channel.elapsed(self.began) >= self.limit_ms
            if not self.recover or error.errno != _ETIMEDOUT or over:
                raise
            modem.recovery.reach(str(error))
            self.climb(failed=True)
        self.go(SIM)
        return _LOOK_MS

    def climb(self, refused=False, failed=False) -> bool:
        """The next rung, if due; whether one was climbed. `failed`: no answer, or a damaged."""
        network, channel = self.modem.network, self.modem.channel
        if network.down_since is None:
            network.down_since = channel.port.ticks_ms()
        down_ms = channel.elapsed(network.down_since)
        if not refused:
            # A stage that is only being passed is not what holds us up.
            stuck_ms = min(self.limit_ms // 2 or _STUCK_MS, _STUCK_MS)
            if not failed and (self.since is None or channel.elapsed(self.since) < stuck_ms):
                return False
            self.stuck = self.stage
        # The first minute needs no ladder, which is not loaded for a look.
        if not self.recover or (down_ms < _SOON_MS and "recovery" not in self.modem.loaded):
            return False
        return self.modem.recovery.look(self, down_ms, refused)

    # ---- one step ----------------------------------------------------------------------------

    def go(self, stage: int) -> int:
        """Enter a stage."""
        if stage != self.stage and self.modem.on_event:  # it would fill the queue unread
            self.modem.events.put(_EVENT_PROGRESS, stage)
        self.stage = stage
        self.since = self.asked = None
        return 0

    def anew(self) -> None:
        """Begin anew, unless another task is at a step: what it waits for is of that stage."""
        if not self.lock.held:
            self.go(SIM)

    def step(self) -> int:
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
            return self._sim()
        if stage == PROFILE:
            if self.mno is not None:
                modem.network.set_profile(self.mno)
            modem.choose_context(self)
            modem.network.cid = self.cid
            return self.go(CONTEXT)
        if stage == CONTEXT:
            return self._context()
        if stage == RADIO:
            return self._radio()
        if stage == REGISTRATION:
            return self._registration(now)
        if stage == CONNECTED and modem.network.up:
            return -1
        if stage == CONNECTED:
            return self.go(SIM)
        return self._activation(now)

    def _sim(self) -> int:
        modem = self.modem
        try:
            rows = self.ask(b"+CPIN?")
            self.held_up = False
        except CommandError as error:
            self.held_up = error.code in _PASSING
            channel = modem.channel
            first = self.failed is None and channel.elapsed(self.since) <= channel.start_ms
            if self.held_up and (first or channel.passing(error.code)):
                return _SIM_POLL_MS
            if error.code == _NO_SIM:
                raise ModemError(_ENODEV, "no SIM is inserted, or it has no contact")
            raise
        if rows and rows[0] == ["READY"]:
            if modem.pin_refused == _UNANSWERED:  # so it was right
                modem.pin_refused = False
            return self.go(PROFILE)
        if rows and rows[0] == ["SIM PIN"]:
            modem.use_pin()
            return _LOOK_MS
        raise ModemError(_ENODEV, "SIM not usable, it says %s" % rows)

    def _context(self) -> int:
        modem = self.modem
        rows = self.ask(b"+CGDCONT?", least=3)
        if self.apn or self.kind:
            from .contexts import context

            context(self, rows)
        if self.user and not self.authenticated:
            modem.authenticate(self)
            self.authenticated = True
        return self.go(RADIO)

    def _radio(self) -> int:
        """On, and free to register: both may take minutes, so nobody waits for the answers."""
        channel = self.modem.channel
        on = accepted(channel, b"+CFUN") if self.asked is not None else False
        if not on and (channel.row(1, b"+CFUN?", limit_ms=self.left(), patient=False))[0] != 1:
            self.asked = channel.port.ticks_ms()
            send_off(channel, _RADIO_MS, b"+CFUN", 1, limit_ms=self.left())
            return _LOOK_MS
        self.dark = False
        if self.plmn:  # operators as numbers
            self.ask(b"+COPS", 3, 2)
        row = channel.row(1, b"+COPS?", limit_ms=self.left(), patient=False)
        manual = self.plmn and (row[0] not in (1, 4) or str(row[2:3]) != str([self.plmn]))
        self.manual = not self.plmn and row[0] in (1, 4) and self.modem.network.chosen is None
        if manual:
            send_off(channel, _RADIO_MS, b"+COPS", 1, 2, self.plmn, limit_ms=self.left())
        elif row[0] == 2:
            send_off(channel, _RADIO_MS, b"+COPS", 0, limit_ms=self.left())
        self.go(REGISTRATION)
        return _LOOK_MS

    def _registration(self, now: int) -> int:
        network = self.modem.network
        channel = self.modem.channel
        if network.registered():
            return self.go(ACTIVATION)
        try:
            accepted(channel, b"+COPS")
        except CommandError as error:  # the operator is not there, or the module not ready for it
            return self._refused(error)
        if self.limits is None and channel.elapsed(self.since) > _MANUAL_MS:
            from .contexts import restrictions

            self.limits = restrictions(self)
            if self.manual:
                self.manual = False
                send_off(channel, _RADIO_MS, b"+COPS", 0, limit_ms=self.left())
        elif self.asked is None or channel.elapsed(self.asked) > _POLL_MS:
            ask_registration(network, self.left())
            self.asked = now
        return _LOOK_MS

    def _activation(self, now: int) -> int:
        modem = self.modem
        network = modem.network
        if self.asked is None and not network.registered():  # it has restarted, or slept deeply
            return self.go(REGISTRATION)
        if self.asked is None and "recovery" in modem.loaded:
            hold_ms = modem.recovery.hold_ms()
            if hold_ms:
                return min(hold_ms, _RETRY_MS)
        try:
            ms = modem.activation(self, now)
        except CommandError as error:  # soon after a registration they refuse (ubxlib 2.3)
            network.stat = None
            return self._refused(error)
        if ms < 0:
            self.tries = 0
            network.set_up(True)
            self.go(CONNECTED)
            from ..device.attach import forget_files

            forget_files()
        return ms

    def _refused(self, error) -> int:
        """Begin anew, after a pause that gets longer; `error` is raised when that has happened
        some times."""
        pause = self.modem.recovery.refused(error.code)
        self.stuck = self.stage
        self.refusal = error
        self.go(SIM)
        self.tries += 1
        if self.tries > _TRIES:
            self.tries = 0
            raise error
        return min(pause * 1000, _RETRY_MS)
