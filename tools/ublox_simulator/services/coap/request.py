"""What +UCOAPC asks for, read from its parameters (at-commands 7, A5 8.3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command

GET, DELETE, PUT, POST = range(1, 5)

PAYLOAD_LIMIT = 512
FORMATS = (0, 40, 41, 42, 43, 47, 50, 60)
"""Numbers of the content formats that <fmt> 0 to 7 stand for: text, link format, XML, octets,
RDF (an expired draft's number), EXI, JSON, CBOR [N2] (U)."""

BLOCK_LIMIT = (1 << 20) - 1


@dataclass(frozen=True)
class Order:
    """One request; `block` is None where the payload is all of it."""

    method: int
    payload: bytes = b""
    content_format: int = 0
    block: tuple[int, bool] | None = None
    """Number of the block, and whether more follow."""

    @property
    def unfinished(self) -> bool:
        """Whether more blocks follow."""
        return self.block is not None and self.block[1]


def read_order(cmd: Command, variants: Collection[str]) -> Order:
    """CME 50 when a parameter is wrong."""
    method = cmd.number(0, GET, POST)
    if method in (GET, DELETE):
        if method == DELETE and "coap-no-delete" in variants:
            raise CommandError(BAD_PARAMETERS)
        cmd.at_most(1)
        return Order(method)
    cmd.at_most(5)
    try:
        payload = bytes.fromhex(cmd.string(1, 2 * PAYLOAD_LIMIT))
    except ValueError:
        raise CommandError(BAD_PARAMETERS) from None
    content_format = FORMATS[cmd.number(2, 0, len(FORMATS) - 1)]
    block = None
    if cmd.has(3):
        block = cmd.number(3, 0, BLOCK_LIMIT), bool(cmd.number(4, 0, 1))
    return Order(method, payload, content_format, block)
