"""What MQTT raises. at-commands 5.4."""

from .errors import CommandTimeout, ModemError
from .service_error import ServiceError

# Codes of +UMQTTER: errno.
_ERRNOS = {33: 110, 34: 100, 50: 100}
_EIO = 5
_ECONNRESET = 104
_ENOTCONN = 107


class MqttError(ServiceError):
    """(errno, command, error_class, code): what +UMQTTER reported after `command` failed; both are
    0 where it gives no reason. Of class 0 is the end of a session: `code` is then `mqtt.why`."""

    def __str__(self) -> str:
        from .mqtt_texts import sentence

        return getattr(self, "place", "") + sentence(*self.details)


class MqttTimeout(CommandTimeout):
    """(ETIMEDOUT, command, ms, ""): the module did not report its end. A message may have been
    published, or may still be."""

    def __str__(self) -> str:
        text = "%s: no result within %d ms; it may have been carried out"
        return getattr(self, "place", "") + text % self.details[:2]


class MessageTooLarge(ModemError):
    """(EMSGSIZE, sentence, size): a message of `size` bytes does not fit where it is read to."""

    @property
    def size(self) -> int:
        return self.details[1]


def mqtt_error(command: str, error_class: int, code: int) -> MqttError:
    """The exception for what +UMQTTER reported."""
    return MqttError(_ERRNOS.get(code, _EIO), command, error_class, code)


def session_over(why: int) -> MqttError:
    """The exception for a session that has ended, or was never begun."""
    return MqttError(_ECONNRESET if why else _ENOTCONN, "MQTT session", 0, why)
