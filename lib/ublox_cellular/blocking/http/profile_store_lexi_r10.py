# Generated from aio/http/profile_store_lexi_r10.py by tools/generate. Do not edit.
"""The HTTP profile in the module's non-volatile memory (+UHTTPNV). A10 7.1.1, 7.1.2."""

from ...core.errors import CommandError
from .plan import Order
from .profile import check, configure, occupy, ready, release

_MS = 180000  # what a request has by itself
_READ = ((0, 3), (1, 3), (2, 3), (4, 3), (5, 3), (6, 3), (7, 3), (10, 3), (20, 4))
# What a reset profile has, too, and is not told.
_USUAL = ((0, None), (1, None), (2, None), (4, 0), (6, 0), (7, 180), (20, 1, 0))


def store(http, url: str = "", **options) -> None:
    """Store the profile: after every deep sleep the module has it again by itself. With `url`, and
    the options of `request()`, it is configured for requests like this before; without them what
    the last request has left is stored.

    No deep sleep comes between (A10 7.1.2): where one is allowed, it is voted against meanwhile.
    The driver knows what is stored, and after a deep sleep writes only what a request has
    otherwise. After a restart of the module `load()` is needed, after one of this program it is
    worth while.
    """
    order = None
    if url:
        timeout_ms = options.pop("timeout_ms", _MS)
        order = Order(http, options.pop("method", "GET"), url, timeout_ms, options)
    elif options:
        raise TypeError("options of a request want its URL")
    slot = _ours(http)
    try:
        if order is not None:
            configure(http, slot, order.wanted)
        http.stored = None  # unknown if we fail half-way
        http.channel.command(b"+UHTTPNV", 0, 2, guard=lambda: check(slot))
        http.stored = slot.settings
    finally:
        release(http, slot)


def load(http) -> None:
    """Take up the stored profile, now and after every deep sleep; it is read back as far as the
    module tells, so that a request writes only what differs."""
    slot = _ours(http)
    try:
        slot.settings = http.stored = None
        http.channel.command(b"+UHTTPNV", 0, 1)
        found = _read_back(http)
        check(slot)
        http.stored = slot.settings = found
    finally:
        release(http, slot)


def factory(http) -> None:
    """Everything as it came from the factory; after a deep sleep, too."""
    slot = _ours(http)
    try:
        slot.settings = http.stored = None
        http.channel.command(b"+UHTTPNV", 0, 0)
    finally:
        release(http, slot)


def _ours(http):
    """The profile, with nothing between it and the module."""
    slot = occupy(http, 0, [None], _MS)
    try:
        ready(http, slot)
    except BaseException:
        release(http, slot)
        raise
    return slot


def recall(http):
    """What the module has after a deep sleep: the stored settings if it says that it uses them,
    else None."""
    try:
        for row in http.channel.command(b"+UHTTPNV?"):
            if row == [0, 1]:
                return http.stored
    except CommandError:
        pass
    http.stored = None
    return None


def _read_back(http) -> list:
    """The settings, without passwords and headers, which are not asked for."""
    found = []
    for operation, fields in _READ:
        try:
            rows = http.channel.command(b"+UHTTP", 0, operation)
        except CommandError:
            continue
        for row in rows:
            if len(row) >= fields and row[:2] == [0, operation]:
                item = tuple(row[1:])
                if item[:fields] not in _USUAL and item[1] is not None:
                    found.append(item)
    return found
