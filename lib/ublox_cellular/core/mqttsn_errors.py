"""What a failed MQTT-SN action raises. A5 7.7, at-commands 6."""

from .mqtt_errors import MqttError

# Codes of +UMQTTSNER: errno, text. No full table is public.
_CODES = {
    21: (110, "no answer from the gateway in time"),
    22: (100, "no radio service"),
}
_NO_SESSION = {
    0: "not connected: connect() first",
    1: "ended by the module",
    8: "the gateway does not answer pings: connect() again",
    100: "inactivity: connect() again",
    101: "the connection was lost: connect() again",
    102: "ended after a breach of the protocol",
    200: "the module has restarted or slept deeply: connect() again",
}
_EIO = 5
_ECONNRESET = 104
_ENOTCONN = 107


class MqttSnError(MqttError):
    """(errno, command, error_class, code): what +UMQTTSNER reported after `command` failed; both
    are 0 where it gives no reason. Of class 0 is the end of a session: `code` is `mqttsn.why`."""

    def __str__(self) -> str:
        command, error_class, code = self.details
        if not error_class:
            return "%s: %s" % (command, _NO_SESSION.get(code, "ended, code %d" % code))
        words = _CODES[code][1] if code in _CODES else "code unknown"
        if not code:
            words = "the module gives no reason"
        return "%s failed: %s (class %d, code %d)" % (command, words, error_class, code)


def mqttsn_error(command: str, error_class: int, code: int) -> MqttSnError:
    """The exception for what +UMQTTSNER reported."""
    errno = _CODES[code][0] if code in _CODES else _EIO
    return MqttSnError(errno, command, error_class, code)


def session_over(why: int) -> MqttSnError:
    """The exception for a session that has ended, or was never begun."""
    return MqttSnError(_ECONNRESET if why else _ENOTCONN, "MQTT-SN session", 0, why)
