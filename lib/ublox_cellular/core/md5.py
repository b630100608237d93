"""MD5 for Pythons that are built without it, like most MicroPythons (RFC 1321).

It is not used for security here: u-blox modules identify a stored certificate by it.
"""

import struct

_TURNS = (7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21)

# floor(abs(sin(i + 1)) * 2**32) of the RFC: the floats of a microcontroller are not precise
# enough.
_SINES = (
    b"x\xa4j\xd7V\xb7\xc7\xe8\xdbp $\xee\xce\xbd\xc1\xaf\x0f|\xf5*\xc6\x87G"
    b"\x13F0\xa8\x01\x95F\xfd\xd8\x98\x80i\xaf\xf7D\x8b\xb1[\xff\xff\xbe\xd7\\\x89"
    b'"\x11\x90k\x93q\x98\xfd\x8eCy\xa6!\x08\xb4Ib%\x1e\xf6@\xb3@\xc0'
    b"QZ^&\xaa\xc7\xb6\xe9]\x10/\xd6S\x14D\x02\x81\xe6\xa1\xd8\xc8\xfb\xd3\xe7"
    b"\xe6\xcd\xe1!\xd6\x077\xc3\x87\r\xd5\xf4\xed\x14ZE\x05\xe9\xe3\xa9\xf8\xa3\xef\xfc"
    b'\xd9\x02og\x8aL*\x8dB9\xfa\xff\x81\xf6q\x87"a\x9dm\x0c8\xe5\xfd'
    b"D\xea\xbe\xa4\xa9\xcf\xdeK`K\xbb\xf6p\xbc\xbf\xbe\xc6~\x9b(\xfa'\xa1\xea"
    b"\x850\xef\xd4\x05\x1d\x88\x049\xd0\xd4\xd9\xe5\x99\xdb\xe6\xf8|\xa2\x1feV\xac\xc4"
    b'D")\xf4\x97\xff*C\xa7#\x94\xab9\xa0\x93\xfc\xc3Y[e\x92\xcc\x0c\x8f'
    b"}\xf4\xef\xff\xd1]\x84\x85O~\xa8o\xe0\xe6,\xfe\x14C\x01\xa3\xa1\x11\x08N"
    b"\x82~S\xf75\xf2:\xbd\xbb\xd2\xd7*\x91\xd3\x86\xeb"
)


class Md5:
    """`update(data)` piece by piece, then `digest()` once: the part of hashlib's that is used
    here."""

    def __init__(self):
        self.state = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
        self.rest = b""  # bytes of an incomplete block
        self.count = 0

    def update(self, data) -> None:
        data = self.rest + data
        self.count += len(data) - len(self.rest)
        at = 0
        while at + 64 <= len(data):
            self.state = _mixed(self.state, struct.unpack_from("<16I", data, at))
            at += 64
        self.rest = data[at:]

    def digest(self) -> bytes:
        bits = self.count * 8
        self.update(b"\x80" + bytes((55 - self.count) % 64) + struct.pack("<Q", bits))
        return struct.pack("<4I", *self.state)


def _mixed(state, words):
    """The state after one block."""
    a, b, c, d = state
    for i in range(64):
        part = i >> 4
        if part == 0:
            f, k = (b & c) | (~b & d), i
        elif part == 1:
            f, k = (d & b) | (~d & c), 5 * i + 1
        elif part == 2:
            f, k = b ^ c ^ d, 3 * i + 5
        else:
            f, k = c ^ (b | (~d & 0xFFFFFFFF)), 7 * i
        f = (f + a + struct.unpack_from("<I", _SINES, i * 4)[0] + words[k & 15]) & 0xFFFFFFFF
        turn = _TURNS[part << 2 | i & 3]
        a, d, c = d, c, b
        b = (b + (f << turn | f >> (32 - turn))) & 0xFFFFFFFF
    return tuple([(x + y) & 0xFFFFFFFF for x, y in zip(state, (a, b, c, d))])
