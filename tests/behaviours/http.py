# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""HTTP by the module's own client: what a program gets, whatever the server does."""

import json
from array import array

from .files import NO_BUFFERS
from .rig import checksum, code, difference, fails, pattern, raises

EIO = 5
EBUSY = 16
BAD_URLS = (
    "ftp://x/", "http:///", "peer.example/x", "http://a:b@x/", "http://x:0/", "http://x:70000/",
    "http://x/a b", 'http://x/"', "http://x/" + "y" * 128, "http://::1/", "http://x/\r\nAT",
    "http://" + "x" * 129, "http://x\r/",
)  # fmt: skip
BAD_REQUESTS = (
    ("PATCH", {}), ("GET", {"data": b"1"}), ("POST", {"data": b"1", "json": {}}), ("PUT", {}),
    ("GET", {"headers": {"a": "b:c"}}), ("GET", {"headers": {"a:": "b"}}),
    ("GET", {"headers": {"a": "x" * 65}}), ("GET", {"headers": {"Host": "y"}}),
    ("GET", {"headers": {"a": 'q"'}}), ("GET", {"headers": dict.fromkeys("abcdef", "1")}),
    ("GET", {"auth": ("u" * 31, "p")}), ("GET", {"auth": ("u", 'p"')}), ("GET", {"tls": True}),
    ("GET", {"profile": 4}), ("POST", {"data": b"1", "content_type": "x" * 65}),
    ("GET", {"save": "a,b"}), ("POST", {"file": ""}), ("GET", {"timeout_ms": 0}),
    ("GET", {"timeout_ms": -1}), ("GET", {"profile": -1}),
)  # fmt: skip
WRONG_TYPES = (
    {"data": 5}, {"data": memoryview(array("H", [1, 2]))}, {"json": {}, "headers": {"a": 1}},
    {"headers": {1: "a"}}, {"headers": {b"a": "b"}}, {"headers": "a: b"},
    {"headers": [("a", "b")]}, {"headers": 0}, {"auth": "up"}, {"auth": ("u",)},
    {"auth": ("u", 5)}, {"auth": 5},
    {"auth": ("u", "p", "x")}, {"timeout_ms": "1"}, {"timeout_ms": None}, {"timeout_ms": 1.5},
    {"profile": "0"}, {"profile": 1.0}, {"save": 5}, {"save": True}, {"file": 5},
    {"content_type": 1.5}, {"content_type": ()}, {"nothing": 1},
)  # fmt: skip


async def _ready(rig):
    """The service, and where the web server is."""
    modem = await rig.connected()
    return modem.http, "http://%s:%d" % (rig.host, rig.place["http"])


async def _left_files(rig):
    """What is left of requests in the module's file system."""
    return [name for name in await rig.modem.files.listdir() if name.startswith("http_")]


async def _echoed(http, base, method="POST", **options):
    """What the server has seen of a request."""
    async with await http.request(method, base + "/echo", **options) as response:
        return await response.json()


class Source:
    """Bytes that come as they are asked for, never all at once."""

    def __init__(self, count, seed):
        self.size = count
        self.seed = seed
        self.at = 0

    def readinto(self, buf):
        n = min(len(buf), self.size - self.at, 300)
        buf[:n] = pattern(self.at + n, self.seed)[self.at :]
        self.at += n
        return n


# ---- answers ----------------------------------------------------------------------------------


async def gets_a_body_whole(rig):
    http, base = await _ready(rig)
    async with await http.get(base + "/bytes/700/3") as response:
        assert response.status == 200, response.status
        assert response.reason == "OK"
        assert response.length == 700
        assert response.headers["content-length"] == "700"
        body = await response.read()
    assert body == pattern(700, 3), difference(body, pattern(700, 3))
    assert await _left_files(rig) == []
    await rig.usable()


async def reads_a_body_in_pieces_of_any_size(rig):
    http, base = await _ready(rig)
    for size, count in ((1, 20), (7, 300), (100, 1000), (1500, 3000), (5000, 3000)):
        wanted = pattern(count, 5)
        found = bytearray()
        buf = bytearray(size)
        response = await http.get(base + "/bytes/%d/5" % count)
        while True:
            n = await response.readinto(buf)
            if not n:
                break
            found.extend(memoryview(buf)[:n])
        assert found == wanted, (size, difference(found, wanted))


