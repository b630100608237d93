"""The program `tools/simulate`: one simulated module on a pty or a TCP port, in real time."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TextIO

from .control.channel import CONTROL_HELP, Control
from .inprocess import SPECS
from .leftovers import LEFT_HELP, Leftovers
from .line.faults import SPEC_HELP, Faults
from .line.line import Line
from .line.transports import PtyTransport, TcpTransport, Transport
from .module import Module
from .nvm import Nvm
from .spec import OPTION_HELP, VARIANTS, Options


def parser() -> argparse.ArgumentParser:
    """The command line."""
    variants = "\n".join(f"  {name:22}{text}" for name, text in VARIANTS.items())
    simple = ", ".join(f.name for f in fields(Options) if isinstance(f.default, (int, float, str)))
    parse = argparse.ArgumentParser(
        prog="simulate",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="A simulated u-blox SARA-R5 or LEXI-R10 module.",
        epilog=f"{SPEC_HELP}\n{LEFT_HELP}\n{CONTROL_HELP}\nvariants (--variant):\n{variants}\n\n"
        f"options (--set NAME=VALUE): {simple}\n{OPTION_HELP}",
    )
    add = parse.add_argument
    add("--module", choices=sorted(SPECS), default="sara-r5", help="default sara-r5")
    where = parse.add_mutually_exclusive_group(required=True)
    where.add_argument("--tty", metavar="LINK", help="make a pseudo terminal, LINK points to it")
    where.add_argument(
        "--tcp",
        type=int,
        metavar="PORT",
        help="listen on this loopback port; 0 chooses a free port and prints it",
    )
    add(
        "--baud",
        type=int,
        default=115200,
        help="rate of the host, which is assumed to follow +IPR; 0 = no pacing (default 115200)",
    )
    add("--latency-ms", type=float, default=2, help="from a command's CR to its answer (2)")
    add("--host", action="append", default=[], metavar="NAME=ADDR", help="name map, repeatable")
    add(
        "--route",
        action="append",
        default=[],
        metavar="ADDR[:PORT]=ADDR[:PORT]",
        help="maps the module's address to the real one, repeatable",
    )
    add(
        "--listen",
        action="append",
        default=[],
        metavar="PORT=REAL",
        help="real port for a port on which the module listens; 0 = any free one",
    )
    add(
        "--strict",
        action="store_true",
        help="report broken rules of the wire on stderr and end with status 1 if there were any",
    )
    add("--seed", type=int, default=None, help="make random choices repeatable")
    add("--faults", default="", metavar="SPEC", help="see below")
    add("--trace", metavar="FILE", help="write the traffic on the line, with times (- = stderr)")
    add("--nvm", metavar="FILE", help="keep the module's non-volatile memory in this file")
    add("--left", default="", metavar="SPEC", help="settings of an earlier program, see below")
    add("--control", type=int, metavar="PORT", help="control channel on this loopback port")
    add(
        "--variant",
        action="append",
        default=[],
        choices=sorted(VARIANTS),
        metavar="NAME",
        help="the other form of an uncertain fact, see below; repeatable",
    )
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="any option below")
    add("--boot", action="store_true", help="start with the boot, not ready")
    add("--off", action="store_true", help="start switched off (power on by the control channel)")
    return parse


def pairs(items: Sequence[str], what: str) -> dict[str, str]:
    """["A=B"] -> {"A": "B"}."""
    found = {}
    for item in items:
        left, sign, right = item.partition("=")
        if not sign:
            raise SystemExit(f"simulate: {what} needs the form A=B, not {item!r}")
        found[left] = right
    return found


def options_from(args: argparse.Namespace) -> dict[str, Any]:
    """Options of the module from the command line."""
    now = datetime.now(UTC).replace(tzinfo=None)
    values: dict[str, Any] = {
        "latency_ms": args.latency_ms,
        "variants": frozenset(args.variant),
        "system_dns": True,
        "clock": now.isoformat(timespec="seconds"),
        "listen_map": {int(a): int(b) for a, b in pairs(args.listen, "--listen").items()},
    }
    known = {f.name: f.default for f in fields(Options)}
    for name, text in pairs(args.set, "--set").items():
        name = name.replace("-", "_")
        default = known.get(name)
        if not isinstance(default, (int, float, str)):
            raise SystemExit(f"simulate: no option {name!r}")
        if isinstance(default, bool):
            values[name] = text.lower() in ("1", "true", "yes", "on")
        elif isinstance(default, str):
            values[name] = text
        else:
            values[name] = float(text) if "." in text or isinstance(default, float) else int(text)
    return values


def write_trace(file: TextIO, when: float, way: str, data: bytes) -> None:
    """One line per transmission: time in ms, direction, bytes."""
    file.write(f"{when * 1000:12.3f} {way} {data!r}\n")
    file.flush()


class Simulation:
    """All parts of one running program."""

    def __init__(self, args: argparse.Namespace, loop: asyncio.AbstractEventLoop) -> None:
        rng = random.Random(args.seed)
        faults = Faults(rng)
        faults.load(args.faults)
        self._zero = loop.time()
        faults.coverage_gaps = [
            (self._zero * 1000 + a, self._zero * 1000 + b) for a, b in faults.coverage_gaps
        ]
        self.line = Line(loop, faults, rng, host_baud=args.baud, follow=True)
        self._trace: TextIO | None = None
        if args.trace:
            file: TextIO = sys.stderr if args.trace == "-" else open(args.trace, "w")  # noqa: SIM115
            self._trace, zero = file, self._zero
            self.line.trace = lambda when, way, data: write_trace(file, when - zero, way, data)
        nvm = Nvm(args.nvm)
        Leftovers(nvm, SPECS[args.module]).load(args.left)
        self.module = Module(
            SPECS[args.module],
            loop,
            self.line,
            faults,
            rng=rng,
            hosts=pairs(args.host, "--host"),
            routes=pairs(args.route, "--route"),
            strict=args.strict,
            loud=True,
            nvm=nvm,
            options=options_from(args),
        )
        self.transport: Transport
        if args.tty is not None:
            self.transport = PtyTransport(loop, self.line, args.tty)
        else:
            self.transport = TcpTransport(loop, self.line, args.tcp)
        self.control = Control(self.module)
        if not args.off:
            self.module.power_on(instantly=not args.boot)

    def close(self) -> None:
        """Clean up: link, sockets, files."""
        self.control.close()
        self.transport.close()
        self.module.close()
        if self._trace is not None and self._trace is not sys.stderr:
            self._trace.close()


async def serve(args: argparse.Namespace) -> int:
    """Run until a signal; returns the exit status."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    simulation = Simulation(args, loop)
    try:
        if args.control is not None:
            print(f"control {await simulation.control.start(args.control)}")
        if isinstance(simulation.transport, TcpTransport) and args.tcp == 0:
            print(f"port {simulation.transport.port}")
        print("ready", flush=True)
        await ended.wait()
    finally:
        simulation.close()
    return 1 if simulation.module.violations else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    args = parser().parse_args(argv)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            return asyncio.run(serve(args))
    except (OSError, ValueError) as error:
        print(f"simulate: {error}", file=sys.stderr)
        return 2
    return 0
