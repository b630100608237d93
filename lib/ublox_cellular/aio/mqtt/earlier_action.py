"""Cleanup after cancelled actions, sessions and readers. Imported when that happens.

A session that is not wanted any more (`mqtt.stray`) is ended before the next command of any
caller; if the module refuses, because another action is in progress, by the next `connect()` or
`disconnect()`.
"""

from ...core.compat import const
from ...core.errors import Cancelled, CommandError, ModemError
from ...core.service_errors import mqtt_error, session_over
from ..sockets.socket import nap
from .action import Action, act, plan

_DISCONNECT = const(0)
_CONNECT = const(1)

_LIMIT_MS = const(120000)  # what an action may take (at-commands 1.6)
_AGAIN_MS = const(1000)
_SHORT_MS = const(20000)  # for the end of an unwanted session

_OK = const(1)  # outcomes of the engine
_FAILED = const(2)
_RESET = const(4)

_ETIMEDOUT = const(110)


# ---- actions ------------------------------------------------------------------------------------


def answered(mqtt) -> None:
    """The command of `mqtt.asked`, whose caller was cancelled, has ended, with an answer or
    not."""
    outcome = mqtt.channel.outcome
    if outcome == _FAILED:
        mqtt.asked.launched = False
    if outcome == _FAILED or outcome == _RESET:
        mqtt.asked = None
    else:
        mqtt.accepted()


async def again(mqtt, op: int, busy, refusal, began: int, timeout_ms: int) -> None:
    """The module has refused an action. If an earlier one is in progress, wait for that, and
    return to try again; otherwise raise."""
    channel = mqtt.channel
    if busy is None or channel.elapsed(busy.began) >= _LIMIT_MS:
        if mqtt.action is busy:
            mqtt.action = None
        raise refusal if op <= _CONNECT else await mqtt.refused(refusal, op)
    passed = channel.elapsed(began)
    if passed >= timeout_ms:
        text = "an earlier action was in progress for %d ms; nothing was done" % passed
        raise ModemError(_ETIMEDOUT, text)
    await idle(mqtt, min(_AGAIN_MS, timeout_ms - passed))


async def idle(mqtt, ms: int) -> None:
    """Wait until no action is in progress, at most `ms`."""
    channel = mqtt.channel
    sleeper = mqtt.modem.sleeper
    began = channel.port.ticks_ms()
    if sleeper is not None:
        sleeper.busy += 1  # the line is silent, and yet the module is not idle
    try:
        while mqtt.action is not None and channel.elapsed(began) < ms:
            channel.proceed("mqtt")
            await channel.sleep(nap(channel.elapsed(began)))
            channel.poll()
    finally:
        if sleeper is not None:
            sleeper.busy -= 1


# ---- sessions -----------------------------------------------------------------------------------


async def end_old(mqtt, limit) -> bool:
    """End an unknown session that the module may have; returns whether it had one."""
    try:
        await act(mqtt, _DISCONNECT, (), min(_SHORT_MS, limit.left()), blind=True)
    except CommandError:
        return False
    except Cancelled:
        raise
    except ModemError:  # it has failed, or the session ended by itself
        pass
    return True


def disown(mqtt) -> None:
    """The module has, or may have, a session that is not wanted any more: end it later."""
    mqtt.stray = True
    mqtt.ended(0)
    mqtt.channel.owe(_hang_up, mqtt)


async def _hang_up(mqtt) -> None:
    """End a stray session; the channel is held, and no caller waits for the result."""
    if not mqtt.stray:
        return
    action = Action()
    action.life = mqtt.life
    action.blind = True
    action.wanted = False
    plan(mqtt, action, ())
    try:
        await mqtt.channel.execute()
    except CommandError:
        mqtt.asked = None
        mqtt.stray = mqtt.action is not None  # otherwise there is none
        raise
    mqtt.accepted()


def unvote(mqtt) -> None:
    """Withdraw the vote against deep sleep (A10 6.1.4)."""
    vote, mqtt.vote = mqtt.vote, None
    mqtt.placed = None  # settings are lost in deep sleep, which may stay unnoticed
    power = vote.power
    power.votes -= 1
    if not power.votes:
        from ..power.votes import cast

        power.vote_owed = True
        mqtt.channel.owe(cast, power)


# ---- messages -----------------------------------------------------------------------------------


def given_out(head) -> None:
    """The module has sent the message of a cancelled reader, or failed to."""
    mqtt = head.mqtt
    whole = head.good and mqtt.channel.outcome == _OK and head.into is not None
    mqtt.held = head if whole else None
    if head.good and not whole:
        mqtt.dropped += 1


# ---- failures -----------------------------------------------------------------------------------
#
# The reason of a failed action (+UMQTTER), and ended sessions. A5 6.8, at-commands 5.4.

_CLASS = const(13)  # of MQTT, always
_REASON_MS = const(10000)
_LOOK_UP_MS = const(20000)
_NO_NAME = const(-2)


async def reason(mqtt, name: bytes = b"+UMQTTER", error_class: int = _CLASS):
    """(class, code) of the last failure; code 0 if the module reports none."""
    try:
        for row in await mqtt.channel.command(name, timeout_ms=_REASON_MS):
            if len(row) == 2 and row[0] == error_class and isinstance(row[1], int):
                return row[0], row[1]
    except ModemError:  # the failure itself is raised
        pass
    return error_class, 0


async def failure(mqtt, op: int) -> Exception:
    """The exception for an action that has failed."""
    return mqtt_error("AT+UMQTTC=%d" % op, *await reason(mqtt))


async def refused(mqtt, error, _op: int = 0) -> Exception:
    """The exception for an action that was refused: +UMQTTER has more detail. Perhaps the data
    connection, and the session, were lost."""
    mqtt.modem.network.doubt()
    error_class, code = await reason(mqtt)
    return mqtt_error("AT+UMQTTC", error_class, code) if code else error


async def explain(mqtt, order, error, limit):
    """The error of a log-in that the module reports as failed, with what can be found out: whether
    the name of the broker has an address. The module itself does not distinguish more. A name that
    had one is not looked up again until there was a session: attempts may be many."""
    from ..network.dns import resolve

    if mqtt.looked_up != order.host:
        if limit.over():
            return error
        try:
            await resolve(mqtt.modem, order.host, min(_LOOK_UP_MS, limit.left()))
        except OSError as failure:
            if failure.errno == _NO_NAME:
                error = type(error)(_NO_NAME, *error.details)
                error.hint = "; the name has no address: check it"
            return error
        mqtt.looked_up = order.host
    port = 0
    for setting in order.wanted:
        if len(setting) > 2 and setting[1] == order.host:
            port = setting[2]
    what = "whether it speaks TLS there, its certificate" if order.tls else "the log-in"
    error.hint = "; the address was found: check port %s, %s, and whether it runs" % (port, what)
    return error


def over(mqtt) -> Exception:
    """The exception for a session that has ended, or never began."""
    return session_over(mqtt.why)


async def gone(mqtt) -> Exception:
    """Like `over`, after the pending cleanup of the session."""
    await settle(mqtt)
    return mqtt.over()


async def settle(mqtt) -> None:
    """Run the pending cleanup of an ended session now. Otherwise the channel does it before its
    next command."""
    if mqtt.channel.debts:
        try:
            await mqtt.channel.pay()
        except ModemError:
            pass
