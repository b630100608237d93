# Generated from aio/__init__.py by tools/generate. Do not edit.
"""The asyncio flavour, and the source of the blocking one (`tools/generate`)."""


def __getattr__(name: str):
    if name == "SaraR5":
        from .sara_r5 import SaraR5

        return SaraR5
    if name == "LexiR10":
        from .lexi_r10 import LexiR10

        return LexiR10
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
