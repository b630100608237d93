"""What goes wrong in a CoAP request, as +UCOAPER reports it. Only 17 is documented (A5 8.4.1):
all other numbers are this simulator's own (U)."""

from __future__ import annotations

ERROR_CLASS = 15

NONE = 0
INPUT = 2
NO_PSD = 8
LOOK_UP = 9
IN_PROGRESS = 10
INVALID_PROFILE = 17
NO_CONNECTION = 20
NOT_SECURE = 21
TIMED_OUT = 22
RESET = 23
CONNECTION_LOST = 24
BLOCK = 25


class CoapFailure(Exception):
    """A request that ended without an answer of the server."""

    def __init__(self, code: int) -> None:
        super().__init__(f"CoAP error {code}")
        self.code = code
