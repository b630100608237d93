"""The outer world of a MicroPython run: peers in a thread, tools/simulate in a process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap import ROOT

from simulator import Nvm

from .peers import Peers

BAUDRATE = 921600


@dataclass
class World:
    """Where a program finds the module, and what it may know of the peers."""

    tty: str
    place: dict[str, object]
    control: Callable[[str], list[str]]


def ask(port: int, line: str) -> list[str]:
    """One command on the simulator's control channel."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(line.encode() + b"\n")
        answer = sock.makefile()
        lines: list[str] = []
        while not lines or (lines[-1] != "ok" and not lines[-1].startswith("error")):
            lines.append(answer.readline().rstrip("\n"))
    return lines


def obeyed(said: Iterable[str], control: Callable[[str], list[str]]) -> Iterator[str]:
    """The lines a program prints; "@! LINE" among them is what it wants to be done at once."""
    for line in said:
        if line.startswith("@! "):
            control(line[3:].strip())
        else:
            yield line


@contextlib.contextmanager
def peers(control: Callable[[str], list[str]]) -> Iterator[dict[str, object]]:
    """Peers on a loop of their own."""
    loop = asyncio.new_event_loop()

    async def in_thread(line: str) -> list[str]:
        return await asyncio.to_thread(control, line)

    made = Peers(in_thread)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        place = asyncio.run_coroutine_threadsafe(made.start(), loop).result(10)
        yield place | {"baudrate": BAUDRATE}
    finally:
        asyncio.run_coroutine_threadsafe(made.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@contextlib.contextmanager
def world(module: str, folder: Path, *options: str) -> Iterator[World]:
    """A simulated module on a pty, in real time, and everything it can reach."""
    link = folder / f"{module}.tty"
    memory = folder / f"{module}.nvm"
    Nvm(memory).put("ipr", BAUDRATE)  # an earlier host has stored the rate
    command = [
        sys.executable, ROOT / "tools" / "simulate", "--module", module, "--tty", link,
        "--baud", BAUDRATE, "--nvm", memory, "--latency-ms", 1, "--strict",
        "--control", 0, "--seed", 1, "--host", "peer.example=127.0.0.1",
        "--set", "system_dns=false", "--set", "boot_ms=300",
        "--set", "registered_after_ms=200", "--set", "psd_ms=50",
        "--set", "scan_ms=1000",
        *(word for port in range(5001, 5004) for word in ("--listen", f"{port}=0")), *options,
    ]  # fmt: skip
    log = folder / f"{module}.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            assert process.stdout is not None
            said: list[str] = []
            while not said or said[-1] != "ready":
                line = process.stdout.readline()
                assert line, f"the simulator has ended: {log.read_text()}"
                said.append(line.strip())
            port = int(said[0].split()[1])

            def control(line: str) -> list[str]:
                return ask(port, line)

            with peers(control) as place:
                yield World(str(link), place, control)
        finally:
            process.terminate()
            process.wait(10)
