"""Peers on loopback that do what a behaviour tells them over the connection itself.

TCP: the first line holds verbs separated by ";", carried out in order:
  echo                send everything back until the other side closes, then close
  send N SEED         send N bytes of pattern(N, SEED)
  hex DIGITS          send these bytes
  read N              take N bytes, answer with their checksum as a line
  keep KEY            take everything until the end; `tell KEY` (elsewhere) says what it was
  tell KEY            answer "LENGTH CHECKSUM" of what was kept, once it is complete
  wait KEY / go KEY   hold still, reading nothing, until another connection says go
  pause MS            let time pass
  close, fin, reset   end in order; send FIN and go on reading; end with RST
  dial PORT VERBS     connect to a port the module listens on and do VERBS ("|" between) there
  browse PORT N M L   M web clients get /page/0 to /page/N-1 from the module, each with a new
                      connection as soon as it has one page, of L bytes; how many came right
  gateway [secure]    an MQTT-SN gateway of one's own, its UDP port as a line; knows id 7
  publish TOPIC TEXT  have the newest gateway publish that in its own name, with QoS 1
  broker WHAT         the port of the broker that is plain, password, tls or mutual, as a line;
                      restart: it does that first, and the port is that of the plain one
  ftp [KIND]          the port of an FTP server, emptied, as a line: plain; secure, expired,
                      elsewhere: by TLS with such a certificate; many: lists 500 names
  ftpfile NAME N SEED [KIND]   have it keep pattern(N, SEED)
  ftpsum NAME         answer "LENGTH CHECKSUM" of a file of the plain one
  coap WAY [CERT]     a CoAP server of one's own by udp, dtls, tcp or tls, its port as a line; CERT
                      as below: stranger, expired, elsewhere
  deaf N              the newest CoAP server does not get the next N datagrams
  unsure N SEED       it loses N of 1000 datagrams in each direction; how many requests it has
                      heard so far, as a line
  control LINE        a command of the simulator's control channel, its answer as lines
  later MS LINE       the same after a while, without an answer
UDP: what arrives is sent back; "!!many K N" is answered by K datagrams of N bytes.
Behind TLS the same, and the web server of tools/website.py. What a behaviour finds in its place:
  tls, tls_mutual, tls_stranger, tls_expired, tls_elsewhere, tls_old
                  ports of scripted peers behind TLS: an ordinary one, one that wants a client
                  certificate, one of a CA nobody trusts, one whose certificate is of the past,
                  one that is called otherwise, one of TLS 1.2 without tickets
  http, https, https_mutual, https_old, https_stranger
                  ports of the web server
  dtls            port of an echo behind DTLS
  pem             PEM texts: ca, other_ca, cert, key (of the client)
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import aiohttp
from OpenSSL import SSL
from servers.dtls_echo import DtlsPeer, server_context
from servers.web import NAME, Web, certificates

from .rig import checksum, pattern

if TYPE_CHECKING:
    from servers.coap import CoapServer
    from servers.ftp import FtpServer

    from .gateways import Gateways

Control = Callable[[str], Awaitable[list[str]]]
SMALL_BUFFER = 4096
SECURED = ("", "mutual", "stranger", "expired", "elsewhere", "old")


class Peers:
    """All peers of one run; `place` says where they are."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._kept: dict[str, bytes] = {}
        self._events: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
        self._gateways: Gateways | None = None
        self._ftp: dict[str, FtpServer] = {}
        self.coaps: list[CoapServer] = []

    async def start(self) -> dict[str, object]:
        """Listen; where, for the rig."""
        loop = asyncio.get_running_loop()
        listening = self._socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        await self._listen(listening)
        self._udp, _ = await loop.create_datagram_endpoint(
            _Datagrams, sock=self._socket(socket.SOCK_DGRAM)
        )
        full = self._socket()
        full.listen(0)
        for _ in range(2):  # the queue of the listener is full: nobody else is answered
            filler = self._socket()
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        return {
            "host": "127.0.0.1", "name": NAME, "listen": 5001,
            "tcp": listening.getsockname()[1],
            "udp": self._udp.get_extra_info("sockname")[1],
            "refused": self._socket().getsockname()[1],
            "silent": full.getsockname()[1],
            **await self._secured(),
        }  # fmt: skip

    async def _listen(self, on: socket.socket, context: ssl.SSLContext | None = None) -> None:
        self._servers.append(
            await asyncio.start_server(self._serve, sock=on, limit=SMALL_BUFFER, ssl=context)
        )

    async def _secured(self) -> dict[str, object]:
        """The peers behind TLS and the web server."""
        place: dict[str, object] = {"pem": certificates().pem()}
        for kind in SECURED:
            listening = self._socket()
            await self._listen(listening, certificates().context(kind))
            place["tls_" + kind if kind else "tls"] = listening.getsockname()[1]
        self._dtls = DtlsPeer(asyncio.get_running_loop(), certificates().server(""))
        place["dtls"] = self._dtls.port
        self._web = Web()
        return place | await self._web.start()

    def _socket(self, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
        made = socket.socket(socket.AF_INET, kind)
        made.bind(("127.0.0.1", 0))
        self._sockets.append(made)
        return made

    async def close(self) -> None:
        """Stop everything."""
        for server in self._servers:
            server.close()
        self._udp.close()
        self._dtls.close()
        if self._gateways is not None:
            self._gateways.close()
        for server in self._ftp.values():
            server.close()
        for server in self.coaps:
            await server.stop()
        for made in self._sockets:
            made.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._web.close()

    @property
    def gateways(self) -> Gateways:
        """MQTT-SN gateways, made when the first is needed: they bring a broker."""
        if self._gateways is None:
            from .gateways import Gateways

            self._gateways = Gateways()
        return self._gateways

    def ftp(self, kind: str = "") -> FtpServer:
        """An FTP server, made when it is first needed."""
        if kind not in self._ftp:
            from servers.ftp import FtpServer

            loop = asyncio.get_running_loop()
            plain = kind in ("", "many")
            certificate = certificates().server("" if kind == "secure" else kind)
            self._ftp[kind] = FtpServer(
                loop, tls=None if plain else certificate, names=500 if kind == "many" else 0
            )
        return self._ftp[kind]

    async def coap(self, way: str, kind: str) -> int:
        """The port of a new CoAP server."""
        from servers.coap import CoapServer

        server = CoapServer(asyncio.get_running_loop())
        if way in ("udp", "dtls"):
            cert = certificates().server(kind)
            secure = server_context(SSL.DTLS_METHOD, cert) if way == "dtls" else None
            await server.over_datagrams(secure)
        else:
            await server.over_streams(certificates().context(kind) if way == "tls" else None)
        self.coaps.append(server)
        return server.port

    def event(self, key: str) -> asyncio.Event:
        return self._events.setdefault(key, asyncio.Event())

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._spawn(self._first_line(reader, writer))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _first_line(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            line = await reader.readline()
            await Play(self, reader, writer).run(line.decode().strip())
        writer.close()

    async def dial(self, port: int, script: str) -> None:
        """Connect to the module's `port`."""
        reader, writer = await asyncio.open_connection("127.0.0.1", await self.real_port(port))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await Play(self, reader, writer).run(script)
        writer.close()

    async def real_port(self, port: int) -> int:
        """That behind the module's `port`, once it listens there."""
        while True:
            ports = dict(line.split() for line in (await self._control("listen-ports"))[:-1])
            if str(port) in ports:
                return int(ports[str(port)])
            await asyncio.sleep(0.05)

    async def later(self, ms: float, line: str) -> None:
        await asyncio.sleep(ms / 1000)
        await self._control(line)


class Play:
    """One connection and its script."""

    def __init__(
        self, peers: Peers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._peers = peers
        self._reader = reader
        self._writer = writer

    async def run(self, script: str) -> None:
        """Carry it out; a script that ends without closing keeps the connection."""
        while script:
            line, _, script = script.partition(";")
            verb, *words = line.split()
            await getattr(self, "do_" + verb)(*words)
            await self._writer.drain()
        while await self._reader.read(SMALL_BUFFER):
            pass

    def say(self, text: str) -> None:
        self._writer.write(text.encode() + b"\n")

    async def do_echo(self) -> None:
        while data := await self._reader.read(SMALL_BUFFER):
            self._writer.write(data)
            await self._writer.drain()
        self._writer.close()

    async def do_send(self, count: str, seed: str) -> None:
        self._writer.write(pattern(int(count), int(seed)))

    async def do_hex(self, digits: str) -> None:
        self._writer.write(bytes.fromhex(digits))

    async def do_read(self, count: str) -> None:
        self.say(str(checksum(await self._reader.readexactly(int(count)))))

    async def do_keep(self, key: str) -> None:
        self._peers._kept[key] = await self._reader.read()
        self._peers.event(key).set()

    async def do_tell(self, key: str) -> None:
        await self._peers.event(key).wait()
        kept = self._peers._kept[key]
        self.say(f"{len(kept)} {checksum(kept)}")

    async def do_wait(self, key: str) -> None:
        event = self._peers.event(key)
        await event.wait()
        event.clear()

    async def do_go(self, key: str) -> None:
        self._peers.event(key).set()

    async def do_pause(self, ms: str) -> None:
        await asyncio.sleep(float(ms) / 1000)

    async def do_close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def do_fin(self) -> None:
        self._writer.write_eof()

    async def do_reset(self) -> None:
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def do_dial(self, port: str, *words: str) -> None:
        script = " ".join(words).replace("|", ";")
        self._peers._spawn(self._peers.dial(int(port), script))

    async def do_browse(self, port: str, count: str, clients: str, size: str) -> None:
        self.say(
            await browse(
                await self._peers.real_port(int(port)), int(count), int(clients), int(size)
            )
        )

    async def do_gateway(self, kind: str = "") -> None:
        self.say(str(self._peers.gateways.open(kind == "secure")))

    async def do_broker(self, what: str) -> None:
        self.say(str(self._peers.gateways.broker(what)))

    async def do_ftp(self, kind: str = "") -> None:
        server = self._peers.ftp(kind)
        server.empty()
        self.say(str(server.port))

    async def do_ftpfile(self, name: str, count: str, seed: str, kind: str = "") -> None:
        data = pattern(int(count), int(seed))
        (self._peers.ftp(kind).folder / name).write_bytes(data)

    async def do_ftpsum(self, name: str) -> None:
        data = (self._peers.ftp().folder / name).read_bytes()
        self.say(f"{len(data)} {checksum(data)}")

    async def do_publish(self, topic: str, *words: str) -> None:
        self._peers.gateways.newest.publish(topic, " ".join(words).encode(), 1)

    async def do_coap(self, way: str, kind: str = "") -> None:
        self.say(str(await self._peers.coap(way, kind)))

    async def do_deaf(self, count: str) -> None:
        self._peers.coaps[-1].deaf = int(count)

    async def do_unsure(self, share: str, seed: str) -> None:
        chance, server = random.Random(int(seed)), self._peers.coaps[-1]
        server.loses = lambda: chance.random() * 1000 < int(share)
        self.say(str(server.heard))

    async def do_control(self, *words: str) -> None:
        for line in await self._peers._control(" ".join(words)):
            self.say(line)

    async def do_later(self, ms: str, *words: str) -> None:
        self._peers._spawn(self._peers.later(float(ms), " ".join(words)))


async def browse(port: int, count: int, clients: int, size: int) -> str:
    """Get numbered pages, `clients` at a time; how many came right."""
    pages = iter(range(count))
    right = 0
    wrong: list[bytes] = []

    async def come_again(session: aiohttp.ClientSession) -> None:
        nonlocal right
        for number in pages:
            try:
                async with session.get(f"http://127.0.0.1:{port}/page/{number}") as response:
                    said = await response.read()
            except aiohttp.ClientError as error:
                said = repr(error).encode()
            if said == pattern(size, number):
                right += 1
            else:
                wrong.append(said[:60])

    connector = aiohttp.TCPConnector(force_close=True, limit=clients)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(come_again(session) for _ in range(clients)))
    return f"{right} right, {len(wrong)} wrong" + (f": {wrong[0]!r}" if wrong else "")


class _Datagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        if not data.startswith(b"!!many "):
            self._transport.sendto(data, sender)
            return
        _, count, size = data.split()
        for number in range(int(count)):
            self._transport.sendto(pattern(int(size), number), sender)
