# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Cells of the socket contract that run on every Python and in both flavours.

The whole table is in tests/driver/contract. What is asserted here is what CPython's own sockets
do, except where a comment names the module as the reason.
"""

from array import array

from .errnos import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAGAIN,
    EALREADY,
    EBADF,
    ECONNREFUSED,
    ECONNRESET,
    EDESTADDRREQ,
    EINPROGRESS,
    EINVAL,
    EISCONN,
    ENOPROTOOPT,
    ENOTCONN,
    EOPNOTSUPP,
    EPIPE,
    ETIMEDOUT,
)
from .rig import checksum, code, fails, pattern

_SHUT_RD = 0
_SHUT_WR = 1
_SHUT_RDWR = 2
_MSG_PEEK = 2


async def _connecting(rig, address):
    """A socket that does not wait, with a connection attempt in progress."""
    await rig.connected()
    sock = rig.stream()
    sock.setblocking(False)
    assert code(await fails(sock.connect, address)) == EINPROGRESS
    return sock


async def _answered(rig):
    """The same, and the connection has been made."""
    sock = await _connecting(rig, rig.tcp)
    await rig.until(lambda: sock.ioctl(3, 4) & 4)
    return sock


async def _refused_meanwhile(rig):
    sock = await _connecting(rig, rig.refused)
    await rig.until(lambda: sock.ioctl(3, 4))
    return sock


async def _reset(rig, script=""):
    """A socket whose peer has sent RST, perhaps after data."""
    await rig.connected()
    sock = await rig.open(script + "pause 50;reset")
    await rig.until(lambda: sock.ioctl(3, 1))
    await rig.sleep(300)
    return sock


async def _listening(rig):
    await rig.connected()
    server = rig.stream()
    await server.bind(("", rig.listen_port))
    await server.listen(2)
    return server


# -- a new socket --------------------------------------------------------------------------


async def cannot_send_on_a_new_stream(rig):
    await rig.connected()
    sock = rig.stream()
    for call in (sock.send, sock.sendall, sock.write):
        assert code(await fails(call, b"x")) == EPIPE, call


async def cannot_receive_on_a_new_stream(rig):
    await rig.connected()
    sock = rig.stream()
    assert code(await fails(sock.recv, 5)) == ENOTCONN
    assert code(await fails(sock.recv_into, bytearray(5))) == ENOTCONN
    assert code(await fails(sock.getpeername)) == ENOTCONN


async def cannot_shut_down_what_is_not_connected(rig):
    await rig.connected()
    sock = rig.stream()
    for how in (_SHUT_RD, _SHUT_WR, _SHUT_RDWR):
        assert code(await fails(sock.shutdown, how)) == ENOTCONN


async def binds_once(rig):
    await rig.connected()
    sock = rig.stream()
    await sock.bind(("", rig.listen_port))
    assert (await sock.getsockname())[1] == rig.listen_port
    assert code(await fails(sock.bind, ("", rig.listen_port))) == EINVAL
    other = rig.stream()
    assert code(await fails(other.bind, ("192.0.2.1", rig.listen_port))) == EADDRNOTAVAIL


async def does_not_bind_to_a_port_that_listens(rig):
    await _listening(rig)
    other = rig.stream()
    assert code(await fails(other.bind, ("", rig.listen_port))) == EADDRINUSE


async def chooses_a_port_to_listen_where_none_is_bound(rig):
    await rig.connected()
    sock = rig.stream()
    assert code(await fails(sock.accept)) == EINVAL
    await sock.listen(1)
    assert (await sock.getsockname())[1] >= 1024


async def takes_options_before_anything_else(rig):
    await rig.connected()
    pool = rig.pool
    before = rig.uart.written
    sock = rig.stream()
    await sock.setsockopt(pool.SOL_SOCKET, pool.SO_REUSEADDR, 1)
    await sock.setsockopt(pool.SOL_SOCKET, pool.SO_KEEPALIVE, 1)
    assert await sock.getsockopt(pool.SOL_SOCKET, pool.SO_KEEPALIVE) == 1
    assert rig.uart.written == before
    await sock.bind(("", rig.listen_port))
    await sock.listen(1)
    await rig.ask("dial %d send 50 7" % rig.listen_port)
    guest, _ = await sock.accept()
    assert guest.gettimeout() is None
    assert (await guest.getsockname())[1] == rig.listen_port
    rig.kept(guest)
    assert await guest.read(50) == pattern(50, 7)


async def names_options_it_does_not_have(rig):
    await rig.connected()
    sock = rig.stream()
    level = rig.pool.SOL_SOCKET
    assert code(await fails(sock.setsockopt, level, 9999, 1)) == ENOPROTOOPT
    assert code(await fails(sock.getsockopt, level, 9999)) == ENOPROTOOPT


# -- connecting ----------------------------------------------------------------------------


async def says_already_while_it_connects(rig):
    sock = await _connecting(rig, rig.silent)
    assert code(await fails(sock.connect, rig.silent)) == EALREADY
    assert code(await fails(sock.connect, rig.tcp)) == EALREADY
    assert await sock.connect_ex(rig.tcp) == EALREADY


async def moves_nothing_while_it_connects(rig):
    sock = await _connecting(rig, rig.silent)
    assert code(await fails(sock.send, b"x")) == EAGAIN
    assert code(await fails(sock.recv, 5)) == EAGAIN
    assert await sock.readinto(bytearray(5)) is None
    assert await sock.write(b"x") is None
    assert code(await fails(sock.getpeername)) == ENOTCONN


async def waits_to_send_while_it_connects(rig):
    sock = await _connecting(rig, rig.silent)
    sock.settimeout(0.2)
    assert code(await fails(sock.send, b"x")) == ETIMEDOUT
    assert code(await fails(sock.recv, 5)) == ETIMEDOUT


async def reports_the_connection_once_by_connect(rig):
    sock = await _answered(rig)
    await sock.connect(rig.tcp)
    assert code(await fails(sock.connect, rig.tcp)) == EISCONN
    assert await sock.connect_ex(rig.tcp) == EISCONN


async def sends_without_asking_once_it_is_connected(rig):
    sock = await _answered(rig)
    assert await sock.send(b"echo\n") == 5
    assert await sock.getpeername() == rig.tcp
    sock.settimeout(60)
    await rig.echo(sock, b"connected")


async def reports_a_refusal_by_connect(rig):
    sock = await _refused_meanwhile(rig)
    assert code(await fails(sock.connect, rig.refused)) == ECONNREFUSED


async def reports_a_refusal_by_receiving(rig):
    sock = await _refused_meanwhile(rig)
    assert code(await fails(sock.recv, 5)) == ECONNREFUSED


async def reports_a_refusal_by_sending(rig):
    sock = await _refused_meanwhile(rig)
    assert code(await fails(sock.send, b"x")) == ECONNREFUSED


async def connects_again_after_a_refusal(rig):
    await rig.connected()
    sock = rig.stream()
    assert code(await fails(sock.connect, rig.refused)) == ECONNREFUSED
    assert code(await fails(sock.recv, 5)) == ENOTCONN
    assert code(await fails(sock.send, b"x")) == EPIPE
    await sock.connect(rig.tcp)
    await sock.sendall(b"echo\n")
    await rig.echo(sock, b"second attempt")


async def returns_the_errno_of_connecting(rig):
    await rig.connected()
    sock = rig.stream()
    assert await sock.connect_ex(rig.refused) == ECONNREFUSED
    assert await sock.connect_ex(rig.tcp) == 0
    assert await sock.connect_ex(rig.tcp) == EISCONN
    other = rig.stream()
    other.setblocking(False)
    assert await other.connect_ex(rig.tcp) == EINPROGRESS


# -- connected -----------------------------------------------------------------------------


async def has_addresses_once_connected(rig):
    await rig.connected()
    sock = await rig.open("echo")
    assert await sock.getpeername() == rig.tcp
    assert (await sock.getsockname())[1] == 0  # the module does not report the port it has chosen
    assert code(await fails(sock.bind, ("", rig.listen_port))) == EINVAL
    named = rig.stream()
    await named.connect((rig.name, rig.tcp[1]))
    assert await named.getpeername() == rig.tcp


async def checks_what_is_received_into(rig):
    await rig.connected()
    sock = await rig.open("send 40 3")
    await rig.until(lambda: sock.ioctl(3, 1))
    assert isinstance(await fails(sock.recv, -1), ValueError)
    assert isinstance(await fails(sock.recv_into, bytearray(5), 9), ValueError)
    assert isinstance(await fails(sock.recv_into, bytearray(5), -1), ValueError)
    assert isinstance(await fails(sock.recv_into, b"bytes"), TypeError)
    assert await sock.recv(0) == b""
    assert await sock.read(40) == pattern(40, 3)


async def refuses_items_that_are_not_bytes(rig):
    await rig.connected()
    sock = await rig.open("echo")
    written = rig.uart.written
    items = array("H", [0x4241, 0x4443])  # nothing would count them as bytes on MicroPython
    for call in (sock.send, sock.sendall, sock.write, sock.recv_into, sock.readinto):
        assert isinstance(await fails(call, items), TypeError), call
    assert rig.uart.written == written


async def looks_ahead_without_taking(rig):
    await rig.connected()
    sock = await rig.open("send 40 3")
    await rig.until(lambda: sock.ioctl(3, 1))
    try:
        assert await sock.recv(5, _MSG_PEEK) == pattern(40, 3)[:5]
    except OSError as error:  # what is in the module cannot be looked at without taking it
        assert error.args[0] == EOPNOTSUPP
    assert await sock.read(40) == pattern(40, 3)


async def raises_for_a_full_queue_instead_of_losing_data(rig):
    await rig.connected()
    sock = await rig.open("wait full;keep all")
    sock.setblocking(False)
    for _ in range(20000):  # until the queues of the module and the network are full
        try:
            await sock.sendall(bytes(1024))
        except OSError as error:
            assert error.args[0] == EAGAIN
            break
    else:
        raise AssertionError("never full")
    await rig.ask("go full")


async def closes_files_and_sockets_apart(rig):
    await rig.connected()
    sock = await rig.open("send 40 3")
    first = sock.makefile("rb")
    await first.close()
    second = sock.makefile("rb")
    await sock.close()
    assert await second.read(40) == pattern(40, 3)
    await second.close()
    assert code(await fails(sock.recv, 5)) == EBADF


# -- the end of a connection ---------------------------------------------------------------


async def reads_the_end_again_and_again(rig):
    await rig.connected()
    sock = await rig.open("send 40 3;fin")
    assert await sock.read(40) == pattern(40, 3)
    for _ in range(3):
        assert await sock.recv(5) == b""
    # The module takes nothing more once the peer has closed: there is no half-closed state.
    assert code(await fails(sock.send, b"x")) == EPIPE


async def reads_a_reset_once_then_the_end(rig):
    sock = await _reset(rig)
    assert code(await fails(sock.recv, 5)) == ECONNRESET
    assert await sock.recv(5) == b""
    assert await sock.recv(5) == b""
    assert code(await fails(sock.send, b"x")) == EPIPE


async def reads_the_data_before_a_reset(rig):
    sock = await _reset(rig, "send 40 3;")
    assert await sock.recv(100) == pattern(40, 3)
    assert code(await fails(sock.recv, 5)) == ECONNRESET
    assert await sock.recv(5) == b""


async def reports_a_reset_by_sending(rig):
    sock = await _reset(rig)
    assert code(await fails(sock.send, b"x")) == ECONNRESET
    assert code(await fails(sock.send, b"x")) == EPIPE
    assert await sock.recv(5) == b""


async def has_no_peer_after_a_reset(rig):
    sock = await _reset(rig)
    assert code(await fails(sock.getpeername)) == ENOTCONN
    assert code(await fails(sock.shutdown, _SHUT_RDWR)) == ENOTCONN


async def receives_after_shutting_down_for_writing(rig):
    await rig.connected()
    sock = await rig.open("wait shut;send 40 3")
    await sock.shutdown(_SHUT_WR)
    assert code(await fails(sock.send, b"x")) == EPIPE
    await rig.ask("go shut")
    assert await sock.read(40) == pattern(40, 3)


async def sends_after_shutting_down_for_reading(rig):
    await rig.connected()
    sock = await rig.open("keep read")
    await sock.shutdown(_SHUT_RD)
    assert await sock.recv(5) == b""
    await sock.sendall(pattern(30, 1))
    await sock.close()
    assert await rig.ask("tell read") == ["30 %d" % checksum(pattern(30, 1))]


async def ends_the_connection_by_shutting_down_both_ways(rig):
    await rig.connected()
    sock = await rig.open("keep both")
    await sock.sendall(pattern(30, 2))
    await sock.shutdown(_SHUT_RDWR)
    assert await rig.ask("tell both") == ["30 %d" % checksum(pattern(30, 2))]
    assert await sock.recv(5) == b""
    assert code(await fails(sock.send, b"x")) == EPIPE


async def refuses_every_call_once_closed(rig):
    await rig.connected()
    sock = rig.stream()
    await sock.close()
    for call, arguments in (
        (sock.bind, (("", rig.listen_port),)),
        (sock.listen, (1,)),
        (sock.accept, ()),
        (sock.connect, (rig.tcp,)),
        (sock.shutdown, (_SHUT_RDWR,)),
        (sock.recvfrom, (5,)),
        (sock.setsockopt, (rig.pool.SOL_SOCKET, rig.pool.SO_KEEPALIVE, 1)),
    ):
        assert code(await fails(call, *arguments)) == EBADF, call
    for call in (sock.getpeername, sock.getsockname):
        assert code(await fails(call)) == EBADF, call
    assert await sock.connect_ex(rig.tcp) == EBADF


# -- datagrams -----------------------------------------------------------------------------


async def needs_a_peer_to_send_datagrams(rig):
    await rig.connected()
    sock = rig.datagrams()
    assert code(await fails(sock.send, b"x")) == EDESTADDRREQ
    assert code(await fails(sock.sendall, b"x")) == EDESTADDRREQ
    assert code(await fails(sock.getpeername)) == ENOTCONN
    assert code(await fails(sock.shutdown, _SHUT_RDWR)) == ENOTCONN


async def sends_no_empty_datagrams(rig):
    await rig.connected()
    sock = rig.datagrams()
    before = rig.uart.written
    assert code(await fails(sock.sendto, b"", rig.udp)) == EOPNOTSUPP  # +USOST, length from 1
    assert rig.uart.written == before
    await sock.connect(rig.udp)
    assert code(await fails(sock.send, b"")) == EOPNOTSUPP


async def does_not_serve_by_datagrams(rig):
    await rig.connected()
    sock = rig.datagrams()
    assert code(await fails(sock.accept)) == EOPNOTSUPP
    await sock.listen(1)  # +USOLI: announces what anybody sends
    assert code(await fails(sock.accept)) == EOPNOTSUPP
