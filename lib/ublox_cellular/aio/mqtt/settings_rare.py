"""What a session has besides its broker: a login, a last will, a context. A5 6.1.2, A10 6.1.5."""

from ...core.compat import const
from ...core.errors import NotSupported
from ...core.mqtt_checks import check_topic, octets
from ...core.payload import plain
from .session_request import within
from .settings import string

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_LOGIN = const(4)  # operations of +UMQTT
_WILL_QOS = const(6)
_WILL_RETAIN = const(7)
_WILL_TOPIC = const(8)
_WILL = const(9)
_CONTEXT = const(20)

_LONGEST = const(256)  # bytes of a message
_EOPNOTSUPP = const(95)


def dress(modem, option) -> list:
    """The settings that `option(name)` asks for, checked."""
    found = _login(option("user"), option("password"))
    return found + _will(option("will")) + _context(modem, option("context"))


def _login(user, password) -> list:
    if user is None or user == "" or user == b"":
        if password:
            raise ValueError("password: wants a user")
        return []
    if password is None:
        return [(_LOGIN, string(user))]
    return [(_LOGIN, string(user), string(password))]


def _will(will) -> list:
    """Settings of the last will, which is (topic, message[, qos[, retain]])."""
    if will is None:
        return []
    topic, message, qos, retain = shaped(will)
    topic = check_topic(topic)
    message = octets(message)
    if len(message) > _LONGEST:
        raise ValueError("will: %d bytes, at most %d fit" % (len(message), _LONGEST))
    if plain(message, 0, len(message)):
        last: tuple[Any, ...] = (_WILL, str(message, "utf-8"))
    else:
        last = (_WILL, 1, "".join(["%02X" % c for c in message]))
    return [(_WILL_QOS, qos), (_WILL_RETAIN, retain), (_WILL_TOPIC, topic), last]


def shaped(will: "Any"):
    """(topic, message, QoS, retain) of a last will, which is (topic, message[, qos[, retain]])."""
    if not isinstance(will, (tuple, list)) or not 2 <= len(will) <= 4:
        raise TypeError("will: (topic, message[, qos[, retain]])")
    topic, message, qos, retain = (list(will) + [0, False])[:4]
    return topic, message, within("qos", qos, 2), 1 if retain else 0


def _context(modem, context) -> list:
    if context is None:
        return []
    if not modem.chooses_context:
        raise NotSupported(_EOPNOTSUPP, modem.name, "choice of the context for MQTT")
    if isinstance(context, int):
        context = (context, False)
    if not isinstance(context, (tuple, list)) or len(context) != 2:
        raise TypeError("context: cid, or (cid, prefer_ipv6)")
    cid, ipv6 = context
    return [(_CONTEXT, within("context", cid, 15), 1 if ipv6 else 0)]
