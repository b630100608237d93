"""The HTTP commands of the dialogues A5 10 and A10 7, module side, on the driver.

The module's file system behind them is `FilesModel`. Not literally possible: the driver states the
port behind TLS and not before it (10.4, 7.5: `modem.at()` sends what those print), it has no
password without a user (A10 7.1: the line with the user that A5 10.1 has is put in), and it tells
its authentication before each request that wants one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.dialogues import Script, latin, load
from driver.support.files_model import FilesModel
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import LATENCY_MS, Arrivals, ok

HOST = "http://httpbin.org"
FORM = "name_post=MyName&age_post=30"
FORM_TYPE = "application/x-www-form-urlencoded"
AUTH = ("test_user", "P455w0rd")
OURS = ("AT+UHTTP", "AT+USLPVOTE")
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
USER = {"send": 'AT+UHTTP=0,2,"test_user"', "final": "OK"}


class HttpScript(Script):
    """A dialogue, with a file system for the answers, and raw bodies behind CONNECT."""

    def __init__(self, module: str, steps: list[Any], reply: bytes) -> None:
        super().__init__([dict(step) for step in steps], {}, frozenset())
        self.store = FilesModel(module)
        self.store.cmee = 1
        self.reply = reply

    def feed(self, data: bytes) -> Arrivals:
        if self._payload is None and not self._line and self._is_file_command(data):
            return self.store.feed(data)
        if self.store._need:
            return self.store.feed(data)
        return super().feed(data)

    def _is_file_command(self, data: bytes) -> bool:
        wanted = self.steps and data == latin(self.steps[0].get("send", "")) + b"\r"
        return not wanted and b"HTTP" not in data and b"SLPVOTE" not in data

    def _answer(self) -> Arrivals:
        step = self.steps[0]
        if "stream_out" in step:
            self._payload = latin(step.pop("stream_out"))
            return [(LATENCY_MS, b"\r\nCONNECT\r\n")]
        if "connect" in step:
            head = b"" if "7," in step["send"] else b"\r\nCONNECT\r\n"
            end = b"\r\nDISCONNECT\r\n" + ok()
            return [
                (LATENCY_MS, head + latin(step["stream_in"]) + end),
                *self._urcs(self.steps.pop(0)),
            ]
        if step["send"].startswith("AT+UHTTPC="):
            self.store.files[step["send"].split('"')[3]] = bytearray(self.reply)
        return super()._answer()


class Play:
    """One dialogue on one driver."""

    def __init__(self, flavour: str, module: str, steps: list[Any], reply: bytes = PAGE) -> None:
        self.script = HttpScript(module, steps, reply)
        self.bench = Bench(flavour, module, self.script)
        self.bench.modem.channel.echo = False
        self.call = self.bench.call
        self.http = self.bench.modem.http
        self.http.slot(0).swept = True

    def body(self, method: str, path: str, **options: Any) -> bytes:
        response = self.call(self.http.request, method, HOST + path, **options)
        assert response.status == 200
        return bytes(self.call(response.read))


def basics(play: Play) -> None:
    play.body("HEAD", "/", save="head.ffs")
    play.body("GET", "/", save="get.ffs")
    play.body("POST", "/post", save="post.ffs", data=FORM, content_type=FORM_TYPE)
    path = "/basic-auth/test_user/P455w0rd"
    assert play.body("GET", path, save="get_auth.ffs", auth=AUTH) == b"ok"


def basics_and_links(play: Play) -> None:
    """What the dialogue sets once stays in place: the context and the login, too."""
    options: dict[str, Any] = {"context": (2, True)}
    play.body("HEAD", "/", save="head.ffs", **options)
    play.body("GET", "/", save="get.ffs", **options)
    play.body("POST", "/post", save="post.ffs", data=FORM, content_type=FORM_TYPE, **options)
    options["auth"] = AUTH
    play.body("GET", "/basic-auth/test_user/P455w0rd", save="get_auth.ffs", **options)
    play.http.answer_file = "head.ffs"
    assert play.body("HEAD", "/", direct=True, **options) == b""
    play.http.answer_file = "get.ffs"
    assert len(play.body("GET", "/", direct=True, **options)) == 9593


def post_file(play: Play) -> None:
    play.script.store.files["postdata.txt"] = bytearray(b"hello world")
    body = play.body("POST", "/post", save="result.txt", file="postdata.txt",
                     content_type="text/plain")  # fmt: skip
    assert len(body) == 345
    assert body.startswith(b"{")


def post_link(play: Play) -> None:
    body = play.body("POST", "/post", direct=True, data="hello world")
    assert len(body) == 372
    assert play.http.slot(0).result == 1


def error(play: Play) -> None:
    play.http.slot(0).settings = [(1, "httpbin.org"), (5, 80)]
    if len(play.http.slots) == 1:
        play.http.slot(0).settings.append((10, 0))
    play.script.store.files["postdata.txt"] = bytearray(b"hello world")
    play.body("POST", "/post", save="result.txt", file="postdata.txt", content_type="text/plain")
    assert play.call(play.bench.modem.at, "+UHTTPER=1") == ["+UHTTPER: 1,0,0"]


def by_hand(play: Play) -> None:
    for step in list(play.script.steps):
        assert play.call(play.bench.modem.at, step["send"][2:]) == []


def stored(play: Play) -> None:
    play.call(play.http.factory)
    play.call(play.http.store)
    play.script.steps.insert(
        1, {"send": "AT+UHTTP=0,5", "info": ["+UHTTP: 0,5,8080"], "final": "OK"}
    )
    for operation in (0, 1, 2, 4, 6, 7, 10, 20):
        step = {"send": f"AT+UHTTP=0,{operation}", "info": [], "final": "+CME ERROR: 3"}
        play.script.steps.insert(2 if operation > 5 else 1, step)
    play.script.steps[1:10] = sorted(play.script.steps[1:10], key=lambda s: int(s["send"][11:]))
    play.call(play.http.load)
    assert play.http.slot(0).settings == [(5, 8080)]
    assert play.call(play.http.recall) == [(5, 8080)]


def after_sleep(play: Play) -> None:
    """Stored with a vote against deep sleep, and in place when it is over."""
    power = play.bench.modem.power
    power.deep = True
    play.http.slot(0).settings = place()
    if "USLPVOTE" in play.script.steps[0]["send"]:
        play.call(play.http.store)
    else:
        play.call(play.bench.modem.at, "+UHTTPNV=0,1")
    power.deep = False
    assert play.body("GET", "/path/file.html", save="responseFilename") == b"ok"


def place() -> list[Any]:
    return [(1, "httpbin.org"), (5, 80), (10, 0)]


TABLE: dict[str, Callable[[Play], None]] = {
    "r5-10.1-basics": basics,
    "r5-10.2-post-file": post_file,
    "r5-10.3-error": error,
    "r5-10.4-secure": by_hand,
    "r5-10.4-port-rules": by_hand,
    "r10-7.1-basics": basics_and_links,
    "r10-7.1.1-nv": stored,
    "r10-7.1.2.1-first-boot": after_sleep,
    "r10-7.1.2.2-after-boot": after_sleep,
    "r10-7.2-post-file": post_file,
    "r10-7.3-post-link": post_link,
    "r10-7.4-error": error,
    "r10-7.5-secure": by_hand,
    "r10-7.5-port-rules": by_hand,
}


def steps_of(module: str, ident: str) -> list[Any]:
    found = next(dialogue for dialogue in load(module) if dialogue["id"] == ident)
    steps = [step for step in found["steps"] if step.get("send", "").startswith(OURS)]
    for number, step in enumerate(steps):
        before = steps[number - 1]["send"]
        if step["send"].startswith("AT+UHTTP=0,3") and not before.startswith("AT+UHTTP=0,2"):
            return [*steps[:number], USER, *steps[number:]]
    return steps


def reply_of(module: str, ident: str) -> bytes:
    """What the dialogue reads from the file of the answer."""
    for dialogue in load(module):
        for step in dialogue["steps"] if dialogue["id"] == ident else ():
            for text in (*step.get("info", []), step.get("stream_in", "")):
                if "HTTP/1.1 200" in text and "http_data" not in step["send"]:
                    return latin(text[text.index("HTTP/1.1") :].rstrip('"'))
    return PAGE


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("ident", TABLE)
def test_dialogue(flavour: str, ident: str) -> None:
    module = "sara-r5" if ident.startswith("r5") else "lexi-r10"
    reply = reply_of(module, ident) if ident.endswith("post-file") else PAGE
    play = Play(flavour, module, steps_of(module, ident), reply)
    try:
        TABLE[ident](play)
        assert play.script.over, f"not asked for: {play.script.steps}"
    finally:
        play.bench.close()


def test_every_dialogue_is_here() -> None:
    found = {
        dialogue["id"]
        for module in ("sara-r5", "lexi-r10")
        for dialogue in load(module)
        if dialogue["id"].startswith(("r5-10.", "r10-7."))
    }
    assert found == set(TABLE)
