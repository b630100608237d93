"""The FTP commands of the dialogues of A5 9, module side, on the driver.

The driver sends besides what the dialogues leave at its factory value: account, time-out, port,
TLS; and asks whether a session is open before it sets another server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driver.support.dialogues import Script, branches, latin, load
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import LATENCY_MS, Arrivals, ok

from ublox_cellular.core.ftp_errors import FtpError

HOST = "ftp.u-blox.com"
MAIL = "user@somedomain.com"
ALSO = {
    "AT+UFTP=7,21": ok(), "AT+UFTP=4": ok(), "AT+UFTP=5,60": ok(), "AT+UFTP=8,0": ok(),
    "AT+UFTP=12,0": ok(), "AT+UFTP=6,1": ok(), "AT+UFTP=6,0": ok(), "AT+ULSTFILE=2,\"data.zip\"":
    ok(b"+ULSTFILE: 21041"), "AT+UDELFILE=\"data.zip\"": ok(),
    "AT+ULSTFILE=2,\"gps_positions\"": ok(b"+ULSTFILE: 176673"),
}  # fmt: skip


class FtpScript(Script):
    """A dialogue with direct links."""

    def feed(self, data: bytes) -> Arrivals:
        if self.steps and "escape" in self.steps[0] and data == b"+++":
            return self._left(self.steps.pop(0))
        return super().feed(data)

    def _answer(self) -> Arrivals:
        step = self.steps[0]
        if "connect" not in step:
            return super()._answer()
        if "stream_out" in step and self._payload is None and "sent" not in step:
            step["sent"] = True
            self._payload = latin(step["stream_out"])
            return [(LATENCY_MS, b"\r\nCONNECT\r\n")]
        self.steps.pop(0)
        if "stream_out" in step:
            return []
        return [(LATENCY_MS, b"\r\nCONNECT\r\n" + latin(step["stream_in"]))]

    def _left(self, step: Any) -> Arrivals:
        return [(LATENCY_MS, b"\r\nDISCONNECT\r\n" + ok()), *self._urcs(step)]


class Play:
    """One dialogue on one driver."""

    def __init__(self, flavour: str, steps: list[Any]) -> None:
        steps = [dict(s) for s in steps if "escape" in s or s["send"].startswith("AT+UFTP")]
        self.steps = steps
        self.script = FtpScript(steps, ALSO, frozenset(("AT+UFTP=6,1",)))
        self.bench = Bench(flavour, "sara-r5", self.script)
        self.bench.modem.channel.echo = False
        self.call = self.bench.call
        self.ftp: Any = self.bench.modem.ftp

    def connect(self) -> None:
        self.call(self.ftp.connect, HOST, password=MAIL)


def session(play: Play) -> None:
    call, ftp = play.call, play.ftp
    play.connect()
    entries = listed(play)
    assert [(e.name, e.size, e.kind) for e in entries] == [
        ("dat_000", 1037, "file"), ("data.zip", 21041, "file"), ("xlog.zip", 12, "file"),
    ]  # fmt: skip
    assert entries[0].modified == (0, 8, 5, 9, 45, 0)
    call(ftp.mkdir, "uploads")
    assert [(e.name, e.kind) for e in listed(play)][2] == ("uploads", "dir")
    call(ftp.cwd, "uploads")
    assert call(ftp.pwd) == "./uploads"
    assert call(ftp.put, "gps_positions", "gps_positions") == 176673
    assert call(ftp.put, "gps_positions", "gps_positions", offset=250) == 176423
    assert [(e.name, e.size) for e in listed(play)] == [("gps_positions", 176673)]
    call(ftp.cwd, "..")
    assert call(ftp.pwd) == "."
    assert call(ftp.get, "data.zip", "data.zip") == 21041
    assert call(ftp.get, "data.zip", "data.zip", resume=True) == 21041
    call(ftp.close)


def listed(play: Play) -> list[Any]:
    async def all_of() -> list[Any]:
        return [entry async for entry in await play.ftp.ilistdir()]

    if play.bench.flavour == "asyncio":
        return list(play.call(all_of))
    return list(play.ftp.ilistdir())


def retrieve(play: Play) -> None:
    play.connect()
    step = next(s for s in play.steps if "connect" in s)
    offset = 250 if step["send"].endswith(",250") else 0
    file = play.call(play.ftp.open, "file_to_retrieve", offset=offset, size=300)
    assert play.call(file.read) == latin(step["stream_in"])
    play.call(file.close)


def abort(play: Play) -> None:
    play.ftp.connected = True
    play.script.steps.insert(0, {
        "send": 'AT+UFTPC=6,"long"', "connect": "CONNECT", "stream_in": "x" * 400,
    })  # fmt: skip
    file = play.call(play.ftp.open, "long", size=90_000)
    assert play.call(file.read, 400) == b"x" * 400
    play.call(file.close)
    assert play.ftp.result == 0


def store(play: Play) -> None:
    play.connect()
    step = next(s for s in play.steps if "connect" in s)
    offset = 250 if step["send"].endswith(",250") else 0
    file = play.call(play.ftp.open, "file_to_store", "wb", offset=offset)
    play.call(file.write, latin(step["stream_out"]))
    play.call(file.close)
    assert play.ftp.result == 1


def secure(play: Play) -> None:
    """The driver names its security profile, and writes it, which the dialogue leaves out."""
    profile = play.bench.modem.security.profile(0, verify="none")
    for step in play.steps:
        if step["send"] == "AT+UFTP=8,1":
            step["send"] = f"AT+UFTP=8,1,{profile.number}"
    play.script.steps = play.steps
    for line in ("AT+USECPRF=0", "AT+USECPRF=0,0,0", "AT+USECPRF=0,0", "AT+USECPRF=0,1,3"):
        play.script.also[latin(line)] = ok()
    refused = len(play.steps) > 6
    login = (play.ftp.connect, "123.213.132.231")
    options = {"user": "myname", "password": "mypwd", "tls": profile}
    if not refused:
        play.call(*login, **options)
        assert play.ftp.tls_sessions == 2
        return
    with pytest.raises(FtpError) as caught:
        play.call(*login, **options)
    assert caught.value.details[1:] == (8, 63)
    assert "no secure connection" in str(caught.value)
    assert "mypwd" not in repr(caught.value)


def error(play: Play) -> None:
    """Server set, no user name: the driver always has one."""
    assert play.call(play.bench.modem.at, "+UFTPC=1") == []
    play.bench.pass_ms(100)
    assert play.call(play.bench.modem.at, "+UFTPER") == ["+UFTPER: 1,1"]


TABLE: dict[str, Callable[[Play], None]] = {
    "r5-9-session": session,
    "r5-9.1.1-retrieve": retrieve,
    "r5-9.1.2-abort": abort,
    "r5-9.1.3-store": store,
    "r5-9.2-secure": secure,
    "r5-9.3-error": error,
}


def cases() -> list[Any]:
    found = []
    for dialogue in load("sara-r5"):
        if dialogue["id"] in TABLE:
            for number, steps in enumerate(branches(dialogue["steps"])):
                name = dialogue["id"] + (f"-alternative{number}" if number else "")
                found.append(pytest.param(dialogue["id"], steps, id=name))
    return found


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("ident", "steps"), cases())
def test_dialogue(flavour: str, ident: str, steps: list[Any]) -> None:
    play = Play(flavour, steps)
    try:
        TABLE[ident](play)
        assert play.script.over, f"not asked for: {play.script.steps}"
    finally:
        play.bench.close()


def test_every_dialogue_is_here() -> None:
    assert set(TABLE) == {d["id"] for d in load("sara-r5") if d["id"].startswith("r5-9")}
