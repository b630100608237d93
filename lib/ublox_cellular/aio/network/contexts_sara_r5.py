"""PDP contexts of SARA-R5: 12 of them, 7 at a time. A5 2.1."""

from ...core.compat import const
from ...core.errors import CommandError, NotSupported
from .contexts import credentials

_LIMITS = (0, 11, 7)
_EOPNOTSUPP = const(95)


def context_limits(_network):
    """First and last context id, and how many contexts may be active."""
    return _LIMITS


async def set_authentication(network, cid: int, method: str, user="", password="") -> None:
    """How a context is authenticated: "none", "pap", "chap" or "auto"; `user` and `password` of at
    most 64 characters each. They are in no trace and no error.

    Raises `ValueError` for another method, a `cid` out of range or a text that is too long before
    anything is sent; `CommandError` and what every command raises, see core/errors.py.
    """
    _check(cid)
    number = credentials(method, user, password)
    network.chosen_user = cid
    # With method none the module wants the strings all the same (ubxlib 2.3).
    await network.modem.channel.command(b"+UAUTHREQ", cid, number, user, password, secret=3)


async def authenticate(modem, connection) -> None:
    """For `connect()`: PAP or CHAP, as the network wants."""
    parts = (connection.cid, 3, connection.user, connection.password)
    await connection.ask(b"+UAUTHREQ", *parts, secret=3)


async def forget_user(modem, connection) -> None:
    """No authentication: nobody can tell whether an earlier program has left one."""
    try:
        await connection.ask(b"+UAUTHREQ", connection.cid, 0, "", "")
    except CommandError:
        pass


async def choose_context(_modem, connection) -> None:
    """The context of the data connection: 1, that of the attach, if `connect()` was not told. What
    uses it does so by PSD profile 0."""
    connection.cid = connection.cid or 1


def _check(cid) -> None:
    if not isinstance(cid, int) or not _LIMITS[0] <= cid <= _LIMITS[1]:
        raise ValueError("cid: %d to %d" % _LIMITS[:2])


async def default_context(network):
    """LEXI-R10 only: `NotSupported`. Here `map_profile` connects services and contexts."""
    raise NotSupported(_EOPNOTSUPP, network.modem.name, "default context")


async def set_default_context(network, cid: int, prefer_ipv6=False, restart=True):
    """LEXI-R10 only. Here `map_profile` connects services and contexts.

    Raises `NotSupported`.
    """
    raise NotSupported(_EOPNOTSUPP, network.modem.name, "default context")
