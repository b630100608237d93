"""The outer world in real time, as a developer has it: tools/simulate in a process, on a pty, and
peers in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from dev.environment import ROOT

from ublox_simulator import Nvm

from .outside import BAUDRATE
from .peers import Peers


async def _no_control(line: str) -> list[str]:
    raise NotImplementedError(line)


@contextlib.contextmanager
def peers() -> Iterator[dict[str, object]]:
    """Where peers are that live on a loop of their own."""
    loop = asyncio.new_event_loop()
    made = Peers(_no_control)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(made.start(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(made.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextlib.contextmanager
def module(name: str, folder: Path, *options: str) -> Iterator[str]:
    """The tty of a simulated module that reaches them."""
    link = folder / f"{name}.tty"
    memory = folder / f"{name}.nvm"
    Nvm(memory).put("ipr", BAUDRATE)  # an earlier host has stored the rate
    command = [
        sys.executable, ROOT / "tools" / "simulate", "--module", name, "--tty", link,
        "--baud", BAUDRATE, "--nvm", memory, "--latency-ms", 1, "--strict", "--seed", 1,
        "--host", "peer.example=127.0.0.1", "--set", "system_dns=false", "--set", "boot_ms=300",
        "--set", "registered_after_ms=200", "--set", "psd_ms=50", *options,
    ]  # fmt: skip
    log = folder / f"{name}.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", log.read_text()
            yield str(link)
        finally:
            process.terminate()
            process.wait()
