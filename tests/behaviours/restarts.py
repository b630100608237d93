# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""A module that restarts by itself is noticed, told of, and works again."""

from .errnos import ECONNRESET, EIO, ETIMEDOUT
from .rig import code, fails


async def _restart(rig, ms=0):
    rig.fresh_needed = True
    await rig.ask("later %d restart" % (100 + ms))


async def fails_sockets_when_the_module_restarts(rig):
    modem = await rig.connected()
    kinds = []
    modem.on_event = lambda kind, a, b: kinds.append(kind)
    sock = await rig.open("echo")
    idle = await rig.open("echo")
    await _restart(rig)
    assert code(await fails(sock.recv, 10)) == ECONNRESET
    assert code(await fails(sock.send, b"x")) == ECONNRESET
    assert code(await fails(idle.recv, 10)) == ECONNRESET
    await rig.until(lambda: 1 in kinds)
    assert not modem.isconnected()
    await sock.close()
    await idle.close()
    await modem.connect("iot.example")
    assert modem.isconnected()
    await rig.usable()


async def fails_a_command_in_flight_when_the_module_restarts(rig):
    modem = await rig.connected()
    await modem.at("+CGMM")
    await rig.ask("control faults mute=+CGSN")
    await _restart(rig, 200)
    error = await fails(modem.imei)
    assert code(error) in (ECONNRESET, ETIMEDOUT), error
    await rig.until(lambda: not modem.isconnected())
    await modem.connect("iot.example")
    await rig.ask("control faults clear")
    await rig.usable()


async def restores_its_settings_after_a_restart(rig):
    modem = await rig.connected()
    await _restart(rig)
    await rig.until(lambda: not modem.isconnected())
    rig.breaks_rules = True
    error = await fails(modem.at, "+NOSUCH")
    assert code(error) == EIO and error.code == 100, error
    assert (await modem.model()).startswith(rig.model)


async def fails_writing_after_an_unseen_restart(rig):
    modem = await rig.connected()
    await modem.at("+CSGT=0")  # no greeting text: only the lost settings tell
    sock = await rig.open("echo")
    await rig.echo(sock, b"before")
    await _restart(rig)
    await rig.sleep(4000)
    error = await fails(sock.send, b"after")
    assert code(error) == ECONNRESET, error
    await sock.close()
    await modem.connect("iot.example")
    await rig.usable()


async def restarts_the_module_when_asked(rig):
    modem = await rig.connected()
    sock = await rig.open("echo")
    rig.fresh_needed = True
    await modem.reboot()
    assert code(await fails(sock.send, b"x")) == ECONNRESET
    assert not modem.isconnected()
    await sock.close()
    await modem.connect("iot.example")
    await rig.usable()