async def gives_pieces_to_a_loop(rig):
    http, base = await _ready(rig)
    sizes = []
    found = bytearray()
    async with await http.get(base + "/bytes/1100/6") as response:
        async for piece in response.iter_content(400):
            sizes.append(len(piece))
            found.extend(piece)
    assert sizes == [400, 400, 300]
    assert found == pattern(1100, 6)


async def closes_itself_when_all_is_read(rig):
    http, base = await _ready(rig)
    for seed in range(5):  # one more than there are profiles
        assert await (await http.get(base + "/bytes/50/%d" % seed)).content == pattern(50, seed)
    assert await _left_files(rig) == []


async def gives_up_the_rest_when_closed(rig):
    http, base = await _ready(rig)
    response = await http.get(base + "/bytes/2000/1")
    assert await response.read(100) == pattern(2000, 1)[:100]
    await response.close()
    assert code(await fails(response.read, 1)) == 9
    assert await _left_files(rig) == []
    assert await (await http.get(base + "/bytes/50/2")).read() == pattern(50, 2)


async def has_no_body_behind_head(rig):
    http, base = await _ready(rig)
    response = await http.head(base + "/bytes/700/3")
    assert response.status == 200
    assert response.headers["content-length"] == "700"
    assert await response.read() == b""
    assert await _left_files(rig) == []


async def gives_the_status_and_follows_nowhere(rig):
    http, base = await _ready(rig)
    for status in (204, 302, 404, 503):
        async with await http.get(base + "/status/%d" % status) as response:
            assert response.status == status, response.status
            assert ("location" in response.headers) == (status == 302)
            if status > 400:
                assert await response.text == "status %d" % status


async def puts_chunks_together(rig):
    http, base = await _ready(rig)
    for count in (0, 1, 900):
        async with await http.get(base + "/chunked/%d/7" % count) as response:
            body = await response.read()
            assert body == pattern(count, 7), difference(body, pattern(count, 7))


async def reads_to_the_end_where_no_length_is_told(rig):
    http, base = await _ready(rig)
    async with await http.get(base + "/until/600/8") as response:
        assert response.length is None
        assert await response.read() == pattern(600, 8)


async def respects_the_length_if_there_is_more(rig):
    http, base = await _ready(rig)
    async with await http.get(base + "/short/300") as response:
        assert await response.read() == pattern(300, 1)[:10]
    await rig.usable()


async def tells_that_a_body_was_cut_off(rig):
    http, base = await _ready(rig)

    async def fetch():
        async with await http.get(base + "/cut/400") as response:
            return await response.read()

    assert code(await fails(fetch)) in (EIO, 103, 104)
    assert await _left_files(rig) == []
    assert await (await http.get(base + "/bytes/50/2")).read() == pattern(50, 2)


async def saves_a_body_to_a_stream(rig):
    http, base = await _ready(rig)
    found = bytearray()

    class Sink:
        def write(self, data):
            found.extend(data)

    async with await http.get(base + "/bytes/1300/2") as response:
        assert await response.save(Sink()) == 1300
    assert found == pattern(1300, 2)


async def leaves_the_answer_on_the_module_if_asked(rig):
    http, base = await _ready(rig)
    async with await http.get(base + "/bytes/100/4", save="kept.txt") as response:
        assert await response.read() == pattern(100, 4)
    kept = await rig.modem.files.read("kept.txt")
    assert kept[:5] == b"HTTP/"
    assert kept[-100:] == pattern(100, 4)
    await rig.modem.files.remove("kept.txt")
    assert await _left_files(rig) == []


# ---- requests ---------------------------------------------------------------------------------


async def posts_bytes_of_every_kind(rig):
    http, base = await _ready(rig)
    for data in (b"x", b"name=Me&age=30", b'"quoted, with commas"', b"a" * 128, b"b" * 129,
                 bytes(range(256)) * 5, "Grüße"):  # fmt: skip
        told = await _echoed(http, base, data=data)
        sent = data.encode() if isinstance(data, str) else data
        assert told["length"] == len(sent), (data, told)
        assert told["checksum"] == checksum(sent)
    assert await _left_files(rig) == []


