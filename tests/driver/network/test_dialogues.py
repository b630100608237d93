"""The seeds' dialogues of network, contexts, sockets and low power, module side, on the driver.

TABLE says by which calls the driver produces a dialogue, and what they must give. Not literally
possible are:
- +CSCON=1 where nobody wants its reports: sent with `modem.at()`, as an application may;
- the configuration after a restart, which the dialogues leave out: in `also`;
- +CGDCONT? behind +CFUN=1 (2.2 registration): the driver has asked before, in `skip`;
- partial reads of 10 bytes (5.5 on SARA-R5, 5.4 on LEXI-R10): the driver reads ahead for callers
  who take a few bytes; with every byte ten times (`enlarged`) the dialogue is the same otherwise;
- two sockets of which the second is closed again (5.1): as printed.
- +UMQTTNV, +UHTTPNV and +UHTTPC in the dialogues of deep sleep: services of later issues, sent
  with `modem.at()`.
Secure sockets (5.10 of SARA-R5) are another issue.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from driver.support.dialogues import IDENTITY, ONLINE, Script, branches, content, enlarge, load
from driver.support.serial_script import FLAVOURS, Bench
from driver.support.socket_model import ok

WANTED = {"sara-r5": ("2.2", "2.3", "4.1.1", "5."), "lexi-r10": ("2.3", "2.4", "4.1.3", "5.")}
LOW_POWER = ("r10-6.1.4-", "r10-7.1.2.")
OTHER_ISSUES = ("r5-5.10",)
SERVER = ("195.34.89.241", 7)
TIMES = 10
PREPARED = {  # a connected socket, made before the dialogue begins
    "AT+USOCR=6": ok(b"+USOCR: 0"), "AT+USOCR=17": ok(b"+USOCR: 0"),
    'AT+USOCO=0,"195.34.89.241",7': ok(),
}  # fmt: skip


class Play:
    """One dialogue on one driver."""

    def __init__(self, bench: Bench, script: Script, steps: list[Any], branch: int) -> None:
        self.bench = bench
        self.script = script
        self.steps = steps
        self.branch = branch
        self.modem = bench.modem
        self.pool = bench.modem.socket_pool
        self.pool.async_connect = False
        self.pool.async_close = False
        self.modem.network.async_dns = False
        self.call = bench.call

    def begin(self) -> None:
        """The outside world starts."""
        for ms, data in self.script.begin():
            self.bench.line.push(data, ms)
        self.bench.pass_ms(50)

    def connected(self, kind: int = 1) -> Any:
        """Socket 0, connected (or used) before the dialogue."""
        also, self.script.also = (
            self.script.also,
            {line.encode(): answer for line, answer in PREPARED.items()},
        )
        sock = self.modem.socket(2, kind)
        sock.settimeout(20)
        if kind == 1:
            self.call(sock.connect, SERVER)
        else:
            self.call(sock.bind, ("", 0))
        self.script.also = also
        return sock

    def made(self, sock: Any) -> Any:
        """Let the module's socket be made now, not when it is first needed."""
        package = type(self.modem).__module__.rpartition(".")[0]
        lifecycle = importlib.import_module(package + ".sockets.lifecycle")
        self.call(lifecycle.create, sock, self.modem.channel.port.ticks_ms())
        return sock

    def events(self, *wanted: tuple[int, int]) -> None:
        """These (kind, first argument) are told, in this order, among others."""
        seen: list[tuple[int, int]] = []
        self.modem.on_event = lambda kind, a, b: seen.append((kind, a))
        self.bench.pass_ms(100)
        self.modem.on_event = None
        assert [event for event in seen if event in wanted] == list(wanted), seen


Action = Callable[[Play], None]


@dataclass
class Way:
    """How a dialogue comes about: the calls, and what the driver asks besides."""

    action: Action
    also: dict[str, bytes] = field(default_factory=dict)
    skip: frozenset[str] = frozenset()
    enlarged: bool = False


def name_itself(play: Play) -> None:
    """The module of the dialogue says who it is when it has restarted."""
    play.script.also[b"AT+CGMM"] = ok(play.bench.module.upper().encode())


def configure(play: Play) -> None:
    name_itself(play)
    network = play.modem.network
    assert play.call(network.set_profile, 100)
    assert play.call(network.define, 1, "apn_name", "IPV4V6")


def choose_context(play: Play) -> None:
    name_itself(play)
    assert play.call(play.modem.network.set_default_context, 2)


