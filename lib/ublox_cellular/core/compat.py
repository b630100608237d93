"""Differences of the three Pythons: `const`, and a millisecond clock that wraps."""

import sys

try:
    from micropython import const as const
except ImportError:
    from .compat_cpython import const as const

try:
    from time import ticks_diff as ticks_diff
    from time import ticks_ms as ticks_ms
except ImportError:
    from .compat_cpython import ticks_diff as ticks_diff
    from .compat_cpython import ticks_ms as ticks_ms  # pyright: ignore

# `machine.UART` of MicroPython accepts lengths and offsets, which saves a slice (16 bytes) per
# call.
MICROPYTHON = sys.implementation.name == "micropython"

describe = method = None  # for dir() and help()
if sys.implementation.name == "cpython":
    from .help_cpython import describe as describe
    from .help_cpython import method as method

try:  # to detect objects that a program no longer references
    from weakref import ref as ref  # pyright: ignore
except ImportError:  # CircuitPython, MicroPython before 1.28: the program must close everything
    from .compat_cpython import ref as ref
