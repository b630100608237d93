"""Why an action of MQTT-SN has failed (+UMQTTSNER), and sessions that are over. A5 7.7."""

from ...core.compat import const
from ...core.mqttsn_errors import mqttsn_error, session_over
from ..mqtt.errors import reason

_CONNECT = const(1)
_BINARY = const(12)  # which firmware may not know

_CLASS = const(14)  # of MQTT-SN, always
_BY_MODULE = const(1)  # reason for the end of a session
_NOT_ALLOWED = const(3)  # +CME ERROR


async def failure(mqttsn, op: int) -> Exception:
    """The exception for an action that the module has reported as failed."""
    return mqttsn_error("AT+UMQTTSNC=%d" % op, *await reason(mqttsn, b"+UMQTTSNER", _CLASS))


async def refused(mqttsn, error, op: int = 0) -> Exception:
    """The exception for an action that was refused."""
    mqttsn.modem.network.doubt()
    if error.code == _NOT_ALLOWED and _CONNECT < op < _BINARY:
        mqttsn.ended(_BY_MODULE)  # it was lost unseen
    return error


def over(mqttsn) -> Exception:
    """The exception for a session that is over, or was never begun."""
    return session_over(mqttsn.why)
