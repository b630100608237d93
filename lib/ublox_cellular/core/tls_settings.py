"""Settings of a security profile, as parameters of +USECPRF. at-commands 4.2, A5 3.2, A10 3.2."""

from .command import sendable
from .compat import const

LEVELS = ("none", "chain", "host", "full")
VERSIONS = ("any", "1.0", "1.1", "1.2", "1.3")

_LONGEST_NAME = const(200)  # of certificates and keys
_LONGEST_PASSWORD = const(128)
_LONGEST_PSK = const(64)  # bytes
_LONGEST_IDENTITY = const(128)
_TYPES_OF_PINNING = (0, 1, 2)


def level_of(verify, ca, psk: bool) -> int:
    """The validation level; `ValueError` where there is nothing to verify by."""
    if verify is None:  # a shared key proves who the other side is
        verify = "none" if psk and not ca else "full"
    if verify not in LEVELS:
        raise ValueError("verify: " + ", ".join(LEVELS))
    level = LEVELS.index(verify)
    if level and not ca:
        raise ValueError(
            "ca: store() the root certificate of the server and give its name, or ca=True for "
            "any root certificate the module has; verify='none' is for those who must"
        )
    return level


def flag(what: str, value) -> bool:
    if value is not True and value is not False:
        raise TypeError(what + ": True or False wanted")
    return value


def host_of(what: str, value, longest: int):
    """A name as a string; None stays what it is."""
    try:
        return None if value is None else str(sendable(value, longest), "utf-8")
    except TypeError:
        raise TypeError(what + ": string wanted")


def version_of(min_version) -> list:
    if min_version is None:
        return []
    if not isinstance(min_version, str):
        raise TypeError("min_version: string wanted")
    if min_version not in VERSIONS:
        raise ValueError("min_version: " + ", ".join(VERSIONS))
    return [(1, VERSIONS.index(min_version))]


def certificates(ca, cert, key, key_password) -> list:
    """Names of what the module has."""
    found = []
    if ca and ca is not True:
        found.append((3, _name("ca", ca)))
    if (cert is None) != (key is None):
        raise ValueError("cert and key: both or neither")
    if cert is not None:
        found.append((5, _name("cert", cert)))
        found.append((6, _name("key", key)))
    if key_password is not None:
        if key is None:
            raise ValueError("key_password: there is no key")
        found.append((7, str(sendable(key_password, _LONGEST_PASSWORD), "utf-8")))
    return found


def shared_key(psk, identity, root_of_trust: bool) -> list:
    """A pre-shared key, of ours or of the module's root of trust."""
    if root_of_trust:
        if psk is not None or identity is not None:
            raise ValueError("root_of_trust: it makes key and identity itself")
        return [(11, 1)]
    if (psk is None) != (identity is None):
        raise ValueError("psk and psk_identity: both or neither")
    if psk is None:
        return []
    return [
        (8,) + _text_or_hex("psk", psk, _LONGEST_PSK),
        (9,) + _text_or_hex("psk_identity", identity, _LONGEST_IDENTITY),
    ]


def pinning(pinned) -> list:
    """(name of a stored certificate, 0 key information, 1 key, 2 whole certificate)."""
    if pinned is None:
        return []
    if not isinstance(pinned, (tuple, list)):
        raise TypeError("pinned: (name, 0 to 2)")
    if len(pinned) != 2 or pinned[1] not in _TYPES_OF_PINNING:
        raise ValueError("pinned: (name, 0 to 2)")
    name, how = pinned
    return [(12, _name("pinned", name), how)]


def _name(what: str, name) -> str:
    if not isinstance(name, str):
        raise TypeError(what + ": the name under which it is stored wanted")
    if not name:
        raise ValueError(what + ": an empty name")
    sendable(name, _LONGEST_NAME)
    return name


def _text_or_hex(what: str, value, longest: int):
    """A string goes as it is, bytes go as hexadecimal digits."""
    if isinstance(value, str):
        sendable(value, longest)
        parts = (value,)
    elif isinstance(value, (bytes, bytearray)):
        if len(value) > longest:
            raise ValueError("%s: at most %d bytes" % (what, longest))
        parts = ("".join(["%02X" % c for c in value]), 1)
    else:
        raise TypeError(what + ": string or bytes wanted")
    if not value:
        raise ValueError(what + ": empty")
    return parts
