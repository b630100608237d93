"""FTP by the line is as fast as the line: 95 % of its rate, both ways, with the right
content."""

from __future__ import annotations

import hashlib

import pytest
from driver.support.ftp_server import Place, pattern
from driver.support.serial_script import FLAVOURS

MEGABYTE = 1 << 20
LEAST = 0.95


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("baud", [115_200, 921_600])
def test_a_megabyte_at_the_rate_of_the_line(flavour: str, baud: int) -> None:
    place = Place(flavour)
    try:
        node, ftp = place.node, place.ftp
        place.call(place.modem.set_baudrate, baud)
        data = pattern(MEGABYTE)
        (place.folder / "down").write_bytes(data)
        place.login()
        bound = MEGABYTE * 10 / baud
        file = place.call(ftp.open, "down", size=MEGABYTE)
        buf = bytearray(4096)
        found = hashlib.md5()
        count = 0
        began = node.seconds()
        while count < MEGABYTE:
            n = place.call(file.readinto, buf)
            found.update(buf[:n])
            count += n
        down = bound / (node.seconds() - began)
        assert place.call(file.readinto, buf) == 0
        place.call(file.close)
        assert found.digest() == hashlib.md5(data).digest()
        file = place.call(ftp.open, "up", "wb")
        began = node.seconds()
        for at in range(0, MEGABYTE, 4096):
            place.call(file.write, data[at : at + 4096])
        place.call(file._drained)
        up = bound / (node.seconds() - began)
        place.call(file.close)
        assert (place.folder / "up").read_bytes() == data
        print(f"\n{flavour} {baud}: {down:.3f} down, {up:.3f} up")
        assert down > LEAST and up > LEAST
        assert node.violations() == []
    finally:
        place.close()
