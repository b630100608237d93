"""What the three Pythons do not share: `const`, and a millisecond clock that wraps."""

import sys

try:
    from micropython import const
except ImportError:
    from .elsewhere import const

try:
    from time import ticks_diff, ticks_ms  # noqa: F401
except ImportError:
    from .elsewhere import ticks_diff, ticks_ms  # noqa: F401

# `machine.UART` of MicroPython takes lengths and offsets, which saves a slice (16 bytes) a call.
MICROPYTHON = sys.implementation.name == "micropython"
