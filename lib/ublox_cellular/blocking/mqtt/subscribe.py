# Generated from aio/mqtt/subscribe.py by tools/generate. Do not edit.
"""Subscribing. A5 6.3, A10 6.3."""

from ...core.compat import const
from ...core.mqtt_checks import check_filter, check_qos
from .action import act
from .session_request import duration

_SUBSCRIBE = const(4)
_UNSUBSCRIBE = const(5)
_REFUSED = const(128)  # what a broker grants to whom it refuses

_EACCES = const(13)


def subscribe(mqtt, topic: "str | bytes", qos=0, *, timeout_ms=60000) -> int:
    """Receive messages of a topic, "+" and "#" allowed, at most 256 bytes, with a QoS of at most
    `qos`; the QoS the broker grants. `MqttError(EACCES)` if it refuses."""
    parts = (check_qos(qos), check_filter(topic))
    action = act(mqtt, _SUBSCRIBE, parts, duration(timeout_ms))
    granted = action.granted
    if granted is None:
        raise mqtt.channel.garbled("no granted QoS")
    if not 0 <= granted <= 2:
        from ...core.mqtt_errors import MqttError

        raise MqttError(_EACCES, "AT+UMQTTC=4", 0, _REFUSED)
    return granted


def unsubscribe(mqtt, topic: "str | bytes", *, timeout_ms=60000) -> None:
    """Receive them no longer; the same filter as was subscribed to."""
    act(mqtt, _UNSUBSCRIBE, (check_filter(topic),), duration(timeout_ms))
