# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""The network in detail: registration, operators, signal, contexts, settings, ping, clock."""

from .errnos import EBUSY, EOPNOTSUPP
from .rig import code, fails

SARA = "SARA-R5"


async def tells_how_it_is_registered(rig):
    modem = await rig.connected()
    told = await modem.network.registration()
    assert (told["eps"], told["text"]) == (1, "home"), told
    assert told["act"] == ("LTE-M" if rig.model == SARA else "LTE")
    assert told["tac"] > 0 and told["ci"] > 0 and told["cause"] is None
    cell = await modem.network.serving_cell()
    assert (cell["tac"], cell["ci"], cell["act"]) == (told["tac"], told["ci"], told["act"])


async def names_the_operator(rig):
    modem = await rig.connected()
    mode, name, act = await modem.network.operator()
    assert (mode, act) == (0, (await modem.network.registration())["act"])
    before = await modem.at("+COPS?")
    assert name in before[0]
    mode, number, act = await modem.network.operator(numeric=True)
    assert mode == 0 and number.isdigit() and 5 <= len(number) <= 6
    assert await modem.at("+COPS?") == before
    cell = await modem.network.serving_cell()
    assert cell["mcc"] + cell["mnc"] == number


async def looks_for_operators(rig):
    modem = await rig.connected()
    seen = []
    found = await modem.scan(progress=seen.append)
    number = (await modem.network.operator(numeric=True))[1]
    assert number in [entry[3] for entry in found if entry[0] == 2], found
    assert len(seen) > 5 and seen[0] < seen[-1]
    await rig.usable()


async def gives_a_scan_up_when_asked_to(rig):
    from ublox_cellular.core.errors import Cancelled

    modem = await rig.connected()
    try:
        await modem.scan(progress=lambda ms: ms < 300)
    except Cancelled:
        began = rig.now()
        await modem.imei()
        assert rig.since(began) < 1500
        await rig.usable()
        return
    raise AssertionError("not given up")


async def measures_the_signal(rig):
    modem = await rig.connected()
    before = await modem.network.signal()
    await rig.ask("control signal -100 -12.5 5")
    signal = await modem.network.signal()
    assert (signal["rsrp"], signal["rsrq"], signal["sinr"]) == (-100, -12.5, 5), signal
    assert -113 <= signal["rssi"] <= -51
    assert await modem.status("rsrp") == -100
    cell = await modem.network.serving_cell()
    assert cell["rsrp"] == -100 and cell["earfcn"] > 0 and 0 <= cell["pci"] <= 503, cell
    await rig.ask("control signal %d %s %s" % (before["rsrp"], before["rsrq"], before["sinr"]))
    assert await modem.network.signal() == before
    assert await modem.network.radio_connected()


async def has_a_second_context(rig):
    modem = await rig.connected()
    network = modem.network
    assert await network.define(3, "second.example") is True
    assert await network.define(3, "second.example") is False
    assert await network.activate(3) is True
    assert await network.activate(3) is False
    rows = [row for row in await network.contexts() if row["active"]]
    assert [(row["cid"], row["kind"]) for row in rows] == [(1, "IP"), (3, "IP")], rows
    first, second = await network.address(), await network.address(3)
    assert first[0] and second[0] and first != second
    assert rows[1]["address"] == second
    assert code(await fails(network.define, 3, "third.example")) == EBUSY
    assert await network.deactivate(3) is True
    assert await network.deactivate(3) is False
    assert await network.undefine(3) is True
    assert await network.undefine(3) is False
    await rig.usable()


async def keeps_the_context_of_the_attach(rig):
    modem = await rig.connected()
    assert code(await fails(modem.network.deactivate, 1)) == EBUSY
    await rig.usable()


async def tells_what_the_network_has_given(rig):
    modem = await rig.connected()
    given = await modem.network.parameters()
    four, six = await modem.network.address()
    assert (given["address"], given["address6"]) == (four, six)
    assert given["apn"].startswith("iot.example") and 576 <= given["mtu"] <= 1500
    assert await modem.ifconfig() == (four, given["mask"], given["gateway"], given["dns"][0])
    assert await modem.ipconfig("addr4") == (four, given["mask"])
    assert await modem.ipconfig("dns") == given["dns"][0]
    assert await modem.ipconfig("has_dhcp4") is True


