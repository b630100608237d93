"""The store behind the file commands: capacity, holders, and what survives."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from simulator.support.serial_host import Bench

from ublox_simulator.nvm import Nvm
from ublox_simulator.services.files.store import FileBusy, FileStore, NoSpace

Make = Callable[..., Bench]


def store(capacity: int = 100) -> FileStore:
    return FileStore(Nvm(), capacity, lambda *args: None)


def test_files_are_kept_by_tag_and_name() -> None:
    files = store()
    files.save("a", b"one")
    files.append("a", b"two")
    files.append("b", b"new")
    files.save("a", b"other", tag="FOAT")
    assert (files.load("a"), files.load("b"), files.load("a", "FOAT")) == (
        b"onetwo",
        b"new",
        b"other",
    )
    assert (files.names(), files.names("FOAT"), files.size("a")) == (["a", "b"], ["a"], 6)
    assert files.read("a", 2, 3) == b"etw"
    assert files.free == 100 - 6 - 3 - 5
    files.remove("a")
    assert (files.names(), files.free) == (["b"], 92)


def test_what_is_missing_is_a_key_error() -> None:
    files = store()
    for look in (files.load, files.size, files.remove):
        with pytest.raises(KeyError):
            look("a")


def test_what_does_not_fit_changes_nothing() -> None:
    files = store(10)
    files.save("a", b"12345678")
    actions: list[Callable[[], Any]] = [
        lambda: files.save("a", b"x" * 11),
        lambda: files.save("b", b"x" * 3),
        lambda: files.append("a", b"xxx"),
        lambda: files.append("b", b"xxx"),
        lambda: files.write("a", 6, b"xxxxx"),
    ]
    for action in actions:
        with pytest.raises(NoSpace):
            action()
    assert (files.names(), files.load("a"), files.free) == (["a"], b"12345678", 2)
    files.save("a", b"x" * 10)  # a replaced file gives its room back first
    assert files.free == 0


def test_an_open_file_is_read_but_not_changed_by_others() -> None:
    files = store()
    with files.open_for_writing("a") as out:
        out.write(b"one")
        for action in (
            lambda: files.save("a", b""),
            lambda: files.append("a", b""),
            lambda: files.remove("a"),
            lambda: files.open_for_writing("a"),
            lambda: files.hold("a"),
        ):
            with pytest.raises(FileBusy):
                action()
        assert files.load("a") == b"one"
        out.write(b"two")
    with files.open_for_writing("a", keep_content=True) as out:
        out.write(b"three")
    assert files.load("a") == b"onetwothree"
    files.open_for_writing("a")
    assert files.load("a") == b""
    files.power_lost()
    files.remove("a")


def test_a_stream_that_fails_leaves_what_was_written() -> None:
    files = store(5)
    with pytest.raises(NoSpace), files.open_for_writing("a") as out:
        out.write(b"1234")
        out.write(b"56")
    assert files.load("a") == b"1234"
    files.remove("a")


def test_streaming_takes_linear_time() -> None:
    def seconds(count: int) -> float:
        files = store(1 << 30)
        begin = time.process_time()
        with files.open_for_writing("a") as out:
            for _ in range(count):
                out.write(bytes(64))
        return time.process_time() - begin

    seconds(1000)
    short, long = seconds(8_000), seconds(128_000)
    assert long < short * 16 * 6  # quadratic copying would be at 16 times 16


def test_files_survive_a_restart_and_a_power_cut(make_bench: Make, module_name: str) -> None:
    bench = make_bench(module_name)
    bench.module.files.save("a", b"kept")
    free = bench.ok("AT+ULSTFILE=1")
    bench.module.restart()
    bench.pass_ms(3000)
    bench.ok("ATE0")
    assert bench.ok('AT+ULSTFILE=2,"a"') == ["+ULSTFILE: 4"]
    assert bench.ok("AT+ULSTFILE=1") == free


def test_files_live_in_the_nvm_file(make_bench: Make, module_name: str, tmp_path: Path) -> None:
    path = tmp_path / "nvm.json"
    content = bytes(range(256)) * 40
    first = make_bench(module_name, nvm=path)
    first.module.files.save("a", content)
    first.module.files.save("b", b"gone")
    first.module.files.save("t", b"other", "FOAT")
    first.pass_ms(1000)
    assert FileStore(Nvm(path), 1000, lambda *args: None).load("b") == b"gone"  # without an end
    first.module.files.remove("b")
    first.module.nvm.put("else", 1)
    first.close()
    second = make_bench(module_name, nvm=Nvm(path))
    files = second.module.files
    assert (files.names(), files.load("a"), files.load("t", "FOAT")) == (["a"], content, b"other")
    assert files.free == files.capacity - len(content) - 5
    assert second.module.nvm.get("else", 0) == 1


@pytest.mark.parametrize(("module", "space"), [("sara-r5", 4 << 20), ("lexi-r10", 2 << 20)])
def test_each_module_has_its_own_space_and_the_option_overrides(
    make_bench: Make, module: str, space: int
) -> None:
    assert make_bench(module).ok("AT+ULSTFILE=1") == [f"+ULSTFILE: {space}"]
    assert make_bench(module, file_space=5000).ok("AT+ULSTFILE=1") == ["+ULSTFILE: 5000"]
