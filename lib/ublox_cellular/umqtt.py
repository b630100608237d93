"""Replaces `umqtt.simple`: existing programs change the import and name the modem.

    from ublox_cellular import SaraR5, umqtt
    from ublox_cellular.umqtt import MQTTClient

    modem = SaraR5(UART(1, 115200))     # power_on(), connect(): as for everything else
    umqtt.use(modem)

Constructor, methods and return values are those of `umqtt.simple`. What differs:

- The module has one session: `connect()` of a second client fails while the first is connected.
- `connect()` returns False always: the module does not report whether the broker knew the client.
- Messages hold at most 1024 bytes, topics 256; longer ones raise `ValueError` before anything is
  sent. A message received that is longer raises an `OSError` that has its `size`, and is dropped.
- With a `keepalive` the module pings by itself; `ping()` only raises if the session is lost.
- QoS 2 is there, for publishing and subscribing. lib/MQTT.md has what is noticed of a bad line
  between this microcontroller and the module.
- Wrong types raise `TypeError` or `ValueError` before anything is sent.
- A session that is lost raises `OSError` at the next call, also in `check_msg()` and within
  `wait_msg()`, where `umqtt.simple` may wait for ever. `MQTTException` is such an `OSError`.
- `ssl`: True (the module's own root certificates), a profile of `modem.security`, or a context of
  `modem.ssl`; `ssl_params` is not looked at. The server is verified unless the profile says not.
- `wait_msg()` returns after messages only, not after other packets; `sock` is not there.

Blocking only; asyncio programs use `modem.mqtt`.
"""

from .core.mqtt_payload import check_qos, check_topic, octets
from .core.service_errors import MqttError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MQTTException = MqttError

_LONGEST_WILL = 256
_PUBLISH = 0x30  # first byte of such a packet, what wait_msg() and check_msg() return
_modem = None


def use(modem: "Any") -> None:
    """The modem of all clients made from now on without another one."""
    global _modem
    _modem = modem


class MQTTClient:
    """See above. `modem`: where `use()` shall not decide."""

    if TYPE_CHECKING:
        cb: Callable[[bytes, bytes], Any] | None
        will: tuple[Any, ...] | None
        modem: Any

    def __init__(
        self,
        client_id: "str | bytes",
        server: "str | bytes",
        port: int = 0,
        user: "str | bytes | None" = None,
        password: "str | bytes | None" = None,
        keepalive: int = 0,
        ssl: "Any" = None,
        ssl_params: "Any" = None,
        *,
        modem: "Any" = None,
    ):
        self.modem = modem or _modem
        if self.modem is None:
            raise ValueError("modem: umqtt.use(modem) before")
        self.client_id = client_id
        self.server = server
        self.port = port
        self.user = user
        self.pswd = password
        self.keepalive = keepalive
        self.ssl = ssl
        self.cb = self.will = None

    def set_callback(self, f: "Callable[[bytes, bytes], Any]") -> None:
        """Call `f(topic, msg)`, both bytes, for every message."""
        if f is not None and not callable(f):
            raise TypeError("f: a function wanted")
        self.cb = f

    def set_last_will(
        self, topic: "str | bytes", msg: "str | bytes", retain: bool = False, qos: int = 0
    ) -> None:
        """What the broker publishes when we vanish; before `connect()`."""
        check_topic(topic)
        check_qos(qos)
        if len(octets(msg)) > _LONGEST_WILL:
            raise ValueError("msg: at most %d bytes" % _LONGEST_WILL)
        self.will = (topic, msg, qos, retain)

    def connect(self, clean_session: bool = True, timeout: "int | None" = None) -> bool:
        """Begin a session, within `timeout` seconds (None: two minutes)."""
        if timeout is not None and not isinstance(timeout, (int, float)):
            raise TypeError("timeout: seconds wanted")
        mqtt = self.modem.mqtt
        options = {} if timeout is None else {"timeout_ms": int(timeout * 1000)}
        mqtt.connect(
            self.server, self.port or None, client_id=self.client_id or None, user=self.user,
            password=self.pswd, keepalive=self.keepalive, clean=clean_session, will=self.will,
            tls=self._tls(), **options,
        )  # fmt: skip
        mqtt.set_callback(None)
        return False

    def _tls(self):
        settle = getattr(self.ssl, "_settle", None)
        return settle() if settle else self.ssl or None

    def disconnect(self) -> None:
        self.modem.mqtt.disconnect()

    def ping(self) -> None:
        """`OSError` if the session is lost; pings are sent by the module, see `keepalive`."""
        mqtt = self.modem.mqtt
        if not mqtt.is_connected():
            raise mqtt.gone()

    def publish(
        self, topic: "str | bytes", msg: "str | bytes", retain: bool = False, qos: int = 0
    ) -> None:
        """Returns when the module has sent it; with QoS 1 and 2, when it is acknowledged."""
        self.modem.mqtt.publish(topic, msg, retain, qos)

    def subscribe(self, topic: "str | bytes", qos: int = 0) -> None:
        if self.cb is None:
            raise ValueError("set_callback() before subscribe()")
        self.modem.mqtt.subscribe(topic, qos)

    def wait_msg(self) -> "int | None":
        """Wait for a message, for which the callback is called."""
        return self._given(self.modem.mqtt.wait_msg())

    def check_msg(self) -> "int | None":
        """The same, if there is one; None if not, at once."""
        return self._given(self.modem.mqtt.check_msg())

    def _given(self, message) -> "int | None":
        if message is None:
            return None
        if self.cb:
            self.cb(message.topic, message.payload)
        return _PUBLISH | message.qos << 1
