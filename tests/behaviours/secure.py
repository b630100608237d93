"""TLS on sockets: certificates, profiles, the ordinary ways to ask for it, and what goes wrong."""

from ublox_cellular.core.errors import NotSupported
from ublox_cellular.event import NOT_ALWAYS_ON

from .errnos import EAGAIN, EBUSY, ECONNREFUSED, EINPROGRESS, EISCONN, ENFILE
from .rig import TIMEOUT_S, code, fails, pattern, raises

SARA = "SARA-R5"


async def _trusting(rig, **wishes):
    """A modem that has the private CA, and a profile that trusts it."""
    modem = await rig.connected()
    await modem.security.store("CA", "peers", rig.place["pem"]["ca"].encode())
    return modem, modem.security.profile(ca="peers", **wishes)


async def _secured(rig, profile, port="tls", host=""):
    """A socket that speaks TLS with the peer behind `port`."""
    sock = rig.stream()
    await sock.secure(profile)
    await sock.connect((host or rig.name, rig.place[port]))
    return sock


async def _echoes(rig, sock, data):
    await sock.sendall("echo\n")
    await rig.echo(sock, data)


async def speaks_tls(rig):
    _, profile = await _trusting(rig)
    sock = await _secured(rig, profile)
    await _echoes(rig, sock, pattern(3000, 3))
    await sock.close()
    await rig.usable()


async def reads_a_long_answer_over_tls(rig):
    _, profile = await _trusting(rig)
    sock = await _secured(rig, profile)
    await sock.sendall("send 20000 5;close\n")
    assert await sock.read() == pattern(20000, 5)
    await sock.close()


async def shows_its_own_certificate(rig):
    modem, _ = await _trusting(rig)
    pem = rig.place["pem"]
    await modem.security.store("CC", "device", pem["cert"].encode())
    await modem.security.store("PK", "device", pem["key"].encode())
    profile = modem.security.profile(ca="peers", cert="device", key="device")
    sock = await _secured(rig, profile, "tls_mutual")
    await _echoes(rig, sock, b"known to the server")
    await sock.close()


async def refuses_a_server_of_another_ca(rig):
    _, profile = await _trusting(rig)
    await _refused(rig, profile, "tls_stranger")


async def refuses_a_certificate_of_the_past(rig):
    _, profile = await _trusting(rig)
    await _refused(rig, profile, "tls_expired")


async def refuses_a_server_of_another_name(rig):
    _, profile = await _trusting(rig)
    await _refused(rig, profile, "tls_elsewhere")


async def is_refused_without_its_certificate(rig):
    _, profile = await _trusting(rig, min_version="1.2")
    sock = rig.stream()
    try:  # with TLS 1.3 a client learns only by the first read that it was refused
        await sock.secure(profile)
        await sock.connect((rig.name, rig.place["tls_mutual"]))
        await sock.sendall("echo\n")
        await rig.echo(sock, b"x" * 10)
    except (OSError, AssertionError):
        pass
    else:
        raise AssertionError("not refused")
    await sock.close()
    await rig.usable()


async def _refused(rig, profile, port):
    sock = rig.stream()
    await sock.secure(profile)
    error = await fails(sock.connect, (rig.name, rig.place[port]))
    assert isinstance(error, OSError) and "TLS" in str(error), repr(error)
    await sock.close()
    await rig.usable()


async def verifies_less_only_when_told(rig):
    modem, _ = await _trusting(rig)
    for port, verify in (
        ("tls_stranger", "none"),
        ("tls_expired", "host"),
        ("tls_elsewhere", "chain"),
    ):
        profile = modem.security.profile(
            0, ca=None if verify == "none" else "peers", verify=verify
        )
        sock = await _secured(rig, profile, port)
        await _echoes(rig, sock, b"on my own risk")
        await sock.close()


async def goes_by_an_address_and_a_name_of_its_own(rig):
    _, profile = await _trusting(rig)
    sock = rig.stream()
    await sock.secure(profile, rig.name)
    await sock.connect((rig.host, rig.place["tls"]))
    await _echoes(rig, sock, b"by address")
    await sock.close()


