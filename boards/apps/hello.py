"""Say hello to an echo server.

Runs on a board, and on a PC by `tools/run boards/apps/hello.py`.
"""

from machine import UART

from ublox_cellular import SaraR5

APN = "iot.example"
ECHO = ("echo.example", 7)

modem = SaraR5(UART(1, 115200, rxbuf=2048))
modem.power_on()
print("found", modem.model(), "IMEI", modem.imei())
modem.connect(APN)
print("address", modem.ifconfig()[0])

with modem.socket() as sock:
    sock.settimeout(20)
    sock.connect(ECHO)
    sock.sendall(b"hello, world")
    print("echo:", sock.recv(100).decode())
