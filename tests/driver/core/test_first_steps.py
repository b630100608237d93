"""What a newcomer runs into: calls that are not quite right get the error of CPython's `socket`,
or one that names what is wrong; texts of errors say to whom, by what and what to check.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from demonstration import places
from driver.support.crowd import Crowd
from driver.support.node import APN, Node
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core import errors
from ublox_cellular.core.service_errors import MqttError

PEER = "192.0.2.1"
BOTH = [(flavour, module) for flavour in FLAVOURS for module in MODULES]


@pytest.fixture(params=BOTH, ids="-".join)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    flavour, module = request.param
    made = Bench(flavour, module, Crowd(7 if module == "sara-r5" else 6))
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


@pytest.fixture(params=BOTH, ids="-".join)
def node(request: pytest.FixtureRequest, nodes: Callable[..., Node]) -> Node:
    flavour, module = request.param
    return nodes(module, flavour)


# ---- sockets: the same error as CPython's, and a word that names the culprit --------------------

ERROR = type[BaseException]
CALLS: list[tuple[str, ERROR | int, str]] = [
    ("s.connect((PEER, 7, 0))", TypeError, "host, port"),
    ("s.connect((PEER, 7, 0, 0))", TypeError, "host, port"),
    ("s.connect((PEER,))", TypeError, "host, port"),
    ("s.connect((PEER, '7'))", TypeError, "port"),
    ("s.connect((5, 7))", TypeError, "host"),
    ("s.bind(('', 7, 0))", TypeError, "host, port"),
    ("s.bind(('', '7'))", TypeError, "port"),
    ("six.connect(('::1', '7'))", TypeError, "port"),
    ("six.connect(('::1', 7, 0, 0, 0))", TypeError, "host, port"),
    ("d.sendto(b'x', (PEER, 7, 0))", TypeError, "host, port"),
    ("d.sendto(b'x', (PEER, '7'))", TypeError, "port"),
    ("s.recv('5')", TypeError, "bufsize"),
    ("s.recv(None)", TypeError, "bufsize"),
    ("s.recv(5.0)", TypeError, "bufsize"),
    ("s.recv(-1)", ValueError, "bufsize"),
    ("d.recvfrom('5')", TypeError, "bufsize"),
    ("d.recvfrom(-1)", ValueError, "bufsize"),
    ("s.recv_into(bytearray(4), '5')", TypeError, "nbytes"),
    ("s.recv_into(bytearray(4), 5)", ValueError, "nbytes"),
    ("s.recv_into(bytearray(4), -1)", ValueError, "nbytes"),
    ("s.settimeout('5')", TypeError, "timeout"),
    ("s.settimeout([])", TypeError, "timeout"),
    ("s.settimeout(-1)", ValueError, "timeout"),
    ("s.settimeout(float('nan'))", ValueError, "timeout"),
    ("m.setdefaulttimeout('5')", TypeError, "timeout"),
    ("m.create_connection((PEER, 7), '5')", TypeError, "timeout"),
    ("m.create_connection((PEER, 7), -1)", ValueError, "timeout"),
    ("m.create_connection((PEER, '7'))", TypeError, "port"),
    ("s.shutdown('x')", TypeError, "how"),
    ("s.listen('x')", TypeError, "backlog"),
    ("s.setsockopt(65535, 77, 1)", 92, "77 of SOL_SOCKET"),
    ("s.setsockopt(1, 77, 1)", 92, "77 of SOL_SOCKET"),
    ("s.setsockopt(6, 77, 1)", 92, "77 of IPPROTO_TCP"),
    ("s.setsockopt(0, 77, 1)", 92, "77 of IPPROTO_IP"),
    ("s.getsockopt(77, 1)", 92, "1 of level 77"),
    ("s.getsockopt('x', 1)", TypeError, "level"),
    ("m.socket(2, 1, 17)", 93, ""),
    ("m.socket(2, 2, 6)", 93, ""),
    ("m.socket(2, 1, 99)", 93, ""),
    ("m.socket(2, 3, 0)", 93, ""),
    ("m.socket(10, 1, 17)", 93, ""),
    ("m.socket(2, 5, 0)", 94, ""),
    ("m.socket(99, 1, 0)", 97, ""),
    ("m.socket('2')", TypeError, "family"),
    ("m.getaddrinfo(PEER, 80, 99)", -6, ""),
    ("m.getaddrinfo(PEER, 80, 0, 9)", -7, ""),
    ("m.getaddrinfo(PEER, 80, 0, 1, 17)", -7, ""),
    ("m.getaddrinfo(PEER, 80, 0, 2, 6)", -7, ""),
    ("s.sendmsg([b'x'])", AttributeError, "'socket' object has no attribute 'sendmsg'"),
    ("s.recvmsg(5)", AttributeError, "'socket' object has no attribute 'recvmsg'"),
    ("m.sendmsg", AttributeError, "has no 'socket_pool.sendmsg'"),
]
UNLIKE = ("sendmsg", "recvmsg", "create_connection", "77")
"""What CPython has, or would try to reach a peer for; and options of its own."""


def called(what: str, module: Any, call: Callable[..., Any]) -> BaseException:
    socks = {"s": (2, 1), "d": (2, 2), "six": (10, 1)}
    made = {name: module.socket(*kind) for name, kind in socks.items()}
    try:
        work = eval(what, {"m": module, "PEER": PEER, **made})
        call(lambda: work)
    except Exception as error:
        return error
    finally:
        for sock in made.values():
            call(sock.close)
    raise AssertionError(what + " was taken")


@pytest.mark.parametrize(("what", "wanted", "word"), CALLS, ids=[case[0] for case in CALLS])
def test_a_wrong_call_has_the_error_of_cpython_and_says_what_is_wrong(
    what: str, wanted: Any, word: str, bench: Bench
) -> None:
    crowd: Any = bench.partner
    before = len(crowd.commands)
    error: Any = called(what, bench.modem.socket_pool, bench.call)
    assert isinstance(error, OSError) == isinstance(wanted, int)
    assert error.errno == wanted if isinstance(wanted, int) else type(error) is wanted, error
    assert word in str(error)
    assert not [line for line in crowd.commands[before:] if not line.startswith("+USOCL")]
    assert bench.modem.socket_pool.taken() == 0
    if not any(part in what for part in UNLIKE):
        theirs: Any = called(what, socket, lambda function: function())
        if isinstance(wanted, int):
            assert theirs.errno == wanted
        else:
            assert isinstance(theirs, wanted)


def test_ipv6_addresses_may_have_their_four_parts(bench: Bench) -> None:
    """Also of a socket that was made without a family, as MicroPython's programs make them."""
    for sock in (bench.modem.socket(10), bench.modem.socket()):
        bench.call(sock.connect, ("2001:db8::7", 7, 0, 0))
        bench.call(sock.close)


