"""Two things at once with asyncio: report every minute, and answer whoever calls.

Runs on a board, and on a PC by `tools/run boards/apps/listener.py`.
"""

import asyncio

from machine import UART

from ublox_cellular.aio import SaraR5

APN = "iot.example"
SERVER = ("echo.example", 7)
PORT = 5000
PERIOD_S = 60


async def report(modem):
    while True:
        try:
            async with modem.socket() as sock:
                sock.settimeout(20)
                await sock.connect(SERVER)
                await sock.sendall(b"alive")
                print("reported:", await sock.recv(100))
        except OSError as error:
            print("report failed:", error)
        await asyncio.sleep(PERIOD_S)


async def answer(modem):
    listener = modem.socket()
    await listener.bind(("", PORT))
    await listener.listen(2)
    while True:
        sock, peer = await listener.accept()
        async with sock:
            print("called by", peer)
            await sock.sendall(b"hello " + (await sock.readline()))


async def main():
    modem = SaraR5(UART(1, 115200, rxbuf=2048))
    await modem.power_on()
    await modem.connect(APN)
    await asyncio.gather(report(modem), answer(modem))


asyncio.run(main())
