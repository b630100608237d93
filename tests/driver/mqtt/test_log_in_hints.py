"""A log-in that fails says what can be found out: the module's own codes do not."""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.node import Node

CASES: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "unknown name": ("no-such.example", {}, -2, "the name has no address: check it"),
    "nothing listens": ("peer.example", {}, 5, "the address was found: check port 9, the log-in"),
    "with TLS": ("peer.example", {"tls": True}, 5, "check port 9, whether it speaks TLS there"),
    "an address": ("127.0.0.1", {}, 5, "check port 9, the log-in, and whether it runs"),
}


@pytest.mark.parametrize(
    ("module", "service", "case"),
    [
        *((module, "mqtt", case) for module in ("sara-r5", "lexi-r10") for case in CASES),
        ("sara-r5", "mqttsn", "unknown name"),  # by UDP nothing is refused
    ],
)
@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
def test_the_error_of_a_log_in_says_what_to_check(
    flavour: str, module: str, service: str, case: str
) -> None:
    host, options, errno, words = CASES[case]
    node = Node(module, flavour)
    try:
        modem = node.up()
        node.call(modem.connect, "iot.example")
        client = getattr(modem, service)
        with pytest.raises(OSError, match=words) as caught:
            node.call(client.connect, host, 9, **options)
        assert caught.value.errno == errno
        assert str(caught.value).startswith(host + ": ")
        assert not client.connected
    finally:
        node.close()


@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
def test_a_name_is_looked_up_once_however_often_a_log_in_fails(flavour: str) -> None:
    node = Node("sara-r5", flavour)
    try:
        modem = node.up()
        node.call(modem.connect, "iot.example")
        for _ in range(3):
            with pytest.raises(OSError, match="the address was found: check port 9"):
                node.call(modem.mqtt.connect, "peer.example", 9)
        assert sum(b"+UDNSRN" in data for _, way, data in node.uart.trace if way == ">") == 1
    finally:
        node.close()
