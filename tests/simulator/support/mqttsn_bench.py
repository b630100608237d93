"""Modules, a gateway and a real broker on one loop in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from servers.broker import Broker
from servers.mqttsn_gateway.gateway import Gateway
from simulator.support.serial_host import Bench

GATEWAY, PORT = "192.168.105.30", 10000
"""As A5 7.1.1 has them."""

Make = Callable[..., Bench]


class GatewayStage:
    """Benches that reach the gateway at the address of the seeds; made after the first bench."""

    def __init__(
        self, make_bench: Make, broker: Broker, *, retries: int = 3, **options: Any
    ) -> None:
        self._make = make_bench
        self._options = options
        self._clients = 0
        self.bench = self.new_bench(loop=broker.loop())
        predefined = {7: "fixed/seven", 300: "fixed/more"}
        self.gateway = Gateway(
            self.bench.loop, broker.address, predefined=predefined, retries=retries
        )
        self.bench.peers.append(self.gateway)  # type: ignore[arg-type]
        self.add_route(self.bench)

    def new_bench(self, **options: Any) -> Bench:
        """A module online, with an IMEI of its own; the first one brings the loop."""
        if self._clients:
            options["loop"] = self.bench.loop
        imei = f"{357862090033897 + self._clients}"
        self._clients += 1
        settings = {"imei": imei, "online": True, "strict": True, **self._options, **options}
        bench = self._make("sara-r5", **settings)
        bench.ok("AT+CMEE=1")
        if self._clients > 1:
            self.add_route(bench)
        return bench

    def add_route(self, bench: Bench) -> None:
        """The seeds' address leads to the gateway."""
        seen, real = f"{GATEWAY}:{PORT}", f"127.0.0.1:{self.gateway.port}"
        bench.module.addresses.add_route(seen, real)

    def configure(self, bench: Bench | None = None, *more: str) -> None:
        """The gateway and whatever else the profile is to hold."""
        bench = bench or self.bench
        bench.ok(f'AT+UMQTTSN=2,"{GATEWAY}",{PORT}')
        for line in more:
            bench.ok(f"AT+UMQTTSN={line}")

    def open(self, bench: Bench | None = None, *more: str) -> Bench:
        """A session."""
        bench = bench or self.bench
        self.configure(bench, *more)
        act(bench, "1", "1,1")
        return bench


def act(bench: Bench, order: str, result: str, ms: float = 120_000) -> None:
    """An action and the URC that ends it."""
    bench.ok(f"AT+UMQTTSNC={order}")
    assert bench.expect_urc(ms) == f"+UUMQTTSNC: {result}"


def error_of(bench: Bench) -> int:
    """The code of the last action."""
    return int(bench.ok("AT+UMQTTSNER")[0].removeprefix("+UMQTTSNER: 14,"))


def read(bench: Bench, count: int = 1) -> str:
    """Wait for the announcement and read a message."""
    assert bench.expect_urc(60_000) == f"+UUMQTTSNC: 9,{count}"
    return bench.ok("AT+UMQTTSNC=9,1")[0]
