# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Low power: the module sleeps, is woken when it is needed, and loses what it must and no more."""

from ublox_cellular.event import DATA, RADIO, RESET, SLEEP, WOKE

from .errnos import ECONNRESET, EOPNOTSUPP
from .rig import code, fails, pattern, raises

SARA = "SARA-R5"
APN = "iot.example"
AFTER_MS = 500
DOZE_MS = 2000  # of silence: radio idle, UART silent for AFTER_MS, and asleep for a while
PSM = 4  # modem.power.depth
HIBERNATE = 3


async def _node(rig, wires="power_key", **options):
    """A modem with wires, on and connected, that may not sleep yet; its events go to `told`."""
    modem = rig.wired(wires, **options)
    await modem.power_on(30000)
    power = modem.power
    if power.mode:
        await power.save("off")
    await power.psm_off()
    await power.edrx_off()
    await modem.connect(APN)
    told = []
    modem.on_event = lambda kind, a, b: told.append((kind, a, b))
    modem.poll()
    told.clear()  # what it took to come here
    return modem, told


async def _sleeps_deeply(rig, modem):
    """Let the module do so: SARA-R5 by PSM, LEXI-R10 by Hibernate."""
    if rig.model == SARA:
        await modem.power.save("timer", AFTER_MS)
        await modem.power.set_psm(3600, 2)
    else:
        await modem.power.save("timer", AFTER_MS, "hibernate")
        await modem.power.set_edrx(5.12)


def _depth(rig):
    return PSM if rig.model == SARA else HIBERNATE


async def _asleep(rig, modem):
    """Until it has told that it will sleep deeply, and does."""
    await rig.until(lambda: modem.power.depth == _depth(rig))
    await rig.sleep(2 * AFTER_MS)


async def _slept(rig, deeply=False):
    """Seconds that the module has been asleep so far, as it tells itself."""
    light, deep = ("uart", "psm") if rig.model == SARA else ("sleep1", "hibernate")
    state = deep if deeply else light
    for line in await rig.ask("control times"):
        name, seconds = line.split()
        if name == state:
            return float(seconds)
    raise AssertionError("no such state: " + state)


def _unheard(rig):
    """What has arrived while this microcontroller was off is lost."""
    buf = bytearray(64)
    while rig.uart.any():
        rig.uart.readinto(buf)


async def _over(rig, modem):
    """The module shall not sleep under the next behaviour."""
    await modem.power.save("off")
    await modem.power.psm_off()
    await rig.usable()


# ---- light sleep ------------------------------------------------------------------------------


async def wakes_the_module_before_a_command_and_keeps_the_socket(rig):
    modem, told = await _node(rig)
    await modem.power.save("timer", AFTER_MS)
    before = await _slept(rig)
    sock = await rig.open("echo")
    for turn in range(2):
        await rig.echo(sock, b"turn %d" % turn)
        await rig.sleep(DOZE_MS)
    assert len(await modem.imei()) == 15
    await rig.sleep(DOZE_MS)
    await rig.echo(sock, pattern(700, 2))
    assert await _slept(rig) - before > 1.5
    modem.poll()
    assert RESET not in [kind for kind, _, _ in told]
    await _over(rig, modem)


async def reads_what_has_come_while_the_module_slept(rig):
    modem, told = await _node(rig)
    await modem.power.save("timer", AFTER_MS)
    sock = await rig.open("pause 2000;send 300 3")
    number = sock.slot.number
    await rig.until(lambda: (DATA, number, 300) in told)
    assert await sock.read(300) == pattern(300, 3)
    await _over(rig, modem)


async def sleeps_when_a_wire_lets_it(rig):
    wire = "dtr" if rig.model == SARA else "wake_gpio"
    modem, _ = await _node(rig, "power_key " + wire)
    power = modem.power
    if rig.model == SARA:
        await power.save("dtr", AFTER_MS)
    else:
        await power.save("gpio", AFTER_MS, "sleep1", gpio=14)
    assert power.line == wire
    before = await _slept(rig)
    sock = await rig.open("echo")
    await rig.echo(sock, b"awake")
    assert not modem.channel.asleep
    power.rest()
    assert modem.channel.asleep
    await rig.sleep(DOZE_MS)
    await rig.echo(sock, b"woken")
    assert not modem.channel.asleep
    await rig.until(lambda: modem.channel.asleep)  # poll() lets go of the wire by itself
    await rig.sleep(DOZE_MS)
    await rig.echo(sock, b"woken again")
    assert await _slept(rig) - before > 1.5
    await _over(rig, modem)


# ---- deep sleep -------------------------------------------------------------------------------


