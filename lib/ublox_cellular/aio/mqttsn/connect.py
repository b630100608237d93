"""Beginning and ending a session with an MQTT-SN gateway. A5 7.2, 7.8."""

from ...core.compat import const
from ..mqtt.action import act
from ..mqtt.connect import end, log_in, make
from ..mqtt.session_request import Limit, within
from .settings import place, prepare

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any, TypedDict, Unpack

    from ..security.tls_profile import Profile

    class Options(TypedDict, total=False):
        client_id: str | None
        keepalive: int
        clean: bool | None
        will: tuple[Any, ...] | None
        tls: Profile | bool | None


_CONNECT = const(1)


async def connect(
    mqttsn,
    host: "str | None" = None,
    port: "int | None" = None,
    *,
    timeout_ms: int = 120000,
    **options: "Unpack[Options]",
) -> None:
    """Begin a session with the gateway.

    `host`: name or address; None: the settings of the last `connect()` or `configure()`, or what
    `load()` has left in the module. `port`: None is 1883, with TLS 8883; gateways have others.
    `client_id`: at most 256 bytes; None is the module's IMEI. `keepalive`: seconds, 0 to 65535,
    after which the gateway takes us for lost; the module pings it by itself, and tells when that
    fails (`why` is 8); 0: none of this. `clean`: False asks the gateway to keep subscriptions,
    will and messages while we are away, True to forget them, None leaves it to the module;
    `NotSupported` where the firmware has no choice (+UMQTTSN operation 10). `will`: (topic,
    message[, qos[, retain]]), at most 256 bytes each, published by the gateway when we vanish.
    `tls`: a profile of `modem.security` for DTLS; True is `modem.security.default`.

    The settings are written where they differ from what the module has. A lost data connection
    is waited for; a session that an earlier program has left open is ended. `timeout_ms` counts
    from the call. What comes of an attempt after it was given up is ended before the next command.

    Raises `ValueError`, `TypeError`, `NotSupported` before anything is sent; `OSError(EALREADY)`
    if the session stands or another task is at it; `MqttSnError` with the module's class and
    code, `MqttTimeout`, `CommandError`, `ModuleReset`.
    """
    limit = Limit(mqttsn.channel, timeout_ms)
    order = mqttsn.order
    if host is not None:
        order = prepare(mqttsn, host, port, options)
    elif port is not None or options:
        raise ValueError("host: wanted with other settings")
    await make(mqttsn, _begin, order, limit)


async def _begin(mqttsn, order, limit) -> None:
    """Settings and +UMQTTSNC=1; if the module is in a session already, that is ended first."""
    mqttsn.order = order
    resumes = order is not None and order.clean is False
    if not resumes:
        mqttsn.names.clear()
    if not resumes or not mqttsn.asleep:
        mqttsn.ids = {}  # the gateway gives them anew
    await log_in(mqttsn, "MQTT-SN", _once, order, limit)
    mqttsn.asleep = False


async def _once(mqttsn, order, limit) -> None:
    life = mqttsn.life
    if order is not None:
        life = await place(mqttsn, order.wanted, limit)
    mqttsn.seen = mqttsn.channel.unknown
    await act(mqttsn, _CONNECT, (), limit.left(), life=life)


async def disconnect(mqttsn, duration_s=None, timeout_ms: int = 60000) -> None:
    """End the session; nothing if there is none. The will is not published.

    `duration_s`: go to sleep for so long instead (1 to 65535): the gateway keeps our messages
    and subscriptions, and `connect()` within that time gets them (uncertain, at-commands 6).

    The session counts as ended whatever is raised: `MqttTimeout`, `CommandError` …
    """
    parts = ()
    if duration_s is not None:
        parts = (within("duration_s", duration_s, 65535),)
        if not duration_s:
            raise ValueError("duration_s: at least 1")
    stood = await end(mqttsn, parts, Limit(mqttsn.channel, timeout_ms))
    if stood and parts:
        mqttsn.asleep = True
