"""Events for the application, in a bounded queue."""


class EventQueue:
    """A ring of (kind, a, b) entries of fixed size; entries that do not fit are counted in
    `lost`."""

    def __init__(self, capacity: int):
        self.entries = [[0, 0, 0] for _ in range(capacity)]
        self.first = 0
        self.count = 0
        self.lost = 0

    def put(self, kind: int, a: int = 0, b: int = 0) -> None:
        entries = self.entries
        if self.count == len(entries):
            self.lost += 1
            return
        entry = entries[(self.first + self.count) % len(entries)]
        entry[0] = kind
        entry[1] = a
        entry[2] = b
        self.count += 1

    def take(self):
        """The oldest entry, a list that is used again later, or None."""
        if not self.count:
            return None
        entry = self.entries[self.first]
        self.first = (self.first + 1) % len(self.entries)
        self.count -= 1
        return entry
