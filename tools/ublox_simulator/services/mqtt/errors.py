"""Reasons of failed MQTT actions, as reported by +UMQTTER (at-commands 5.4)."""

from __future__ import annotations

GROUP = 13
"""The class is always this one."""

NONE = 0
REFUSED = 4
"""The broker has refused; the meaning of this number and of the next is a guess (U)."""

FAILED = 8
"""No connection came about, or it was lost."""

TIMED_OUT = 33
NO_RADIO = 34
NO_CONTEXT = 50

INACTIVITY, LOST, VIOLATION = 100, 101, 102
"""Results of an unsolicited `+UUMQTTC: 0,...`."""


class MqttFailure(Exception):
    """Ends an action; `code` is reported by +UMQTTER."""

    def __init__(self, code: int) -> None:
        super().__init__(f"MQTT error {code}")
        self.code = code
