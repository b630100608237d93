"""u-blox SARA-R5 and LEXI-R10 cellular modules over one UART, for three Pythons.

    from ublox_cellular import SaraR5            # or LexiR10: the blocking flavour
    from ublox_cellular.aio import SaraR5        # the asyncio flavour

Nothing is loaded before it is used: a blocking program never imports asyncio, a program for
one module never loads the other.
"""

__version__ = "0.1.0"


def __getattr__(name: str):
    if name == "SaraR5":
        from .blocking.sara_r5 import SaraR5

        return SaraR5
    if name == "LexiR10":
        from .blocking.lexi_r10 import LexiR10

        return LexiR10
    # MicroPython does not look for a sub-package by itself.
    if name in ("aio", "blocking", "umqtt"):
        return __import__(name, globals(), None, (name,), 1)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
