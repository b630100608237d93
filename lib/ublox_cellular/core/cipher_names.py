"""Cipher suites as programs name them to `ssl`: by the names of OpenSSL, mbedTLS or IANA."""

from .ciphers import known
from .ssl_errors import SSLError

_BULK = ("AES", "3DES", "CHACHA20")


def chosen(ciphers):
    """IANA names of a string with ":" between, or of a sequence of names (or of dictionaries with
    "name", as `get_ciphers` gives); [] for "DEFAULT", None for an expression such as "HIGH".
    `SSLError` where a suite is not known, `TypeError`."""
    if isinstance(ciphers, str):
        ciphers = ciphers.split(":")
    if not isinstance(ciphers, (list, tuple)):
        raise TypeError("ciphers: a string or a sequence of names wanted")
    found = []
    for name in ciphers:
        if isinstance(name, dict):
            name = name["name"]
        if not isinstance(name, str):
            raise TypeError("ciphers: a string or a sequence of names wanted")
        if name == "DEFAULT" and len(ciphers) == 1:
            return []
        suite = _iana(name.upper())
        if suite is None:
            return None
        if not known(suite):
            raise SSLError(22, "No cipher can be selected: " + name)
        if suite not in found:
            found.append(suite)
    if not found:
        raise SSLError(22, "No cipher can be selected")
    return found


def _iana(name: str):
    """The IANA name; None for what is no name of a suite."""
    plain = name.replace("-", "_")
    if plain[:4] == "TLS_":
        return plain
    if plain[:7] == "TLS1_3_":
        return "TLS_" + plain[7:]
    name = name.replace("DES-CBC3", "3DES-EDE-CBC").replace("CCM8", "CCM-8")
    parts = name.replace("AES128", "AES-128").replace("AES256", "AES-256").split("-")
    for at in range(len(parts)):
        if parts[at] in _BULK:
            break
    else:
        return None
    exchange, bulk = parts[:at] or ["RSA"], parts[at:]
    if len(bulk) < 2:
        return None
    if bulk[0] == "AES" and len(bulk) == 3 and bulk[2].startswith("SHA"):
        bulk.insert(2, "CBC")
    if bulk[0] == "CHACHA20":
        bulk.append("SHA256")
    return "TLS_" + "_".join(exchange) + "_WITH_" + "_".join(bulk)