async def has_a_context_of_both_families(rig):
    modem = await rig.connected()
    await modem.disconnect()
    assert await modem.network.define(1, "iot.example", "IPV4V6") is True
    assert await modem.network.define(1, "iot.example", "IPV4V6") is False
    await modem.connect()
    four, six = await modem.network.address()
    assert four.count(".") == 3 and (six is None or ":" in six)
    given = await modem.network.parameters()
    assert (given["address"], given["address6"]) == (four, six)
    await rig.usable()
    await modem.disconnect()
    await modem.network.define(1, "iot.example")
    await modem.connect()
    await rig.usable()


async def pings_a_name_and_an_address(rig):
    modem = await rig.connected()
    seen = []
    found = await modem.ping(
        rig.name, count=2, size=100, interval_ms=100, progress=lambda so_far: seen.append(so_far)
    )
    assert [entry[:4] for entry in found] == [(n, 100, rig.name, rig.host) for n in (1, 2)], found
    assert all(entry[4] > 0 and entry[5] >= 0 for entry in found)
    assert seen
    found = await modem.ping(rig.host, count=1)
    assert found[0][:4] == (1, 32, rig.host, rig.host)


async def pings_while_a_socket_is_used(rig):
    modem = await rig.connected()
    sock = await rig.open("echo")
    await rig.echo(sock, b"before")
    assert len(await modem.ping(rig.host, count=1)) == 1
    await rig.echo(sock, b"behind")


async def says_why_a_ping_fails(rig):
    modem = await rig.connected()
    error = await fails(modem.ping, "no-such.example")
    assert code(error) == -2 and "no-such.example" in str(error), error
    await modem.ping(rig.host, count=1)


async def cannot_ping_without_a_connection(rig):
    modem = await rig.connected()
    await modem.disconnect()
    await modem.active(False)
    rig.breaks_rules = True
    assert isinstance(await fails(modem.ping, rig.host), OSError)
    await modem.connect("iot.example")
    await modem.ping(rig.host, count=1)


async def sets_the_clock(rig):
    modem = await rig.connected()
    await modem.time_zone_update(False)
    assert await modem.time_zone_update() is False
    await modem.set_clock(2030, 12, 31, 23, 50, 0, 120)
    told = await modem.clock()
    assert told[:5] == (2030, 12, 31, 23, 50) and told[6] == 120, told
    told = await modem.clock(utc=False)
    assert told[:5] == (2031, 1, 1, 1, 50) and told[6] == 120, told
    await modem.time_zone_update(True)
    assert await modem.time_zone_update() is True


async def changes_the_profile_of_the_operator(rig):
    modem = await rig.connected()
    before = await modem.network.profile()
    assert before != 100
    assert await modem.network.set_profile(100) is True
    assert await modem.network.profile() == 100
    assert await modem.network.set_profile(100) is False
    assert not modem.isconnected()
    await modem.connect("iot.example")
    await rig.usable()
    assert await modem.network.set_profile(before) is True
    rig.fresh_needed = True


async def changes_the_bands(rig):
    modem = await rig.connected()
    before = await modem.network.bands()
    assert await modem.network.set_bands(before) is False
    fewer = before[:3]
    assert await modem.network.set_bands(fewer) is True
    assert await modem.network.bands() == fewer
    assert await modem.network.set_bands(before) is True
    await modem.connect("iot.example")
    await rig.usable()


async def changes_the_technology(rig):
    modem = await rig.connected()
    if rig.model != SARA:
        assert await modem.network.rats() == ("LTE",)
        assert await modem.network.set_rats("LTE") is False
        return
    assert await modem.network.rats() == ("LTE-M",)
    assert await modem.network.set_rats(("NB-IoT", "LTE-M")) is True
    assert await modem.network.rats() == ("NB-IoT", "LTE-M")
    assert await modem.network.set_rats("LTE-M") is True
    await modem.connect("iot.example")
    assert await modem.config("rat") == "LTE-M"


async def leaves_the_network_and_registers_with_one(rig):
    modem = await rig.connected()
    network = modem.network
    number = (await network.operator(numeric=True))[1]
    assert await network.select() is False
    await modem.disconnect()
    assert await network.deregister() is True
    assert await network.deregister() is False
    assert await network.operator() == (2, None, None)
    assert await network.select(number) is True
    assert await network.select(number) is False
    assert (await network.operator(numeric=True))[:2] == (1, number)
    assert await network.select() is True
    await modem.connect("iot.example")
    await rig.usable()


