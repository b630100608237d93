"""Fetch a firmware file by FTP to the board's flash, with its checksum; SARA-R5.

The server has the file and beside it one with the SHA-256 in hexadecimal digits (`sha256sum`). The
file passes along the line in constant memory. A transfer that breaks off goes on where it ended,
by the next call or after a reset: what has come stays in NAME.part. Only a file whose checksum is
right gets its name.
"""

import os
from binascii import hexlify
from hashlib import sha256

from machine import UART, Pin

from ublox_cellular import SaraR5

APN = "iot.example"
SERVER = "ftp.example"
USER, PASSWORD = "anonymous", "node@iot.example"
FILE = "firmware.bin"
PIECE = 1024
TRIES = 5


def size_of(path):
    """Bytes of a local file, 0 if there is none."""
    try:
        return os.stat(path)[6]
    except OSError:
        return 0


def wanted(ftp, name):
    """The checksum that the server states, as digits."""
    with ftp.open(name + ".sha256") as file:
        return file.read(64).decode().lower()


def checksum(path):
    """That of a local file, as digits."""
    found = sha256()
    with open(path, "rb") as file:
        while True:
            data = file.read(PIECE)
            if not data:
                return hexlify(found.digest()).decode()
            found.update(data)


def fetch(ftp, name, path):
    """Bring what is missing of the file here; True when it is complete and right."""
    digits = wanted(ftp, name)
    total = ftp.size(name)
    part = path + ".part"
    if size_of(part) > total:
        os.remove(part)
    buf = bytearray(PIECE)
    view = memoryview(buf)
    with open(part, "ab") as flash, ftp.open(name, offset=size_of(part), size=total) as file:
        while True:
            n = file.readinto(buf)
            if not n:
                break
            flash.write(view[:n])
    if checksum(part) != digits:
        os.remove(part)  # begin anew
        return False
    os.rename(part, path)
    return True


def update(modem, name, path, server=SERVER, port=21, user=USER, password=PASSWORD):
    """The file, whatever it takes; whether it is here."""
    ftp = modem.ftp
    for _ in range(TRIES):
        try:
            if not ftp.connected:
                ftp.connect(server, port, user=user, password=password)
            if fetch(ftp, name, path):
                ftp.close()
                return True
        except OSError as error:
            print("again:", error)
            try:
                ftp.close()
            except OSError:
                pass
    return False


def main():
    modem = SaraR5(
        UART(1, 115200, rxbuf=2048),
        power_key=Pin(13, Pin.OPEN_DRAIN, value=1),
        power_sense=Pin(14, Pin.IN),
    )
    modem.power_on()
    modem.connect(APN)
    print("updated" if update(modem, FILE, FILE) else "try again later")
    modem.power_off()


if __name__ == "__main__":
    main()
