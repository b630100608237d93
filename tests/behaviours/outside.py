"""The outer world of a behaviour or of a program on MicroPython, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dev import wasm
from dev.timekeeper import Timekeeper

from ublox_simulator import Nvm, VirtualLoop, open_uart
from ublox_simulator.control.channel import Control

from .peers import Peers

BAUDRATE = 921600
VIRTUAL_LIMIT_S = 900


@dataclass
class Said:
    """What a program has printed, and how it ended."""

    printed: str
    status: int
    errors: str

    def figures(self) -> dict[str, int]:
        """Those of lines "@@ NAME VALUE"."""
        lines = [line.split() for line in self.printed.splitlines()]
        return {line[1]: int(line[2]) for line in lines if line[:1] == ["@@"]}


class World:
    """A simulated module and peers on one virtual loop. `place` says where the peers are,
    `control` carries out a command of the simulator's control channel."""

    def __init__(
        self,
        module: str,
        *,
        loop: VirtualLoop | None = None,
        hosts: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        self.loop = loop or VirtualLoop(settle=None)
        self.uart = open_uart(
            module, loop=self.loop, hosts={"peer.example": "127.0.0.1"} | (hosts or {}),
            trace=True, listen_map=dict.fromkeys(range(5001, 5004), 0), registered_after_ms=500,
            **options,
        )  # fmt: skip
        self.control = Control(self.uart.module).execute

        async def ask(line: str) -> list[str]:
            return self.control(line)

        self.peers = Peers(ask)
        self.place = self.loop.run_until_complete(self.peers.start())

    def told(self) -> str:
        """The end of what passed the line, for a test that has failed."""
        lines = [f"{ms:12.1f} {way} {data[:120]!r}" for ms, way, data in self.uart.trace[-40:]]
        return "\n".join(lines)

    def close(self) -> None:
        self.loop.run_until_complete(self.peers.close())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.uart.close()
        self.loop.pump()
        self.loop.pump()
        self.loop.close()


class Board(World):
    """The same for programs on MicroPython; an earlier one has stored the baud rate."""

    def __init__(self, module: str, **options: Any) -> None:
        memory = Nvm()
        memory.put("ipr", BAUDRATE)
        super().__init__(module, baudrate=BAUDRATE, nvm=memory, **options)

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def run(self, job: wasm.Job, heard: Callable[[str], None] = lambda line: None) -> Said:
        """Run a program to its end. A line "@! LINE" is what it wants to be done at once; `heard`
        gets all others. Raises OverTime when none has come for VIRTUAL_LIMIT_S."""
        printed: list[str] = []

        def hear(line: str) -> None:
            keeper.more_time()
            if line.startswith("@! "):
                self.control(line[3:].strip())
            else:
                printed.append(line)
                heard(line)

        keeper = Timekeeper(self.uart, hear, VIRTUAL_LIMIT_S)
        done = keeper.run(job)
        return Said("".join(printed), done.status, done.errors)
