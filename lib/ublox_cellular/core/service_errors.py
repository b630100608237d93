"""What services raise: files, HTTP, MQTT, MQTT-SN, certificates, the SIM. Imported when something
has failed."""

from .compat import const
from .errors import CommandError, CommandTimeout, ModemError, ServiceError

# ---- files --------------------------------------------------------------------------------------
#
# What is raised when a write to the module's file system has left a part of a file.


class PartialFile(ModemError):
    """(errno, sentence, name, size): a write failed and file `name` could not be put right.

    `errno` is that of the failure itself, which the sentence quotes. The first `size` bytes are
    certainly as they were written; what follows, if anything does, is not to be relied on.
    """

    @property
    def name(self) -> str:
        return self.details[1]

    @property
    def size(self) -> int:
        return self.details[2]


# ---- HTTP ---------------------------------------------------------------------------------------
#
# What a failed HTTP request raises. at-commands 9.3.

# Codes of classes 3 and 10: errno.
_HTTP_ERRNOS = {
    11: 103, 22: 100, 23: -2, 26: 110, 27: 110, 28: 110, 29: 110, 30: 16, 44: 104,
}  # fmt: skip
_EIO = 5
_ENOMEM = 12
_NO_NAME = -2  # what getaddrinfo() raises everywhere


class HttpError(ServiceError):
    """(errno, command, error_class, code): what +UHTTPER reported after `command` failed. Both are
    0 where the module gives no reason."""

    def __str__(self) -> str:
        from .service_texts import http_sentence

        return http_sentence(*self.details)


class HttpTimeout(CommandTimeout):
    """(ETIMEDOUT, command, ms, ms more for which the module may still be at it)."""

    def __str__(self) -> str:
        return (
            "%s: nothing heard of the request for %d ms; its profile is kept free for %d ms more, "
            "as the module may still be at it" % self.details
        )


def http_error(error_class: int, code: int) -> HttpError:
    """The exception for what +UHTTPER reported."""
    errno = _EIO
    if error_class in (3, 10):
        errno = _HTTP_ERRNOS.get(code, _EIO)
    elif error_class == 6 and code > 0:
        errno = code
    elif error_class == 5:
        errno = _NO_NAME
    elif error_class == 7:
        errno = _ENOMEM
    return HttpError(errno, "AT+UHTTPC", error_class, code)


# ---- MQTT ---------------------------------------------------------------------------------------
#
# What MQTT raises. at-commands 5.4.

# Codes of +UMQTTER: errno.
_MQTT_ERRNOS = {33: 110, 34: 100, 50: 100}
_ECONNRESET = 104
_ENOTCONN = 107


class MqttError(ServiceError):
    """(errno, command, error_class, code): what +UMQTTER reported after `command` failed; both are
    0 where it gives no reason. Of class 0 is the end of a session: `code` is then `mqtt.why`."""

    def __str__(self) -> str:
        from .service_texts import mqtt_sentence

        return getattr(self, "place", "") + mqtt_sentence(*self.details)


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
    return MqttError(_MQTT_ERRNOS.get(code, _EIO), command, error_class, code)


def session_over(why: int) -> MqttError:
    """The exception for a session that has ended, or was never begun."""
    return MqttError(_ECONNRESET if why else _ENOTCONN, "MQTT session", 0, why)


# ---- MQTT-SN ------------------------------------------------------------------------------------
#
# What a failed MQTT-SN action raises. A5 7.7, at-commands 6.

# Codes of +UMQTTSNER: errno, text. No full table is public.
_SN_CODES = {
    21: (110, "no answer from the gateway in time"),
    22: (100, "no radio service"),
}
_NO_SN_SESSION = {
    0: "not connected: connect() first",
    1: "ended by the module",
    8: "the gateway does not answer pings: connect() again",
    100: "inactivity: connect() again",
    101: "the connection was lost: connect() again",
    102: "ended after a breach of the protocol",
    200: "the module has restarted or slept deeply: connect() again",
}


class MqttSnError(MqttError):
    """(errno, command, error_class, code): what +UMQTTSNER reported after `command` failed; both
    are 0 where it gives no reason. Of class 0 is the end of a session: `code` is `mqttsn.why`."""

    def __str__(self) -> str:
        command, error_class, code = self.details
        if not error_class:
            return "%s: %s" % (command, _NO_SN_SESSION.get(code, "ended, code %d" % code))
        words = _SN_CODES[code][1] if code in _SN_CODES else "code unknown"
        if not code:
            words = "the module gives no reason"
        return "%s failed: %s (class %d, code %d)" % (command, words, error_class, code)


def mqttsn_error(command: str, error_class: int, code: int) -> MqttSnError:
    """The exception for what +UMQTTSNER reported."""
    errno = _SN_CODES[code][0] if code in _SN_CODES else _EIO
    return MqttSnError(errno, command, error_class, code)


def mqttsn_session_over(why: int) -> MqttSnError:
    """The exception for a session that has ended, or was never begun."""
    return MqttSnError(_ECONNRESET if why else _ENOTCONN, "MQTT-SN session", 0, why)


# ---- certificates and keys ----------------------------------------------------------------------
#
# A refusal with its subject, where the number alone does not show it.

_FULL = const(1914)  # numbers of +CME ERROR
_FORMATS = (1913, 1918, 1920)


class Refused(CommandError):
    """(EIO, command, code, hint): as `CommandError`; the sentence goes on with `hint`."""

    def __str__(self) -> str:
        return CommandError.__str__(self) + ": " + self.details[2]


def explained(error, limits: str):
    """The refusal of a certificate or key, with what is known about it; `limits`: of keys."""
    hint = ""
    if error.code == _FULL:
        hint = "there is room for 16: list() them, remove() one"
    elif error.code in _FORMATS:
        hint = limits
    return Refused(error.errno, error.command, error.code, hint) if hint else error


# ---- the SIM ------------------------------------------------------------------------------------
#
# What can be wrong with a SIM.


class SimError(ModemError):
    """(EACCES, sentence, state): the SIM cannot be used as it is. `state` is what `sim_state()`
    returns: with "SIM PUK" only `unlock(puk, new_pin)` helps, see device/identity.py."""

    @property
    def state(self) -> str:
        return self.details[1]
