"""Reasons of failed MQTT-SN actions, as reported by +UMQTTSNER (at-commands 6).

Only 21 and 22 are known. The others are decided (U): 38 corresponds to 22 as 50 to 34 in
+UMQTTER, refusals of the gateway keep the return code of the standard, and the rest is arbitrary.
"""

from __future__ import annotations

ERROR_CLASS = 14
NONE = 0
CONGESTED, INVALID_TOPIC_ID, UNSUPPORTED = 1, 2, 3
NAME_UNKNOWN, NOT_SECURE, SESSION_LOST = 4, 5, 6
TIMED_OUT, NO_SERVICE = 21, 22
NO_PSD = 38


class MqttSnFailure(Exception):
    """Ends an action; `code` is reported by +UMQTTSNER."""

    def __init__(self, code: int) -> None:
        super().__init__(f"MQTT-SN error {code}")
        self.code = code
