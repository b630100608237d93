"""Small questions about strings."""


def is_address(host: str) -> bool:
    """Whether `host` is an IP address and needs no resolving."""
    if ":" in host:
        return True
    parts = host.split(".")
    if len(parts) != 4:
        return False
    for part in parts:
        if not part.isdigit() or len(part) > 3 or int(part) > 255:
            return False
    return True
