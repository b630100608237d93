# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""CoAP, which only SARA-R5 has: every method over every transport against a real server.

Every behaviour has a server of its own, see tools/servers/coap.py for what is on it.
"""

from ublox_cellular.core.coap_errors import AnswerTooLarge, CoapError, CoapStatus, CoapTimeout
from ublox_cellular.core.errors import NotSupported

from .rig import code, difference, fails, raises

SARA = "SARA-R5"
EMSGSIZE = 90
SCHEMES = {"udp": "coap", "dtls": "coaps", "tcp": "coap+tcp", "tls": "coaps+tcp"}
SIZES = (0, 1, 15, 16, 511, 512, 513, 1024, 1500)
HELLO = "/hello"


async def _service(rig, way="udp", kind=""):
    """The service, and the beginning of the URIs of a new server; None on a module without."""
    modem = await rig.connected()
    if rig.model != SARA:
        before = rig.uart.written
        assert isinstance(raises(getattr, modem, "coap"), AttributeError)
        assert rig.uart.written == before
        return None, ""
    modem.coap.buffer = None
    modem.coap.second_field = "format"
    script = "coap %s %s" % (way, kind)
    port = int((await rig.ask(script.strip()))[0])
    return modem.coap, "%s://%s:%d" % (SCHEMES[way], rig.host, port)


def _filled(n):
    """What the server's /pattern gives."""
    return bytes([i * 7 % 251 for i in range(n)])


async def _profile(rig, **wishes):
    await rig.modem.security.store("CA", "peers", rig.place["pem"]["ca"].encode())
    return rig.modem.security.profile(ca="peers", **wishes)


