"""+CGEV: packet domain events, stored or printed according to +CGEREP (27.007)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...module import Module

KEPT = 16
"""Events remembered in mode 0; the oldest are dropped first (size U)."""


class PacketEvents:
    """Mode 0 keeps events, 1 and 2 print them; entering 1 or 2 prints or drops stored events."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.mode = 0
        self.flush = 0
        self._kept: deque[str] = deque(maxlen=KEPT)

    def tell(self, text: str) -> None:
        """Report an event."""
        if self.mode:
            self._module.urc(f"+CGEV: {text}")
        else:
            self._kept.append(text)

    def set_mode(self, mode: int, flush: int) -> None:
        """+CGEREP=<mode>,<bfr>."""
        self.mode, self.flush = mode, flush
        if not mode:
            return
        kept = list(self._kept) if flush else []
        self._kept.clear()
        for text in kept:
            self.tell(text)