def mapper(kind: str) -> Action:
    """Define context 1 and map profile 0 to it."""

    def action(play: Play) -> None:
        network = play.modem.network
        play.script.also[b"AT+CGDCONT?"] = ok()
        assert play.call(network.define, 1, "apn_name", kind)
        defined = f'+CGDCONT: 1,"{kind}","apn_name","",0,0'
        play.script.also[b"AT+CGDCONT?"] = ok(defined.encode())
        play.call(network.map_profile, 0, 1, prefer_ipv6=play.branch == 1)

    return action


def mismatch(play: Play) -> None:
    """The driver itself never writes protocol 1 for a context of type IP: somebody else has
    changed the type meanwhile."""
    network = play.modem.network
    play.script.also[b"AT+CGDCONT?"] = ok()
    assert play.call(network.define, 1, "apn_name")
    play.script.also[b"AT+CGDCONT?"] = ok(b'+CGDCONT: 1,"IPV6","apn_name","",0,0')
    play.call(network.map_profile, 0, 1)
    with pytest.raises(OSError, match="profile 0 and context 1 differ in IP type"):
        play.call(network.activate_profile, 0)


def ping(play: Play) -> None:
    host = "www.google.com"
    assert play.call(play.modem.ping, host) == [
        (number, 32, host, "216.58.206.68", 115, ms)
        for number, ms in ((1, 62), (2, 53), (3, 53), (4, 53))
    ]


def override_dns(play: Play) -> None:
    play.call(play.modem.network.set_dns, "8.8.8.8")


def register(play: Play) -> None:
    play.call(play.modem.connect, "apn_name")
    assert play.modem.isconnected()
    for step in list(play.script.steps):  # +CSCON=1 of LEXI-R10
        assert play.call(play.modem.at, step["send"][2:]) == []


def activate(play: Play) -> None:
    play.call(play.modem.connect)
    assert play.modem.isconnected()


def resolve(play: Play) -> None:
    assert play.call(play.modem.resolve, "www.google.com") == "216.239.59.147"


def connect(play: Play) -> None:
    sock, other = play.modem.socket(), play.modem.socket(2, 2)
    play.call(sock.bind, ("", 0))
    play.made(sock)
    play.call(other.bind, ("", 0))
    play.call(other.close)
    assert play.call(play.modem.resolve, "ftp.u-blox.com") == SERVER[0]
    if play.branch == 0:
        play.call(sock.connect, SERVER)
        play.script.also[b"AT+USOCTL=0,4"] = ok(b'+USOCTL: 0,4,"195.34.89.241",7')
        assert play.call(sock.getpeername) == SERVER
        return
    with pytest.raises(OSError) as caught:
        play.call(sock.connect, SERVER)
    assert caught.value.errno == 111
    with pytest.raises(OSError):
        play.call(sock.send, b"x")


def listen(play: Play) -> None:
    server = play.modem.socket()
    server.settimeout(20)
    play.call(server.bind, ("", 1099))
    play.call(server.listen)
    sock, address = play.call(server.accept)
    assert address == ("151.9.34.66", 39912)
    play.events((4, 1))
    assert sock.ioctl(3, 1) == 1


def write_prompt(play: Play) -> None:
    sock = play.connected()
    play.pool.syntax = 2
    assert play.call(sock.send, b"12") == 2


def write_base(play: Play) -> None:
    assert play.call(play.connected().send, b"12") == 2


def write_full(play: Play) -> None:
    sock = play.connected()
    sock.setblocking(False)
    assert play.call(sock.write, b"12") is None
    assert play.call(sock.info, 11) == 0


def keep_alive(play: Play) -> None:
    sock = play.made(play.modem.socket())
    play.call(sock.setsockopt, play.pool.SOL_SOCKET, play.pool.SO_KEEPALIVE, 1)
    play.call(sock.setsockopt, play.pool.IPPROTO_TCP, play.pool.TCP_KEEPIDLE, 30)


def reader(*sizes: int) -> Action:
    """Reads of these sizes give what the outside sent, in order; then nothing is left."""

    def action(play: Play) -> None:
        sock = play.connected()
        play.begin()
        sent = b"".join(content(step) for step in play.steps if "event" in step and data_in(step))
        for size in sizes:
            if size == 0:
                sock.settimeout(6)  # asks whether an announcement was lost
                with pytest.raises(OSError):
                    play.call(sock.recv, 100)
                continue
            buf = bytearray(size)
            assert play.call(sock.recv_into, buf) == size
            assert bytes(buf) == sent[:size]
            sent = sent[size:]
            play.bench.pass_ms(50)

    return action


