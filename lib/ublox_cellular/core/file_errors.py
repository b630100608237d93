"""What is raised when a write to the module's file system has left a part of a file."""

from .errors import ModemError


class PartialFile(ModemError):
    """(errno, sentence, name, size): a write failed and file `name` could not be put right.

    `errno` is that of the failure itself, which the sentence quotes. The first `size` bytes are
    certainly as they were written; what follows, if anything does, is not to be relied on.
    """

    @property
    def name(self) -> str:
        return self.details[1]

    @property
    def size(self) -> int:
        return self.details[2]
