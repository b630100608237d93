"""Imported, and measured, by tools/bench: what is in use while a small program is at work.

Keeps the modem and a connected socket. The argument is that of onboard.py.
"""

import json
import sys

from machine import UART


def begun(plan):
    asyncio = plan["flavour"] == "asyncio"
    package = "ublox_cellular." + ("aio" if asyncio else "blocking")
    name = "SaraR5" if plan["module"] == "sara-r5" else "LexiR10"
    cls = getattr(__import__(package, None, None, (name,)), name)
    wires = {"power_key": press} if plan.get("saving") else {}
    modem = cls(UART(1, plan["baud"]), **wires)
    work = __import__("exchanges_aio" if asyncio else "exchanges_blocking")
    return modem, finished(work.session(modem, plan), asyncio)


def finished(work, asyncio):
    if not asyncio:
        return work
    from asyncio import run

    return run(work)


def press(level):
    """Whoever reads our output presses the key."""
    print(json.dumps(["key", level]))


modem, sock = begun(json.loads(sys.argv[1]))