async def says_why_the_network_refuses(rig):
    modem = await rig.connected()
    await modem.disconnect()
    await modem.connect("iot.example")
    await rig.ask("later 4000 network home")
    rig.tell("network denied 15")
    rig.fresh_needed = True
    await modem.disconnect()
    await modem.active(False)
    await modem.active(True)
    await rig.until(lambda: modem.network.stat == 3)
    told = await modem.network.registration()
    assert (told["eps"], told["text"]) == (3, "denied") and told["cause"][:3] == "15 ", told
    await rig.until(modem.network.registered)
    assert (await modem.network.registration())["cause"] is None
    await modem.connect("iot.example")
    await rig.usable()


async def switches_the_radio_off_and_on(rig):
    modem = await rig.connected()
    assert await modem.active() is True
    assert await modem.status() == 3
    assert await modem.active(False) is False
    assert await modem.active() is False
    assert not modem.isconnected()
    assert await modem.status() == 0
    assert await modem.active(True) is True
    await modem.connect("iot.example")
    assert await modem.status() == 3
    await rig.usable()


async def tells_its_configuration(rig):
    modem = await rig.connected()
    assert await modem.config("imei") == await modem.imei()
    assert await modem.config("apn") == "iot.example"
    assert await modem.config("operator") == (await modem.network.operator())[1]
    assert await modem.config("mno") == await modem.network.profile()
    assert isinstance(await fails(modem.config, "mac"), ValueError)


async def knows_what_the_other_module_has(rig):
    modem = await rig.connected()
    if rig.model == SARA:
        error = await fails(modem.network.default_context)
    else:
        error = await fails(modem.network.activate_profile, 1)
    assert code(error) == EOPNOTSUPP and rig.model in str(error), error


async def chooses_the_context_of_its_services(rig):
    modem = await rig.connected()
    network = modem.network
    if rig.model != SARA:
        before = await network.default_context()
        assert await network.set_default_context(2, True) is True
        assert await network.default_context() == (2, True)
        assert await network.set_default_context(2, True) is False
        assert await network.set_default_context(before[0], before[1]) is True
        await modem.connect("iot.example")
        await rig.usable()
        return
    await network.define(2, "second.example")
    await network.activate(2)
    await network.map_profile(1, 2)
    assert await network.activate_profile(1) is True
    assert await network.activate_profile(1) is False
    active, address, servers = await network.profile_status(1)
    assert active and address == await network.address(2) and servers
    assert code(await fails(network.set_profile_dns, 1, "10.0.0.9")) == EBUSY
    assert await network.deactivate_profile(1) is True
    assert (await network.profile_status(1))[0] is False
    await network.deactivate(2)
    await network.undefine(2)
    await rig.usable()


async def uses_a_dns_server_of_ones_own(rig):
    modem = await rig.connected()
    network = modem.network
    given = (await network.parameters())["dns"]
    if rig.model == SARA:
        assert code(await fails(network.set_dns, "10.0.0.9")) == EBUSY
        await modem.disconnect()
        await network.set_dns(given[1], given[0])
        await modem.connect()
        assert (await network.profile_status(0))[2] == (given[1], given[0])
        assert await modem.resolve(rig.name) == rig.host
        await modem.disconnect()
        await network.set_dns("0.0.0.0", "0.0.0.0")
        await modem.connect()
    else:
        await network.set_dns(given[1], given[0])
        assert await modem.resolve(rig.name) == rig.host
        await network.set_dns(given[0], given[1])
    await rig.usable()


async def tells_the_state_of_the_sim(rig):
    modem = await rig.connected()
    assert await modem.sim_state() == "READY"
    assert await modem.unlock("0000") is False
    assert modem.isconnected()


async def misses_the_sim(rig):
    modem = await rig.connected()
    await rig.ask("later 2500 sim insert;later 200 sim remove")
    await modem.disconnect()
    rig.fresh_needed = True
    rig.breaks_rules = True
    began = rig.now()
    while await modem.sim_state() != "NOT INSERTED":
        assert rig.since(began) < 3000
        await rig.sleep(50)
    error = await fails(modem.unlock, "1234")
    assert error.state == "NOT INSERTED", error
    while await modem.sim_state() != "READY":
        assert rig.since(began) < 20000
        await rig.sleep(100)
    await modem.connect("iot.example")
    await rig.usable()
