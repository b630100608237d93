"""The driver's own MD5 against hashlib's."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from ublox_cellular.core.md5 import Md5


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=8))
def test_any_pieces(pieces: list[bytes]) -> None:
    ours = Md5()
    for piece in pieces:
        ours.update(piece)
    assert ours.digest() == hashlib.md5(b"".join(pieces)).digest()


def test_every_length_around_a_block() -> None:
    for size in range(130):
        data = bytes(range(size))
        ours = Md5()
        ours.update(data)
        assert ours.digest() == hashlib.md5(data).digest(), size
