"""u-blox SARA-R5 and LEXI-R10 cellular modules over one UART, for three Pythons.

    from ublox_cellular import SaraR5            # or LexiR10: the blocking flavour
    from ublox_cellular.aio import SaraR5        # the asyncio flavour

Nothing is loaded before it is used: a blocking program never imports asyncio, a program for
one module never loads the other.

Docstrings and comments cite facts about the modules by document and section: "A5 6.8" is section
6.8 of u-blox's application note for SARA-R5 (UBX-20032566), "A10 5.11" section 5.11 of the note
for LEXI-R10 (UBXDOC-686885345-2004), "at-commands 4.2" a section of this project's fact sheet.
"""

__version__ = "0.1.0"


TYPE_CHECKING = False
if TYPE_CHECKING:
    from .blocking.lexi_r10 import LexiR10 as LexiR10
    from .blocking.sara_r5 import SaraR5 as SaraR5
else:

    def __getattr__(name: str):
        if name == "SaraR5":
            from .blocking.sara_r5 import SaraR5

            return SaraR5
        if name == "LexiR10":
            from .blocking.lexi_r10 import LexiR10

            return LexiR10
        # MicroPython does not import a sub-package by itself.
        if name in ("aio", "blocking", "umqtt"):
            return __import__(name, globals(), None, (name,), 1)
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
