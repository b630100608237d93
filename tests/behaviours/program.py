"""What MicroPython is started with; the only argument is the plan as JSON."""

import json
import sys

import machine

from behaviours import rig as rigs
from behaviours import session

plan = json.loads(sys.argv[1])
topics = {}
for topic, _ in plan["behaviours"]:
    if topic not in topics:
        topics[topic] = __import__("behaviours." + topic, None, None, ("x",))
if plan["flavour"] == "asyncio":
    from ublox_cellular.aio import LexiR10, SaraR5
else:
    from ublox_cellular import LexiR10, SaraR5
classes = (SaraR5, LexiR10) if plan["module"] == "sara-r5" else (LexiR10, SaraR5)
uart = machine.UART(1, plan["place"]["baudrate"])


def tell(line):
    """Whoever reads our output carries it out."""
    print("@!", line)


rig = rigs.Rig(classes[0], classes[1], uart, plan["place"], tell)
if plan["flavour"] == "asyncio":
    import asyncio

    asyncio.run(session.run_all(rig, topics, plan["behaviours"]))
else:
    session.run_all(rig, topics, plan["behaviours"])