async def asks_with_every_method(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    answer = await coap.get(root + HELLO)
    assert (answer.code, answer.ok, answer.payload) == ("2.05", True, b"world")
    assert answer.text == "world" and answer.length == 5
    answer = await coap.put(root + "/test", b"1")
    assert (answer.code, answer.payload) == ("2.xx", b"PUT OK")
    answer = await coap.post(root + "/test", "1", confirmable=False)
    assert (answer.ok, answer.payload) == (True, b"POST OK")
    await coap.put(root + "/store/a", '{"a": [1, 2]}', content_format="application/json")
    assert (await coap.get(root + "/store/a")).json() == {"a": [1, 2]}
    answer = await coap.delete(root + "/store/a")
    assert (answer.code, answer.payload) == ("2.02", b"")
    answer = await coap.request("get", root + "/query?a=1&b=%20")
    assert answer.payload == b"a=1|b= |-", answer.payload


async def reports_refusals_of_the_server(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    answer = await coap.get(root + "/forbidden")
    assert (answer.code, answer.ok, answer.payload) == ("4.xx", False, b"not for you")
    error = raises(answer.raise_for_status)
    assert isinstance(error, CoapStatus) and "not for you" in str(error), str(error)
    assert (await coap.get(root + "/broken")).code == "5.xx"
    answer = await coap.put(root + "/forbidden", b"")
    assert answer.text == "Error 4.05: Method not supported here"
    answer = await coap.get(root + HELLO)
    assert answer.raise_for_status() is answer


async def passes_payloads_of_every_size(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    coap.buffer = bytearray(SIZES[-1])
    for size in SIZES:
        data = _filled(size)
        answer = await coap.put(root + "/store/%d" % size, data)
        assert answer.ok
        back = (await coap.get(root + "/store/%d" % size)).payload
        assert back == data, difference(back, data)


async def sends_blocks_of_every_size(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    data = _filled(600)
    for size in (16, 64, 512):
        assert (await coap.put(root + "/large-update", data, block_size=size)).ok
        answer = await coap.get(root + "/large-update")
        assert answer.payload == data, difference(answer.payload, data)
    assert (await coap.put(root + "/large-update", data[:16], block_size=16)).ok
    assert (await coap.get(root + "/large-update")).payload == data[:16]


class _Source:
    """Gives bytes as a file does, but less at once than it is asked for."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def readinto(self, buf):
        n = min(len(buf), len(self.data) - self.at, 100)
        buf[:n] = self.data[self.at : self.at + n]
        self.at += n
        return n


class _Sink:
    """Takes pieces."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(bytes(data))


async def streams_both_ways(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    data = _filled(3000)
    assert (await coap.put(root + "/large-update", _Source(data))).ok
    sink = _Sink()
    answer = await coap.get(root + "/large-update", into=sink)
    assert (answer.payload, answer.length) == (b"", len(data))
    back = b"".join(sink.pieces)
    assert back == data, difference(back, data)
    assert max([len(piece) for piece in sink.pieces]) <= 1024
    assert (await coap.put(root + "/large-update", _Source(b""))).ok


async def reads_into_a_buffer(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    buf = bytearray(2100)
    answer = await coap.get(root + "/pattern?2100", into=buf)
    assert bytes(answer.payload) == buf == _filled(2100)
    answer = await coap.get(root + HELLO, into=memoryview(buf)[:5])
    assert bytes(buf[:6]) == b"world" + _filled(6)[5:]
    error = await fails(coap.get, root + "/pattern?1025")
    assert isinstance(error, AnswerTooLarge) and code(error) == EMSGSIZE
    assert "1025 bytes, 1024" in str(error), str(error)
    assert (await coap.get(root + HELLO)).ok


async def speaks_every_transport(rig):
    for way in SCHEMES:
        coap, root = await _service(rig, way)
        if coap is None:
            return
        tls = await _profile(rig) if way in ("dtls", "tls") else None
        answer = await coap.get(root + "/pattern?1000", tls=tls)
        assert answer.payload == _filled(1000), way
        assert (await coap.post(root + "/echo", _filled(40), tls=tls)).payload == _filled(40)
        assert (await coap.put(root + "/large-update", _filled(1100), tls=tls)).ok, way
        assert coap.tls_sessions == 0
        if tls is not None:
            tls.release()


async def refuses_servers_that_cannot_prove_who_they_are(rig):
    for way in ("dtls", "tls"):
        for kind in ("stranger", "expired", "elsewhere"):
            coap, root = await _service(rig, way, kind)
            if coap is None:
                return
            tls = await _profile(rig)
            error = await fails(lambda c=coap, uri=root + HELLO, tls=tls: c.get(uri, tls=tls))
            assert isinstance(error, CoapError), (way, kind, error)
            assert error.error_class == 15
            tls.release()
            assert coap.tls_sessions == 0


async def repeats_what_was_lost(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    await rig.ask("deaf 2")
    began = rig.now()
    assert (await coap.get(root + HELLO)).ok
    assert 5000 < rig.since(began) < 9000, rig.since(began)


async def gives_up_when_the_module_does(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    error = await fails(coap.get, root + "/hang")
    assert isinstance(error, CoapError), error
    assert (await coap.get(root + HELLO)).ok


async def waits_for_the_end_of_a_request_that_was_given_up(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    error = await fails(lambda: coap.get(root + "/slow?8000", timeout_ms=2000))
    assert isinstance(error, CoapTimeout), error
    assert coap.cmd
    began = rig.now()
    assert (await coap.get(root + HELLO)).payload == b"world"
    assert 4000 < rig.since(began) < 9000, rig.since(began)


async def keeps_profiles_on_the_module(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    await coap.store(2, root + HELLO)
    assert (await coap.get(root + "/query?x")).payload == b"x|-"
    await coap.load(2)
    assert (await coap.get()).payload == b"world"
    found = await coap.profiles()
    assert len(found) == 4 and found[2]["uri"] == root + HELLO and found[2]["valid"]
    assert (await coap.settings())["uri"] == root + HELLO
    assert (await coap.settings())["rai"] is False
    assert isinstance(await fails(coap.set_rai, True), NotSupported)


async def finds_its_profile_again_after_a_restart(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    assert (await coap.get(root + HELLO)).ok
    await coap.store(0)
    await rig.modem.reboot()
    await rig.modem.connect("iot.example")
    assert (await coap.get(root + HELLO)).ok
    await rig.modem.reboot()
    await rig.modem.connect("iot.example")
    await coap.load(0)
    assert (await coap.get()).payload == b"world"


async def checks_what_it_is_asked_for(rig):
    coap, root = await _service(rig)
    if coap is None:
        return
    before = rig.uart.written
    wrong = (
        ("http://a/b", {}), ("coap://", {}), ("coap://a:0/", {}), ("coap://a:65536/", {}),
        ("coap://u@a/", {}), ("coap://a/#f", {}), ("coap://a/b c", {}), ('coap://a/"', {}),
        ("coap://%s/" % ("h" * 256), {}), ("coap://a/%s" % ("p" * 255), {}),
        ("coap://a/?%s" % ("q" * 256), {}), ("coap://a/\u00e4", {}),
        (root, {"timeout_ms": 0}), (root, {"payload": b"1"}), (root, {"tls": True}),
        (root, {"content_format": "text/html"}), (root, {"content_format": 50}),
    )  # fmt: skip
    for uri, options in wrong:
        error = await fails(lambda uri=uri, options=options: coap.get(uri, **options))
        assert isinstance(error, ValueError), (uri, options, error)
    for options in ({"block_size": 8}, {"block_size": 1024}, {"block_size": 48}):
        error = await fails(lambda options=options: coap.put(root, b"1", **options))
        assert isinstance(error, ValueError), options
    for arguments in ((1,), (root, 5), (root, None)):
        error = await fails(coap.put, *arguments)
        assert isinstance(error, TypeError), arguments
    assert isinstance(await fails(lambda: coap.get(root, into=b"")), TypeError)
    assert isinstance(await fails(coap.request, "patch", root), ValueError)
    assert isinstance(await fails(coap.store, 4), ValueError)
    assert isinstance(await fails(coap.load, "1"), TypeError)
    assert isinstance(await fails(coap.get, "coap://224.0.1.187/"), NotSupported)
    assert isinstance(raises(getattr, coap, "observe"), AttributeError)
    assert rig.uart.written == before
