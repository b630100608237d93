# Generated from aio/lexi_r10/__init__.py by tools/generate. Do not edit.
"""LEXI-R10: what it has or does differently."""

from ..modem import Modem


class LexiR10(Modem):
    """A LEXI-R10401D or R10801D. Constructor as of `Modem`."""

    name = "LEXI-R10"
    sockets = 6
    key_ms = 300
    chooses_context = keeps_sockets = True
    utc_clock = True
    async_dns = False  # no parameter: the answer is always a URC (A10 2.4.2)

    FOLDER = "lexi_r10."
    OWN = (
        "activation settings authenticate activation release_data store_settings "
        "watch \n"
        "saving sleep_traits tell_saving pow.save pow.settle pow.adopt \n"
    )
