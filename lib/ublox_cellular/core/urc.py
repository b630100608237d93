"""Unsolicited result codes: who is told of which, and a bounded queue for the application."""


class UrcTable:
    """Handlers by name. A handler gets the lexer with the cursor at the first field.

    Handlers update fixed state at once and never wait; they may run in the middle of a command.
    """

    def __init__(self):
        self._names = []
        self._handlers = []

    def add(self, name: bytes, handler) -> None:
        """Call `handler(lexer)` for every line `name: …` that answers no command."""
        self._names.append(name)
        self._handlers.append(handler)

    def dispatch(self, lexer) -> bool:
        """Whether the current line is a URC somebody waits for; it has been told then."""
        names = self._names
        for i in range(len(names)):
            if lexer.named(names[i]):
                self._handlers[i](lexer)
                return True
        return False


class EventQueue:
    """A ring of (kind, a, b) entries of fixed size; what does not fit is counted in `lost`."""

    def __init__(self, capacity: int):
        self._entries = [[0, 0, 0] for _ in range(capacity)]
        self._first = 0
        self._count = 0
        self.lost = 0

    def put(self, kind: int, a: int = 0, b: int = 0) -> None:
        entries = self._entries
        if self._count == len(entries):
            self.lost += 1
            return
        entry = entries[(self._first + self._count) % len(entries)]
        entry[0] = kind
        entry[1] = a
        entry[2] = b
        self._count += 1

    def take(self):
        """The oldest entry, a list that is reused later, or None."""
        if not self._count:
            return None
        entry = self._entries[self._first]
        self._first = (self._first + 1) % len(self._entries)
        self._count -= 1
        return entry
