"""Anything may happen at any moment of sleep: nothing breaks, and the module can be woken."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.world.peers import TcpPeer, UdpPeer

COMMANDS = (
    "AT",
    "ATE0",
    "AT+CSQ",
    "AT+UPSV=1,1000",
    "AT+UPSV=4,100",
    "AT+UPSV=3",
    "AT+UPSV=1,5000,3",
    "AT+UPSV=1,100,4",
    "AT+UPSV=5,1000,4",
    "AT+UUSBCONF=99",
    "AT+USLPVOTE=0,0",
    "AT+USLPVOTE=0,1",
    "AT+UPSMR=1",
    'AT+CPSMS=1,,,"00100001","00000001"',
    'AT+CPSMS=1,,,"10100010","00000000"',
    "AT+CPSMS=0",
    'AT+CEDRXS=2,4,"0010"',
    "AT+CEDRXS=3",
    "AT+CSCON=1",
    "AT+CEREG=4",
    "AT+COPS=?",
    "AT&W",
    "AT+UPSDA=0,3",
    "AT+USOCR=6",
    "AT+USOCR=17",
    "AT+USOCL=0",
    "AT+USOCL=1",
    "AT+USORD=0,100",
    'AT+USOWR=0,2,"12"',
    "AT+USOWR=0,5",
)

DISRUPTIVE = (
    "AT+COPS=2",
    "AT+COPS=0",
    "AT+CFUN=4",
    "AT+CFUN=1",
    "AT+CFUN=16",
    "AT+CPWROFF",
    "AT+USODL=0",
    "ATD*99#",
    "+++",
    "AT+CMUX=0",
    "AT+UPSV=0",
)

READY_FOR_DEEP_SLEEP = {
    "sara-r5": ("ATE0", "AT+UPSV=1,1000", "AT&W", 'AT+CPSMS=1,,,"00100001","00000001"'),
    "lexi-r10": ("AT+UUSBCONF=99", 'AT+CEDRXS=1,4,"0010"', "AT+UPSV=1,3000,4", "AT+USOCR=6"),
}


class Chaos:
    """A host, a network and fingers on all pins, driven by one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        module = self.random.choice(("sara-r5", "lexi-r10"))
        self.bench = Bench(module, online=True, quiet=False, seed=seed)
        for command in READY_FOR_DEEP_SLEEP[module]:
            self.bench.ok(command)
        self.tcp, self.udp = TcpPeer(self.bench.loop), UdpPeer(self.bench.loop)
        self.actions: list[Callable[[], Any]] = [
            *[self.command] * 6,
            *[self.wait] * 6,
            self.pulse,
            self.lines,
            self.peer,
            self.coverage,
            self.reset,
        ]

    def command(self) -> None:
        rarely = self.random.random() < 0.05
        text = self.random.choice(DISRUPTIVE if rarely else COMMANDS)
        if self.random.random() < 0.2:
            text = f'AT+USOCO=0,"127.0.0.1",{self.tcp.port}'
        elif self.random.random() < 0.1:
            text = f'AT+USOST=1,"127.0.0.1",{self.udp.port},2,"hi"'
        self.bench.uart.write(text.encode() + b"\r")
        self.bench.pass_ms(self.random.choice((1, 30, 300)))

    def wait(self) -> None:
        self.bench.pass_ms(10 ** self.random.uniform(0, 6.6))

    def pulse(self) -> None:
        self.bench.module.power_key(True)
        self.bench.pass_ms(self.random.choice((50, 300, 1100, 2000)))
        self.bench.module.power_key(False)

    def lines(self) -> None:
        module = self.bench.module
        self.random.choice((module.dtr, module.rts, module.wake_gpio))(self.random.random() < 0.5)

    def peer(self) -> None:
        if self.tcp.connections:
            connection = self.random.choice(self.tcp.connections)
            if not connection.eof:
                connection.send(b"some data")
        if self.udp.received and self.random.random() < 0.5:
            self.udp.send(b"datagram")
        self.bench.pass_ms(1)

    def coverage(self) -> None:
        self.bench.module.set_coverage(self.random.random() < 0.9)

    def reset(self) -> None:
        what = self.random.random()
        if what < 0.1:
            self.bench.module.restart()
        elif what < 0.2:
            self.bench.module.reset_line(True)
            self.bench.pass_ms(200)
            self.bench.module.reset_line(False)

    def say(self, data: bytes) -> None:
        """Wake it by whatever wakes, and speak before it sleeps again."""
        bench, module = self.bench, self.bench.module
        if module.sleep_state == "uart":
            bench.uart.write(b"\x00")
            bench.pass_ms(25)
        elif not module.cts:
            module.power_key(True)
            for _ in range(350):
                bench.pass_ms(10)
                if module.cts:
                    break
        bench.uart.write(data)
        bench.pass_ms(300)
        module.power_key(False)

    def recover(self) -> None:
        """What a patient person would do to get an answer."""
        bench, module = self.bench, self.bench.module
        module.set_coverage(True)
        module.dtr(True)
        module.rts(True)
        for _ in range(12):
            self.say(bytes.fromhex("f903ef05c301f2f9"))
            bench.pass_ms(1500)
            self.say(b"+++")
            bench.pass_ms(1500)
            self.say(b"x" * 8)  # the rest of a payload, or an abort
            bench.pass_ms(30_000)
            self.say(b"\r")
            bench.raw.clear()
            self.say(b"AT\r")
            if b"OK\r\n" in bench.raw:
                return
        raise AssertionError((module.state, module.sleep_state, module.interface.mode))

    def close(self) -> None:
        self.tcp.close()
        self.udp.close()
        self.bench.close()


@pytest.mark.parametrize("seed", range(100))
def test_chaos(seed: int) -> None:
    chaos = Chaos(seed)
    try:
        for _ in range(80):
            chaos.random.choice(chaos.actions)()
        chaos.recover()
        module = chaos.bench.module
        assert module.crashes == []
        assert sum(module.time_in.values()) == pytest.approx(chaos.bench.loop.time())
    finally:
        chaos.close()