def data_in(step: Any) -> bool:
    return "data" in step or "data_len" in step


def repeated(data: bytes) -> bytes:
    return b"".join(bytes([byte]) * TIMES for byte in data)


def read_and_closed(play: Play) -> None:
    sock = play.connected()
    play.begin()
    assert play.call(sock.recv, 10 * TIMES) == repeated(b"hfgyrhgfty")
    play.bench.pass_ms(50)
    play.pool.syntax = 2
    with pytest.raises(OSError) as caught:
        play.call(sock.send, b"123")
    assert caught.value.errno == 32
    assert play.call(sock.recv, 1000) == repeated(b"23dfgt5uhj89ikdftevlpazwe")
    assert play.call(sock.recv, 100) == b""


def udp_write(play: Play) -> None:
    sock = play.modem.socket(2, 2)
    play.call(sock.bind, ("", 12000 if play.branch else 0))
    assert play.call(play.modem.resolve, "ftp.u-blox.com") == SERVER[0]
    play.pool.syntax = 2
    assert play.call(sock.sendto, b"12", SERVER) == 2


def udp_read(play: Play) -> None:
    sock = play.connected(2)
    play.begin()
    for size, data in ((2, b"12"), (10, b"1234567890"), (10, b"1234567890")):
        buf = bytearray(size)
        assert play.call(sock.recvfrom_into, buf) == (size, SERVER)
        assert bytes(buf) == data
        play.bench.pass_ms(50)


def state(play: Play) -> None:
    sock = play.connected()
    asked = [play.call(sock.info, what) for what in (0, 10, 11, 1)]
    assert asked == [6, 7 if play.branch else 4, 0, 0]


def last_error(play: Play) -> None:
    assert play.call(play.modem.at, "+USOER") == ["+USOER: 104"]


def closed_by_peer(play: Play) -> None:
    also, play.script.also = play.script.also, {
        b"AT+USOCR=17": ok(b"+USOCR: 0"), b"AT+USOCR=6": ok(b"+USOCR: 1"),
        b'AT+USOCO=1,"195.34.89.241",7': ok(),
    }  # fmt: skip
    other, sock = play.modem.socket(2, 2), play.modem.socket()
    play.call(other.bind, ("", 0))
    play.call(sock.connect, SERVER)
    play.script.also = also
    play.begin()
    play.events((5, 1))
    assert play.call(sock.recv, 10) == b""


def closed_by_host(play: Play) -> None:
    sock = play.connected()
    play.call(sock.close)
    with pytest.raises(OSError) as caught:
        play.call(sock.send, b"x")
    assert caught.value.errno == 9


def echo(play: Play) -> None:
    sock = play.modem.socket(2, 2)
    sock.settimeout(20)
    play.call(sock.bind, ("", 0))
    assert play.call(play.modem.resolve, "echo.u-blox.com") == SERVER[0]
    assert play.call(sock.sendto, b"Hello", SERVER) == 5
    assert play.call(sock.recvfrom, 100) == (b"Hello", SERVER)


def always_on(play: Play) -> None:
    """The third socket is made as a program does that knows nothing of power saving."""
    power = play.modem.power
    socks = [play.modem.socket(2, kind) for kind in (1, 1, 2, 2)]
    for number, sock in enumerate(socks):
        play.modem.sleeper = None if number == 2 else power
        play.made(sock)
    assert [sock.slot.always_on for sock in socks] == [True, False, False, False]
    told = play.call(power.sockets)
    assert told == [(0, 1, True), (1, 1, False), (2, 2, True), (3, 2, False)]


def asleep_and_back(play: Play, depth: int) -> Any:
    play.call(play.modem.power.report)
    sock = play.modem.socket()
    sock.settimeout(20)
    play.call(sock.connect, SERVER)
    play.events((9, depth), (9, 0))
    assert sock.slot.always_on
    return sock


def write_after_sleep_2(play: Play) -> None:
    sock = asleep_and_back(play, 2)
    assert play.call(sock.send, b"12") == 2


def woken_by_data(play: Play) -> None:
    sock = asleep_and_back(play, 3)
    assert sock.slot.pending == 30


