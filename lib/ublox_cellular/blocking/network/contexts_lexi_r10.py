# Generated from aio/network/contexts_lexi_r10.py by tools/generate. Do not edit.
"""PDP contexts of LEXI-R10: 15 of them, 3 at a time; the one its services use; DNS servers.
A10 2.1, 2.3.1, 2.4.2."""

from ...core.compat import const
from ...core.errors import CommandError, NotSupported
from .contexts import credentials
from .dns import checked

_LIMITS = (1, 15, 3)
_DEFAULT = const(19)  # op-code of +UDCONF
_VERIZON = const(3)  # MNO profile
_VERIZON_CID = const(3)


def context_limits(_network):
    """First and last context id, and how many contexts may be active."""
    return _LIMITS


def set_authentication(network, cid: int, method: str, user="", password="") -> None:
    """How a context is authenticated: "none", "pap", "chap" or "auto"; `user` and `password` of at
    most 64 characters each. They are in no trace and no error.

    Raises `ValueError` for another method, a `cid` out of range or a text that is too long before
    anything is sent; `CommandError` and what every command raises, see core/errors.py.
    """
    _check(cid)
    number = credentials(method, user, password)
    network.chosen_user = cid
    if number:
        network.modem.channel.command(b"+CGAUTH", cid, number, user, password, secret=3)
    else:
        network.modem.channel.command(b"+CGAUTH", cid, 0)


def default_context(network):
    """(cid, prefers IPv6): the context that MQTT, HTTP and the others use if not told.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    channel = network.modem.channel
    row = channel.row(3, b"+UDCONF", _DEFAULT)
    if row[1] not in range(_LIMITS[0], _LIMITS[1] + 1):
        raise channel.garbled("no context")
    return row[1], row[2] == 1


def set_default_context(network, cid: int, prefer_ipv6=False, restart=True) -> bool:
    """Let MQTT, HTTP and the others use context `cid` (1 to 15), IPv6 first if preferred. False if
    it is so already; else the module keeps it and restarts, or, with `restart=False`, it counts
    from its next restart on. The network settings of Verizon choose 3 by themselves (A10 2.3.1).

    Raises `ValueError` for a `cid` out of range before anything is sent; `CommandError` and what
    every command raises, see core/errors.py.
    """
    _check(cid)
    prefer_ipv6 = bool(prefer_ipv6)
    if default_context(network) == (cid, prefer_ipv6):
        return False
    network.modem.channel.command(b"+UDCONF", _DEFAULT, cid, 1 if prefer_ipv6 else 0)
    if restart:
        network.modem.reboot()
    return True


def choose_context(modem, connection) -> None:
    """The context of the data connection, which MQTT, HTTP and name resolution use, too: the
    module's default one if `connect()` was not told, else that is made the default, which costs a
    restart. The network settings of Verizon reserve context 1 for IMS (A10 2.3.1)."""
    default = None  # of firmware that does not tell
    ipv6 = False
    try:
        for row in connection.ask(b"+UDCONF", _DEFAULT):
            if len(row) > 2:
                default = row[1]
                ipv6 = row[2] == 1
    except CommandError:
        pass
    wanted = connection.cid or (_VERIZON_CID if connection.mno == _VERIZON else default or 1)
    if default is not None and wanted != default:
        set_default_context(modem.network, wanted, ipv6)
    connection.cid = wanted


def _check(cid) -> None:
    if not isinstance(cid, int) or not _LIMITS[0] <= cid <= _LIMITS[1]:
        raise ValueError("cid: %d to %d" % _LIMITS[:2])


# ---- DNS servers --------------------------------------------------------------------------------
#
# DNS servers on LEXI-R10: +UDNSCFG. A10 2.4.2.1.


def set_dns(network, primary="", secondary="", cid=1) -> None:
    """Use these DNS servers for context `cid` (1 to 15) instead of the network's; IPv4 or IPv6.
    "" leaves one as it is.

    Raises `ValueError` for what is no address before anything is sent; `CommandError` and what
    every command raises, see core/errors.py.
    """
    if not isinstance(cid, int) or not 1 <= cid <= 15:
        raise ValueError("cid: 1 to 15")
    servers = (checked(primary), checked(secondary))
    for i in (0, 1):
        if servers[i]:
            # The note shows only 1,1,0: first server, IPv4; the others are as one would expect.
            family = 1 if ":" in servers[i] else 0
            network.modem.channel.command(b"+UDNSCFG", cid, i + 1, family, servers[i])


# ---- PSD profiles -------------------------------------------------------------------------------
#
# PSD profiles are SARA-R5's: asking for them says so.

_EOPNOTSUPP = 95


def __getattr__(name: str):
    if name.partition("_")[2] not in ("profile", "profile_dns", "status"):
        raise AttributeError(name)

    def refuse(network, *_arguments, **_options):
        raise NotSupported(_EOPNOTSUPP, network.modem.name, name)

    return refuse
