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
PAUSE_S = 10  # after a failure


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
    while True:
        try:
            async with modem.socket() as listener:
                await listener.bind(("", PORT))
                await listener.listen(2)
                while True:
                    await greet(*await listener.accept())
        except OSError as error:  # the network has ended the connection, or the module is new
            print("not listening:", error)
            await asyncio.sleep(PAUSE_S)


async def greet(sock, peer):
    print("called by", peer)
    try:
        async with sock:
            sock.settimeout(20)
            await sock.sendall(b"hello " + (await sock.readline()))
    except OSError as error:
        print("caller lost:", error)


async def main():
    modem = SaraR5(UART(1, 115200, rxbuf=2048))
    while True:
        try:
            await modem.power_on()
            break
        except OSError as error:  # no supply, perhaps
            print("no module:", error)
            await asyncio.sleep(PAUSE_S)
    await modem.connect(APN, wait=False)  # and again whenever it is lost
    await asyncio.gather(report(modem), answer(modem))


asyncio.run(main())
