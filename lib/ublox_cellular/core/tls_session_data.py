"""The data of a TLS session as the application keeps it: one bytes object.

Layout: "uS", version, kind of module, type, tag of +USECPRF; four bytes that represent the wishes
of the profile; host and the two values with line breaks between; check sum. It is a secret:
whoever has it can take the session over. Version 1 had neither wishes nor host.
"""

_HEAD = b"uS\x02"
_OLD = 1


def pack(
    kind: str, type_: int, tag: int, first: str, second: str, host: str, wishes: bytes
) -> bytes:
    """`kind`: the first letter of the module's name."""
    body = _HEAD + bytes((ord(kind), type_, tag)) + wishes
    body += (host + "\n" + first + "\n" + second).encode()
    return body + _sum(body)


def unpack(data, kind: str):
    """(type, tag, first, second, host, wishes); host is None in version 1. `ValueError` for what
    is damaged or of another module, `TypeError`."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError("session: bytes wanted")
    data = bytes(data)
    body = data[:-2]
    if len(data) < 9 or body[:2] != _HEAD[:2] or _sum(body) != data[-2:]:
        raise ValueError("session: this is none, or is damaged")
    if body[3] != ord(kind):
        raise ValueError("session: of another kind of module")
    version, type_, tag = body[2], body[4], body[5]
    if version == _OLD:
        first, _, second = str(body[6:], "utf-8").partition("\n")
        return type_, tag, first, second, None, b""
    parts = str(body[10:], "utf-8").split("\n")
    if version != _HEAD[2] or len(parts) != 3:
        raise ValueError("session: of a later version")
    return type_, tag, parts[1], parts[2], parts[0], body[6:10]


def _sum(data) -> bytes:
    """Fletcher's."""
    a = b = 0
    for c in data:
        a = (a + c) % 255
        b = (b + a) % 255
    return bytes((a, b))