async def comes_back_from_deep_sleep(rig):
    modem, told = await _node(rig)
    await _sleeps_deeply(rig, modem)
    sock = await rig.open("echo")
    await rig.echo(sock, b"before")
    await _asleep(rig, modem)
    if rig.model == SARA:
        await modem.connect(APN)
        assert code(await fails(sock.send, b"x")) == ECONNRESET
        assert code(await fails(sock.recv, 1)) == ECONNRESET
    else:
        assert sock.slot.always_on
        await rig.echo(sock, b"the socket has slept, too")
        assert modem.isconnected()
    await rig.usable()
    modem.poll()
    assert (SLEEP, _depth(rig), 0) in told, told
    left = 0 if rig.model == SARA else 1
    assert told.count((WOKE, left, 0)) == 1 and (RESET, 0, 0) not in told, told
    await _over(rig, modem)


async def opens_a_socket_out_of_deep_sleep(rig):
    modem, _ = await _node(rig)
    await _sleeps_deeply(rig, modem)
    await _asleep(rig, modem)
    await rig.usable()
    assert await _slept(rig, deeply=True) > 0
    await _over(rig, modem)


async def wakes_a_module_that_is_about_to_sleep(rig):
    modem, _ = await _node(rig)
    await _sleeps_deeply(rig, modem)
    await rig.until(lambda: modem.power.depth == _depth(rig))  # told, and not done yet
    await modem.connect(APN)
    await rig.usable()
    await _over(rig, modem)


async def is_paged_in_deep_sleep(rig):
    modem, told = await _node(rig)
    if rig.model == SARA:
        return  # in PSM nobody can reach it
    await _sleeps_deeply(rig, modem)
    sock = await rig.open("pause 6000;send 2000 9")
    await _asleep(rig, modem)
    await rig.until(lambda: DATA in [kind for kind, _, _ in told])
    assert await sock.read(2000) == pattern(2000, 9)
    await _over(rig, modem)


async def tells_a_restart_from_a_wake_up(rig):
    modem, told = await _node(rig)
    await _sleeps_deeply(rig, modem)
    sock = await rig.open("echo")
    await rig.echo(sock, b"before")
    await rig.ask("later 400 restart;control faults mute=+CGSN")
    assert isinstance(await fails(modem.imei), OSError)
    rig.tell("faults clear")
    await rig.until(lambda: (RESET, 0, 0) in told)
    assert code(await fails(sock.send, b"x")) == ECONNRESET
    await modem.connect(APN)
    await rig.usable()
    modem.poll()
    assert WOKE not in [kind for kind, _, _ in told], told
    await _asleep(rig, modem)  # it was told to sleep again
    await _over(rig, modem)


# ---- the microcontroller sleeps, too ----------------------------------------------------------


async def takes_up_where_it_was(rig):
    modem, _ = await _node(rig)
    await modem.power.save("timer", AFTER_MS)
    modem.recovery.counts[2] = 7
    sock = await rig.open("echo")
    await rig.echo(sock, b"before")
    state = modem.save_state()
    assert len(state) <= 256
    await rig.sleep(DOZE_MS)
    _unheard(rig)
    modem = rig.wired(state=state)
    assert modem.resumed and modem.isconnected()
    sent = []
    modem.channel.trace = lambda way, line: sent.append(bytes(line))
    await modem.power_on(30000)
    await modem.connect(APN)
    modem.channel.trace = None
    line = b" ".join(sent)
    for touched in (b"+CFUN=", b"+COPS=", b"+CGDCONT=", b"+UPSDA=", b"+CGACT="):
        assert touched not in line, line
    assert modem.recovery.counts[2] == 7
    assert len(modem.socket_pool.adopted) == 1
    sock = rig.kept(modem.socket_pool.adopted[0])
    await rig.echo(sock, b"after")
    await sock.close()
    await _over(rig, modem)


async def takes_up_a_module_that_has_slept_deeply(rig):
    modem, _ = await _node(rig)
    await _sleeps_deeply(rig, modem)
    sock = await rig.open("echo")
    await rig.echo(sock, b"before")
    state = modem.save_state()
    await _asleep(rig, modem)
    _unheard(rig)
    rig.breaks_rules = True  # nothing tells the new program that the module sleeps: it asks
    modem = rig.wired(state=state)
    await modem.power_on(30000)
    await modem.connect(APN)
    sock = rig.kept(modem.socket_pool.adopted[0])
    if rig.model == SARA:
        assert code(await fails(sock.send, b"x")) == ECONNRESET
    else:
        await rig.echo(sock, b"after")
    await sock.close()
    await _over(rig, modem)


async def ignores_a_damaged_state(rig):
    modem = await rig.connected()
    await rig.open("echo")
    good = modem.save_state()
    assert rig.made(state=good).resumed
    for length in range(len(good)):
        assert not rig.made(state=good[:length]).resumed
    for i in range(len(good)):
        damaged = bytearray(good)
        damaged[i] ^= 16
        assert not rig.made(state=damaged).resumed
    assert not rig.other(rig.uart, state=good).resumed
    await rig.connected()
    await rig.usable()


