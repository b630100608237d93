"""MicroPython's `micropython` module on CPython, where heap and bytecode are not limited."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def const(value: T) -> T:
    return value


def native(function: T) -> T:
    return function


viper = native


def opt_level(level: int | None = None) -> int:
    return 0


def heap_lock() -> int:
    """CPython's heap cannot be locked; what a test proves by it is proved on MicroPython."""
    return 0


def heap_unlock() -> int:
    return 0


def alloc_emergency_exception_buf(size: int) -> None:
    pass


def mem_info(verbose: Any = None) -> None:
    print("GC: the heap of CPython is not limited")


def kbd_intr(character: int) -> None:
    pass


def schedule(function: Any, argument: Any) -> None:
    function(argument)