def test_what_is_not_there_is_named_with_whose_it_is(bench: Bench) -> None:
    modem: Any = bench.modem
    pool = modem.socket_pool
    things = [modem, modem.network, modem.security, modem.files, modem.mqtt, modem.http, modem.ssl,
              modem.power, modem.socket(), modem.ssl.SSLContext(), pool]  # fmt: skip
    for thing in things:
        with pytest.raises(AttributeError) as caught:
            _ = thing.no_such
        kind = type(thing).__name__
        service = next((name for name, one in modem.loaded.items() if one is thing), "")
        if thing is modem or service:  # CPython; MicroPython has its own words
            assert str(caught.value) == f"{modem.name} has no '{service and service + '.'}no_such'"
        else:
            assert f"'{kind}' object has no attribute 'no_such'" in str(caught.value)
    with pytest.raises(AttributeError, match="module 'ublox_cellular' has no attribute 'no_such'"):
        _ = __import__("ublox_cellular").no_such


def test_a_hook_that_is_no_function_is_refused_before_anything_is_sent(bench: Bench) -> None:
    crowd: Any = bench.partner
    before = len(crowd.commands)
    for hook in (5, "x", (1,)):
        bench.modem.channel.keep_going = hook
        with pytest.raises(TypeError, match="keep_going"):
            bench.call(bench.modem.at, "+CSQ")
    assert len(crowd.commands) == before
    bench.modem.channel.keep_going = None
    bench.call(bench.modem.at, "+CSQ")


# ---- texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        errors.CommandError(5, "AT+X", 3), errors.CommandTimeout(110, "AT+X", 5, "nothing"),
        errors.ModuleLost(110, "no module"), errors.NotSupported(95, "SARA-R5", "thing"),
        MqttError(5, "AT+UMQTTC=1", 13, 33),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_the_repr_of_an_error_has_its_class_errno_and_sentence(error: Any) -> None:
    assert str(error)
    assert repr(error) == f"{type(error).__name__}({error.errno}, {str(error)!r})"


def test_a_broker_that_cannot_be_reached_is_named(node: Node) -> None:
    modem = node.up()
    with pytest.raises(OSError, match=r"127\.0\.0\.1: "):
        node.call(modem.mqtt.connect, "127.0.0.1", 1, client_id="x", timeout_ms=20000)


