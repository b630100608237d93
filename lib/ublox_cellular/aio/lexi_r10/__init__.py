"""LEXI-R10: what it has or does differently."""

from ..modem import Modem


class LexiR10(Modem):
    """A LEXI-R10401D or R10801D. Constructor as of `Modem`."""

    name = "LEXI-R10"
    sockets = 6
    key_ms = 300
    chooses_context = True
    async_dns = False  # no parameter: the answer is always a URC (A10 2.4.2)

    OWN = {
        "settings": "lexi_r10.activation",
        "authenticate": "lexi_r10.activation",
        "activate": "lexi_r10.activation",
        "deactivate": "lexi_r10.activation",
    }
