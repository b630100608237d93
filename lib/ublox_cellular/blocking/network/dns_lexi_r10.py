# Generated from aio/network/dns_lexi_r10.py by tools/generate. Do not edit.
"""DNS servers on LEXI-R10: +UDNSCFG. A10 2.4.2.1."""

from .dns_setting import checked


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
