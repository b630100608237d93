# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""HTTP by the direct link, which only LEXI-R10 has: bodies along the line, not through files."""

from .http import Source
from .rig import checksum, code, difference, fails, pattern

SPECIAL = b"\r\nDISCONNECT\r\n\r\nOK\r\nx\r\nNO CARRIER\r\n+++\r\n\r\n+UUHTTPCR: 0,1,0\r\n"


class Http:
    """The service with `direct=True` for every request."""

    def __init__(self, rig):
        self.http = rig.modem.http
        self.base = "http://%s:%d" % (rig.host, rig.place["http"])

    async def request(self, method, path, **options):
        return await self.http.request(method, self.base + path, direct=True, **options)

    async def get(self, path, **options):
        return await self.request("GET", path, **options)

    async def post(self, path, data, **options):
        return await self.request("POST", path, data=data, **options)


async def _linked(rig):
    """The service; None where it has no direct link, which it says."""
    await rig.connected()
    if rig.model == "LEXI-R10":
        return Http(rig)
    before = rig.uart.written
    assert code(await fails(Http(rig).get, "/")) == 95
    assert rig.uart.written == before
    return None


async def gets_bodies_of_every_length(rig):
    http = await _linked(rig)
    for count in (0, 1, 500, 3000) if http else ():
        async with await http.get("/bytes/%d/3" % count) as response:
            assert response.status == 200
            body = await response.read()
        assert body == pattern(count, 3), difference(body, pattern(count, 3))
    await rig.usable()


async def is_free_for_commands_when_all_is_read(rig):
    http = await _linked(rig)
    for seed in range(3) if http else ():
        assert await (await http.get("/bytes/300/%d" % seed)).content == pattern(300, seed)
        assert await rig.modem.model()
    await rig.usable()


async def has_headers_and_no_body_behind_head(rig):
    http = await _linked(rig)
    if http:
        response = await http.request("HEAD", "/bytes/700/3")
        assert response.headers["content-length"] == "700"
        assert await response.read() == b""
    await rig.usable()


async def gives_up_the_rest_of_the_link_when_closed(rig):
    http = await _linked(rig)
    if http:
        async with await http.get("/bytes/40000/1") as response:
            assert await response.read(100) == pattern(100, 1)
        await rig.usable()
        assert await (await http.get("/bytes/60/2")).read() == pattern(60, 2)


async def puts_chunks_of_the_link_together(rig):
    http = await _linked(rig)
    for count in (0, 700) if http else ():
        async with await http.get("/chunked/%d/7" % count) as response:
            assert await response.read() == pattern(count, 7)
    await rig.usable()


async def reads_the_link_to_its_end_where_no_length_is_told(rig):
    http = await _linked(rig)
    if http:
        async with await http.get("/until/600/8") as response:
            assert response.length is None
            body = await response.read()
        assert body == pattern(600, 8), difference(body, pattern(600, 8))
    await rig.usable()


async def respects_the_length_on_the_link_if_there_is_more(rig):
    http = await _linked(rig)
    if http:
        async with await http.get("/short/300") as response:
            assert await response.read() == pattern(300, 1)[:10]
    await rig.usable()


async def tells_that_a_body_on_the_link_was_cut_off(rig):
    http = await _linked(rig)
    if http:
        response = await http.get("/cut/400")
        assert isinstance(await fails(response.read), OSError)
        await response.close()
    await rig.usable()


async def tells_why_there_is_no_answer_on_the_link(rig):
    http = await _linked(rig)
    if http:
        http.base = "http://%s:%d" % rig.refused
        error = await fails(http.get, "/")
        assert isinstance(error, OSError), error
    await rig.usable()


async def posts_bytes_along_the_link(rig):
    http = await _linked(rig)
    for data in (b"x", b"a,b", SPECIAL, pattern(1500, 4)) if http else ():
        async with await http.post("/echo", data, content_type="text/x-own") as response:
            told = await response.json()
        assert told["length"] == len(data), told
        assert told["checksum"] == checksum(data)
        assert told["headers"]["content-type"] == "text/x-own"
    await rig.usable()


async def posts_from_a_source_along_the_link(rig):
    http = await _linked(rig)
    if http:
        async with await http.post("/echo", Source(2500, 9)) as response:
            told = await response.json()
        assert told["checksum"] == checksum(pattern(2500, 9))
    await rig.usable()


async def leaves_the_link_when_a_source_ends_early(rig):
    http = await _linked(rig)
    if http:
        source = Source(500, 1)
        source.size = 900

        def readinto(buf, whole=source.readinto):
            return whole(buf) if source.at < 500 else 0

        source.readinto = readinto
        assert isinstance(await fails(http.post, "/echo", source), OSError)
    await rig.usable()


async def is_not_ended_by_a_body_that_looks_like_the_end(rig):
    http = await _linked(rig)
    if http:
        await (await http.post("/keep/link", SPECIAL)).read()
        body = await (await http.get("/kept/link")).read()
        assert body == SPECIAL, difference(body, SPECIAL)
    await rig.usable()


async def is_not_ended_by_the_end_word_for_word_within_its_length(rig):
    http = await _linked(rig)
    if http:
        body = b"begin\r\nDISCONNECT\r\n\r\nOK\r\n\r\n+UUHTTPCR: 0,1,1\r\n" + pattern(900, 2)
        await (await http.post("/keep/trick", body)).read()
        found = await (await http.get("/kept/trick")).read()
        assert found == body, difference(found, body)
    await rig.usable()


async def leaves_no_file_behind(rig):
    http = await _linked(rig)
    if http:
        await (await http.get("/bytes/50/1")).read()
        assert [n for n in await rig.modem.files.listdir() if n.startswith("http_")] == []
    await rig.usable()


async def uses_link_and_file_in_turns(rig):
    http = await _linked(rig)
    for direct in (True, False, True, None) if http else ():
        url = http.base + "/bytes/90/1"
        assert await (await http.http.get(url, direct=direct)).read() == pattern(90, 1)


async def speaks_tls_on_the_link(rig):
    http = await _linked(rig)
    if not http:
        return
    security = rig.modem.security
    await security.store("CA", "peers", rig.place["pem"]["ca"].encode())
    profile = security.profile(ca="peers", resume="plain")
    told = {}
    for _ in range(2):
        http.base = "https://%s:%d" % (rig.name, rig.place["https"])
        async with await http.get("/session", tls=profile) as response:
            told = await response.json()
    assert told["tls"] and told["reused"] and profile.session, told
    http.base = "https://%s:%d" % (rig.name, rig.place["https_stranger"])
    try:
        await http.get("/session", tls=profile)
    except OSError as error:
        assert "TLS" in str(error), error
    else:
        raise AssertionError("a stranger was trusted")
    await rig.usable()
