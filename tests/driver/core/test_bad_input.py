"""Wrong types and values: TypeError or ValueError that says which, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from demonstration import places
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.port import Port

THING = object()

# Operation, and arguments that are refused; `None` before them for what only one module has.
CALLS: list[tuple[str, list[tuple[Any, ...]], list[dict[str, Any]]]] = [
    (
        "connect",
        [(5,), (None,), ("a" * 100,), ('a"b',), ("a\rb",)],
        [
            {"plmn": 5},
            {"plmn": "1"},
            {"plmn": "abcde"},
            {"user": 5},
            {"password": 5},
            {"kind": 5},
            {"kind": "PPP"},
            {"mno": "1"},
            {"timeout_ms": "1"},
            {"timeout_ms": -1},
            {"timeout_ms": None},
            {"progress": 5},
            {"wait": False, "plmn": 5},
        ],
    ),
    (
        "attach",
        [],
        [
            {"timeout_ms": "1"},
            {"timeout_ms": -1},
            {"rates": 5},
            {"rates": ("x",)},
            {"sockets": "all"},
            {"sockets": None},
        ],
    ),
    ("power_on", [("1",), (-1,)], [{"sockets": 5}, {"rates": 5}]),
    ("power_off", [("1",), (-1,)], []),
    ("set_baudrate", [("115200",), (115201,), (None,), (0,)], []),
    ("resolve", [(5,), (None,), ("",), ("a" * 129,)], [{"host": "x", "timeout_ms": "1"}]),
    (
        "ping",
        [(5,), ("",), ('x"',)],
        [
            {"host": "x", "count": 0},
            {"host": "x", "count": "1"},
            {"host": "x", "size": 1},
            {"host": "x", "timeout_ms": "1"},
            {"host": "x", "progress": 5},
            {"host": "x", "interval_ms": -1},
            {"host": "x", "ttl": 0},
        ],
    ),
    ("scan", [("1",), (-1,)], [{"progress": 5}]),
    ("unlock", [(1234,), (None,), ("1234", 5)], []),
    ("set_clock", [("2024", 1, 1), (2019, 1, 1), (2024, 2, 30), (2024, 1, 1, 24)], []),
    ("run", [(0,), (-5,), ("1",), (None,)], []),
    ("config", [(), ("mac",), ("imei", "imsi"), (5,)], [{"apn": 5}, {"mno": "x"}, {"rat": "5G"}]),
    ("ipconfig", [(), ("mac",)], [{"dns": 5}, {"dns": "x"}]),
    ("status", [("x",), (5,)], []),
    ("at", [(5,), ("\r",)], []),
    (
        "network.select",
        [(5,), ("1",), ("abcde",)],
        [
            {"act": "LTE"},
            {"plmn": "00101", "act": "5G"},
            {"timeout_ms": "1"},
            {"timeout_ms": -1},
        ],
    ),
    ("network.define", [("1", "a"), (99, "a"), (2, 5), (2, "a\n"), (2, "a", "PPP")], []),
    ("network.undefine", [("1",), (99,)], []),
    ("network.activate", [("1",), (99,), (2, "1"), (2, -1)], []),
    ("network.deactivate", [("1",), (99,), (2, "1")], []),
    ("network.address", [("1",), (99,)], []),
    ("network.parameters", [("1",), (99,)], []),
    ("network.set_profile", [("1",), (-1,), (1000,), (None,)], []),
    ("network.set_rats", [("5G",), ((),), (5,)], []),
    ("network.set_bands", [((),), ((0,),), ((129,),), (("x",),), (5,)], []),
    ("network.set_authentication", [(99, "none"), (1, "x"), (1, "pap"), (1, "pap", 5, "x")], []),
    ("network.set_dns", [(5,), ("x",)], []),
    ("power.save", [(5,), ("nap",), ("timer", "1"), ("timer", 0), ("timer", -1)], []),
    ("power.set_edrx", [("1",), (0,), (None,), (20, "1"), (20, 5, 7)], []),
]
SARA: list[tuple[str, list[tuple[Any, ...]], list[dict[str, Any]]]] = [
    ("power.set_psm", [("1", 1), (-1, 1), (3600, "6"), (3600, 10**6), (0.5, 1)], []),
    ("network.map_profile", [("1", 1), (9, 1), (1, "1"), (1, 99)], []),
    ("network.activate_profile", [("1",), (9,), (1, "1"), (1, -1)], []),
    ("network.deactivate_profile", [("1",), (9,)], []),
    ("network.profile_status", [("1",), (9,)], []),
    ("network.set_profile_dns", [("1",), (1, 5), (1, "x")], []),
]
LEXI: list[tuple[str, list[tuple[Any, ...]], list[dict[str, Any]]]] = [
    ("network.set_default_context", [("1",), (0,), (16,)], []),
    ("power.save", [("timer", 5000, "deep"), ("timer", 5000, 5)], [
        {"mode": "gpio", "gpio": "14"},
    ]),
]  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    flavour: str, module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, flavour)
    wires = "power_key power_sense" + (" wake_gpio" if module == "lexi-r10" else "")
    modem = node.up(wires=wires)
    modem.poll()
    before = len(node.sent())
    wrong = []
    for path, arguments, options in CALLS + (SARA if module == "sara-r5" else LEXI):
        operation = modem
        for name in path.split("."):
            operation = getattr(operation, name)
        for given, named in [(a, {}) for a in arguments] + [((), o) for o in options]:
            what = (path, given, named)
            try:
                node.call(operation, *given, **named)
                wrong.append((what, "was taken"))
            except (TypeError, ValueError) as error:
                if not str(error):
                    wrong.append((what, "without a word"))
            except Exception as error:
                wrong.append((what, repr(error)))
            if len(node.sent()) != before:
                wrong.append((what, "something was sent"))
                before = len(node.sent())
    assert not wrong, "\n".join(map(str, wrong))
    assert modem.network.wanted is not None  # nothing was taken from what there is
    node.call(modem.connect, APN)
    node.usable()


class Silent:
    """A UART of which nothing comes."""

    def any(self) -> Any:
        return 0

    def readinto(self, _buf: Any, *_more: int) -> Any:
        return None

    def write(self, _data: Any, *_more: int) -> Any:
        return None


@pytest.mark.parametrize(
    "options",
    [
        {"pin": 1234}, {"pin": None}, {"state": 5}, {"state": "uC"}, {"state": [1]},
        {"baudrate": "115200"}, {"rx_size": "512"}, {"tx_size": None}, {"events": "16"},
        {"uart_kwargs": 5}, {"colour": 5}, {"power_key": 5}, {"power_key": "GP13"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_modem_is_not_made_of_what_cannot_be(
    flavour: str, module: str, options: dict[str, Any]
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        places.modem_class(flavour, module)(Silent(), **options)
    assert next(iter(options)) in str(caught.value)


@pytest.mark.parametrize("uart", [5, None, "COM1", THING])
def test_what_is_no_uart_is_told_what_it_lacks(uart: Any) -> None:
    with pytest.raises(TypeError, match="readinto, write, any"):
        places.modem_class("blocking", "sara-r5")(uart)


class Shy(Silent):
    """One that gives None where others give 0."""

    def any(self) -> Any:
        return None


def test_a_uart_may_give_none_for_nothing() -> None:
    for uart in (Silent(), Shy()):
        port = Port(uart)
        assert port.read(bytearray(8), 0, 8) == port.read(bytearray(8), 4, 4) == 0
        assert port.write(b"x", 0, 1) == 0


class Busy(Silent):
    """One that says that there is something, and gives nothing."""

    def any(self) -> Any:
        return 4


def test_a_uart_may_have_nothing_of_what_it_said() -> None:
    port = Port(Busy())
    assert port.read(bytearray(8), 0, 8) == port.read(bytearray(8), 4, 4) == 0
