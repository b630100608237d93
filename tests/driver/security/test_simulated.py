"""Certificates on the simulated module: what only a module with limits and a clock of its own
shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support import credentials
from driver.support.credentials import PASSWORD, PEM, PKCS8
from driver.support.node import Node
from driver.support.serial_script import FLAVOURS, MODULES

from ublox_cellular.core.errors import CommandError

CERT = credentials.certificate().public_bytes(PEM)
Nodes = Callable[..., Node]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("module", MODULES)
def test_a_size_that_is_damaged_on_the_line(module: str, flavour: str, nodes: Nodes) -> None:
    """The module waits for ten times as much, and gives up after 20 s."""
    node = nodes(module, flavour, strict=False)
    modem = node.up()
    write = node.uart.write

    def doubled(data: Any, *where: int) -> int:
        line = bytes(data)
        if line.startswith(b"AT+USECMNG=0,") and line.endswith(b"\r"):
            write(line[:-1] + line[-2:])
            return len(line)
        return write(data, *where)

    modem.channel.port.send = doubled
    with pytest.raises(CommandError) as caught:
        node.call(modem.security.store, "CA", "root", CERT)
    assert caught.value.code in (1910, 1911), caught.value
    modem.channel.port.send = write
    assert node.call(modem.security.list) == []
    assert node.call(modem.security.store, "CA", "root", CERT)
    node.usable()


@pytest.mark.parametrize("module", MODULES)
def test_sixteen_is_all(module: str, nodes: Nodes) -> None:
    node = nodes(module, "blocking")
    security = node.up().security
    for number in range(16):
        security.store("CA", f"root{number}", CERT)
    with pytest.raises(CommandError, match="room for 16") as caught:
        security.store("CA", "root16", CERT)
    assert caught.value.code == 1914
    security.store("CA", "root3", CERT, force=True)  # the same name overwrites
    security.remove("CA", "root7")
    security.store("CA", "root16", CERT)
    assert len(security.list()) == 16
    node.usable()


@pytest.mark.parametrize("module", MODULES)
def test_an_encrypted_key(module: str, nodes: Nodes) -> None:
    node = nodes(module, "blocking")
    security = node.up().security
    key = credentials.key_bytes(credentials.rsa_key(), PEM, PKCS8, PASSWORD)
    md5 = security.store("PK", "mine", key, PASSWORD)
    assert md5 == security.md5("PK", "mine")
    before = len(node.sent())
    assert security.store("PK", "mine", key, PASSWORD, known=md5) == md5
    assert len(node.sent()) - before < 60
    with pytest.raises(CommandError, match="USECMNG"):
        security.store("PK", "other", key, "wrong " + PASSWORD)
    assert [row[1] for row in security.list()] == ["mine"]


@pytest.mark.parametrize("module", MODULES)
def test_a_profile_is_told_again_after_a_restart(module: str, nodes: Nodes) -> None:
    node = nodes(module, "blocking")
    modem = node.up()
    modem.security.store("CA", "root", CERT)
    profile = modem.security.profile(ca="root", resume="plain")
    profile.apply("peer.example")
    wanted = profile.read_back()
    modem.reboot()
    assert not profile.in_place("peer.example")
    assert profile.read_back()["verify"] == "none"
    profile.apply("peer.example")
    assert profile.read_back() == wanted
