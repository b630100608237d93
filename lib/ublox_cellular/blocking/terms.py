# Generated from aio/terms.py by tools/generate. Do not edit.
"""What a session with a broker (MQTT) or a gateway (MQTT-SN) is made by, before it is told."""

from ..core.compat import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_CLIENT = const(0)  # operation of +UMQTT and of +UMQTTSN

_PORT = const(1883)
_SECURE_PORT = const(8883)


class Order:
    """`wanted`: settings as (operation, value …), `host`, `tls`, `clean`, `keepalive`: what the
    session is made by."""

    if TYPE_CHECKING:
        wanted: list[Any]
        tls: Any

    def __init__(self, host: str, keepalive: int, clean):
        self.host = host
        self.keepalive = keepalive
        self.clean = clean
        self.wanted = []
        self.tls = None

    def secure(self, modem, tls, operation: int) -> int:
        """Want TLS (DTLS) by `operation` if a profile or True is given; the port that goes with
        it."""
        self.tls = tls or None
        if not tls:
            return _PORT
        if tls is True:
            self.tls = modem.security.default
        self.wanted.append((operation, 1, self.tls.number))
        return _SECURE_PORT


def within(name: str, value, most: int) -> int:
    """`value` if it is an integer from 0 to `most`; `TypeError`, `ValueError`."""
    if not isinstance(value, int):
        raise TypeError(name + ": integer wanted")
    if not 0 <= value <= most:
        raise ValueError("%s: 0 to %d" % (name, most))
    return value


def with_identity(service, order) -> None:
    """Without a client id it is the IMEI, which not every firmware takes by itself (ubxlib)."""
    if order is not None and order.wanted[0][0] != _CLIENT:
        order.wanted.insert(0, (_CLIENT, service.modem.imei()))


def begin_by(service, begin, order, began: int, timeout_ms: int) -> None:
    """`begin(service, order, ms)` with the security profile of `order`, or of the settings the
    module has, held for the host meanwhile; then its session for a later one is collected."""
    if order is None:
        tls, name = service.secured()
    else:
        tls, name = order.tls, order.host
    if tls is not None:
        tls.hold(name)
        service.guard = tls.check
    try:
        begin(service, order, timeout_ms - service.channel.elapsed(began))
    finally:
        service.guard = None
        if tls is not None:  # given up, the module may be at it all the same
            tls.let_go(
                lambda: service.op is not None or getattr(service, "left", None) is not None
            )
    if tls is not None:
        service.tls_sessions = 1
        tls.collect()
