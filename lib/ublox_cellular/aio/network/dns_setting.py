"""DNS servers of one's own, in place of the network's. The modules' files have the commands."""

from .dns import is_address


def checked(server: str) -> str:
    """An address of a DNS server, or ""; `TypeError`, `ValueError`."""
    if not isinstance(server, str):
        raise TypeError("DNS server: string wanted")
    if server and not is_address(server):
        raise ValueError("DNS server: an IP address wanted")
    return server
