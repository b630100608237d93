"""FTP with what a careful program does not do: empty buffers, what was given up half-way, names and
lists that look like others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driver.support.ftp_server import Place
from driver.support.serial_script import FLAVOURS


@pytest.fixture(params=FLAVOURS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    made = Place(request.param)
    made.login()
    yield made
    crashes = made.node.module.crashes
    made.close()
    assert crashes == []


def test_an_empty_buffer_is_not_the_end_of_a_file(place: Place) -> None:
    data = place.keep("one.bin", 2000)
    for size in (None, 2000):
        file = place.call(place.ftp.open, "one.bin", size=size)
        assert place.call(file.readinto, bytearray()) == 0
        assert place.call(file.read) == data
        place.call(file.close)
