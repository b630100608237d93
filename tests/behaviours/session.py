"""Runs behaviours one after the other on one modem, as program.py wants it: no pytest there.

For each a line "@@ name PASS|FAIL ms keeps|breaks", the reason of a failure behind it.
"""

import sys


async def run_all(rig, topics, behaviours):
    """`topics`: the modules by name; `behaviours`: (topic, name) in order."""
    for topic, name in behaviours:
        rig.breaks_rules = False
        rig.uart.deaf = False
        rig.uart.noise = b""
        rig.uart.flood = False
        rig.uart.hurried = []
        began = rig.now() if rig.modem else 0
        try:
            await getattr(topics[topic], name)(rig)
            assert rig.breaks_rules or not rig.uart.hurried, rig.uart.hurried
            result = "PASS"
            error = None
        except Exception as caught:
            result = "FAIL"
            error = caught
        took = rig.since(began) if began else 0
        print("@@", name, result, took, "breaks" if rig.breaks_rules else "keeps")
        if error:
            sys.print_exception(error, sys.stdout)
            await mend(rig)


async def mend(rig):
    """After a failure: a modem as if nothing had happened, as far as that can be had."""
    rig.fresh_needed = True
    rig.uart.deaf = False
    rig.uart.noise = b""
    rig.uart.flood = False
    for line in ("faults clear", "coverage on", "network home"):
        rig.tell(line)
    try:
        modem = rig.wired()  # it may be asleep, and only a wire wakes it
        await modem.power_on(30000)
        await modem.power.save("off")
        await modem.power.psm_off()
    except Exception as error:
        print("not mended:", repr(error))
    rig.fresh_needed = True
