"""The few names that the three Pythons do not share."""

import sys

try:
    from micropython import const
except ImportError:  # CPython

    def const(value):
        return value


# `machine.UART` of MicroPython takes lengths and offsets, which saves a slice (16 bytes) a call.
MICROPYTHON = sys.implementation.name == "micropython"
