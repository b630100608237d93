# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Programs of others over `modem.install()` and the socket pool: unmodified, from the registries.

They block, so they are written as they are called and run in the blocking flavour only. What is
not there on a Python they were not made for, `equip()` puts in place, as their users do.
"""

import json
import sys

from .equipment import ALL_RIGHT, Visit, context, equip, page
from .rig import pattern

ROUNDS = 60


def _session(rig):
    import adafruit_requests

    return adafruit_requests.Session(rig.pool, context(rig))


def _base(rig, kind):
    return "%s://%s:%d" % (kind, rig.name, rig.place[kind])


# ---- CircuitPython's HTTP client ----------------------------------------------------------------


def _fetches(rig, kind):
    session = _session(rig)
    base = _base(rig, kind)
    with session.get(base + "/bytes/3000/4") as response:
        assert response.status_code == 200
        assert response.content == pattern(3000, 4)
    with session.get(base + "/chunked/5000/9") as response:
        assert response.content == pattern(5000, 9)
    with session.get(base + "/chunked/5000/8") as response:
        parts = [bytes(part) for part in response.iter_content(700)]
        assert b"".join(parts) == pattern(5000, 8)
    with session.post(base + "/echo", json={"t": 21.5}) as response:
        # Not response.json(): MicroPython's json.load() takes streams only.
        assert json.loads(response.text)["text"] == '{"t": 21.5}'
    with session.get(base + "/status/404") as response:
        assert response.status_code == 404


def requests_of_circuitpython_work(rig):
    rig.connected()
    equip(rig)
    with rig.modem.install():
        _fetches(rig, "http")


def requests_of_circuitpython_work_by_tls(rig):
    rig.connected()
    equip(rig)
    with rig.modem.install():
        _fetches(rig, "https")


def requests_of_circuitpython_keep_their_connection(rig):
    rig.connected()
    equip(rig)
    with rig.modem.install():
        session = _session(rig)
        base = _base(rig, "http")
        ports = set()
        for number in range(ROUNDS // 2):
            with session.get("%s/bytes/%d/%d" % (base, 50 + number, number)) as response:
                assert response.content == pattern(50 + number, number)
            with session.get(base + "/port") as response:
                ports.add(response.text)
        assert len(ports) == 1, ports


def requests_of_circuitpython_by_its_fake_tls_context(rig):
    modem = rig.connected()
    equip(rig)
    import adafruit_connection_manager
    import adafruit_requests

    modem.security.store("CA", "peers", rig.place["pem"]["ca"].encode())
    earlier = modem.security.default
    modem.security.default = profile = modem.security.profile(ca="peers")
    try:
        pool = rig.pool
        fake = adafruit_connection_manager.create_fake_ssl_context(pool, pool)
        session = adafruit_requests.Session(pool, fake)
        with session.get(_base(rig, "https") + "/bytes/900/6") as response:
            assert response.content == pattern(900, 6)
    finally:
        modem.security.default = earlier
        profile.release()


def requests_of_circuitpython_refuse_a_stranger(rig):
    rig.connected()
    equip(rig)
    try:
        _session(rig).get("https://%s:%d/" % (rig.name, rig.place["https_stranger"]))
    except (OSError, RuntimeError):
        return
    raise AssertionError("a server nobody vouches for was taken")


# ---- its HTTP server ----------------------------------------------------------------------------


def http_server_of_circuitpython_serves_who_comes_again_at_once(rig):
    rig.connected()
    equip(rig)
    with rig.modem.install():
        from adafruit_httpserver import Request, Response, Server

        server = Server(rig.pool)

        @server.route("/page/<number>")
        def give(request: Request, number: str):
            return Response(request, page(int(number)), content_type="application/octet-stream")

        server.start("0.0.0.0", rig.listen_port)
        try:
            visit = Visit(rig)
            while not visit.over():
                server.poll()
        finally:
            server.stop()
        assert visit.said == ALL_RIGHT, visit.said


# ---- its MQTT client ----------------------------------------------------------------------------


def _talks(rig, port, **options):
    from adafruit_minimqtt.adafruit_minimqtt import MQTT

    heard = []
    client = MQTT(
        broker=rig.name, port=port, client_id="foreign", socket_pool=rig.pool,
        use_binary_mode=True, socket_timeout=1, recv_timeout=10, **options
    )  # fmt: skip
    client.on_message = lambda who, topic, text: heard.append((topic, bytes(text)))
    client.connect()
    client.subscribe("foreign/#", 1)
    for number in range(5):
        client.publish("foreign/%d" % number, pattern(200, number), qos=number & 1)
    while len(heard) < 5:
        client.loop(timeout=1)
    assert sorted(heard) == [("foreign/%d" % n, pattern(200, n)) for n in range(5)]
    client.ping()
    client.disconnect()


def mqtt_of_circuitpython_works(rig):
    rig.connected()
    equip(rig)
    port = int(rig.ask("broker plain")[0])
    with rig.modem.install():
        _talks(rig, port)


def mqtt_of_circuitpython_works_by_tls(rig):
    rig.connected()
    equip(rig)
    port = int(rig.ask("broker tls")[0])
    with rig.modem.install():
        made = rig.modem.ssl.create_default_context()
        made.load_verify_locations(cadata=rig.place["pem"]["ca"].encode())
        made.check_hostname = False  # the broker is called otherwise
        _talks(rig, port, is_ssl=True, ssl_context=made)


# ---- select -------------------------------------------------------------------------------------


def select_polls_two_sockets(rig):
    rig.connected()
    with rig.modem.install():
        import select
        import socket

        socks = []
        for _ in range(2):
            sock = rig.kept(socket.socket())
            sock.connect(rig.tcp)
            sock.sendall(b"wait poll;send 40 3;close\n" if socks else b"echo\n")
            socks.append(sock)
        first, second = socks
        poll = select.poll()
        for sock in socks:
            poll.register(sock, select.POLLIN)
        assert poll.poll(100) == []
        first.send(b"x")
        ready = poll.poll(20000)
        assert [(entry[0], entry[1]) for entry in ready] == [(first, select.POLLIN)]
        assert first.recv(10) == b"x"
        rig.ask("go poll")
        ready = poll.poll(20000)
        assert [entry[0] for entry in ready] == [second]
        assert second.read(40) == pattern(40, 3)
        while not poll.poll(1000):
            pass
        assert second.recv(10) == b""  # the end, which is something to read, too
        poll.unregister(second)
        assert poll.poll(100) == []
        poll.modify(first, select.POLLOUT)
        assert [(e[0], e[1]) for e in poll.poll(0)] == [(first, select.POLLOUT)]


def install_puts_modules_in_place_and_takes_them_out_again(rig):
    rig.connected()
    before = {name: sys.modules.get(name) for name in ("socket", "ssl", "network", "select")}
    with rig.modem.install() as installed:
        import socket

        import network

        wlan = network.WLAN(network.STA_IF)
        assert wlan.isconnected() and wlan.ifconfig() == rig.modem.ifconfig()
        assert wlan.status() == network.STAT_GOT_IP
        assert -120 <= wlan.status("rssi") < 0
        with socket.socket() as sock:
            sock.connect(rig.tcp)
            sock.sendall(b"send 10 1;close\n")
            assert sock.read(10) == pattern(10, 1)
    for name, module in before.items():
        assert sys.modules.get(name) is module, name
    installed.uninstall()  # nothing the second time
