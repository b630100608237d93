"""tools/simulate as a real process on a pty and on TCP: what a developer's terminal meets."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "tools" / "simulate"
LIMIT_S = 120.0


@contextmanager
def simulate(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, int]]]:
    """The running program and the ports it printed before `ready`."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        ports = {}
        assert process.stdout is not None
        for line in process.stdout:
            if line == "ready\n":
                break
            name, _, number = line.partition(" ")
            ports[name] = int(number)
        else:
            pytest.fail(f"no ready: {process.communicate()[1]}")
        yield process, ports
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """End it the polite way; status and stderr."""
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=LIMIT_S)
    return process.returncode, errors


def talk(fd: int, data: bytes, until: bytes) -> bytes:
    """Write, then read up to `until`."""
    os.write(fd, data)
    got = b""
    deadline = time.monotonic() + LIMIT_S
    while until not in got:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, got
        got += os.read(fd, 4096)
    return got


@contextmanager
def terminal(link: Path) -> Iterator[int]:
    """The client's end of the pty."""
    fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
    try:
        termios.tcflush(fd, termios.TCIOFLUSH)
        yield fd
    finally:
        os.close(fd)


@pytest.mark.parametrize("module", ["sara-r5", "lexi-r10"])
def test_a_terminal_may_come_go_and_come_again(tmp_path: Path, module: str) -> None:
    link = tmp_path / "modem"
    with simulate("--module", module, "--tty", str(link)) as (process, _):
        for _ in range(2):
            with terminal(link) as fd:
                assert talk(fd, b"ATI9\r", b"OK\r\n").startswith(b"ATI9\r\r\n")
        assert finish(process) == (0, "")
    assert not link.is_symlink()


def test_tcp_clients_may_come_go_and_come_again() -> None:
    with simulate("--tcp", "0") as (process, ports):
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", ports["port"])) as client:
                assert talk(client.fileno(), b"AT\r", b"OK\r\n") == b"AT\r\r\nOK\r\n"
        assert finish(process)[0] == 0


def test_two_run_side_by_side(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    with simulate("--module", "lexi-r10", "--tcp", "0") as (_, ports):
        with simulate("--tty", str(link)) as (_, _), terminal(link) as fd:
            assert b"SARA" in talk(fd, b"ATI\r", b"OK\r\n")
        with socket.create_connection(("127.0.0.1", ports["port"])) as client:
            assert b"LEXI" in talk(client.fileno(), b"ATI\r", b"OK\r\n")


def test_strict_mode_shows_in_stderr_and_in_the_exit_status() -> None:
    with simulate("--tcp", "0", "--strict") as (process, ports):
        with socket.create_connection(("127.0.0.1", ports["port"])) as client:
            talk(client.fileno(), b"AT+NONSENSE\r", b"ERROR\r\n")
        status, errors = finish(process)
    assert status == 1
    assert "strict: " in errors and "AT+NONSENSE" in errors


def test_the_line_is_paced_in_real_time() -> None:
    with (
        simulate("--tcp", "0", "--baud", "9600", "--latency-ms", "0") as (_, ports),
        socket.create_connection(("127.0.0.1", ports["port"])) as client,
    ):
        began = time.monotonic()
        answer = talk(client.fileno(), b"AT+CGDCONT=?\r", b"OK\r\n")
        taken = time.monotonic() - began
    assert taken >= len(answer) * 10 / 9600 * 0.95


def test_trace_and_control_channel(tmp_path: Path) -> None:
    trace = tmp_path / "trace.txt"
    with simulate(
        "--tcp",
        "0",
        "--control",
        "0",
        "--trace",
        str(trace),
        "--module",
        "lexi-r10",
        "--set",
        "boot_ms=50",
        "--variant",
        "cme-capital",
    ) as (process, ports):
        with (
            socket.create_connection(("127.0.0.1", ports["port"])) as client,
            socket.create_connection(("127.0.0.1", ports["control"])) as control,
        ):
            fd, ctl = client.fileno(), control.fileno()
            talk(fd, b"ATE0\r", b"OK\r\n")
            assert talk(ctl, b"urc +HELLO: 1\n", b"ok\n") == b"ok\n"
            assert talk(fd, b"", b"+HELLO: 1\r\n") == b"\r\n+HELLO: 1\r\n"
            assert b"commands 1" in talk(ctl, b"stats\n", b"ok\n")
            for line in (
                b"restart",
                b"coverage off",
                b"coverage on",
                b"queue-full 0 on",
                b"faults urc=0:+X: 1",
                b"faults clear",
                b"listen-ports",
                b"violations",
                b"vint",
                b"key down",
                b"key up",
            ):
                assert talk(ctl, line + b"\n", b"ok\n").endswith(b"ok\n")
            for line in (b"nonsense", b"coverage maybe", b"faults x=1"):
                assert talk(ctl, line + b"\n", b"\n").startswith(b"error")
        assert finish(process)[0] == 0
    text = trace.read_text()
    assert " > b'ATE0\\r'" in text and "+HELLO: 1" in text


def test_faults_with_conditions_and_left_over_settings() -> None:
    with simulate(
        *("--tcp", "0", "--control", "0"),
        *("--left", "cops=1,2,22812;auth=1,2,old,secret"),
        *("--faults", "refuse=+CPIN?:13:x1;late=+CSQ:300;answer=+CGSN:RING|004999010640000:60000"),
    ) as (process, ports):
        with (
            socket.create_connection(("127.0.0.1", ports["port"])) as client,
            socket.create_connection(("127.0.0.1", ports["control"])) as control,
        ):
            fd, ctl = client.fileno(), control.fileno()
            talk(fd, b"ATE0+CMEE=1\r", b"OK\r\n")
            assert talk(fd, b"AT+CPIN?\r", b"\r\n+CME ERROR: 13\r\n")
            assert b"READY" in talk(fd, b"AT+CPIN?\r", b"OK\r\n")
            assert b"+COPS: 1\r\n" in talk(fd, b"AT+COPS?\r", b"OK\r\n")
            assert b"\r\nRING\r\n" in talk(fd, b"AT+CGSN\r", b"OK\r\n")
            began = time.monotonic()
            talk(fd, b"AT+CSQ\r", b"OK\r\n")
            assert time.monotonic() - began > 0.29
            for line in (b"faults deny=11/0:radio", b"sim out", b"sim in", b"time-zone 128"):
                assert talk(ctl, line + b"\n", b"ok\n") == b"ok\n"
            for line in (b"faults deny=11:soon", b"sim away", b"deactivate 1 silent"):
                assert talk(ctl, line + b"\n", b"\n").startswith(b"error")
        assert finish(process)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--tcp", "0", "--faults", "nonsense"],
        ["--tcp", "0", "--faults", "refuse=+CPIN?:13:soon"],
        ["--tcp", "0", "--left", "nonsense=1"],
        ["--tcp", "0", "--host", "x"],
        ["--tty", "/nonexistent/folder/link"],
        ["--tcp", "0", "--set", "nonsense=1"],
    ],
)
def test_wrong_arguments_end_with_a_message(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode != 0
    assert "simulate: " in done.stderr and "Traceback" not in done.stderr
