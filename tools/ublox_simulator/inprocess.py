"""The in-process UART: an object like `machine.UART` connected to a simulated module."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .clock import Ticks, VirtualLoop
from .leftovers import Leftovers
from .lexi_r10 import LEXI_R10
from .line.faults import Faults
from .line.line import Line
from .module import Module
from .nvm import Nvm
from .sara_r5 import SARA_R5
from .spec import ModuleSpec

SPECS: dict[str, ModuleSpec] = {"sara-r5": SARA_R5, "lexi-r10": LEXI_R10}

SPIN_S = 10e-6
"""Virtual time an `any()` call costs, so that a spinning host makes progress."""

JUMPS_PER_POLL = 16
"""Number of jumps in `wait` without expected I/O that skip polling the real sockets."""

SPINS_PER_POLL = 50
"""Number of `any()` calls between two polls of real sockets."""


class SimulatedUart:
    """One end of a serial line; the other end is `module`. Made by `open_uart`.

    While the loop is at rest every call lets due events happen, and `wait` or `clock.sleep_ms` let
    time pass; while the loop runs (asyncio host) calls only do their own work.
    """

    def __init__(self, loop: VirtualLoop, line: Line, module: Module, own_loop: bool) -> None:
        self.loop = loop
        self.clock = Ticks(loop)
        self.line = line
        self.module = module
        self.trace: list[tuple[float, str, bytes]] = []
        self._own_loop = own_loop
        self._spins = 0
        self._jumps = 0
        self._closed = False

    def any(self) -> int:
        """Bytes that can be read now."""
        loop = self.loop
        loop.jump(loop.time() + SPIN_S)  # running or not: sleep(0) of a host takes time, too
        if not loop.is_running():
            self._spins += 1
            if self._spins % SPINS_PER_POLL == 0 or not loop.idle_until(loop.time()):
                loop.pump()
        return self.line.host_available()

    def readinto(self, buf: Any, n: int | None = None) -> int | None:
        """Read into `buf`, at most `n` bytes; None when there is nothing, as on MicroPython."""
        self._let_due_events_run()
        room = len(buf) if n is None else min(n, len(buf))
        data = self.line.host_read(room)
        if not data:
            return None
        buf[: len(data)] = data
        return len(data)

    def write(self, buf: Any, off: int | None = None, n: int | None = None) -> int:
        """Put bytes on the wire: write(buf), write(buf, n) or write(buf, off, n)."""
        view = memoryview(buf)
        if off is not None and n is None:
            view = view[:off]
        elif off is not None and n is not None:
            view = view[off : off + n]
        self._let_due_events_run()
        return self.line.host_write(bytes(view))

    def init(self, baudrate: int | None = None, **ignored: Any) -> None:
        """Change the host's rate for bytes written from now on."""
        if baudrate is not None:
            self.line.host_baud = baudrate

    def wait(self, ms: float) -> bool:
        """Let virtual time pass until there is something to read (True) or `ms` are over (False).
        Like a FIFO it returns after a piece of data, not for every byte."""
        loop, line = self.loop, self.line
        if loop.is_running():
            raise RuntimeError("wait inside the running loop; await asyncio.sleep instead")
        deadline = loop.time() + ms / 1000
        while True:
            if line.host_available():
                return True
            if loop.time() >= deadline:
                return False
            arrives = line.host_burst()
            target = deadline if arrives is None else min(deadline, arrives)
            if loop.idle_until(target) and (arrives is not None or self._nothing_expected()):
                loop.jump(target)
                continue
            line.on_output = loop.stop
            try:
                loop.run_to(target)
            finally:
                line.on_output = None

    def rest(self, ms: float) -> None:
        """Let `ms` of virtual time pass, whatever arrives; cheaper than `clock.sleep_ms`."""
        loop = self.loop
        end = loop.time() + ms / 1000
        if not loop.is_running() and loop.idle_until(end) and self._nothing_expected():
            loop.jump(end)
        else:
            self.clock.sleep_ms(ms)

    def _nothing_expected(self) -> bool:
        """Whether polling real sockets can be skipped now: no recent I/O, and not every time."""
        self._jumps += 1
        return not self.loop.io_expected and self._jumps % JUMPS_PER_POLL != 0

    def close(self) -> None:
        """End the simulation; sockets are closed, and the loop if it is its own."""
        if self._closed:
            return
        self._closed = True
        self.module.close()
        if not self.loop.is_running() and not self.loop.is_closed():
            self.loop.pump()
            self.loop.pump()
            if self._own_loop:
                self.loop.close()

    def __enter__(self) -> SimulatedUart:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _let_due_events_run(self) -> None:
        loop = self.loop
        if not loop.is_running() and not loop.idle_until(loop.time()):
            loop.pump()


def open_uart(
    module: str = "sara-r5",
    *,
    baudrate: int = 115200,
    latency_ms: float = 2,
    seed: int = 1,
    hosts: Mapping[str, str] | None = None,
    routes: Mapping[str, str] | None = None,
    strict: bool = True,
    loud: bool = False,
    faults: str = "",
    nvm: Nvm | str | Path | None = None,
    left: str = "",
    powered: bool = True,
    loop: VirtualLoop | None = None,
    trace: bool = False,
    host_rxbuf: int = 0,
    host_txbuf: int = 0,
    **options: Any,
) -> SimulatedUart:
    """A simulated module ("sara-r5" or "lexi-r10") on a UART in virtual time.

    hosts        name -> address the module sees (name map, before any resolver)
    routes       address or "address:port" the module sees -> the real one
    strict       collect broken rules of the wire in `uart.module.violations`; `loud` prints them
    faults       SPEC string, see `simulator.faults.SPEC_HELP`
    nvm          an Nvm to share between simulations, or the path of a file
    left         SPEC of settings of an earlier program, see `simulator.leftovers.LEFT_HELP`
    powered      False: off until `uart.module.power_key` or `.power_on()`
    trace        collect (time in ms, ">" to the module or "<" from it, bytes) in `uart.trace`
    host_rxbuf   capacity of the host's receive buffer, 0 = unlimited; excess is lost
    host_txbuf   capacity of its transmit buffer, 0 = unlimited; writes become short
    options      any field of `simulator.spec.Options`, e.g. registered_after_ms, variants
    """
    spec = SPECS[module]
    own_loop = loop is None
    loop = loop or VirtualLoop()
    rng = random.Random(seed)
    knobs = Faults(rng)
    knobs.load(faults)
    line = Line(loop, knobs, rng, host_baud=baudrate, host_rxbuf=host_rxbuf, host_txbuf=host_txbuf)
    store = nvm if isinstance(nvm, Nvm) else Nvm(nvm)
    Leftovers(store, spec).load(left)
    simulated = Module(
        spec,
        loop,
        line,
        knobs,
        rng=rng,
        hosts=hosts or {},
        routes=routes,
        strict=strict,
        loud=loud,
        nvm=store,
        options={"latency_ms": latency_ms, **options},
    )
    uart = SimulatedUart(loop, line, simulated, own_loop)
    if trace:
        line.trace = lambda when, way, data: uart.trace.append((when * 1000, way, data))
    if powered:
        simulated.power_on(instantly=simulated.options.start == "ready")
    return uart
