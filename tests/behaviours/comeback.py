"""Coming back: a connection nobody waits for, coverage, a line that was deaf, off and on."""

from ublox_cellular.event import CONNECTION, RECOVERY, RESET

from .errnos import ECONNRESET
from .rig import code, fails

APN = "iot.example"
DOZE_MS = 2000  # of silence, for a module that may sleep after half a second


async def _node(rig):
    """A modem that can be switched on and off, connected; its events go to `told`."""
    modem = rig.wired("power_key")
    await modem.power_on(30000)
    await modem.connect(APN)
    told = []
    modem.on_event = lambda kind, a, b: told.append((kind, a, b))
    modem.poll()
    told.clear()  # what it took to come here
    return modem, told


async def is_connected_in_the_background(rig):
    modem, told = await _node(rig)
    await modem.disconnect()
    await modem.active(False)
    await modem.connect(APN, wait=False)
    assert not modem.isconnected()
    await rig.until(modem.isconnected)
    modem.poll()
    assert (CONNECTION, 1, 0) in told
    await rig.usable()
    await modem.disconnect()


async def gives_the_connection_up_while_nobody_waits_for_it(rig):
    modem, told = await _node(rig)
    await modem.disconnect()
    rig.tell("coverage off")
    await rig.until(lambda: not modem.network.registered())
    await modem.connect(APN, wait=False)
    began = rig.now()
    while rig.since(began) < 1000:
        assert not modem.isconnected()
        await rig.sleep(20)
    await modem.disconnect()
    told.clear()
    rig.tell("coverage on")
    await rig.until(modem.network.registered)
    began = rig.now()
    while rig.since(began) < 1000:
        assert not modem.isconnected()
        await rig.sleep(20)
    assert (CONNECTION, 1, 0) not in told
    await modem.connect(APN)
    await rig.usable()


async def gets_the_connection_back_when_coverage_returns(rig):
    modem, told = await _node(rig)
    await modem.power.save("timer", 500)
    await rig.usable()
    await rig.sleep(DOZE_MS)
    rig.tell("coverage off")
    await rig.until(lambda: (CONNECTION, 0, 0) in told)
    rig.tell("coverage on")
    await rig.usable()  # the next socket waits for it
    modem.poll()
    assert [on for kind, on, _ in told if kind == CONNECTION] == [0, 1], told
    assert RESET not in [kind for kind, _, _ in told]
    await modem.power.save("off")


async def gets_the_connection_back_when_the_network_has_ended_it(rig):
    modem, told = await _node(rig)
    sock = await rig.open("echo")
    await rig.echo(sock, b"before")
    rig.tell("detach")
    await rig.until(lambda: (CONNECTION, 0, 0) in told)
    await rig.usable()
    assert modem.isconnected()
    modem.poll()
    assert [on for kind, on, _ in told if kind == CONNECTION] == [0, 1], told


async def climbs_the_ladder_to_a_module_that_was_deaf(rig):
    modem, told = await _node(rig)
    began = rig.now()

    def listening():
        if rig.since(began) > 7500:
            rig.uart.deaf = False
        return True

    rig.uart.deaf = True
    modem.channel.keep_going = listening
    await modem.recovery.reach("nothing was heard")
    modem.channel.keep_going = None
    modem.poll()
    # It was only asked again: nothing that leads out of other modes has gone into it.
    assert [event for event in told if event[0] == RECOVERY] == [
        (RECOVERY, 0, 0), (RECOVERY, 0, 1),
    ]  # fmt: skip
    assert modem.recovery.last == (0, True, "nothing was heard")
    assert list(modem.recovery.counts[:3]) == [1, 0, 0]
    await rig.usable()


async def switches_the_module_off_and_on(rig):
    modem, _ = await _node(rig)
    sock = await rig.open("echo")
    await modem.power_off()
    assert not modem.isconnected()
    assert code(await fails(sock.send, b"x")) == ECONNRESET
    await modem.power_on()
    await modem.connect(APN)
    await rig.usable()


async def changes_the_baud_rate(rig):
    modem, _ = await _node(rig)
    assert modem.baudrate == rig.baudrate
    await modem.set_baudrate(460800, store=False)
    await rig.usable()
    await modem.set_baudrate(rig.baudrate, store=False)
    await rig.usable()
    assert isinstance(await fails(modem.set_baudrate, 31250), ValueError)
