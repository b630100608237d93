"""attach() copes with whatever an earlier host program left the module in, or says why not."""

from .errnos import EIO, ENODEV, ETIMEDOUT
from .rig import code, fails, pattern


async def _raw(rig, data, ms=300):
    """What an earlier host program wrote before it died."""
    rig.fresh_needed = True
    rig.breaks_rules = True  # it dies in the middle of something
    await rig.sleep(50)
    rig.uart.write(data)
    await rig.sleep(ms)


async def _taken_over(rig, **options):
    modem = rig.made()
    await modem.attach(**options)
    assert (await modem.model()).startswith(rig.model)
    await modem.connect()
    await rig.usable()


async def attaches_to_an_echoing_module(rig):
    modem = await rig.connected()
    await modem.at("E1")
    await _taken_over(rig)


async def attaches_behind_half_a_command_line(rig):
    await rig.connected()
    await _raw(rig, b"AT+CGM")
    await _taken_over(rig)


async def attaches_at_another_rate(rig):
    modem = await rig.connected()
    rig.fresh_needed = True
    await modem.at("+IPR=460800")
    await rig.sleep(200)
    modem = rig.made()
    await modem.attach()
    assert (await modem.model()).startswith(rig.model)
    await modem.at("+IPR=" + str(rig.baudrate))
    await rig.sleep(200)
    await _taken_over(rig)


async def attaches_to_a_half_entered_prompt(rig):
    await rig.connected()
    await rig.open("echo")
    await _raw(rig, b"AT+USOWR=0,1024\r")
    await _raw(rig, b"half of it")
    await _taken_over(rig)


async def attaches_to_a_module_in_data_mode(rig):
    await rig.connected()
    await rig.open("echo")
    await _raw(rig, b"AT+USODL=0\r")
    await _raw(rig, b"raw data")
    await _taken_over(rig)


async def closes_sockets_that_were_left_open(rig):
    modem = await rig.connected()
    await rig.open_several(rig.sockets)
    modem = rig.made()
    await modem.attach()
    for sock in await rig.open_several(rig.sockets):
        await rig.echo(sock, b"new")


async def adopts_sockets_that_were_left_open(rig):
    await rig.connected()
    old = await rig.open("echo")
    await old.sendall(pattern(300, 3))
    await rig.until(lambda: old.ioctl(3, 1))
    modem = rig.made()
    await modem.attach(sockets="adopt")
    assert len(modem.socket_pool.adopted) == 1
    sock = modem.socket_pool.adopted[0]
    sock.settimeout(60)
    assert await sock.getpeername() == rig.tcp
    assert await sock.read(300) == pattern(300, 3)
    await rig.echo(sock, b"adopted")
    await sock.close()


async def keeps_out_of_sockets_that_were_left_open(rig):
    await rig.connected()
    await rig.open("echo")
    modem = rig.made()
    await modem.attach(sockets="keep")
    assert modem.socket_pool.adopted == []
    await rig.usable()


async def says_that_nothing_was_heard(rig):
    await rig.connected()
    rig.uart.deaf = True
    modem = rig.made()
    for timeout in (1500, 6000):
        began = rig.now()
        try:
            await modem.attach(timeout_ms=timeout)
        except OSError as error:
            assert error.args[0] == ETIMEDOUT and "nothing" in str(error), error
            assert rig.since(began) < timeout + 500, (timeout, rig.since(began))
        else:
            raise AssertionError("attached to nothing")
    rig.uart.deaf = False
    await _taken_over(rig)


async def says_what_rubbish_was_heard(rig):
    await rig.connected()
    rig.breaks_rules = True
    rig.uart.noise = b"zq\xf0\r\n"
    modem = rig.made()
    began = rig.now()
    try:
        await modem.attach(timeout_ms=3000)
    except OSError as error:
        assert "zq" in str(error), error
        assert rig.since(began) < 6000, rig.since(began)
    else:
        raise AssertionError("attached to noise")
    rig.uart.noise = b""
    await _taken_over(rig)


async def gives_a_command_up_when_the_module_falls_silent(rig):
    modem = await rig.connected()
    rig.fresh_needed = True
    rig.uart.deaf = True
    began = rig.now()
    error = await fails(modem.at, "+CGMM", 1000)
    assert code(error) == ETIMEDOUT and "CGMM" in str(error), error
    assert rig.since(began) < 1500
    rig.uart.deaf = False
    await rig.sleep(500)
    assert (await modem.model()).startswith(rig.model)
    await rig.usable()


async def refuses_the_wrong_model(rig):
    await rig.connected()
    rig.fresh_needed = True
    error = await fails(rig.other(rig.uart).attach)
    assert code(error) == ENODEV, error
    assert rig.model in str(error) and rig.other_model in str(error), error


async def quarantines_a_late_answer(rig):
    modem = await rig.connected()
    await rig.ask("control faults late=+CGSN:2500")
    imsi = await modem.imsi()
    error = await fails(modem.at, "+CGSN", 500)
    assert code(error) == ETIMEDOUT, error
    assert await modem.imsi() == imsi
    await rig.ask("control faults clear")
    await rig.usable()


async def reports_an_error_in_words(rig):
    modem = await rig.connected()
    error = await fails(modem.at, '+CPIN="0000"')
    assert code(error) == EIO and "+CPIN" in str(error), error


async def aborts_a_scan_nobody_waits_for_any_more(rig):
    modem = await rig.connected()

    async def scan():
        await modem.channel.command(b"+COPS=?", timeout_ms=500, abortable=True)

    assert code(await fails(scan)) == ETIMEDOUT
    began = rig.now()
    assert (await modem.model()).startswith(rig.model)
    assert rig.since(began) < 2000
    await rig.usable()
