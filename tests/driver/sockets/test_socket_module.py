"""What programs expect of a `socket` module beside the methods of a socket: names, ways to look up
addresses, classes. Cases S5, S7 and I30; what sockets do is compared in contract/.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.crowd import Crowd
from driver.support.serial_script import FLAVOURS, MODULES, Bench

NAMES = """timeout error gaierror herror socket SocketType getaddrinfo gethostbyname inet_pton
inet_ntop inet_aton inet_ntoa create_connection create_server getdefaulttimeout setdefaulttimeout
has_ipv6 AF_UNSPEC AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR SO_KEEPALIVE
SO_BROADCAST SO_ERROR SOMAXCONN SHUT_RD SHUT_WR SHUT_RDWR IPPROTO_IP IPPROTO_TCP IPPROTO_UDP
IPPROTO_IPV6 TCP_NODELAY TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT MSG_PEEK AI_PASSIVE"""
METHODS = """accept bind close connect connect_ex detach family fileno getblocking getpeername
getsockname getsockopt gettimeout listen makefile proto recv recv_into recvfrom recvfrom_into send
sendall sendto setblocking setsockopt settimeout shutdown type"""
HERE = "192.0.2.1"
STREAM = (2, 1, 6, "")


@pytest.fixture(params=[(flavour, module) for flavour in FLAVOURS for module in MODULES])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    flavour, module = request.param
    made = Bench(flavour, module, Crowd(7 if module == "sara-r5" else 6))
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


def test_it_has_the_names_that_programs_use(bench: Bench) -> None:
    pool: Any = bench.modem.socket_pool
    assert [name for name in NAMES.split() if not hasattr(pool, name)] == []
    assert not hasattr(pool, "no_such_name")
    sock = pool.socket()
    assert [name for name in METHODS.split() if not hasattr(sock, name)] == []


def test_its_sockets_have_a_class(bench: Bench) -> None:
    pool: Any = bench.modem.socket_pool

    class Own(pool.socket):  # type: ignore[misc]
        pass

    for sock in (bench.modem.socket(), pool.socket(family=2, type=2, proto=0), Own()):
        assert isinstance(sock, pool.socket) and isinstance(sock, pool.SocketType)
        bench.call(sock.close)


@pytest.mark.parametrize(
    ("asked", "options", "found"),
    [
        ((HERE, "80"), {}, [(*STREAM, (HERE, 80))]),
        ((HERE, "http"), {}, [(*STREAM, (HERE, 80))]),
        ((HERE, None), {}, [(*STREAM, (HERE, 0))]),
        ((HERE.encode(), 80), {}, [(*STREAM, (HERE, 80))]),
        ((HERE, 80), {"type": 1}, [(*STREAM, (HERE, 80))]),
        ((HERE, 80), {"type": 2}, [(2, 2, 17, "", (HERE, 80))]),
        ((None, 80), {}, [(*STREAM, ("0.0.0.0", 80))]),
        ((None, 80), {"flags": 1}, [(*STREAM, ("0.0.0.0", 80))]),
        (("::1", 80), {}, [(10, 1, 6, "", ("::1", 80, 0, 0))]),
        ((HERE, 80), {"family": 10}, None),
        ((HERE, "no such service"), {}, None),
    ],
)
def test_addresses_are_looked_up_in_every_form(
    asked: Any, options: dict[str, int], found: Any, bench: Bench
) -> None:
    pool: Any = bench.modem.socket_pool
    if found is None:
        with pytest.raises(OSError) as caught:
            bench.call(pool.getaddrinfo, *asked, **options)
        assert caught.value.errno == -2 and isinstance(caught.value, pool.gaierror)
    else:
        assert bench.call(pool.getaddrinfo, *asked, **options) == found


def test_connections_are_created_in_one_call(bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    pool: Any = bench.modem.socket_pool
    sock = bench.call(pool.create_connection, (HERE, 7), 5)
    assert sock.gettimeout() == 5
    bench.call(sock.sendall, b"there")
    assert crowd.named(HERE).received == b"there"
    bench.call(sock.close)
    pool.setdefaulttimeout(3)
    assert pool.getdefaulttimeout() == 3 and bench.modem.socket().gettimeout() == 3
    for text in ("1.2.3.4", "255.255.255.255"):
        assert pool.inet_aton(text) == pool.inet_pton(2, text) == socket.inet_aton(text)
        assert pool.inet_ntop(2, socket.inet_aton(text)) == text


def test_what_is_no_address_is_refused_before_anything_is_sent(bench: Bench) -> None:
    crowd: Crowd = bench.partner  # type: ignore[assignment]
    sent = len(crowd.commands)
    for wrong in ("x", 5, None, (), ("",), (None, 5), ("", "5"), b"ab"):
        for call in (bench.modem.socket().bind, bench.modem.socket().connect):
            with pytest.raises(TypeError):
                bench.call(call, wrong)
    assert len(crowd.commands) == sent