def two_contexts(play: Play) -> None:
    first, second = play.call(play.modem.network.contexts)
    assert (first["cid"], first["kind"], first["apn"]) == (1, "IP", "APN1")
    assert first["address"] == ("166.130.71.189", None)
    assert first["active"] and not second["active"]
    assert (second["cid"], second["kind"], second["apn"]) == (2, "IPV4V6", "APN2")
    assert second["address"] == ("10.117.32.103", "2600:380:b241:81d1:0:4a:5744:b001")


class Awake:
    """`with modem.power.awake()` in either flavour."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.form = "a" if play.bench.flavour == "asyncio" else ""
        self.vote = play.modem.power.awake()

    def __enter__(self) -> None:
        self.play.call(getattr(self.vote, f"__{self.form}enter__"))

    def __exit__(self, *error: object) -> None:
        self.play.call(getattr(self.vote, f"__{self.form}exit__"), *error)


def mqtt_profile(play: Play) -> None:
    with Awake(play):
        play.call(play.modem.at, "+UMQTTNV=2")
    play.begin()
    with Awake(play):
        play.call(play.modem.at, "+UMQTTNV=1")


def http_profile(play: Play) -> None:
    with Awake(play):
        play.call(play.modem.at, "+UHTTPNV=0,2")
    http_request(play)


def http_after_boot(play: Play) -> None:
    play.call(play.modem.at, "+UHTTPNV=0,1")
    http_request(play)


def http_request(play: Play) -> None:
    request = play.script.steps[-1]["send"][2:]
    play.call(play.modem.at, request)
    play.bench.pass_ms(100)


# By a reset, or in order? The dialogue does not ask.
HOW_IT_ENDED = {"AT+USOCTL=0,1": ok(b"+USOCTL: 0,1,0"), "AT+USOER": ok(b"+USOER: 0")}

REPORTING = {
    "AT+CSCON=1": ok(), "AT+UPSMR=1": ok(), "AT+CMEE?": ok(b"+CMEE: 1"),
    'AT+USLPURC="SLEEP2",1': ok(), 'AT+USLPURC="HIBNATE",1': ok(),
    "AT+CSCON?": ok(b"+CSCON: 1,1"),
}  # fmt: skip
CONTEXT = {"AT+CGDCONT?": ok(b'+CGDCONT: 1,"IP","apn_name","100.108.232.233",0,0,0,0,0')}
ATTACHED = {
    **ONLINE, **CONTEXT, "AT+CFUN?": ok(b"+CFUN: 0,0"), "AT+UPSND=0,8": ok(b"+UPSND: 0,8,1"),
    "AT+UPSD=0,100": ok(b"+UPSD: 0,100,1"), "AT+UDCONF=19": ok(b"+UDCONF: 19,1,0"),
}  # fmt: skip
RESTARTED = {
    "AT": ok(), **IDENTITY, "AT+CMEE?": ok(b"+CMEE: 1"), "AT+IPR?": ok(b"+IPR: 115200"),
    "ATS2=43": ok(), "ATS12=50": ok(), "ATS2?": ok(b"043"), "ATS12?": ok(b"050"),
    "AT+CGEREP=1": ok(), "AT+CEREG=5": ok(), "AT+CSGT?": ok(b'+CSGT: "cellular ready",1'),
    **{f"AT+USOCTL={number},0": b"\r\n+CME ERROR: 3\r\n" for number in range(7)},
}  # fmt: skip
CONFIGURED = {
    **RESTARTED, "AT+CFUN?": ok(b"+CFUN: 1,0"), "AT+UMNOPROF?": ok(b"+UMNOPROF: 90"),
    "AT+CGDCONT?": ok(b'+CGDCONT: 1,"IPV4V6","","",0,0'), "AT+UDCONF=19": ok(b"+UDCONF: 19,1,0"),
}  # fmt: skip
RADIO_OFF = {"AT+CFUN?": ok(b"+CFUN: 0,0")}
CLASHING = {
    **RADIO_OFF, "AT+CMEE?": ok(b"+CMEE: 1"), "AT+UPSND=0,8": ok(b"+UPSND: 0,8,0"),
    "AT+UPSD=0,100": ok(b"+UPSD: 0,100,1"),
}  # fmt: skip
REFUSED = {"AT+USOER": ok(b"+USOER: 111"), "AT+USOCTL=0,1": b"\r\n+CME ERROR: 3\r\n"}

TABLE: dict[str, Way] = {
    "2.2-network-settings": Way(configure, CONFIGURED),
    "2.3.1-network-settings": Way(configure, CONFIGURED),
    "2.3.1-default-cid": Way(choose_context, CONFIGURED),
    "2.2-registration": Way(register, ATTACHED, frozenset({"AT+CGDCONT?"})),
    "2.3.1-registration": Way(register, ATTACHED, frozenset({"AT+CGDCONT?"})),
    "2.2-psd-activation": Way(activate, {**ONLINE, **CONTEXT}),
    "2.2.1-map-ipv4v6": Way(mapper("IPV4V6"), RADIO_OFF),
    "2.2.1-map-ip": Way(mapper("IP"), RADIO_OFF),
    "2.2.1-map-ipv6": Way(mapper("IPV6"), RADIO_OFF),
    "2.2.1-map-mismatch": Way(mismatch, CLASHING),
    "2.3.1-ping": Way(ping),
    "2.4.1-ping": Way(ping),
    "2.3.2-dns": Way(resolve),
    "2.4.2-dns": Way(resolve),
    "2.4.2.1-dns-override": Way(override_dns),
    "5.1-connect": Way(connect, REFUSED),
    "5.2-listen": Way(listen),
    "5.3.1-binary": Way(write_prompt),
    "5.3.2-base": Way(write_base),
    "5.3.3-full": Way(write_full),
    "5.4-keep-alive": Way(keep_alive),
    "5.5-keep-alive": Way(keep_alive),
    "5.5-1": Way(reader(2)),
    "5.5-2": Way(reader(100), enlarged=True),
    "5.5-3": Way(reader(100, 100, 340, 0), enlarged=True),
    "5.5-4": Way(read_and_closed, HOW_IT_ENDED, enlarged=True),
    "5.4-1": Way(reader(2)),
    "5.4-2": Way(reader(100), enlarged=True),
    "5.4-3": Way(reader(100, 100, 340, 0), enlarged=True),
    "5.4-4": Way(read_and_closed, HOW_IT_ENDED, enlarged=True),
    "5.6-udp-write": Way(udp_write),
    "5.7-udp-read": Way(udp_read),
    "5.8-state": Way(state),
    "5.8-last-error": Way(last_error),
    "5.9-remote": Way(closed_by_peer, {"AT+USOER": ok(b"+USOER: 0")}),
    "5.9-local": Way(closed_by_host),
    "5.12-echo": Way(echo),
    "4.1.1-two-contexts": Way(two_contexts, {"AT+CGACT?": ok(b"+CGACT: 1,1")}),
    "4.1.3-two-contexts": Way(two_contexts, {"AT+CGACT?": ok(b"+CGACT: 1,1")}),
    "5.10.1-always-on": Way(always_on),
    "5.10.2-write": Way(write_after_sleep_2, REPORTING),
    "5.10.2-read": Way(woken_by_data, REPORTING),
    "6.1.4-deep-sleep": Way(mqtt_profile),
    "7.1.2.1-first-boot": Way(http_profile),
    "7.1.2.2-after-boot": Way(http_after_boot),
}


def cases() -> list[Any]:
    found = []
    for module, sections in WANTED.items():
        for dialogue in load(module):
            section = dialogue["section"]
            ours = section.startswith(sections) or dialogue["id"].startswith(LOW_POWER)
            if not ours or dialogue["id"].startswith(OTHER_ISSUES):
                continue
            for branch, steps in enumerate(branches(dialogue["steps"])):
                name = dialogue["id"] + (f"-alternative{branch}" if branch else "")
                ident = dialogue["id"].partition("-")[2]
                found += [
                    pytest.param(flavour, module, ident, branch, steps, id=f"{flavour}-{name}")
                    for flavour in FLAVOURS
                ]
    return found


@pytest.mark.parametrize(("flavour", "module", "ident", "branch", "steps"), cases())
def test_dialogue(flavour: str, module: str, ident: str, branch: int, steps: list[Any]) -> None:
    way = TABLE[ident]
    if way.enlarged:
        steps = [enlarge(step, TIMES) for step in steps]
    script = Script(steps, way.also, way.skip)
    bench = Bench(flavour, module, script)
    try:
        way.action(Play(bench, script, steps, branch))
        assert script.over, f"not asked for: {script.steps}"
    finally:
        bench.close()
