"""The size of a private key, as far as the beginning of its DER shows it."""

from .compat import const
from .pem import element

_INTEGER = const(2)
_OCTETS = const(4)
_SEQUENCE = const(0x30)

RSA_BITS = const(1024)  # LEXI-R10 wants at least so many (A10 3.1)
EC_BITS = const(192)


def check(head: bytes) -> None:
    """`ValueError` for a key that LEXI-R10 cannot use. `head`: the first 64 bytes of its DER. A
    key whose size is not seen there is left to the module."""
    at = element(head, 0)[1]
    _, version, size = element(head, at)
    tag, at, size = element(head, version + size)
    if tag == _SEQUENCE:  # PKCS #8: after the algorithm, the key itself in OCTETS
        _, at, size = element(head, at + size)
        at = element(head, at)[1]
        _, version, size = element(head, at)
        tag, at, size = element(head, version + size)
    if tag == _INTEGER:  # the modulus, mostly with a zero byte in front
        bits, least, kind = (size - (head[at] == 0)) * 8, RSA_BITS, "RSA"
    elif tag == _OCTETS:
        bits, least, kind = size * 8, EC_BITS, "ECDSA"
    else:
        return
    if bits < least:
        raise ValueError("%s key of %d bits: LEXI-R10 wants at least %d" % (kind, bits, least))
