# Generated from aio/device/once.py by tools/generate. Do not edit.
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
    "sockets.diagnosis",  # and by failures, each of which imports it
    "at.escape",
    "network.wishes",
    "network.contexts",
    "network.contexts_sara_r5",
    "network.contexts_lexi_r10",
    "network.radio",
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
