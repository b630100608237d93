"""Letting the files go that are needed once, to find the module and to set it up: memory for the
program. DESIGN 3, Memory. They are imported again when the module restarts or is looked for anew.
"""

import sys

_FILES = (
    "device.power_on",
    "device.attach",
    "device.survivors",
    "device.once",
    "sockets.adopt",
    "at.escape",
    "network.wishes",
)


def forget() -> None:
    """Make what bring-up took free for the next collection. CPython keeps what it has imported:
    memory is plenty there."""
    modules = sys.modules
    if sys.implementation.name == "cpython":
        return
    flavour = __name__[: -len("device.once")]
    for file in _FILES:
        if flavour + file in modules:
            del modules[flavour + file]
            room, _, name = file.rpartition(".")
            setattr(modules[flavour + room], name, None)  # the package refers to it, too
