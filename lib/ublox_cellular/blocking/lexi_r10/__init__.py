# Generated from aio/lexi_r10/__init__.py by tools/generate. Do not edit.
"""LEXI-R10: what it has or does differently."""

from ...core.command import Secret
from ...core.compat import const
from ..modem import Modem

_CID = const(1)
_ACTIVATE_MS = const(150000)
_DEACTIVATE_MS = const(40000)


class LexiR10(Modem):
    """A LEXI-R10401D or R10801D. Constructor as of `Modem`."""

    model_name = "LEXI-R10"
    max_sockets = 6
    power_key_ms = 300

    def dns_options(self):
        """Parameters of +UDNSRN behind the name: none, the answer is always a URC (A10 2.4.2)."""
        return ()

    def authenticate(self, user: str, password: str) -> None:
        self.channel.command(b"+CGAUTH", _CID, 3, user, Secret(password))

    def activate(self, timeout_ms: int) -> None:
        """An active context is all the internal stack needs (A10 2.3)."""
        for row in self.channel.command(b"+CGACT", b"?"):
            if row[:2] == [_CID, 1]:
                return
        self.channel.command(b"+CGACT", 1, _CID, timeout_ms=timeout_ms, max_ms=_ACTIVATE_MS)

    def deactivate(self) -> None:
        """Nothing to do: context 1 is the bearer of the attach and stays as long as it."""
