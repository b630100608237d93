"""The data of a TLS session as the application keeps it: one bytes object.

Layout: "uS", version, kind of module, type, tag of +USECPRF; the two values with a line break
between; check sum. It is a secret: whoever has it can take the session over.
"""

_HEAD = b"uS\x01"


def pack(kind: str, type_: int, tag: int, first: str, second: str) -> bytes:
    """`kind`: the first letter of the module's name."""
    body = _HEAD + bytes((ord(kind), type_, tag)) + (first + "\n" + second).encode()
    return body + _sum(body)


def unpack(data, kind: str):
    """(type, tag, first, second). `ValueError` for what is damaged or of another module."""
    data = bytes(data)
    body = data[:-2]
    if len(data) < 9 or body[:2] != _HEAD[:2] or _sum(body) != data[-2:]:
        raise ValueError("session: this is none, or is damaged")
    if body[2] != _HEAD[2] or body[3] != ord(kind):
        raise ValueError("session: of another kind of module")
    first, _, second = str(body[6:], "utf-8").partition("\n")
    return body[4], body[5], first, second


def _sum(data) -> bytes:
    """Fletcher's."""
    a = b = 0
    for c in data:
        a = (a + c) % 255
        b = (b + a) % 255
    return bytes((a, b))
