"""Actions of +UMQTTSNC: the module accepts one at a time, and tells its result by URC.

A URC that comes before the OK of an action belongs to the one before it, as the module would not
have accepted the new one otherwise. So where a result was lost, or nobody waited for it, the next
action is simply tried; only if it is refused the earlier one is waited for.
"""

from ...core.compat import const
from ...core.errors import CommandError, ModuleReset
from ...core.mqtt_errors import MqttTimeout
from ..socket import nap

_CONNECT = const(1)
_BINARY = const(12)  # which firmware may not know
_WITHOUT_SESSION = const(3)  # QoS -1

_BY_MODULE = const(1)  # reason for the end of a session
_NOT_ALLOWED = const(3)  # +CME ERROR

_LIMIT_MS = const(120000)  # after that a result is not coming any more (at-commands 1.6)

_ECONNRESET = const(104)
_ETIMEDOUT = const(110)


async def act(
    mqttsn, op: int, parts, timeout_ms: int, life: int = -1, data=None, prompt: int = 0
) -> None:
    """`AT+UMQTTSNC=<op>,<parts>`, and wait until the module tells that it is done.

    `life` of the module in which what is sent makes sense; else it is that of the call. `data`: a
    payload behind the `prompt`, or without one the last part, in quotes. Raises `MqttSnError`,
    `MqttTimeout` (how it ended is unknown), `ModuleReset`, `CommandError`, `Garbled`.
    """
    began = mqttsn.channel.port.ticks_ms()
    if life < 0:
        life = mqttsn.life
    await mqttsn.lock.acquire(mqttsn.channel)
    try:
        while not await _sent(mqttsn, op, parts, life, data, prompt):
            await settled(mqttsn, began, timeout_ms, True)
        await settled(mqttsn, began, timeout_ms)
        if mqttsn.life != life:
            raise ModuleReset(_ECONNRESET, "AT+UMQTTSNC")
        if mqttsn.result is None:  # the session has ended instead
            raise await mqttsn.gone()
        if mqttsn.result != 1:
            from .mqttsn_failures import failure

            raise await failure(mqttsn, op)
    finally:
        mqttsn.lock.release()


async def _sent(mqttsn, op: int, parts, life: int, data, prompt: int) -> bool:
    """Whether the module has accepted it; False: an earlier action is not over yet."""
    channel = mqttsn.channel
    launched = busy = False
    await channel.acquire()
    try:
        if mqttsn.life != life:
            raise ModuleReset(_ECONNRESET, "AT+UMQTTSNC")
        if op > _CONNECT and not mqttsn.connected and parts[0] != _WITHOUT_SESSION:
            raise await mqttsn.gone()
        line = channel.start(b"+UMQTTSNC")
        channel.shape = never
        line.number(op)
        for part in parts:
            line.part(part)
        if data is not None:
            carry(channel, line, data, prompt)
        if op == _CONNECT:
            channel.guard = mqttsn.guard
        busy = mqttsn.op is not None
        mqttsn.asked = op
        mqttsn.result = None
        launched = True
        await channel.execute()
    except CommandError as error:
        if busy:
            return False
        if error.code == _NOT_ALLOWED and _CONNECT < op < _BINARY:
            mqttsn.ended(_BY_MODULE)  # it was lost unseen
        raise
    except BaseException:
        if launched and mqttsn.life == life:
            _expect(mqttsn, op)  # the module may be at it
        raise
    else:
        _expect(mqttsn, op)
    finally:
        mqttsn.asked = None
        channel.release()
    return True


def _expect(mqttsn, op: int) -> None:
    """The module is at it from here on, unless its result has come already."""
    if mqttsn.asked is not None:
        mqttsn.op = op
        mqttsn.result = None
        mqttsn.began = mqttsn.channel.port.ticks_ms()


async def settled(mqttsn, began: int, timeout_ms: int, earlier: bool = False) -> None:
    """Wait until the module is at nothing any more. `earlier`: what it was at before this action
    may be given up."""
    channel = mqttsn.channel
    sleeper = mqttsn.modem.sleeper
    if sleeper is not None:
        sleeper.busy += 1  # the line is silent, and yet the module is not idle
    try:
        while mqttsn.op is not None:
            passed = channel.elapsed(mqttsn.began)
            command = "AT+UMQTTSNC=%d" % mqttsn.op
            if passed >= _LIMIT_MS:
                mqttsn.op = None
                if earlier:
                    return
            if passed >= _LIMIT_MS or channel.elapsed(began) >= timeout_ms:
                raise MqttTimeout(_ETIMEDOUT, command, channel.elapsed(began), "")
            channel.poll()
            channel.proceed("mqttsn")
            if mqttsn.op is not None:
                await channel.sleep(nap(passed))
    finally:
        if sleeper is not None:
            sleeper.busy -= 1


def never(_lexer) -> bool:
    """No line answers the command: the same name may begin a URC, as A5 7.8 prints one."""
    return False


def carry(channel, line, data, prompt: int = 0) -> None:
    """Plan a payload: behind a prompt, or in quotes as the last part of the line."""
    if not prompt:
        line.open_text()
    channel.prompt = prompt
    channel.out = data
    channel.out_n = len(data)
