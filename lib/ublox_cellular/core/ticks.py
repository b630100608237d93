"""A millisecond clock that wraps: MicroPython's own where there is one, else the same made here.

Only differences mean anything, and only below about three days.
"""

try:
    from time import ticks_diff, ticks_ms  # noqa: F401
except ImportError:
    from .ticks_made import ticks_diff, ticks_ms  # noqa: F401