async def stores_certificates_only_once(rig):
    modem, _ = await _trusting(rig)
    pem = rig.place["pem"]["ca"].encode()
    began = rig.uart.written
    await modem.security.store("CA", "peers", pem)
    assert rig.uart.written - began < 60, "sent again"


async def is_asked_as_the_ssl_module_is(rig):
    modem = await rig.connected()
    context = modem.ssl.create_default_context()
    context.load_verify_locations(cadata=rig.place["pem"]["ca"].encode())
    sock = await context.wrap_socket(rig.stream(), server_hostname=rig.name)
    await sock.connect((rig.host, rig.place["tls"]))
    await _echoes(rig, sock, b"in the ordinary way")
    await sock.close()


async def wraps_a_socket_that_is_connected(rig):
    modem = await rig.connected()
    context = modem.ssl.SSLContext(modem.ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = modem.ssl.CERT_NONE
    plain = rig.stream()
    await plain.connect((rig.host, rig.place["tls"]))
    sock = await context.wrap_socket(plain, server_hostname=rig.name)
    await _echoes(rig, sock, b"as umqtt and requests do")
    await sock.close()


async def is_asked_in_the_old_short_way(rig):
    modem = await rig.connected()
    pem = rig.place["pem"]
    wrap = modem.ssl.wrap_socket
    for port, options in (
        ("tls", {"cadata": pem["ca"].encode()}),
        ("tls_stranger", {"cert_reqs": modem.ssl.CERT_NONE}),
        ("tls_mutual", {"cadata": pem["ca"], "cert": pem["cert"], "key": pem["key"].encode()}),
    ):
        sock = await wrap(rig.stream(), server_hostname=rig.name, **options)
        await sock.connect((rig.host, rig.place[port]))
        await _echoes(rig, sock, b"as before")
        await sock.close()
    sock = await wrap(rig.stream(), cadata=pem["ca"], server_hostname=rig.name)
    error = await fails(sock.connect, (rig.host, rig.place["tls_stranger"]))
    assert isinstance(error, modem.ssl.SSLError), repr(error)
    await sock.close()
    await rig.usable()


async def heeds_what_a_context_is_told(rig):
    """Also one without a root certificate of its own: then all that the module has count."""
    modem, _ = await _trusting(rig)
    ssl = modem.ssl
    for port, change, good in (
        ("tls", {}, True),
        ("tls_stranger", {}, False),
        ("tls_elsewhere", {}, False),
        ("tls_expired", {}, False),
        ("tls_elsewhere", {"check_hostname": False}, True),
        ("tls_stranger", {"check_hostname": False}, False),
        ("tls_stranger", {"verify_mode": ssl.CERT_NONE}, True),
        ("tls_stranger", {"verify_mode": ssl.CERT_OPTIONAL}, False),
        ("tls_old", {"minimum_version": ssl.TLSVersion.TLSv1_2}, True),
    ):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for name in change:
            setattr(context, name, change[name])
        sock = await context.wrap_socket(rig.stream(), server_hostname=rig.name)
        if good:
            await sock.connect((rig.host, rig.place[port]))
            await _echoes(rig, sock, b"as it was told")
        else:
            error = await fails(sock.connect, (rig.host, rig.place[port]))
            assert isinstance(error, ssl.SSLError), (port, change, error)
        await sock.close()


async def makes_more_contexts_than_the_module_has_profiles(rig):
    modem, _ = await _trusting(rig)
    ssl = modem.ssl
    contexts = []
    for number in range(7):
        context = ssl.create_default_context()
        if number % 2:
            context.check_hostname = False
        context.minimum_version = (-2, 0x301, 0x302, 0x303)[number // 2]
        contexts.append(context)
    for context in contexts + contexts[:2]:
        sock = await context.wrap_socket(rig.stream(), server_hostname=rig.name)
        await sock.connect((rig.host, rig.place["tls"]))
        await _echoes(rig, sock, b"one of many")
        await sock.close()


async def _writable(rig, sock):
    """As asyncio waits for it; what the poll says."""
    await rig.until(lambda: sock.ioctl(3, 4), 60000)
    return sock.ioctl(3, 4)


async def _opened(rig, context, port, address=""):
    """The calls of MicroPython's asyncio.open_connection(ssl=…), in their order."""
    sock = rig.stream()
    sock.setblocking(False)
    try:
        await sock.connect((address or rig.host, rig.place[port]))
    except OSError as error:
        if code(error) != EINPROGRESS:
            raise
    sock = await context.wrap_socket(sock, server_hostname=rig.name, do_handshake_on_connect=False)
    sock.setblocking(False)
    return sock


async def opens_connections_as_asyncio_does(rig):
    modem, _ = await _trusting(rig)
    context = modem.ssl.SSLContext(modem.ssl.PROTOCOL_TLS_CLIENT)
    for ports in ((), (rig.place["tls"],)):  # with and without waiting for the wrapping
        rig.pool.tls_ports = ports
        sock = await _opened(rig, context, "tls")
        assert await _writable(rig, sock) & 4
        data = b"echo\n" + pattern(300, 1)
        at = 0
        while at < len(data):
            at += await sock.write(data[at:]) or 0
            await rig.sleep(5)
        got = b""
        while len(got) < 300:
            got += await sock.read(64) or b""
            await rig.sleep(5)
        assert got == pattern(300, 1)
        error = await fails(sock.recv, 10)  # nothing there
        assert isinstance(error, modem.ssl.SSLWantReadError) and code(error) == EAGAIN
        await sock.close()
    rig.pool.tls_ports = (443, 8883)
    await rig.usable()


async def reports_once_that_a_handshake_has_failed(rig):
    modem, _ = await _trusting(rig)
    context = modem.ssl.SSLContext(modem.ssl.PROTOCOL_TLS_CLIENT)
    for port in ("tls_stranger", "refused"):
        sock = await _opened(rig, context, port)
        assert await _writable(rig, sock) & 8
        first = await fails(sock.write, b"echo\n")
        if port == "refused":
            assert code(first) == ECONNREFUSED, repr(first)
        else:
            assert isinstance(first, modem.ssl.SSLError), repr(first)
        second = await fails(sock.write, b"echo\n")
        assert code(second) != code(first), repr(second)
        assert rig.pool.connecting is None and rig.pool.shaking is None
        assert modem.security.users == [None] * 5
        await sock.close()
        await rig.usable()


async def does_the_handshake_when_it_is_asked_to(rig):
    modem, _ = await _trusting(rig)
    context = modem.ssl.create_default_context()
    plain = rig.stream()
    await plain.connect((rig.host, rig.place["tls"]))
    sock = await context.wrap_socket(
        plain, server_hostname=rig.name, do_handshake_on_connect=False
    )
    await sock.do_handshake()
    assert sock.pending() == 0
    await _echoes(rig, sock, b"when it is wanted")
    await sock.do_handshake()  # is done
    await sock.close()
    plain = rig.stream()
    await plain.connect((rig.host, rig.place["tls_stranger"]))
    sock = await context.wrap_socket(
        plain, server_hostname=rig.name, do_handshake_on_connect=False
    )
    error = await fails(sock.do_handshake)
    assert isinstance(error, modem.ssl.SSLError), repr(error)
    await sock.close()
    await rig.usable()


def _counted(rig):
    """The connections the module is told to make from now on."""
    made = []
    rig.modem.channel.trace = lambda way, line: made.append(line) if b"+USOCO=" in line else None
    return made


async def connects_once_where_it_is_wrapped_afterwards(rig):
    """As umqtt and requests do: to the ports of TLS `connect()` waits for that."""
    modem, _ = await _trusting(rig)
    context = modem.ssl.create_default_context()
    rig.pool.tls_ports = (rig.place["tls"],)
    made = _counted(rig)
    plain = rig.stream()
    await plain.connect((rig.host, rig.place["tls"]))
    sock = await context.wrap_socket(plain, server_hostname=rig.name)
    await _echoes(rig, sock, b"once")
    assert len(made) == 1, made
    rig.modem.channel.trace = None
    rig.pool.tls_ports = (443, 8883)
    await sock.close()


async def uses_a_port_of_tls_in_the_clear(rig):
    """A program that has asked for `modem.ssl`, and does not wrap this one."""
    modem = await rig.connected()
    assert modem.ssl
    rig.pool.tls_ports = (rig.tcp[1], rig.refused[1])
    made = _counted(rig)
    sock = await rig.open("echo")
    await rig.echo(sock, b"plain")
    assert len(made) == 1, made
    await sock.close()
    for name, argument in (("sendall", b"x"), ("recv", 1)):
        sock = rig.stream()
        await sock.connect(rig.refused)
        assert code(await fails(getattr(sock, name), argument)) == ECONNREFUSED
        await sock.close()
    rig.modem.channel.trace = None
    rig.pool.tls_ports = (443, 8883)
    await rig.usable()


async def refuses_to_change_a_profile_in_use(rig):
    modem, profile = await _trusting(rig)
    await profile.hold(rig.name)
    for call in (profile.release, lambda: modem.security.profile(profile.number, verify="none")):
        assert code(raises(call)) == EBUSY
    assert code(await fails(profile.hold, "elsewhere.example", 300)) == EBUSY
    profile.let_go()
    await _echoes(rig, await _secured(rig, profile), b"as if nothing had been")


async def does_not_begin_tls_in_the_middle(rig):
    _, profile = await _trusting(rig)
    sock = await rig.open("echo")
    assert code(await fails(sock.secure, profile)) == EISCONN
    await rig.echo(sock, b"still plain")
    await sock.close()


async def takes_as_many_tls_sessions_as_there_are(rig):
    _, profile = await _trusting(rig)
    most = 4 if rig.model == SARA else 2
    socks = []
    for _ in range(most):
        socks.append(await _secured(rig, profile))
    for number in range(most):
        await _echoes(rig, socks[number], pattern(200, number))
    more = rig.stream()
    await more.secure(profile)
    error = await fails(more.connect, (rig.name, rig.place["tls"]))
    assert code(error) == ENFILE and str(most) in str(error), repr(error)
    await more.close()
    await socks[0].close()
    socks[0] = await _secured(rig, profile)
    await _echoes(rig, socks[0], b"in its place")
    for sock in socks:
        await sock.close()


async def secures_datagrams_where_the_module_can(rig):
    _, profile = await _trusting(rig)
    sock = rig.datagrams()
    if rig.model == SARA:
        assert isinstance(await fails(sock.secure, profile), NotSupported)
        return
    context = rig.modem.ssl.SSLContext(rig.modem.ssl.PROTOCOL_DTLS_CLIENT)
    await context.wrap_socket(sock, server_hostname=rig.name)
    await sock.connect((rig.host, rig.place["dtls"]))
    for size in (1, 100, 900):
        data = pattern(size, size)
        await sock.send(data)
        assert await sock.recv(1024) == data
    await sock.close()
    await rig.usable()


async def ends_with_the_module(rig):
    _, profile = await _trusting(rig)
    sock = await _secured(rig, profile)
    rig.breaks_rules = True
    rig.fresh_needed = True
    await rig.ask("later 300 restart")
    sock.settimeout(TIMEOUT_S)
    assert isinstance(await fails(sock.recv, 10), OSError)
    await sock.close()
    await rig.modem.connect("iot.example")
    sock = await _secured(rig, profile)  # the certificate is still there, the profile told again
    await _echoes(rig, sock, b"anew")
    await sock.close()


async def tells_that_it_is_no_longer_always_on(rig):
    if rig.model == SARA:
        return
    told = []
    modem = rig.wired()
    await modem.power_on(30000)
    await modem.connect("iot.example")
    modem.on_event = lambda kind, a, b: told.append(kind)
    await modem.power.save("timer", 5000)
    await modem.security.store("CA", "peers", rig.place["pem"]["ca"].encode())
    sock = await _secured(rig, modem.security.profile(ca="peers"))
    modem.poll()
    assert NOT_ALWAYS_ON in told
    await sock.close()
    await modem.power.save("off")
