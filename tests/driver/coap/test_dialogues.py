"""The dialogues of A5 8, module side, on the driver.

A program states all settings of a request at once, so a dialogue that sets some of them finds the
others in place already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.dialogues import Script, load
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import ok

from ublox_cellular.core.coap_errors import CoapError, CoapStatus

HOST = "192.168.105.30"
TEXT = b"some_text"
BASE: dict[int, Any] = {4: 1, 20: 1, 21: 1, 22: 1, 23: 1, 24: 1}
STEPS = {
    found["id"]: found["steps"] for found in load("sara-r5") if found["section"].startswith("8.")
}
MESSAGE = b"".join(
    bytes.fromhex(step["send"].split('"')[1]) for step in STEPS["r5-8.3.3-block"][1:]
)


class Play:
    """Dialogues in turn on one driver, which has sent its module `placed` before."""

    def __init__(self, flavour: str, *ids: str, placed: dict[int, Any] | None) -> None:
        self.script = Script([s for one in ids for s in STEPS[one]], {}, frozenset())
        self.script.also[b"AT+CMEE=2"] = ok()
        self.bench = Bench(flavour, "sara-r5", self.script)
        self.bench.modem.channel.echo = False
        self.call = self.bench.call
        self.coap: Any = self.bench.modem.coap
        self.coap.placed = placed

    def over(self) -> None:
        assert self.script.over, self.script.steps
        self.bench.close()


def configured(play: Play) -> None:
    uri = "coap://coap.me/hello"
    play.script.also |= {
        f'AT+UCOAP=1,"{uri}"'.encode(): ok(), b"AT+UCOAP=2,5,0": ok(),
        b"AT+UCOAPC=1": ok() + b'\r\n+UCOAPCD: 2,0,"",0\r\n\r\n+UCOAPCR: 1,1\r\n',
    }  # fmt: skip
    play.call(play.bench.modem.at, "+CMEE=2")
    assert play.call(play.coap.get, uri).code == "2.05"


def profiles(play: Play) -> None:
    play.call(play.coap.store, 0)
    listed = play.call(play.coap.profiles)
    assert listed[1:] == [None] * 3
    wanted = {
        "uri": "coap://coap.me:5683/hello", "options": 7, "number": 0, "valid": True, "tls": 0,
    }  # fmt: skip
    assert listed[0] == wanted
    play.call(play.coap.load, 0)
    assert play.call(play.coap.settings) == {**wanted, "rai": False}


def got(play: Play) -> None:
    answer = play.call(play.coap.get, "coap://coap.me:5683/hello", confirmable=False)
    assert (answer.code, answer.payload) == ("2.05", b"world")


def put_and_post(play: Play) -> None:
    for method, wanted in ((play.coap.put, b"PUT OK"), (play.coap.post, b"POST OK")):
        answer = play.call(method, "coap://coap.me:5683/test", TEXT, content_format="text/plain")
        assert (answer.ok, answer.payload) == (True, wanted)


def blocks(play: Play) -> None:
    uri = "coap://coap.me:5683/large-update"
    answer = play.call(play.coap.put, uri, MESSAGE, content_format=0, block_size=64)
    assert (answer.ok, answer.payload) == (True, b"")


def by_tcp(play: Play) -> None:
    answer = play.call(play.coap.get, f"coap+tcp://{HOST}:5683/", confirmable=None)
    assert answer.text.startswith("This is a test server")


def invalid(play: Play) -> None:
    play.script.also[b"AT+CMEE?"] = ok(b"+CMEE: 1")  # its errors have texts
    with pytest.raises(CoapError, match="current profile is invalid") as caught:
        play.call(play.coap.get, confirmable=None)
    assert (caught.value.error_class, caught.value.code) == (15, 17)


def refused_by_the_server(play: Play) -> None:
    answer = play.call(play.coap.put, None, TEXT, content_format=0, confirmable=None)
    assert (answer.code, answer.ok) == ("4.xx", False)
    with pytest.raises(CoapStatus, match=r"4\.xx: Error 4\.05: Method not supported here"):
        answer.raise_for_status()


def secure(scheme: str) -> Callable[[Play], None]:
    def play_it(play: Play) -> None:
        security: Any = play.bench.modem.security
        security.default = security.profile(0, ca="root")
        security.placed[0] = security.default  # its settings are A5 3
        security.default.key = (HOST, None)
        answer = play.call(play.coap.get, f"{scheme}://{HOST}:5684/", confirmable=None)
        assert answer.text.startswith("This is a test server")
        assert play.coap.tls_sessions == security.default.busy == 0

    return play_it


VALID = dict(BASE)
PLAYS: list[tuple[tuple[str, ...], dict[int, Any] | None, Callable[[Play], None]]] = [
    (("r5-8.2.1-configure",), None, configured),
    (("r5-8.2.2-profiles",), VALID, profiles),
    (("r5-8.3.1-get",), VALID, got),
    (("r5-8.3.2-put-post",), VALID, put_and_post),
    (("r5-8.3.3-block",), VALID | {25: 0}, blocks),
    (("r5-8.3.4-tcp",), VALID, by_tcp),
    (("r5-8.4.1-config-error",), VALID, invalid),
    (("r5-8.4.2-server-error",), VALID, refused_by_the_server),
    (("r5-8.5.1-secure-profile", "r5-8.5.2-dtls"), VALID, secure("coaps")),
    (("r5-8.5.3-tls",), VALID | {8: 0}, secure("coaps+tcp")),
]


def test_all_dialogues_are_here() -> None:
    assert {one for ids, _, _ in PLAYS for one in ids} == set(STEPS)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("ids", "placed", "run"), PLAYS, ids=[ids[0] for ids, _, _ in PLAYS])
def test_dialogue(
    flavour: str,
    ids: tuple[str, ...],
    placed: dict[int, Any] | None,
    run: Callable[[Play], None],
) -> None:
    play = Play(flavour, *ids, placed=placed and dict(placed))
    run(play)
    play.over()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_other_module_has_none(flavour: str) -> None:
    bench = Bench(flavour, "lexi-r10", Script([], {}, frozenset()))
    with pytest.raises(AttributeError, match="LEXI-R10 has no coap"):
        _ = bench.modem.coap
    assert not hasattr(bench.modem, "coap")
    bench.close()
