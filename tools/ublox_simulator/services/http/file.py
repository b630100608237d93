"""Files as the ends of an HTTP operation: the body is one, the answer becomes one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..files.store import FileBusy, FileWriter, NoSpace
from .errors import (
    FILE_ALREADY_OPEN,
    FILE_LENGTH,
    FILE_NOT_FOUND,
    FILE_SYSTEM,
    FILE_WRITE,
    PROTOCOL,
    HttpFailure,
)
from .request import Order

if TYPE_CHECKING:
    from ..files.store import FileStore

PIECE = 4096


class HttpFiles:
    """The answer's file is emptied when the answer begins: a request without answer keeps the old
    file (U), an interrupted answer leaves the part that was received."""

    def __init__(self, store: FileStore, order: Order) -> None:
        self._store = store
        self._order = order
        self._body = self._load() if order.source else order.data
        self._answer: FileWriter | None = None

    def _load(self) -> bytes:
        try:
            body = self._store.load(self._order.source)
        except KeyError:
            raise HttpFailure(FILE_SYSTEM, FILE_NOT_FOUND) from None
        if not body:
            raise HttpFailure(PROTOCOL, FILE_LENGTH)
        return body

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self._body)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body."""
        for at in range(0, len(self._body), PIECE):
            yield self._body[at : at + PIECE]

    async def take(self, data: bytes) -> None:
        """Add to the answer's file."""
        if not data:
            return
        try:
            if self._answer is None:
                self._answer = self._store.open_for_writing(self._order.answer_file)
            self._answer.write(data)
        except FileBusy:
            raise HttpFailure(FILE_SYSTEM, FILE_ALREADY_OPEN) from None
        except NoSpace:
            raise HttpFailure(PROTOCOL, FILE_WRITE) from None

    def close(self) -> None:
        """Release the file."""
        if self._answer is not None:
            self._answer.close()
