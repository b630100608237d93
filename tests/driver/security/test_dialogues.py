"""The seeds' dialogues of certificates, profiles and session resumption, module side, on the
driver. A5 3, A10 3.

Not literally possible: what a profile is told besides resumption, which those dialogues leave out
(`PROFILE`), and the level that is read back (`LEVELS`). HTTP commands, which have tests of their
own, are sent with `modem.at()`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.certificate_model import packed
from driver.support.dialogues import Script, load
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import ok

WANTED = {"sara-r5": "3.", "lexi-r10": "3."}
LEVELS = {f"AT+USECPRF={n},0": ok(f"+USECPRF: {n},0,1".encode()) for n in (0, 2)}
ABSENT = {'AT+USECMNG=4,0,"ThawteCA"': b"\r\n+CME ERROR: 1916\r\n"}
PROFILE = {"AT+USECPRF=2": ok(), "AT+USECPRF=2,0,0": ok()}


class Play:
    """One dialogue on one driver."""

    def __init__(self, bench: Bench, script: Script, steps: list[Any]) -> None:
        self.bench = bench
        self.call = bench.call
        self.modem = bench.modem
        self.security = bench.modem.security
        self.script = script
        self.steps = steps

    def http(self) -> None:
        """The commands of another service that come next, and what follows from them."""
        while self.script.steps and "HTTP" in self.script.steps[0]["send"]:
            assert self.call(self.modem.at, self.script.steps[0]["send"][2:]) == []
        self.bench.pass_ms(100)


def import_files(play: Play) -> None:
    names = ("ca_cert", "client_cert", "client_key")
    for kind, name, step in zip(("CA", "CC", "PK"), names, play.steps, strict=False):
        file, md5 = step["send"].split('"')[3], step["info"][0].split('"')[3]
        assert play.call(play.security.store_file, kind, name, file) == md5
    assert play.call(play.security.list) == [
        ("CA", "ca_cert", "An MQTT broker", "2032/10/18 08:23:32"),
        ("CC", "client_cert", "A client certificate", "2032/06/22 12:34:48"),
        ("PK", "client_key", "", ""),
    ]


def profile(play: Play) -> None:
    made = play.security.profile(
        0, ca="ca_cert", cert="client_cert", key="client_key", verify="chain", ciphers=3,
        min_version=None, sni="broker.example.com" if len(play.steps) > 6 else "",
    )  # fmt: skip
    play.call(made.apply, "broker.example.com")
    assert made.in_place("broker.example.com")
    play.call(made.apply, "broker.example.com")  # sends nothing


def complete_example(play: Play) -> None:
    content = play.steps[0]["payload"].encode()
    md5 = "8ccadc0b22cef5be72ac411a11a8d812"
    assert play.call(play.security.store, "CA", "ThawteCA", content, force=True) == md5
    listed = ("CA", "ThawteCA", "thawte Primary Root CA", "2036/07/17")
    assert play.call(play.security.list) == [listed]
    made = play.security.profile(2, ca="ThawteCA", verify="chain", min_version=None, sni="")
    play.call(made.apply, "www.ssl_tls_test_server.com")
    play.http()


def session_of(play: Play) -> tuple[str, ...]:
    """The data as the dialogue has them."""
    for step in play.steps:
        for line in (step["send"], *step.get("urcs", []), *step.get("info", [])):
            if line.count('"') > 1 and ",13," in line:
                return tuple(line.split(",13,")[1].replace('"', "").split(","))
    raise AssertionError("no session data")


def resumption(form: str, again: bool) -> Callable[[Play], None]:
    def action(play: Play) -> None:
        tag, first, second = session_of(play)
        kind = int(next(s["send"] for s in play.steps if ",13,1," in s["send"]).split(",")[-1])
        wishes: dict[str, Any] = {
            "verify": "none", "min_version": None, "sni": "", "resume": form
        }  # fmt: skip
        data = packed(play.security, wishes, kind, int(tag), first, second, host="host.example")
        shown: list[bytes] = []
        play.modem.channel.trace = lambda way, line: shown.append(bytes(line))
        made = play.security.profile(2, **wishes, session=data if again else None)
        assert made.session == (data if again else None)
        play.call(made.apply, "host.example")
        play.http()
        play.call(made.collect)
        if again and play.bench.module == "lexi-r10":
            # The dialogue has no look at the data after a resumption.
            assert made.resumed is None
        else:
            assert made.resumed is again
        assert made.session == data
        assert first.encode() not in b"".join(shown)
        assert second.encode() not in b"".join(shown) or len(second) < 4

    return action


TABLE: dict[str, Callable[[Play], None]] = {
    "3.1-import-files": import_files,
    "3.2-profile": profile,
    "3.3-import-and-get": complete_example,
    "3.4.1.1-acquire": resumption("plain", False),
    "3.4.1.1-reuse": resumption("plain", True),
    "3.4.1.2-acquire": resumption("encrypted", False),
    "3.4.1.2-reuse": resumption("encrypted", True),
    "3.4.2.1-acquire": resumption("plain", False),
    "3.4.2.1-reuse": resumption("plain", True),
    "3.4.2.2-acquire": resumption("encrypted", False),
    "3.4.2.2-reuse": resumption("encrypted", True),
}

CASES = [
    pytest.param(flavour, module, dialogue, id=f"{flavour}-{dialogue['id']}")
    for module, sections in WANTED.items()
    for dialogue in load(module)
    if dialogue["section"].startswith(sections)
    for flavour in FLAVOURS
]


@pytest.mark.parametrize(("flavour", "module", "dialogue"), CASES)
def test_dialogue(flavour: str, module: str, dialogue: dict[str, Any]) -> None:
    steps = dialogue["steps"]
    ident = dialogue["id"].partition("-")[2]
    also = dict(PROFILE) if "3.4" in ident else {"AT+USECPRF=2": ok(), **LEVELS, **ABSENT}
    if ident.endswith("reuse") and module == "lexi-r10":  # read behind the second handshake
        tag = 13 if "3.4.2.2" in ident else 3
        also[f"AT+USECPRF=2,13,{tag}"] = b"\r\n+CME ERROR: 3\r\n"
    script = Script(steps, also, frozenset())
    bench = Bench(flavour, module, script)
    try:
        TABLE[ident](Play(bench, script, steps))
        assert script.over, f"not asked for: {script.steps}"
    finally:
        bench.close()