# ---- what was asked and granted, refused and explained ----------------------------------------


async def tells_what_was_asked_and_what_was_granted(rig):
    modem, _ = await _node(rig)
    power = modem.power
    if rig.model == SARA:
        await power.save("timer", AFTER_MS)
        assert await power.psm() == (None, None)
        assert await power.set_psm(3601, 599) == (3600, 600)
        assert await power.psm() == ((3600, 600), (3600, 600))
        await power.psm_off()
        assert (await power.psm())[0] is None
    assert await power.set_edrx(80, 5) == (81.92, 5.12)
    requested, granted = await power.edrx()
    assert requested[0] == 81.92 and granted == (81.92, 5.12), (requested, granted)
    await power.edrx_off()
    assert (await power.edrx())[1] is None
    await _over(rig, modem)


async def refuses_before_anything_is_sent(rig):
    modem, _ = await _node(rig)
    power = modem.power
    bad = [
        (power.save, "nap"), (power.save, "timer", 0), (power.save, "timer", 10**9),
        (power.save, "timer", 5000, "deep"), (power.save, "rts"), (power.save, "gpio"),
        (power.set_psm, -1, 0), (power.set_psm, 3600, 99999), (power.set_psm, 3600, "6"),
        (power.set_edrx, 0), (power.set_edrx, 10, 1000), (power.set_edrx, 20, 5, 7),
    ]  # fmt: skip
    written = rig.uart.written
    for call, *arguments in bad:
        error = await fails(call, *arguments)
        assert isinstance(error, (ValueError, TypeError)), (arguments, error)
    if rig.model == SARA:
        assert code(raises(power.awake)) == EOPNOTSUPP
    else:
        assert code(await fails(power.release_assistance)) == EOPNOTSUPP
    modem.pins = None
    assert isinstance(await fails(power.set_psm, 3600, 6), ValueError)
    assert rig.uart.written == written
    await rig.usable()


async def explains_what_keeps_the_module_awake(rig):
    modem, _ = await _node(rig)
    power = modem.power
    assert "power saving is off: call save()" in await power.blockers()
    if rig.model == SARA:
        await power.save("timer", AFTER_MS)
        assert "PSM is not requested: call set_psm()" in await power.blockers()
        await power.set_psm(3600, 600)
    else:
        await _sleeps_deeply(rig, modem)
        first = await rig.open("pause 300;send 6 1")
        second = await rig.open("echo")
        assert (first.slot.always_on, second.slot.always_on) == (True, False)
        told = "socket %d is not always-on: only the first of each kind is" % second.slot.number
        assert told in await power.blockers()
        await second.close()
        await rig.until(lambda: first.ioctl(3, 1))
        told = "socket %d has 6 bytes to be read" % first.slot.number
        assert told in await power.blockers()
        assert await first.read(6) == pattern(6, 1)
    await rig.until(lambda: power.radio is False)
    assert await power.blockers() == []
    await _over(rig, modem)


async def balances_votes_whatever_happens(rig):
    modem, _ = await _node(rig)
    if rig.model == SARA:
        return  # refuses_before_anything_is_sent
    power = modem.power
    await _sleeps_deeply(rig, modem)
    try:
        async with power.awake(), power.awake():
            assert power.votes == 2
            raise KeyError("inside")
    except KeyError:
        pass
    assert power.votes == 0
    began = rig.now()
    modem.channel.keep_going = lambda: rig.since(began) < 400
    rig.tell("faults late=+USLPVOTE:1500")
    assert isinstance(await fails(power.awake().__aenter__), OSError)
    modem.channel.keep_going = None
    rig.tell("faults clear")
    assert len(await modem.imei()) == 15  # the next command settles it
    assert power.votes == 0 and not power.vote_owed
    await _asleep(rig, modem)
    async with power.awake():
        assert power.depth == 0
    await _over(rig, modem)


async def lets_the_radio_go_early(rig):
    modem, told = await _node(rig)
    if rig.model != SARA:
        return  # refuses_before_anything_is_sent
    await modem.power.report()
    sock = await rig.open("keep early")
    await rig.until(lambda: modem.power.radio is False)
    await modem.power.release_assistance()
    modem.poll()
    told.clear()
    began = rig.now()
    await sock.send(b"last words")
    await rig.until(lambda: (RADIO, 0, 0) in told)
    assert rig.since(began) < 400, rig.since(began)  # else after that and more of silence
    assert told[0] == (RADIO, 1, 0), told
    await modem.power.release_assistance(False)
    await rig.usable()