def test_a_root_certificate_that_the_module_does_not_have_is_named(node: Node) -> None:
    modem = node.up()
    profile = modem.security.profile(ca="mistyped")
    sock = modem.socket()
    node.call(sock.secure, profile)
    with pytest.raises(OSError, match="mistyped"):
        node.call(sock.connect, ("127.0.0.1", node.tcp.port))


@pytest.mark.parametrize("wires", ["", "power_key", "power_key power_sense"])
@pytest.mark.parametrize(("flavour", "module"), BOTH)
def test_a_module_that_does_not_answer_comes_with_what_to_check(
    flavour: str, module: str, wires: str
) -> None:
    class Dead:
        """A UART to which nothing is wired."""

        def __init__(self, bench: Bench) -> None:
            self.clock = bench.clock

        def any(self) -> int:
            return 0

        def readinto(self, _buf: Any, *_more: int) -> None:
            return None

        def write(self, data: Any) -> int:
            return len(data)

        def init(self, baudrate: int) -> None:
            pass

    bench = Bench(flavour, module, Crowd())
    pins = {name: lambda *level: 0 for name in wires.split()}
    modem = places.modem_class(flavour, module)(Dead(bench), **pins)
    with pytest.raises(errors.ModuleLost) as caught:
        bench.call(modem.power_on)
    bench.close()
    text = str(caught.value)
    for word in ("supply", "TX", "RX", "baud", "115200", "460800"):
        assert word in text
    assert ("power_key=" in text) == (not wires) and "power_key" in text
    assert ("V_INT is off" in text) == ("sense" in wires)


# ---- the clock ----------------------------------------------------------------------------------


def test_the_clock_is_set_by_what_it_gives(node: Node) -> None:
    modem = node.up()
    when = (2031, 2, 3, 4, 5, 6, 60)
    node.call(modem.clock, when)
    assert node.call(modem.clock)[:5] == when[:5] and node.call(modem.clock)[6] == 60
    before = len(node.sent())
    for wrong in ("2031", (1,), None, 5, ("a", 1, 1), (2031, 13, 1)):
        with pytest.raises((TypeError, ValueError)):
            node.call(modem.clock, wrong)
    assert len(node.sent()) == before


# ---- two callers of connect() -------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_the_second_connect_comes_after_the_first_and_has_its_own_wish(
    module: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, "asyncio", registered_after_ms=5000)
    modem = node.make()
    node.call(modem.power_on)
    order: list[str] = []

    async def wish(apn: str) -> None:
        await modem.connect(apn)
        order.append(await modem.config("apn"))

    async def both() -> None:
        first = asyncio.create_task(wish(APN))
        await asyncio.sleep(1)  # it waits for the network
        await wish("second.example")
        await first

    node.call(both)
    assert order == [APN, "second.example"]
    told = [line for line in node.sent().split(b"\r") if b"+CGDCONT=1" in line]
    assert [b"second" in line for line in told] == [False, True], told
    node.usable()


@pytest.mark.parametrize("over", ["disconnect", "connect"])
@pytest.mark.parametrize("module", MODULES)
def test_a_connect_that_is_not_wanted_any_more_raises(
    module: str, over: str, nodes: Callable[..., Node]
) -> None:
    node = nodes(module, "asyncio", registered_after_ms=5000)
    modem = node.make()
    node.call(modem.power_on)

    async def both() -> None:
        first = asyncio.create_task(modem.connect(APN))
        await asyncio.sleep(1)
        if over == "connect":
            await modem.connect("second.example", wait=False)
        else:
            await modem.disconnect()
        with pytest.raises(errors.ModemError, match="given up") as caught:
            await first
        assert caught.value.errno == 125
        while over == "connect" and not modem.isconnected():
            await asyncio.sleep(0.1)

    node.call(both)
    assert (modem.network.wanted is None) == (over == "disconnect")
    if over == "connect":
        assert node.call(modem.config, "apn") == "second.example"


# ---- streams ------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_streams_have_the_limit_of_asyncio(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, "asyncio")
    modem = node.up()

    async def work() -> None:
        reader, writer = await modem.open_connection("127.0.0.1", node.tcp.port, limit=8)
        writer.write(b"12345678\n123456789\nab;12345678;123456789;rest")
        await writer.drain()
        assert await reader.readline() == b"12345678\n"
        with pytest.raises(ValueError, match="8"):
            await reader.readline()
        assert await reader.readexactly(1) == b"\n"
        assert await reader.readuntil(b";") == b"ab;"
        assert await reader.readuntil(b";") == b"12345678;"
        with pytest.raises(asyncio.LimitOverrunError):
            await reader.readuntil(b";")
        assert await reader.readexactly(10) == b"123456789;"
        writer.close()
        await writer.wait_closed()

    node.call(work)


