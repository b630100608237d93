"""Why an action of MQTT-SN has failed (+UMQTTSNER), and sessions that are over. A5 7.7."""

from ...core.compat import const
from ...core.errors import ModemError
from ...core.mqttsn_errors import mqttsn_error, session_over

_CLASS = const(14)  # of MQTT-SN, always


async def reason(mqttsn):
    """(class, code) of the last failure; code 0 if the module gives none."""
    try:
        for row in await mqttsn.channel.command(b"+UMQTTSNER"):
            if len(row) == 2 and row[0] == _CLASS and isinstance(row[1], int):
                return row[0], row[1]
    except ModemError:  # the failure itself is what is to be told
        pass
    return _CLASS, 0


async def failure(mqttsn, op: int) -> Exception:
    """The exception for an action that the module has reported as failed."""
    return mqttsn_error("AT+UMQTTSNC=%d" % op, *await reason(mqttsn))


async def gone(mqttsn) -> Exception:
    """The exception for a session that is over."""
    return session_over(mqttsn.why)
