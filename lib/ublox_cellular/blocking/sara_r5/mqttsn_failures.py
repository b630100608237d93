# Generated from aio/sara_r5/mqttsn_failures.py by tools/generate. Do not edit.
"""Why an action of MQTT-SN has failed (+UMQTTSNER), and sessions that are over. A5 7.7."""

from ...core.compat import const
from ...core.mqttsn_errors import mqttsn_error, session_over
from ..mqtt_failures import reason

_CLASS = const(14)  # of MQTT-SN, always


def failure(mqttsn, op: int) -> Exception:
    """The exception for an action that the module has reported as failed."""
    return mqttsn_error("AT+UMQTTSNC=%d" % op, *reason(mqttsn, b"+UMQTTSNER", _CLASS))


def gone(mqttsn) -> Exception:
    """The exception for a session that is over."""
    return session_over(mqttsn.why)
