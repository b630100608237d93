"""The runner: programs, exit statuses, UART and asyncio on the real MicroPython."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from dev import wasm
from dev.environment import ROOT

pytestmark = pytest.mark.micropython

Served = Callable[[Callable[[bytes], bytes]], str]


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, ROOT / "tools" / "micropython", *arguments]
    return subprocess.run(
        [str(word) for word in line], capture_output=True, text=True, check=False
    )


def program(folder: Path, text: str) -> Path:
    path = folder / "program.py"
    path.write_text(text)
    return path


def test_a_program_with_arguments(tmp_path: Path) -> None:
    text = "import sys\nprint(sys.implementation.name, sys.implementation.version[:2], sys.argv)\n"
    done = command(program(tmp_path, text), "--heap", "b c")
    assert done.stdout == "micropython (1, 29) ['program.py', '--heap', 'b c']\n"
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("statement", "status", "said"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(7)", 7, ""),
        ("raise SystemExit('no module')", 1, "no module\n"),
    ],
)
def test_exit_status(tmp_path: Path, statement: str, status: int, said: str) -> None:
    done = command(program(tmp_path, f"import sys\nprint('é', end='')\n{statement}\n"))
    assert (done.returncode, done.stdout, done.stderr) == (status, "é", said)


def test_an_exception_is_printed_with_its_line(tmp_path: Path) -> None:
    done = command(program(tmp_path, "def f():\n    return 1 // 0\n\nprint(1)\nf()\n"))
    assert (done.returncode, done.stdout) == (1, "1\n")
    assert 'File "program.py", line 2, in f\nZeroDivisionError: divide by zero\n' in done.stderr


def test_waiting_takes_its_time_and_no_processor(tmp_path: Path) -> None:
    text = """
import time
start = time.ticks_ms()
time.sleep_ms(2500)
time.sleep(0.5)
print(time.ticks_diff(time.ticks_ms(), start))
"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = command(program(tmp_path, text))
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert int(done.stdout) >= 2990
    assert used < 2.4  # of which starting takes 0.3


ECHO = """
import machine, micropython

uart = machine.UART(1, 115200, tx=4, rx=5, rxbuf=2048)
out = b"xxhello"
into = bytearray(64)

def rounds(n):
    for _ in range(n):
        assert uart.write(out, 2, 5) == 5
        while uart.any() < 5:
            pass
        assert uart.readinto(into, 5) == 5
        assert uart.readinto(into) is None
        assert into.startswith(b"HELLO")

rounds(1)
micropython.heap_lock()
rounds(100)
micropython.heap_unlock()
print("ok")
"""


def test_a_uart_exchange_allocates_nothing(tmp_path: Path, served: Served) -> None:
    tty = served(bytes.upper)
    done = command("--uart", f"1=tty:{tty}", program(tmp_path, ECHO))
    assert (done.stdout, done.stderr) == ("ok\n", "")


def test_a_uart_over_tcp(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                while data := peer.recv(4096):
                    peer.sendall(data.upper())

        threading.Thread(target=serve, daemon=True).start()
        port = server.getsockname()[1]
        done = command("--uart", f"1=tcp:{port}", program(tmp_path, ECHO))
    assert (done.stdout, done.stderr) == ("ok\n", "")


def test_every_form_of_reading_and_writing(tmp_path: Path, served: Served) -> None:
    text = """
import select
from machine import UART
uart = UART(0, baudrate=921600)
poll = select.poll()
poll.register(uart, select.POLLIN)
def wait(n):
    while uart.any() < n:
        pass
print(uart.read(), uart.readinto(bytearray(3)), uart.any(), poll.poll(0))
print(uart.write("str"), uart.write(b"bytes", 2), uart.write(memoryview(b"view")[1:]))
print(len(poll.poll(100_000)))
wait(8)
print(uart.read(2), uart.read(100), uart.txdone(), uart.flush())
print(uart.ioctl(99, 0))
uart.init(baudrate=115200)
uart.deinit()
print(UART(0).any())
try:
    UART(5)
except ValueError as error:
    print(error)
"""
    done = command("--uart", f"0=tty:{served(bytes.upper)}", program(tmp_path, text))
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "None None 0 []",
        "3 2 3",
        "1",
        "b'ST' b'RBYIEW' True None",
        "-22",
        "0",
        "UART(5) leads nowhere: run with --uart 5=tty:PATH",
    ]


def test_asyncio(tmp_path: Path, served: Served) -> None:
    text = """
import asyncio, machine

uart = machine.UART(1)

async def main():
    event, lock = asyncio.Event(), asyncio.Lock()
    async def worker(n):
        async with lock:
            await asyncio.sleep_ms(10)
        event.set()
        return n
    task = asyncio.create_task(worker(1))
    await asyncio.wait_for_ms(event.wait(), 100_000)
    print(await task, await asyncio.gather(worker(2), worker(3)))
    try:
        await asyncio.wait_for_ms(asyncio.Event().wait(), 20)
    except asyncio.TimeoutError:
        print("late")
    stream = asyncio.StreamReader(uart)
    uart.write(b"line")
    print(await stream.readexactly(4))

asyncio.run(main())
"""
    tty = served(bytes.upper)
    done = command("--asyncio", "--uart", f"1=tty:{tty}", program(tmp_path, text))
    assert (done.stdout, done.stderr) == ("1 [2, 3]\nlate\nb'LINE'\n", "")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    (folder / "pack").mkdir(parents=True)
    (folder / "pack" / "__init__.py").write_text("")
    (folder / "pack" / "small.py").write_text("def f():\n    return 1\n")
    (folder / "pack" / "big.py").write_text("from . import small\nbuffer = bytearray(8192)\n")
    (folder / "bad.py").write_text("import no_such_module\n")
    return folder


@pytest.mark.parametrize("form", ["--mpy", "--asyncio"])
def test_the_library_is_imported_from_either_form(library: Path, form: str) -> None:
    text = "import sys, pack.small\nprint(pack.small.__file__, pack.small.f())\n"
    done = command("--lib", library, form, program(library.parent, text))
    suffix = "mpy" if form == "--mpy" else "py"
    assert (done.stdout, done.stderr) == (f"/lib/pack/small.{suffix} 1\n", "")


def test_resident_heap_of_imports(library: Path) -> None:
    names = "pack,pack.small,pack.big,pack.small"
    first, second = (command("--lib", library, "--measure-imports", names) for _ in range(2))
    assert first.stdout == second.stdout  # exact, not a sample
    measured = json.loads(first.stdout)
    assert 0 < measured["resident"]["pack.small"] < 512
    assert 8192 <= measured["resident"]["pack.big"] < 8192 + 512
    assert measured["grown"] == 0


def test_imports_that_do_not_fit_the_heap_are_noticed(library: Path) -> None:
    job = wasm.Job(lib=library, measure=["pack.big"], heap=8000, bytecode=True)
    assert job.measured().grown > 0


def test_an_import_that_fails_is_an_error(library: Path) -> None:
    done = command("--lib", library, "--measure-imports", "bad")
    assert done.returncode != 0
    assert "no module named 'no_such_module'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--uart", "1=/dev/ttyX", "p.py"], "expected ID=tty:PATH or ID=tcp:PORT"),
        (["--uart", "1=tty:/dev/no-such-tty", "p.py"], "there is no /dev/no-such-tty"),
        (["no-such.py"], "there is no file no-such.py"),
        ([], "give a program"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: list[str], said: str) -> None:
    own = [str(program(tmp_path, "")) if word == "p.py" else word for word in arguments]
    done = command(*own)
    assert done.returncode != 0
    assert said in done.stderr
