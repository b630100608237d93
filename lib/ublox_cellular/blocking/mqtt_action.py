# Generated from aio/mqtt_action.py by tools/generate. Do not edit.
"""One action of +UMQTTC: the module says OK at once and tells later, by URC, how it ended."""

from ..core.compat import const
from ..core.errors import CommandError, ModemError, ModuleReset
from .socket import nap

_CONNECT = const(1)

_LIMIT_MS = const(120000)  # what an action may take (at-commands 1.6)
_AGAIN_MS = const(1000)
_LOST_MS = const(2000)  # the module's own word for a lost connection comes first
_NEVER = const(-1)
_PROMPT_MS = const(40000)  # an exchange with a prompt, while a ping is in flight (ubxlib)

_ECONNRESET = const(104)
_ETIMEDOUT = const(110)


def act(mqtt, op: int, *parts, timeout_ms: int, carry=None, data=None) -> None:
    """Carry out an action. `carry(channel, line, data)` may add a payload to the plan.

    One that an earlier caller gave up may still be under way: then the module refuses, which
    changes nothing, and it is asked again until it is free or `timeout_ms` have passed.
    Raises `MqttError`, `MqttTimeout` (how it ended is unknown), `CommandError`, `ModuleReset`.
    """
    mqtt.lock.acquire(mqtt.channel)
    try:
        channel = mqtt.channel
        sleeper = mqtt.modem.sleeper
        began = channel.port.ticks_ms()
        mqtt.begun = False
        while not _begin(mqtt, op, parts, carry, data, began, timeout_ms):
            channel.pause(_AGAIN_MS)
        down = 0 if mqtt.modem.network.up else _NEVER
        if sleeper is not None:
            sleeper.busy += 1  # the line is silent, and yet the module is not idle
        try:
            while mqtt.result is None:
                if op > _CONNECT and not mqtt.connected and not mqtt.reset:
                    raise mqtt.gone()
                down = _look(mqtt, op, began, timeout_ms, down)
                if mqtt.result is None:
                    channel.sleep(nap(channel.elapsed(began)))
        finally:
            if sleeper is not None:
                sleeper.busy -= 1
        good = mqtt.result == 1
        mqtt.op = None
        if not good:
            from .mqtt_failures import failure

            raise failure(mqtt, op)
    except BaseException:
        if mqtt.op is not None:
            mqtt.left = mqtt.op
            mqtt.op = None
        raise
    finally:
        mqtt.lock.release()


def _begin(mqtt, op: int, parts, carry, data, began: int, timeout_ms: int) -> bool:
    """Have the action accepted; False if the module is not free yet."""
    channel = mqtt.channel
    refusal = None
    channel.acquire()
    try:
        if mqtt.reset and op == _CONNECT:  # the settings are gone
            raise ModuleReset(_ECONNRESET, "AT+UMQTTC")
        if op > _CONNECT and not mqtt.connected:
            refusal = True
        else:
            mqtt.op = op
            mqtt.result = mqtt.granted = None
            if mqtt.left is None:
                mqtt.began = channel.port.ticks_ms()
            line = channel.start(b"+UMQTTC")
            line.number(op)
            for part in parts:
                line.part(part)
            if carry:
                carry(channel, line, data)
            if op == _CONNECT:
                channel.guard = mqtt.guard
            mqtt.begun = True
            channel.execute(_PROMPT_MS)
            mqtt.left = None  # it was over, or this one would have been refused
    except CommandError as error:
        mqtt.op = None
        mqtt.begun = False
        refusal = error
    except (ValueError, TypeError):
        mqtt.op = None
        raise
    finally:
        channel.release()
    if refusal is None:
        return True
    if refusal is True:
        raise mqtt.gone()
    waits = mqtt.left is not None and channel.elapsed(mqtt.began) < _LIMIT_MS
    if waits and channel.elapsed(began) < timeout_ms:
        return False
    mqtt.left = None
    if op <= _CONNECT:
        raise refusal
    from .mqtt_failures import refused

    raise refused(mqtt, refusal)


def _look(mqtt, op: int, began: int, timeout_ms: int, down: int) -> int:
    """Take what has come, and raise if there is nothing to wait for any more. `down`: how long the
    data connection has been lost is counted from there, 0 while it stands. No coroutine: each
    would be garbage."""
    channel = mqtt.channel
    if mqtt.reset:
        mqtt.op = None
        raise ModuleReset(_ECONNRESET, "AT+UMQTTC")
    passed = channel.elapsed(began)
    if passed >= timeout_ms:
        from ..core.mqtt_errors import MqttTimeout

        raise MqttTimeout(_ETIMEDOUT, "AT+UMQTTC=%d" % op, passed, "")
    if not down and not mqtt.modem.network.up:
        down = channel.port.ticks_ms() or 1
    if down > 0 and channel.elapsed(down) > _LOST_MS:
        raise ModemError(_ECONNRESET, "the data connection was lost meanwhile")
    channel.poll()
    channel.proceed("mqtt")
    return down
