"""Where the documents leave a fact open, the driver takes either form of it.

The simulated module can be told to emit the other form of each. The tour of tools/demo and, for
what it does not come across, a few exchanges of their own must go right with every one.
"""

from __future__ import annotations

from typing import Any

import pytest
from demonstration import places
from demonstration.tour.blocking import tour

from ublox_simulator import VARIANTS

MODULES = ("sara-r5", "lexi-r10")

# The server of the tour begins TLS by AUTH; none of ours speaks it from the first byte.
ELSEWHERE = {"ftp-tls-implicit"}


def other_form(module: str, variant: str) -> places.InProcess:
    return places.InProcess(module, "blocking", 115200, variants=[variant], powered=False)


def tried(variant: str, rule: str) -> bool:
    """Whether a refused command was a trial, as only so it shows which form a module wants."""
    return variant == "mqtt-server-swapped" and "wrong parameters: +UMQTT=2," in rule


@pytest.mark.parametrize("variant", sorted(VARIANTS.keys() - ELSEWHERE))
@pytest.mark.parametrize("module", MODULES)
def test_the_tour_goes_right_with_the_other_form(module: str, variant: str) -> None:
    place = other_form(module, variant)
    wrong: list[tuple[Any, ...]] = []

    def report(kind: str, *what: Any) -> None:
        if kind == "listening":
            place.dial()
        if kind == "check" and not what[3]:
            wrong.append(what)

    try:
        right = tour(
            place.modem(), place.peers.place(), report, place.clock, place.meter, lambda: None
        )
        broken = [rule for rule in place.violations() if not tried(variant, str(rule))]
        assert (right, wrong, broken) == (True, [], [])
    finally:
        place.close()


# What the tour shows of these, sockets do not add to.
OF_SERVICES = ("http", "uhttp", "usecmng", "session", "tls", "file", "fopen", "fread", "fwrite",
               "udwn", "urdf", "ulst", "unclosed", "prompt-echo", "mqtt", "coap",
               "ftp")  # fmt: skip


@pytest.mark.parametrize("variant", [v for v in sorted(VARIANTS) if not v.startswith(OF_SERVICES)])
@pytest.mark.parametrize("module", MODULES)
def test_failures_are_told_apart_with_the_other_form(module: str, variant: str) -> None:
    place = other_form(module, variant)
    modem = place.modem()
    where = place.peers.place()
    try:
        modem.power_on()
        modem.connect("iot.example")
        assert modem.resolve(where["name"]) == where["address"]
        for _ in range(10):  # refused again and again: no socket of the module may leak
            with modem.socket() as sock, pytest.raises(ConnectionRefusedError):
                sock.connect((where["address"], 1))
        sock = modem.socket()
        sock.settimeout(20)
        sock.connect((where["name"], where["farewell"]))
        sock.sendall(b"tell me all and go\n")
        heard = sock.read()
        assert heard
        assert sock.recv(10) == b""
        with pytest.raises(BrokenPipeError):
            sock.sendall(b"too late, with a comma")
        sock.close()
        sock = modem.socket()
        sock.settimeout(20)
        sock.connect((where["name"], where["tcp"]))
        link = sock.direct_link()
        link.write(b"raw")
        assert link.readinto(bytearray(3)) > 0
        link.close()
        place.uart.module.restart()
        with pytest.raises(ConnectionResetError):
            sock.recv(10)
        sock.close()
        modem.connect("iot.example")
        sock = modem.socket()
        sock.connect((where["name"], where["tcp"]))
        sock.sendall(b"a,b\x00")
        assert sock.read(4) == b"a,b\x00"
    finally:
        place.close()