async def posts_and_puts_from_a_source_of_any_length(rig):
    http, base = await _ready(rig)
    for method in ("POST", "PUT"):
        told = await _echoed(http, base, method, data=Source(2500, 9))
        assert told["method"] == method
        assert told["length"] == 2500
        assert told["checksum"] == checksum(pattern(2500, 9))
    assert await _left_files(rig) == []


async def posts_a_file_that_is_on_the_module(rig):
    http, base = await _ready(rig)
    await rig.modem.files.write("mine.txt", b"hello world")
    told = await _echoed(http, base, file="mine.txt", content_type="text/plain")
    assert told["text"] == "hello world"
    assert told["headers"]["content-type"] == "text/plain"
    assert await rig.modem.files.exists("mine.txt")
    await rig.modem.files.remove("mine.txt")


async def posts_json_and_reads_it(rig):
    http, base = await _ready(rig)
    told = await _echoed(http, base, json={"t": 21.5, "name": "x,y"})
    assert json.loads(told["text"]) == {"t": 21.5, "name": "x,y"}
    assert told["headers"]["content-type"] == "application/json"


async def sends_what_it_was_told_with_every_method(rig):
    http, base = await _ready(rig)
    for method in ("GET", "DELETE", "PUT", "POST"):
        data = b"12" if method[0] == "P" else None
        told = await _echoed(
            http, base, method, data=data, headers={"X-One": "1", "X-Two": "two words"},
            auth=("user", "secret"), content_type="application/senml+cbor" if data else None,
        )  # fmt: skip
        assert told["method"] == method
        assert told["headers"]["x-one"] == "1"
        assert told["headers"]["x-two"] == "two words"
        assert told["headers"]["authorization"] == "Basic dXNlcjpzZWNyZXQ="
        if data:
            assert told["headers"]["content-type"] == "application/senml+cbor"
    told = await _echoed(http, base, "GET")  # and nothing of it stays in the profile
    assert "x-one" not in told["headers"]
    assert "authorization" not in told["headers"]


async def logs_in(rig):
    http, base = await _ready(rig)
    async with await http.get(base + "/private") as response:
        assert response.status == 401
    async with await http.get(base + "/private", auth=("user", "secret")) as response:
        assert await response.text == "welcome"


async def tells_the_module_only_what_has_changed(rig):
    http, base = await _ready(rig)
    lines = []
    rig.modem.channel.trace = lambda way, line: lines.append(line)
    try:
        for _ in range(2):
            await (await http.get(base + "/bytes/10/1", profile=0)).read()
            lines.append(None)
        await (await http.get(base + "/bytes/10/1", profile=0, auth=("u", "p"))).read()
    finally:
        rig.modem.channel.trace = None
    first = lines.index(None)
    second = lines.index(None, first + 1)
    settings = [line for line in lines[first + 1 : second] if line and b"AT+UHTTP=" in line]
    assert settings == []
    settings = [line for line in lines[second:] if line and b"AT+UHTTP=" in line]
    assert settings == [b'AT+UHTTP=0,2,"u"', b'AT+UHTTP=0,3,"***"', b"AT+UHTTP=0,4,1"], settings


# ---- what goes wrong --------------------------------------------------------------------------


async def sends_nothing_for_a_request_that_cannot_be(rig):
    http, _ = await _ready(rig)
    http.slot(0)
    before = rig.uart.written

    async def ask(method, url, options):
        return await http.request(method, url, **options)

    for url in BAD_URLS:
        assert isinstance(await fails(ask, "GET", url, {}), ValueError), url
    for method, options in BAD_REQUESTS:
        error = await fails(ask, method, "http://x/", options)
        assert isinstance(error, ValueError), (method, options, error)
    for options in WRONG_TYPES:
        error = await fails(ask, "POST", "http://x/", options)
        assert isinstance(error, TypeError), (options, error)
    for method, url in (("GET", None), ("GET", b"http://x/"), ("GET", 5), (None, "http://x/")):
        assert isinstance(await fails(ask, method, url, {}), TypeError), (method, url)
    assert rig.uart.written == before