@pytest.mark.parametrize("module", MODULES)
def test_streams_check_what_they_are_given(module: str, nodes: Callable[..., Node]) -> None:
    node = nodes(module, "asyncio")
    modem = node.up()
    before = len(node.sent())

    def handler(_reader: Any, _writer: Any) -> None: ...

    for call, wrong in [
        (lambda: modem.start_server(5, None, 5000), TypeError),
        (lambda: modem.start_server(None, None, 5000), TypeError),
        (lambda: modem.start_server(handler, None, 5000, limit="8"), TypeError),
        (lambda: modem.start_server(handler, None, 5000, limit=0), ValueError),
        (lambda: modem.start_server(handler, None, "5000"), TypeError),
        (lambda: modem.open_connection(PEER, 7, limit=0), ValueError),
        (lambda: modem.open_connection(PEER, 7, limit="8"), TypeError),
        (lambda: modem.open_connection(PEER, "7"), TypeError),
    ]:
        with pytest.raises(wrong):
            node.call(call)
    assert len(node.sent()) == before and modem.socket_pool.taken() == 0


# ---- TLS without a name -------------------------------------------------------------------------


def test_wrapping_without_a_name_to_check_is_refused(bench: Bench) -> None:
    crowd: Any = bench.partner
    ssl: Any = bench.modem.ssl

    def connected() -> Any:
        sock = bench.modem.socket()
        bench.call(sock.connect, (PEER, 443))
        return sock

    for wrap in (ssl.wrap_socket, ssl.create_default_context().wrap_socket):
        before = len(crowd.commands)
        sock = connected()
        with pytest.raises(ValueError, match="server_hostname"):
            bench.call(wrap, sock)
        assert len(crowd.commands) == before  # it was to be carried out by wrap_socket()
        bench.call(sock.close)
    sock = bench.modem.socket()
    sock.setblocking(False)
    bench.call(ssl.wrap_socket, sock)  # the host that it is connected to
    bench.call(sock.close)
    sock = connected()
    sock.setblocking(False)
    bench.call(ssl.wrap_socket, sock, cert_reqs=ssl.CERT_NONE)
    assert sock.tls is not None and sock.tls.level == 0
    bench.call(sock.close)


# ---- install() ----------------------------------------------------------------------------------


async def _page(reader: Any, writer: Any) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nby a modem\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("imported", ["before", "after"])
@pytest.mark.parametrize("module", MODULES)
def test_http_client_of_cpython_uses_the_modem(
    module: str, imported: str, nodes: Callable[..., Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    import http.client
    import importlib
    import sys

    node = nodes(module, "blocking")
    modem = node.up()
    server = node.loop.run_until_complete(asyncio.start_server(_page, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    client: Any = http.client
    if imported == "after":  # anew, and put back afterwards
        monkeypatch.setattr(http, "client", client)
        monkeypatch.delitem(sys.modules, "http.client")
    with modem.install(into=(http.client,) if imported == "before" else ()):
        if imported == "after":
            client = importlib.import_module("http.client")
        connection = client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"by a modem\n")
        assert type(connection.sock).__module__.startswith(("ublox_cellular", "builtins"))
        connection.close()
        assert b"+USOCO" in node.sent()
        client.HTTPSConnection("127.0.0.1", port)  # its context asks for http/1.1 by ALPN
    assert imported == "after" or client.socket is socket
    server.close()


def test_install_refuses_what_is_no_module(nodes: Callable[..., Node]) -> None:
    modem = nodes("sara-r5", "blocking").make()
    for options in ({"into": "http.client"}, {"into": (5,)}, {"apn": 5}):
        with pytest.raises(TypeError, match=next(iter(options))):
            modem.install(**options)


def test_install_gives_modules_that_were_there_the_modem_and_takes_it_back(
    nodes: Callable[..., Node],
) -> None:
    from types import ModuleType

    node = nodes("sara-r5", "blocking")
    modem = node.make()
    library: Any = ModuleType("library")
    library.socket = socket
    library.connect = library.other = 5
    library.create_connection = socket.create_connection
    before = dict(vars(library))
    with modem.install(into=library):
        assert library.socket is modem.socket_pool and library.other == 5
        assert library.create_connection is not before["create_connection"]
    assert vars(library) == before
