"""TLS sockets on a bad line: a secure connection is made with faults at every byte, then tested.

It ends verified and usable, or in an error; never in the clear, and the channel works afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from behaviours.rig import Rig, pattern
from behaviours.stage import FLAVOURS, MODULES, Stage, classes

CASES = [(flavour, module) for flavour in FLAVOURS for module in MODULES]


class Node:
    """A connected modem with a profile that trusts the peers, and what passes its line."""

    def __init__(self, flavour: str, module: str) -> None:
        self.stage = Stage("asyncio", module, Rig)
        self.loop = self.stage.loop
        self.place: Any = self.stage.rig.place
        self.faults = self.stage.uart.module.faults
        self.modem: Any = classes(flavour, module)[0](self.stage.uart)
        self.modem.on_event = lambda *told: None
        self.call(self.modem.power_on, 30000)
        self.call(self.modem.connect, "iot.example")
        self.call(self.modem.security.store, "CA", "peers", self.place["pem"]["ca"].encode())
        self.profile = self.modem.security.profile(ca="peers")

    def call(self, function: Any, *arguments: Any) -> Any:
        result = function(*arguments)
        return self.loop.run_until_complete(result) if hasattr(result, "send") else result

    def forget(self) -> None:
        """The module is to be told the profile again."""
        self.faults.clear()
        self.profile.lost()

    def connected(self, port: str) -> Any:
        sock = self.modem.socket()
        sock.settimeout(30)
        try:
            self.call(sock.secure, self.profile)
            self.call(sock.connect, (self.place["name"], self.place[port]))
        except BaseException:
            self.faults.clear()
            self.call(sock.close)
            raise
        return sock

    def proves_itself(self, sock: Any) -> None:
        """Only behind TLS does the peer understand what is said."""
        self.faults.clear()
        self.call(sock.sendall, b"echo\n")
        self.call(sock.sendall, b"understood")
        assert self.call(sock.read, 10) == b"understood"
        self.call(sock.close)

    def works(self) -> None:
        """One error may be needed to find out that something was lost."""
        self.faults.clear()
        try:
            self.call(self.modem.imei)
        except OSError:
            self.call(self.modem.imei)
        if not self.modem.isconnected():
            self.call(self.modem.connect, "iot.example")


@pytest.fixture(params=CASES, ids="-".join)
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    made = Node(*request.param)
    yield made
    made.stage.close()


def lengths(node: Node) -> tuple[int, int]:
    """Bytes to and from the module while a connection is made."""
    node.forget()
    node.faults.load("drop=out@1000000")
    into, out = node.faults.into.count, node.faults.out.count
    sock = node.connected("tls")
    found = node.faults.into.count - into, node.faults.out.count - out
    node.proves_itself(sock)
    return found


@pytest.mark.parametrize("what", ["drop", "double"])
@pytest.mark.parametrize("way", ["out", "in"])
def test_a_byte_lost_or_doubled_while_connecting(node: Node, way: str, what: str) -> None:
    count = lengths(node)[way == "out"]
    wrong = []
    made = 0
    for index in range(0, count, 2):
        node.forget()
        faults = node.faults.out if way == "out" else node.faults.into
        node.faults.load(f"{what}={way}@{faults.count + index}")
        try:
            node.proves_itself(node.connected("tls"))
            made += 1
        except OSError:
            pass
        except Exception as error:
            wrong.append((index, repr(error)))
        try:
            node.works()
        except Exception as error:
            wrong.append((index, "not usable: " + repr(error)))
    assert not wrong, wrong[:8]
    assert made > 2  # such as a blank or a line end


def test_the_module_restarts_while_connecting(node: Node) -> None:
    count = lengths(node)[0]
    for index in range(0, count, 7):
        node.forget()
        node.faults.load(f"restart=in@{node.faults.into.count + index}")
        with contextlib.suppress(OSError):
            node.proves_itself(node.connected("tls"))
        node.works()
        node.proves_itself(node.connected("tls"))  # all is told again


def test_a_stranger_is_refused_whatever_byte_is_lost(node: Node) -> None:
    count = lengths(node)[0]
    for index in range(0, count, 3):
        node.forget()
        node.faults.load(f"drop=in@{node.faults.into.count + index}")
        with pytest.raises(OSError):
            node.connected("tls_stranger")
        node.works()


@pytest.mark.parametrize("module", MODULES)
def test_tasks_share_a_profile_for_different_hosts(module: str) -> None:
    node = Node("asyncio", module)
    modem, place = node.modem, node.place

    async def socket(host: str) -> bytes:
        sock = modem.socket()
        sock.settimeout(60)
        await sock.secure(node.profile)
        await sock.connect((host, place["tls"]))
        await sock.sendall(b"echo\n")
        await sock.sendall(host.encode())
        heard = await sock.read(len(host))
        await sock.close()
        return heard

    async def page(host: str) -> bytes:
        url = f"https://{host}:{place['https']}/bytes/20/1"
        async with await modem.http.get(url, tls=node.profile) as response:
            return await response.read()

    async def all_of(*work: Any) -> list[bytes]:
        return await asyncio.gather(*work)

    name, address = place["name"], place["host"]
    said, read = [name.encode(), address.encode()], pattern(20, 1)
    rounds = [([socket(name), page(address)], [said[0], read]),
              ([page(name), socket(address)], [read, said[1]])]  # fmt: skip
    if module == "sara-r5":  # which has enough TLS sessions for all at once
        rounds = [(rounds[0][0] + rounds[1][0], rounds[0][1] + rounds[1][1])]
    for work, wanted in rounds:
        limited = asyncio.wait_for(all_of(*work), 600)
        assert node.loop.run_until_complete(limited) == wanted
    assert node.stage.uart.module.violations == []
    assert modem.http.tls_sessions == 0
    node.stage.close()
