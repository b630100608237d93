"""The module as such: who it is, its data connection, names."""

from .errnos import ECANCELED, EIO, EOPNOTSUPP
from .rig import code, fails, raises


async def names_itself(rig):
    modem = await rig.connected()
    assert (await modem.model()).startswith(rig.model)
    for number in (await modem.imei(), await modem.imsi()):
        assert len(number) == 15 and number.isdigit(), number
    assert (await modem.iccid()).startswith("89")
    assert "," in await modem.firmware()


async def has_an_address_once_connected(rig):
    modem = await rig.connected()
    assert modem.isconnected()
    address, mask, gateway, dns = await modem.ifconfig()
    for text in (address, mask, gateway, dns):
        assert len(text.split(".")) == 4, text
    assert address != "0.0.0.0"


async def resolves_a_name(rig):
    modem = await rig.connected()
    assert await modem.resolve(rig.name) == rig.host
    assert await modem.resolve(rig.name.upper()) == rig.host


async def resolves_a_name_in_the_synchronous_form(rig):
    modem = await rig.connected()
    modem.network.async_dns = False
    assert await modem.resolve(rig.name) == rig.host


async def resolves_an_address_without_asking(rig):
    modem = await rig.connected()
    before = rig.uart.written
    assert await modem.resolve("192.0.2.1") == "192.0.2.1"
    assert rig.uart.written == before


async def says_that_a_name_is_unknown(rig):
    modem = await rig.connected()
    error = await fails(modem.resolve, "no-such.example")
    assert code(error) == -2 and "no-such.example" in str(error), error
    modem.network.async_dns = False
    assert code(await fails(modem.resolve, "no-such.example")) == -2
    assert await modem.resolve(rig.name) == rig.host


async def gives_address_information(rig):
    await rig.connected()
    pool = rig.pool
    found = await pool.getaddrinfo(rig.name, 7, 0, pool.SOCK_STREAM)
    assert found[0][1] == pool.SOCK_STREAM
    assert found[0][-1] == (rig.host, 7)
    found = await pool.getaddrinfo("192.0.2.1", 80)
    assert found[0][0] == pool.AF_INET and found[0][-1] == ("192.0.2.1", 80)


async def connects_to_a_name(rig):
    await rig.connected()
    sock = rig.stream()
    await sock.connect((rig.name, rig.tcp[1]))
    await sock.sendall("echo\n")
    await rig.echo(sock, b"by name")


async def runs_a_command_of_the_application(rig):
    modem = await rig.connected()
    assert await modem.at("+CGMM") == [await modem.model()]
    rig.breaks_rules = True
    error = await fails(modem.at, "+NOSUCH")
    assert code(error) == EIO and "NOSUCH" in str(error), error


async def gives_the_connection_up_and_gets_it_again(rig):
    modem = await rig.connected()
    await modem.disconnect()
    assert not modem.isconnected()
    await modem.connect()
    assert modem.isconnected()
    await rig.usable()


async def takes_over_a_running_module(rig):
    await rig.connected()
    modem = rig.made()
    await modem.attach()
    began = rig.now()
    await modem.connect()
    assert rig.since(began) < 5000
    await rig.usable()


async def reports_each_stage_of_connecting_once(rig):
    modem = await rig.connected()
    stages = []
    await modem.connect(progress=stages.append)
    assert stages[0] == "sim" and stages[-1] == "connected", stages
    assert len(set(stages)) == len(stages), stages


async def gives_connecting_up_when_asked_to(rig):
    from ublox_cellular.core.errors import Cancelled

    modem = await rig.connected()

    def stop(stage):
        return stage != "radio"

    try:
        await modem.connect(progress=stop)
    except Cancelled:
        await modem.connect()
        await rig.usable()
        return
    raise AssertionError("not given up")


async def tells_of_data_by_an_event(rig):
    modem = await rig.connected()
    seen = []
    sock = await rig.open("send 10 1")
    modem.on_event = lambda kind, a, b: seen.append((kind, b))
    await rig.until(lambda: (4, 10) in seen)
    assert len(await sock.recv(100)) == 10


async def says_whether_it_has_something(rig):
    modem = await rig.connected()
    assert hasattr(modem, "http") and hasattr(modem.network, "signal")
    for name in ("ppp", "mux"):
        assert not hasattr(modem, name)
        error = raises(getattr, modem, name)
        assert isinstance(error, AttributeError), error
        assert error.args[0] == EOPNOTSUPP, error.args
        assert rig.model in str(error) and name in str(error), error
    for name in ("mqttsn", "coap", "ftp"):
        assert hasattr(modem, name) == (rig.model == "SARA-R5")
    assert hasattr(modem.http, "store") == (rig.model != "SARA-R5")
    for thing in (modem, modem.network, modem.power, modem.files, modem.http, modem.mqtt):
        assert not hasattr(thing, "no_such_thing")
    assert not hasattr(modem.socket_pool, "no_such_thing")


async def gives_the_answer_of_a_command_of_ones_own(rig):
    modem = await rig.connected()
    stat = modem.network.stat
    for command in ("+CEREG?", "AT+CEREG?", " at+cereg? "):
        (line,) = await modem.at(command)
        assert line.startswith("+CEREG: "), line
    assert modem.network.stat == stat
    assert await modem.at("") == [] and await modem.at("AT") == []
    for command in ("D*99#", "ATO", "+USODL=0", "+USOWR=0,5", "+CMEE?;+CREG?"):
        assert isinstance(await fails(modem.at, command), ValueError), command
    await rig.usable()


async def is_not_disturbed_by_what_a_hook_calls(rig):
    modem = await rig.connected()
    depth = [0, 0]

    def hook():
        depth[0] += 1
        depth[1] = max(depth)
        modem.poll()
        modem.channel.proceed("again")  # it is not called once more
        assert modem.save_state() and modem.isconnected()
        depth[0] -= 1
        return True

    modem.channel.keep_going = hook
    await modem.network.signal()
    await rig.usable()
    modem.channel.keep_going = None
    assert depth == [0, 1], depth


async def stops_when_the_hook_says_so_and_goes_on_afterwards(rig):
    modem = await rig.connected()
    for call in (modem.imei, modem.attach, modem.scan, modem.network.signal, modem.clock):
        modem.channel.keep_going = lambda: False
        error = await fails(call)
        modem.channel.keep_going = None
        assert code(error) == ECANCELED, error
        assert (await modem.model()).startswith(rig.model)
    await rig.usable()
