"""Why an action has failed (+UMQTTER), and sessions that are over. A5 6.8, at-commands 5.4."""

from ...core.compat import const
from ...core.errors import ModemError
from ...core.mqtt_errors import mqtt_error, session_over

_CLASS = const(13)  # of MQTT, always
_REASON_MS = const(10000)


async def reason(mqtt, name: bytes = b"+UMQTTER", error_class: int = _CLASS):
    """(class, code) of the last failure; code 0 if the module gives none."""
    try:
        for row in await mqtt.channel.command(name, timeout_ms=_REASON_MS):
            if len(row) == 2 and row[0] == error_class and isinstance(row[1], int):
                return row[0], row[1]
    except ModemError:  # the failure itself is what is to be told
        pass
    return error_class, 0


async def failure(mqtt, op: int) -> Exception:
    """The exception for an action that has failed."""
    return mqtt_error("AT+UMQTTC=%d" % op, *await reason(mqtt))


async def refused(mqtt, error, _op: int = 0) -> Exception:
    """The exception for an action that was refused: what +UMQTTER tells says more. Perhaps there
    is no data connection any more, and no session."""
    mqtt.modem.network.doubt()
    error_class, code = await reason(mqtt)
    return mqtt_error("AT+UMQTTC", error_class, code) if code else error


def over(mqtt) -> Exception:
    """The exception for a session that is over, or was never begun."""
    return session_over(mqtt.why)


async def gone(mqtt) -> Exception:
    """The same; what is owed because of its end is done before."""
    await settle(mqtt)
    return mqtt.over()


async def settle(mqtt) -> None:
    """Do now what is owed of a session that is over. The channel does it otherwise, too, before
    its next command."""
    if mqtt.channel.debts:
        try:
            await mqtt.channel.pay()
        except ModemError:
            pass
