# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""What is wrong is refused before a byte is sent."""

from .rig import fails, raises


async def _nothing_sent(rig, cases):
    for wanted, call, *arguments in cases:
        before = rig.uart.written
        try:
            error = await fails(call, *arguments)
        except AssertionError:
            raise AssertionError("accepted: %r" % (arguments,))
        assert isinstance(error, wanted), (arguments, repr(error))
        assert rig.uart.written == before, "sent before refusing %r" % (arguments,)


async def refuses_hosts_that_could_end_the_command(rig):
    modem = await rig.connected()
    pool = rig.pool
    cases = []
    for bad in ("a\rb", "a\nb", 'a"b', "a\0b", "a\x1ab", "a\x7fb"):
        cases.append((ValueError, rig.stream().connect, (bad, 80)))
        cases.append((ValueError, modem.resolve, bad))
        cases.append((ValueError, pool.getaddrinfo, bad, 80))
        cases.append((ValueError, rig.datagrams().sendto, b"x", (bad, 80)))
        await _nothing_sent(rig, cases)
        cases = []
        rig.fresh_needed = True
        modem = await rig.connected()
        pool = rig.pool
    await rig.usable()


async def refuses_hosts_that_are_too_long_or_empty(rig):
    modem = await rig.connected()
    await _nothing_sent(
        rig,
        (
            (ValueError, modem.resolve, ""),
            (ValueError, modem.resolve, "a" * 129),
            (ValueError, rig.stream().connect, ("", 80)),
            (ValueError, rig.stream().connect, ("a" * 129, 80)),
            (ValueError, rig.datagrams().sendto, b"x", ("a" * 129, 80)),
        ),
    )


async def refuses_wrong_types(rig):
    modem = await rig.connected()
    sock = await rig.open("echo")
    await _nothing_sent(
        rig,
        (
            (TypeError, modem.resolve, None),
            (TypeError, modem.resolve, 17),
            (TypeError, rig.stream().connect, (None, 80)),
            (TypeError, rig.stream().connect, ("host", "80")),
            (TypeError, sock.send, None),
            (TypeError, sock.send, 5),
            (TypeError, sock.sendall, [1, 2]),
            (TypeError, modem.connect, 5),
            (TypeError, modem.connect, None),
        ),
    )
    await rig.echo(sock, b"unharmed")


async def refuses_ports_out_of_range(rig):
    await rig.connected()
    await _nothing_sent(
        rig,
        (
            (ValueError, rig.stream().connect, (rig.host, 0)),
            (ValueError, rig.stream().connect, (rig.host, 65536)),
            (ValueError, rig.stream().connect, (rig.host, -1)),
            (ValueError, rig.datagrams().sendto, b"x", (rig.host, 70000)),
            (ValueError, rig.stream().bind, ("", 65536)),
            (ValueError, rig.stream().bind, ("", -1)),
        ),
    )


async def refuses_option_values_of_the_wrong_kind(rig):
    await rig.connected()
    sock = rig.stream()
    await _nothing_sent(
        rig,
        (
            (TypeError, sock.setsockopt, 6, 1, None),
            ((TypeError, ValueError), sock.setsockopt, 6, 1, "on"),
            (TypeError, sock.setsockopt, 6, "nodelay", 1),
        ),
    )


async def refuses_access_points_that_could_end_the_command(rig):
    modem = await rig.connected()
    await _nothing_sent(
        rig,
        (
            (ValueError, modem.connect, 'a"b'),
            (ValueError, modem.connect, "a\rb"),
            (ValueError, modem.connect, "a\nb"),
            (ValueError, modem.connect, "a\0b"),
            (ValueError, modem.connect, "a" * 100),
        ),
    )
    assert modem.isconnected()


async def refuses_commands_with_control_characters(rig):
    modem = await rig.connected()
    await _nothing_sent(
        rig,
        (
            (ValueError, modem.at, "+CGMM\r+CPWROFF"),
            (ValueError, modem.at, "+CGMM\n"),
            (ValueError, modem.at, "\0"),
            (ValueError, modem.at, "+UX=" + "a" * 5000),
        ),
    )


async def refuses_sockets_of_other_kinds(rig):
    modem = await rig.connected()
    before = rig.uart.written
    # EAFNOSUPPORT, EPROTONOSUPPORT: as CPython's sockets.
    for errno, arguments in ((97, (1, 1)), (93, (2, 3)), (93, (2, 1, 99)), (93, (2, 1, 17))):
        error = raises(modem.socket, *arguments)
        assert isinstance(error, OSError) and error.args[0] == errno, error
    assert rig.uart.written == before


async def refuses_ways_of_attaching_it_does_not_know(rig):
    modem = await rig.connected()

    async def attach():
        await modem.attach(sockets="maybe")

    await _nothing_sent(rig, ((ValueError, attach),))


async def names_the_methods_a_uart_lacks(rig):
    class Poor:
        def write(self, data):
            return len(data)

    await rig.connected()
    for uart in (Poor(), None, 5):
        error = raises(rig.cls, uart)
        assert isinstance(error, TypeError)
        assert "readinto" in str(error) and "any" in str(error), error
    assert "write" in str(raises(rig.cls, None))


async def names_the_services_it_does_not_have(rig):
    modem = await rig.connected()
    error = raises(getattr, modem, "mux")
    assert isinstance(error, AttributeError) and rig.model in str(error), error
    assert isinstance(raises(getattr, modem, "nonsense"), AttributeError)
