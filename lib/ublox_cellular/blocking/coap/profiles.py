# Generated from aio/coap/profiles.py by tools/generate. Do not edit.
"""The profiles that the module stores (+UCOAP): four, which restarts leave alone. A5 8.2.2."""

from ...core.compat import const
from ...core.errors import NotSupported
from .order import Order
from .request import place_settings, ready

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_LOAD = const(5)  # operations of +UCOAP
_STORE = const(6)
_LIST = const(7)
_COUNT = const(4)
_WIDEST = const(840)  # of a line with the longest URI
_LIMIT_MS = const(120000)
_EOPNOTSUPP = const(95)


def _check(number) -> int:
    if not isinstance(number, int):
        raise TypeError("number: an integer wanted")
    if not 0 <= number < _COUNT:
        raise ValueError("number: 0 to %d" % (_COUNT - 1))
    return number


def store(coap, number: int, uri=None, *, confirmable=True, tls=None) -> None:
    """Keep the module's current profile, or with `uri` and what goes with it that one, as profile
    `number` (0 to 3) in its memory. `CommandError` where it refuses.

    The payload is no part of a profile. With a secure scheme the number of the security profile
    is kept, not what is in that: the module forgets it when it restarts.
    """
    _check(number)
    order = None
    if uri is not None:
        order = Order(coap, "GET", uri, b"", None, tls, _LIMIT_MS)
    elif tls is not None:
        raise ValueError("uri: wanted with tls")
    _alone(coap, _stored, number, order, confirmable)


def _stored(coap, number, order, confirmable) -> None:
    if order is not None:
        place_settings(coap, order, confirmable)
    coap.stored.pop(number, None)
    coap.channel.ask(b"+UCOAP", _STORE, number)
    if coap.placed is not None:
        coap.stored[number] = dict(coap.placed)


def load(coap, number: int) -> None:
    """Make stored profile `number` (0 to 3) the current one: requests without a URI use it.
    `CommandError` where there is none."""
    _check(number)
    _alone(coap, _loaded, number)


def _loaded(coap, number) -> None:
    coap.placed = None
    coap.channel.ask(b"+UCOAP", _LOAD, number)
    known = coap.stored.get(number)
    if known is not None:
        coap.placed = dict(known)


def _alone(coap, work, *arguments) -> None:
    """With no request under way, also none that was given up, and the channel held."""
    coap.lock.acquire(coap.channel, _LIMIT_MS, "the CoAP client")
    try:
        ready(coap, Order(coap, "GET", None, b"", None, None, _LIMIT_MS))
        coap.channel.acquire(_LIMIT_MS)
        try:
            work(coap, *arguments)
        finally:
            coap.channel.release()
    finally:
        coap.lock.release()


def profiles(coap) -> list:
    """The four stored profiles, None where there is none: as of `settings()`, without "rai".
    `CommandError`. A5 8.2.2."""
    found: list[Any] = [None] * _COUNT
    one = {}
    for row in _rows(coap, b"+UCOAP", _LIST):
        if len(row) < 2:
            continue
        name = _name(row[0])
        if name == "uri":
            one = {}
        one[name] = row[1]
        number = one.get("number")
        if name == "tls" and isinstance(number, int) and 0 <= number < _COUNT:
            found[number] = _shaped(one)
    return found


def settings(coap) -> dict:
    """What the module says of its current profile: "uri"; "options", a mask whose bits no document
    explains; "number" of the stored profile it comes from; "valid"; "tls", the number of the
    security profile; "rai", the flag for release assistance."""
    one = {}
    for row in _rows(coap, b"+UCOAP?"):
        if len(row) > 1:
            one[_name(row[0])] = row[1]
    found = _shaped(one)
    found["rai"] = bool(one.get("rai"))
    return found


def set_rai(coap, on: bool = True) -> None:
    """`NotSupported`: the module has a flag for release assistance, but no document says which
    operation sets it. `settings()` reads it."""
    raise NotSupported(
        _EOPNOTSUPP, coap.modem.name, "known operation for release assistance of CoAP"
    )


_NAMES = ("URI_STR", "OPT_MASK", "PROFILE_NUM", "STATUS_FLAG", "USECMNG_PROFILE", "RAI_FLAG")
_KEYS = ("uri", "options", "number", "valid", "tls", "rai")


def _name(text) -> str:
    """A5 8.2.2 prints the names with an underscore, and with blanks."""
    text = str(text).replace(" ", "_")
    return _KEYS[_NAMES.index(text)] if text in _NAMES else ""


def _shaped(one) -> dict:
    return {
        "uri": str(one.get("uri") or ""),
        "options": one.get("options"),
        "number": one.get("number"),
        "valid": bool(one.get("valid")),
        "tls": one.get("tls"),
    }


def _rows(coap, name: bytes, *parts) -> list:
    """The answer of +UCOAP, whose lines may be longer than the line buffer."""
    from ...core.tls_session import narrow_lexer, wide_lexer

    channel = coap.channel
    channel.acquire(_LIMIT_MS)
    old = wide_lexer(channel.lexer, _WIDEST)
    try:
        return channel.ask(name, *parts)
    finally:
        narrow_lexer(channel.lexer, old)
        channel.release()
