# Generated from aio/network/dns_sara_r5.py by tools/generate. Do not edit.
"""DNS servers on SARA-R5: tags 4 and 5 of the PSD profile. At-commands 2.3."""

from .dns_setting import checked
from .psd_sara_r5 import set_profile_dns


def set_dns(network, primary="", secondary="", cid=1) -> None:
    """Use these DNS servers (IPv4 addresses) instead of the network's. "" leaves one as it is,
    "0.0.0.0" gives it back to the network. Only between `disconnect()` and `connect()`:
    `ModemError(EBUSY)`. `cid`: 1, the context `connect()` uses; see `set_profile_dns` for others.
    """
    if cid != 1:
        raise ValueError("cid: 1; set_profile_dns() is for other contexts")
    if ":" in checked(primary) + checked(secondary):
        raise ValueError("DNS servers of the PSD profile are IPv4")
    set_profile_dns(network, 0, primary, secondary)
