"""The asyncio flavour, and the source of the blocking one (`tools/generate`)."""

import sys

from ..core.compat import method


def entry(index: str, name: str) -> str:
    """The file (or file:Class) of `name` in an index; "" if that does not have it."""
    at = index.find(" " + name + " ")
    first = index.rfind("\n", 0, at) + 1
    return index[first : index.find(" ", first)] if at >= 0 else ""


def lazily(owner, file: str, name: str, room: str = ""):
    """Function `name` of a file, which is imported now; called with `owner` in front. `room`: the
    package the file is in, with a dot; a file with "/" is outside it, and without a room outside
    the flavours, for it is of one of them only. Where there is no file, an `AttributeError` as
    Python words it."""
    level = 1
    if not file:
        raise AttributeError("%r object has no attribute %r" % (type(owner).__name__, name))
    if file[0] != "/":
        file = room + file
    else:
        file = file[1:]
        if not room:
            level = 2
    function = getattr(__import__(file, globals(), None, (name,), level), name)
    if method:  # CPython: with docstring and signature
        return method(function, owner)
    return lambda *args, **options: function(owner, *args, **options)


def forget(*files: str) -> None:
    """Make files free for the next collection that are needed once, or seldom: memory for the
    program (DESIGN 3, Memory). They are imported again when they are needed. With "/" a file is
    outside the flavours. CPython keeps what it has imported: memory is plenty there."""
    if sys.implementation.name == "cpython":
        return
    modules = sys.modules
    for file in files:
        name = __name__[: __name__.rfind(".")] + file.replace("/", ".")
        if file[0] != "/":
            name = __name__ + "." + file
        if name in modules:
            del modules[name]
            room, _, leaf = name.rpartition(".")
            setattr(modules[room], leaf, None)  # the package refers to it, too


TYPE_CHECKING = False
if TYPE_CHECKING:
    from .lexi_r10 import LexiR10 as LexiR10
    from .sara_r5 import SaraR5 as SaraR5
else:

    def __getattr__(name: str):
        if name == "SaraR5":
            from .sara_r5 import SaraR5

            return SaraR5
        if name == "LexiR10":
            from .lexi_r10 import LexiR10

            return LexiR10
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
