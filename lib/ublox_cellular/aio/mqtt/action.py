"""One action of +UMQTTC or +UMQTTSNC: the module says OK at once and reports later, by URC, how
it ended.

It does one at a time, and refuses what comes meanwhile, which changes nothing. So a URC that comes
before the OK of an action belongs to the one before it, and where the result of one was lost, or
its caller has given up, the next one is simply tried; only if that is refused the earlier one
is waited for.
"""

from ...core.compat import const
from ...core.errors import CommandError, ModemError, ModuleReset
from ..sockets.socket import nap

TYPE_CHECKING = const(False)

_CONNECT = const(1)

_LOST_MS = const(2000)  # the module's own word for a lost connection comes first
_NEVER = const(-1)
_ANSWER_MS = const(20000)  # of an exchange with a prompt

_ECONNRESET = const(104)
_ETIMEDOUT = const(110)


class Action:
    """`op`: its number, 0 ends the session; `life` of the module in which it makes sense; `ids`:
    topics of the session in which it does (MQTT-SN); `blind`: it needs no session.

    `launched`: its command went out and was not refused, `began`: when. `wanted`: its caller waits
    for `result`, 1 is good, None while there is none; `granted`, `number`: what came with it.
    """

    if TYPE_CHECKING:
        ids: dict[str, int] | None
        result: int | None
        granted: int | None
        number: int | None

    def __init__(self, ids=None):
        self.ids = ids
        self.op = self.life = self.began = 0
        self.launched = self.blind = False
        self.wanted = True
        self.result = self.granted = self.number = None


async def act(
    mqtt, op: int, parts, timeout_ms: int, carry=None, data=None, action=None, life=-1, blind=False
):
    """Carry out an action and wait for its end, at most `timeout_ms` from this call on; the
    `Action`. `carry(channel, line, data)` may add a payload to the plan. `action`: one of the
    caller's, which shows what became of it also after the caller has given up. `life`, `blind`:
    see `Action`.

    Raises `MqttError`, `MqttTimeout` (how it ended is unknown), `CommandError`, `ModuleReset`.
    """
    channel = mqtt.channel
    began = channel.port.ticks_ms()
    if action is None:
        action = Action()
    action.op = op
    action.life = mqtt.life if life < 0 else life
    action.blind = blind
    if not mqtt.lock.take():
        await mqtt.lock.acquire(channel, timeout_ms, "the MQTT client")
    try:
        refusal = busy = None
        while not action.launched:
            await channel.acquire(channel.remaining(timeout_ms, began))
            try:
                busy = mqtt.action
                mqtt.check(action)
                line = plan(mqtt, action, parts)
                if carry:
                    carry(channel, line, data)
                left_ms = min(_ANSWER_MS, channel.remaining(timeout_ms, began))
                await channel.execute(left_ms)
                mqtt.accepted()
            except CommandError as error:
                mqtt.asked = action.result = None
                action.launched = False
                refusal = error
            finally:
                channel.release()
            if not action.launched:
                await mqtt.again(op, busy, refusal, began, timeout_ms)
        if op != mqtt.PING:
            await _result(mqtt, action, began, timeout_ms)
        return action
    except BaseException:
        action.wanted = False
        if mqtt.asked is action and not channel.abandoned:
            mqtt.answered()  # in the last moment, or perhaps: its answer was damaged
        raise
    finally:
        mqtt.lock.release()


def plan(mqtt, action, parts):
    """Begin the exchange of an action, with the channel held; the command line."""
    channel = mqtt.channel
    line = channel.start(mqtt.NAME)
    channel.shape = _never
    channel.guard = mqtt.on_launch
    channel.keeper = mqtt.on_kept
    mqtt.next = action
    line.number(action.op)
    for part in parts:
        line.part(part)
    return line


def _never(_lexer) -> bool:
    """No line answers the command: the same name may begin a URC, as A5 7.8 prints one."""
    return False


async def _result(mqtt, action, began: int, timeout_ms: int) -> None:
    """Wait for the result of an action that the module has accepted; raise if it is not good."""
    channel = mqtt.channel
    sleeper = mqtt.modem.sleeper
    down = 0 if mqtt.modem.network.up else _NEVER
    if sleeper is not None:
        sleeper.busy += 1
    try:
        while action.result is None:
            over = action.op > _CONNECT and not mqtt.connected and not action.blind
            if (over or mqtt.action is not action) and mqtt.life == action.life:
                raise await mqtt.gone()  # the session has ended
            down = _look(mqtt, action, began, timeout_ms, down)
            if action.result is None and mqtt.action is action:
                await channel.sleep(nap(channel.elapsed(action.began)))
    finally:
        if sleeper is not None:
            sleeper.busy -= 1
    if action.result != 1:
        raise await mqtt.failure(action.op)


def _look(mqtt, action, began: int, timeout_ms: int, down: int) -> int:
    """Take what has come, and raise if there is nothing to wait for any more. `down`: how long the
    data connection has been lost is counted from there, 0 while it stands. No coroutine: each
    would be garbage."""
    channel = mqtt.channel
    if mqtt.life != action.life:
        raise ModuleReset(_ECONNRESET, _named(mqtt, action.op))
    passed = channel.elapsed(began)
    if passed >= timeout_ms:
        from ...core.mqtt_errors import MqttTimeout

        raise MqttTimeout(_ETIMEDOUT, _named(mqtt, action.op), passed, "")
    if not down and not mqtt.modem.network.up:
        down = channel.port.ticks_ms() or 1
    if down > 0 and channel.elapsed(down) > _LOST_MS:
        raise ModemError(_ECONNRESET, "the data connection was lost meanwhile")
    channel.poll()
    channel.proceed("mqtt")
    return down


def _named(mqtt, op: int) -> str:
    return "AT%s=%d" % (str(mqtt.NAME, "utf-8"), op)
