"""Resuming TLS sessions: the data collected, kept as bytes and given back. At-commands 4.4, A5
3.4, A10 3.4.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.certificate_model import HOST, Vault, packed
from driver.support.serial_script import Bench

from ublox_cellular.core.errors import CommandTimeout
from ublox_cellular.core.tls_session import pack, unpack

ID = "EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8="
MASTER = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5v"
SEALED = "KXK7BE2W3yhxugNMld4ncLkCS5TdJm+4AUqT3CVutwBJktskbbb/SJHaI2y1"
PLAIN: dict[str, Any] = {"verify": "none", "min_version": None, "sni": "", "resume": "plain"}
LOCKED = PLAIN | {"resume": "encrypted"}


class Stage:
    def __init__(self, flavour: str, module: str) -> None:
        self.vault = Vault()
        self.bench = Bench(flavour, module, self.vault)
        self.modem = self.bench.modem
        self.security = self.modem.security
        self.shown: list[bytes] = []
        self.modem.channel.trace = lambda way, line: self.shown.append(bytes(line))
        self.call = self.bench.call

    def profile(self, **options: Any) -> Any:
        return self.security.profile(**options)

    def packed(self, wishes: dict[str, Any], *data: Any, host: str = HOST) -> bytes:
        return packed(self.security, wishes, *data, host=host)

    def tell(self, *lines: str) -> None:
        for line in lines:
            self.bench.line.push(b"\r\n" + line.encode() + b"\r\n")
        self.bench.pass_ms(5)

    def settings(self) -> list[str]:
        lines = [line.partition(",")[2] for line in self.vault.lines]
        self.vault.lines.clear()
        return [line for line in lines if line.startswith("13,")]


# ---- the bytes an application keeps -----------------------------------------------------------


def test_bytes_there_and_back() -> None:
    data = pack("S", 0, 2, ID, MASTER, HOST, b"\n\r\xff\x00")
    for form in (data, bytearray(data), memoryview(data)):
        assert unpack(form, "S") == (0, 2, ID, MASTER, HOST, b"\n\r\xff\x00")
    assert len(data) == len(ID + MASTER + HOST) + 14


def test_damaged_bytes() -> None:
    data = pack("L", 11, 13, SEALED, "160", HOST, bytes(4))
    for at in range(len(data)):
        for bad in (data[:at], data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]):
            with pytest.raises(ValueError, match="session"):
                unpack(bad, "L")
    with pytest.raises(ValueError, match="another kind"):
        unpack(data, "S")


def test_given_to_the_wrong_profile(stages: Any) -> None:
    stage = stages()
    with pytest.raises(ValueError, match="another kind"):
        stage.profile(verify="none", session=pack("L", 1, 3, "AAAA", "4", HOST, bytes(4)))
    with pytest.raises(ValueError, match="the other"):
        stage.profile(**LOCKED, session=pack("S", 0, 2, ID, MASTER, HOST, bytes(4)))
    with pytest.raises(ValueError, match="character"):
        stage.profile(verify="none", session=pack("S", 0, 2, 'a"b', "c", HOST, bytes(4)))
    for wrong in (5, 10**12, "text", [1], object()):
        with pytest.raises(TypeError, match="session"):
            stage.profile(verify="none", session=wrong)


# ---- SARA-R5: the data come by URC -------------------------------------------------------------

TOLD = [
    [f'+UUSECPRF: 0,13,1,0\r\n+UUSECPRF: 0,13,2,"{ID}","{MASTER}"'],
    [f"+UUSECPRF: 0,13,1,0\r\n+UUSECPRF: 0,13,2,{ID},{MASTER}"],
    ["+UUSECPRF: 0,13,1,0", f'+UUSECPRF: 0, 13, 2, "{ID}", "{MASTER}"'],
    ["+USECPRF: 0,13,1,0", f'+USECPRF: 0,13,2,"{ID}","{MASTER}"'],
    [f'+UUSECPRF: 0,13,2,"{ID}","{MASTER}"'],  # its type as it was set
]


@pytest.mark.parametrize("lines", TOLD)
def test_collected_by_urc(lines: list[str], flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    assert stage.settings() == ["13,0,1", "13,1,0"]
    assert (profile.session, profile.resumed) == (None, None)
    stage.tell(*lines)
    stage.call(profile.collect)
    assert stage.settings() == []
    assert profile.session == stage.packed(PLAIN, 0, 2, ID, MASTER)
    assert profile.resumed is False  # there was nothing to resume
    stage.call(profile.apply, HOST)  # the next connection resumes
    assert stage.settings() == ["13,0,1", "13,1,0", f'13,2,"{ID}","{MASTER}"']
    assert profile.resumed is None
    stage.tell(*lines)
    assert profile.resumed is True
    stage.call(profile.apply, HOST)
    assert stage.settings() == []
    shown = b"".join(stage.shown)
    assert ID.encode() not in shown and MASTER.encode() not in shown
    stage.modem.channel.trace = None
    assert MASTER.encode() not in stage.modem.save_state()


def test_server_refuses_to_resume(flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    old = stage.packed(PLAIN, 0, 2, "AAAA", "BBBB")
    profile = stage.profile(**PLAIN, session=old)
    stage.call(profile.apply, HOST)
    assert stage.settings()[-1] == '13,2,"AAAA","BBBB"'
    stage.tell("+UUSECPRF: 0,13,1,0", f'+UUSECPRF: 0,13,2,"{ID}","{MASTER}"')
    assert profile.resumed is False
    stage.call(profile.apply, HOST)
    assert stage.settings()[-1] == f'13,2,"{ID}","{MASTER}"'


@pytest.mark.parametrize("kind", [1, 10])
def test_encrypted_of_either_type(kind: int, flavour: str, stages: Any) -> None:
    """A5 prints type 1 with tag 12, where 10 would be expected: what the module says is used."""
    stage = stages(flavour)
    profile = stage.profile(**LOCKED)
    stage.call(profile.apply, HOST)
    assert stage.settings() == ["13,0,1", "13,1,1"]
    lines = (f"+UUSECPRF: 0,13,1,{kind}", f'+UUSECPRF: 0,13,12,"{SEALED}",{len(SEALED)}')
    stage.tell(*lines)
    assert profile.session == stage.packed(LOCKED, kind, 12, SEALED, str(len(SEALED)))
    later = stage.profile(
        number=0, verify="none", min_version=None, sni="", session=profile.session
    )
    assert later.resume == "encrypted"
    stage.call(later.apply, HOST)
    wanted = ["13,0,1", f"13,1,{kind}", f'13,12,"{SEALED}",{len(SEALED)}']
    assert stage.settings() == wanted
    stage.tell(*lines)
    assert later.resumed is True


@pytest.mark.parametrize(
    "line",
    [
        "+UUSECPRF: 0,13,2", '+UUSECPRF: 0,13,2,"",""', "+UUSECPRF: 7,13,2,a,b", "+UUSECPRF: ",
        "+UUSECPRF: 0,12,2,a,b", "+UUSECPRF: 1,13,2,a,b", "+UUSECPRF: 0,13,,a", "+UUSECPRF: x",
        "+UUSECPRF: 0,13,99,a,b", "+UUSECPRF: -1,13,2,a,b", "+UUSECPRF: 0,13,222,a,b",
        "+UUSECPRF: 0,13,1,-5", "+UUSECPRF: 0,13,1,77", '+UUSECPRF: 0,13,2,a"b,c',
    ],
)  # fmt: skip
def test_nonsense_is_no_session(line: str, stages: Any) -> None:
    stage = stages()
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    stage.tell(line)
    assert profile.session is None
    stage.security.lost()
    stage.call(profile.apply, HOST)
    assert stage.settings()[-1] == "13,1,0"


def test_nobody_wants_it(stages: Any) -> None:
    stage = stages()
    profile = stage.profile(verify="none")
    stage.call(profile.apply, HOST)
    stage.tell(f'+UUSECPRF: 0,13,2,"{ID}","{MASTER}"')
    assert profile.session is None
    stage.call(profile.collect)
    assert stage.settings() == []


def test_a_line_longer_than_the_buffer(stages: Any) -> None:
    stage = stages()
    profile = stage.profile(**LOCKED)
    stage.call(profile.apply, HOST)
    stage.tell("+UUSECPRF: 0,13,1,1", f'+UUSECPRF: 0,13,12,"{"A" * 600}",600')
    assert profile.session is None
    assert stage.modem.channel.lexer.overlong == 1


def test_a_session_is_not_offered_to_others(flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    stage.tell(f'+UUSECPRF: 0,13,2,"{ID}","{MASTER}"')
    stage.settings()
    stage.call(profile.apply, "other.example")
    assert stage.settings() == ["13,0,1", "13,1,0"]


def test_kept_over_a_restart(flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    stage.tell(f'+UUSECPRF: 0,13,2,"{ID}","{MASTER}"')
    stage.security.lost()
    stage.settings()
    stage.call(profile.apply, HOST)
    assert stage.settings()[-1] == f'13,2,"{ID}","{MASTER}"'


# ---- LEXI-R10: the data are asked for -----------------------------------------------------------

FORMS = [
    (PLAIN, 3, 1, '+USECPRF: 0,13,3,"{}",{}'),
    (PLAIN, 3, 1, "+USECPRF: 0,13,3,{},{}"),
    (PLAIN, 3, 1, '+USECPRF: 0, 13, 3, "{}", {}'),
    (LOCKED, 13, 11, '+USECPRF: 0,13,13,"{}",{}'),
]


@pytest.mark.parametrize(("options", "tag", "kind", "form"), FORMS)
@pytest.mark.parametrize("size", [40, 470, 600, 3000])
def test_collected_by_asking(
    options: Any, tag: int, kind: int, form: str, size: int, flavour: str, stages: Any
) -> None:
    stage = stages(flavour, "lexi-r10")
    profile = stage.profile(**options)
    stage.call(profile.apply, HOST)
    assert stage.settings() == ["13,0,1", f"13,1,{kind}"]
    stage.tell("+UUSECPRF: 0,13,0,2")
    ticket = ("Ab+/" * 1000)[:size]
    stage.vault.read = {f"0,13,{tag}": form.format(ticket, size).encode()}
    lexer = stage.modem.channel.lexer
    buf = lexer.buf
    stage.call(profile.collect)
    assert lexer.buf is buf and len(buf) == 512
    assert profile.session == stage.packed(options, kind, tag, ticket, str(size))
    assert profile.resumed is False
    stage.call(profile.apply, HOST)
    assert stage.settings() == [f"13,{tag}"]  # nothing is set: the module goes on with these
    later = stage.profile(number=0, **options, session=profile.session)
    stage.call(later.apply, HOST)
    assert stage.settings()[-1] == f'13,{tag},"{ticket}",{size}'
    assert len(stage.modem.channel.tx.buf) == 512
    stage.call(later.collect)
    assert later.resumed is True  # no new ticket
    stage.vault.read = {f"0,13,{tag}": form.format("CCCC", 4).encode()}
    stage.call(later.collect)
    assert later.resumed is None  # a new one: nobody knows
    assert later.session == stage.packed(options, kind, tag, "CCCC", "4")
    assert ticket.encode() not in b"".join(stage.shown)
    assert b"AT+USECPRF=0,13,***" in stage.shown


def test_no_ticket(flavour: str, stages: Any) -> None:
    stage = stages(flavour, "lexi-r10")
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    for answer in (None, b"+USECPRF: 0,13,3", b'+USECPRF: 0,13,3,"",0'):
        stage.vault.read = {} if answer is None else {"0,13,3": answer}
        stage.call(profile.collect)
        assert (profile.session, profile.resumed) == (None, False)


def test_a_urc_in_the_middle_of_collecting(flavour: str, stages: Any) -> None:
    """Both forms of the URC, one of them with the name of the answer; what follows is kept."""
    stage = stages(flavour, "lexi-r10")
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    ticket = "A" * 900
    stage.vault.read = {
        "0,13,3": b"+USECPRF: 0,13,0,2\r\n+UUSORD: 3,9\r\n"
        + f'+USECPRF: 0,13,3,"{ticket}",900'.encode()
    }
    seen: list[str] = []
    stage.modem.channel.on_urc(b"+UUTEST", lambda line: seen.append(line.whole()))
    long = "+UUTEST: " + "y" * 300
    sent = stage.vault.feed

    def feed(data: bytes) -> Any:
        found = sent(data)
        if b",13,3\r" in data:
            whole = b"".join(part for _, part in found)
            return [(2.0, whole + f"\r\n{long}\r\n\r\n{long}\r\n\r\n{long[:200]}".encode())]
        return found

    stage.vault.feed = feed
    stage.call(profile.collect)
    assert profile.session == stage.packed(PLAIN, 1, 3, ticket, "900")
    stage.vault.feed = sent
    stage.bench.line.push(long[200:].encode() + b"\r\n")
    stage.bench.pass_ms(10)
    assert seen == [long] * 3


def test_collecting_times_out(flavour: str, stages: Any) -> None:
    stage = stages(flavour, "lexi-r10")
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    sent = stage.vault.feed
    stage.vault.feed = lambda data: [] if b",13,3\r" in data else sent(data)
    with pytest.raises(CommandTimeout):
        stage.call(profile.collect)
    stage.vault.feed = sent
    stage.vault.read = {"0,13,3": b'+USECPRF: 0,13,3,"AAAA",4'}
    stage.call(profile.collect)
    assert len(stage.modem.channel.lexer.buf) == 512
    assert profile.session == stage.packed(PLAIN, 1, 3, "AAAA", "4")


def test_nothing_is_collected_after_a_restart(stages: Any) -> None:
    stage = stages("blocking", "lexi-r10")
    profile = stage.profile(**PLAIN)
    stage.call(profile.apply, HOST)
    stage.settings()
    stage.security.lost()
    stage.call(profile.collect)
    assert stage.settings() == []