async def refuses_wrong_ways_to_read_an_answer(rig):
    http, base = await _ready(rig)
    response = await http.get(base + "/bytes/40/3")
    before = rig.uart.written
    for buf in NO_BUFFERS:
        assert isinstance(await fails(response.readinto, buf), TypeError), buf
    assert isinstance(await fails(response.readinto, bytearray(9), "9"), TypeError)
    for n in (-1, 10):
        assert isinstance(await fails(response.readinto, bytearray(9), n), ValueError), n
    for call, wrong in ((response.read, ("x", 1.5)), (response.save, (5, None, 1.5))):
        for value in wrong:
            assert isinstance(await fails(call, value), TypeError), value
    assert isinstance(raises(response.iter_content, "x"), TypeError)
    assert isinstance(raises(response.iter_content, 0), ValueError)
    assert rig.uart.written == before
    assert await response.read() == pattern(40, 3)


async def tells_why_there_is_no_connection(rig):
    http, _ = await _ready(rig)
    error = await fails(http.get, "http://%s:%d/" % rig.refused)
    assert error.error_class, error
    assert "failed" in str(error)
    assert await _left_files(rig) == []
    error = await fails(http.get, "http://no-such-host.example/")
    assert error.error_class, error
    await rig.usable()


async def has_as_many_profiles_as_the_module(rig):
    http, base = await _ready(rig)
    responses = []
    count = 4 if rig.model == "SARA-R5" else 1
    for seed in range(count):
        responses.append(await http.get(base + "/bytes/90/%d" % seed, direct=False))

    async def once_more():
        await http.get(base + "/bytes/1/1", timeout_ms=300)

    assert code(await fails(once_more)) == EBUSY
    for seed in range(count):
        assert await responses[seed].read() == pattern(90, seed)
    assert await (await http.get(base + "/bytes/1/1")).read() == pattern(1, 1)
    assert await _left_files(rig) == []


async def removes_what_an_earlier_program_has_left(rig):
    http, base = await _ready(rig)
    await http.get(base + "/bytes/90/1")
    assert await _left_files(rig) == ["http_answer_0"]
    modem = rig.made()
    await modem.power_on(30000)
    await modem.connect("iot.example")
    async with await modem.http.get(base + "/bytes/90/1", save="elsewhere") as response:
        assert response.status == 200
    await modem.files.remove("elsewhere")
    assert await _left_files(rig) == []


# ---- https ------------------------------------------------------------------------------------


async def _secured(rig, **options):
    """A profile that trusts the peers' CA."""
    pem = rig.place["pem"]
    await rig.modem.security.store("CA", "peers", pem["ca"].encode())
    if options.pop("mutual", False):
        await rig.modem.security.store("CC", "device", pem["cert"].encode())
        await rig.modem.security.store("PK", "device_key", pem["key"].encode())
        options.update(cert="device", key="device_key")
    return rig.modem.security.profile(0, ca="peers", **options)


async def gets_by_https(rig):
    http, _ = await _ready(rig)
    tls = await _secured(rig)
    url = "https://%s:%d" % (rig.name, rig.place["https"])
    told = await (await http.get(url + "/session", tls=tls)).json()
    assert told["tls"]
    assert not told["client"]
    body = await (await http.get(url + "/bytes/500/3", tls=tls)).read()
    assert body == pattern(500, 3)
    http, base = await _ready(rig)  # and in clear again
    assert not (await (await http.get(base + "/session")).json())["tls"]


async def shows_its_certificate(rig):
    http, _ = await _ready(rig)
    url = "https://%s:%d/session" % (rig.name, rig.place["https_mutual"])
    told = await (await http.get(url, tls=await _secured(rig, mutual=True))).json()
    assert told["client"]


async def refuses_a_server_it_cannot_trust(rig):
    http, _ = await _ready(rig)
    pem = rig.place["pem"]
    await rig.modem.security.store("CA", "others", pem["other_ca"].encode())
    tls = rig.modem.security.profile(1, ca="others")
    url = "https://%s:%d/session" % (rig.name, rig.place["https"])

    async def ask():
        await http.get(url, tls=tls)

    error = await fails(ask)
    assert error.error_class, error
    await rig.usable()
