"""TLS on sockets: certificates, profiles, the ordinary ways to ask for it, and what goes wrong."""

from ublox_cellular.core.errors import NotSupported
from ublox_cellular.event import NOT_ALWAYS_ON

from .errnos import EISCONN, ENFILE
from .rig import TIMEOUT_S, code, fails, pattern

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
    await sock.secure(profile)
    await sock.connect((rig.name, rig.place["dtls"]))
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
