"""Security profiles: what they send and when, what they refuse, what they show. At-commands 4.2,
4.3, A5 3.2, A10 3.2.
"""

from __future__ import annotations

from typing import Any

import pytest
from driver.support.certificate_model import Vault
from driver.support.serial_script import MODULES, Bench

from ublox_cellular.core.errors import CommandError, ModemError, NotSupported

HOST = "broker.example.com"
CIPHER = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
OTHER = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"


class Stage:
    def __init__(self, flavour: str, module: str) -> None:
        self.vault = Vault()
        self.bench = Bench(flavour, module, self.vault)
        self.modem = self.bench.modem
        self.security = self.modem.security
        self.shown: list[bytes] = []
        self.modem.channel.trace = lambda way, line: self.shown.append(bytes(line))
        self.call = self.bench.call

    def sent(self) -> list[str]:
        """Settings since the last call, without the profile."""
        lines = [line.partition("=")[2] for line in self.vault.lines]
        self.vault.lines.clear()
        settings = [line.partition(",")[2] for line in lines]
        return [setting for setting in settings if setting != "0"]  # the level, read back


VERIFIED = ["", f'4,"{HOST}"', "0,3", "1,3", '3,"root"', f'10,"{HOST}"']

SENT: list[tuple[str, tuple[str, ...], dict[str, Any], list[str]]] = [
    ("default", MODULES, {"ca": "root"}, VERIFIED),
    ("full", MODULES, {"ca": "root", "verify": "full"}, VERIFIED),
    ("any-root", MODULES, {"ca": True}, [line for line in VERIFIED if line[0:1] != "3"]),
    ("host", MODULES, {"ca": "root", "verify": "host", "min_version": None},
     ["", f'4,"{HOST}"', "0,2", '3,"root"', f'10,"{HOST}"']),
    ("chain", MODULES, {"ca": "root", "verify": "chain", "min_version": "any"},
     ["", "0,1", "1,0", '3,"root"', f'10,"{HOST}"']),
    ("nothing", MODULES, {"verify": "none", "min_version": None, "sni": ""}, ["", "0,0"]),
    ("other-host", MODULES, {"ca": "root", "hostname": "other", "min_version": "1.3"},
     ["", '4,"other"', "0,3", "1,4", '3,"root"', '10,"other"']),
    ("other-sni", MODULES, {"ca": "root", "sni": "front", "min_version": "1.0"},
     ["", f'4,"{HOST}"', "0,3", "1,1", '3,"root"', '10,"front"']),
    ("client", MODULES,
     {"verify": "none", "cert": "c", "key": "k", "key_password": "secret!", "sni": ""},
     ["", "0,0", "1,3", '5,"c"', '6,"k"', '7,"secret!"']),
    ("psk", MODULES, {"psk": "secret!", "psk_identity": "me", "sni": ""},
     ["", "0,0", "1,3", '8,"secret!"', '9,"me"']),
    ("psk-bytes", MODULES, {"psk": b"\x00\xfe\r", "psk_identity": b"\x01", "sni": ""},
     ["", "0,0", "1,3", '8,"00FE0D",1', '9,"01",1']),
    ("psk-and-ca", MODULES, {"psk": "secret!", "psk_identity": "me", "ca": "root", "sni": ""},
     ["", f'4,"{HOST}"', "0,3", "1,3", '3,"root"', '8,"secret!"', '9,"me"']),
    ("root-of-trust", ("sara-r5",), {"root_of_trust": True, "sni": ""},
     ["", "0,0", "1,3", "11,1"]),
    ("pinned", MODULES, {"verify": "none", "pinned": ("server", 2), "sni": ""},
     ["", "0,0", "1,3", '12,"server",2']),
    ("legacy", MODULES, {"verify": "none", "ciphers": 3, "min_version": None, "sni": ""},
     ["", "0,0", "2,3"]),
    ("legacy-by-name", MODULES,
     {"verify": "none", "ciphers": "TLS_PSK_WITH_AES_128_CBC_SHA256", "sni": ""},
     ["", "0,0", "1,3", "2,12"]),
    ("one", MODULES, {"verify": "none", "ciphers": CIPHER, "sni": ""},
     ["", "0,0", "1,3", '2,99,"C0","2F"']),
    ("one-of-a-list", MODULES, {"verify": "none", "ciphers": [OTHER], "sni": ""},
     ["", "0,0", "1,3", '2,99,"C0","2C"']),
    ("code", MODULES, {"verify": "none", "ciphers": "c0ac", "sni": ""},
     ["", "0,0", "1,3", '2,99,"C0","AC"']),
    ("several", ("sara-r5",), {"verify": "none", "ciphers": (CIPHER, OTHER.lower()[4:], "1301"),
     "sni": ""}, ["", "0,0", "1,3", '2,100,"C0","2F",0', '2,100,"C0","2C",0',
     '2,100,"13","01",0']),
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "options", "wanted"),
    [
        pytest.param(module, options, wanted, id=f"{module}-{name}")
        for name, modules, options, wanted in SENT
        for module in modules
    ],
)
def test_settings(
    module: str, options: dict[str, Any], wanted: list[str], flavour: str, stages: Any
) -> None:
    stage = stages(flavour, module)
    profile = stage.security.profile(**options)
    assert stage.bench.line.written == b""
    stage.call(profile.apply, HOST)
    assert stage.sent() == wanted
    stage.call(profile.apply, HOST)
    assert stage.sent() == []
    shown = b"".join(stage.shown) + repr(profile).encode()
    assert b"secret!" not in shown and b"00FE0D" not in shown
    stage.modem.channel.trace = None
    assert b"secret!" not in stage.modem.save_state()


REFUSED: list[tuple[str, dict[str, Any], type[BaseException], str]] = [
    ("no-ca", {}, ValueError, "store() the root certificate"),
    ("empty-ca", {"ca": ""}, ValueError, "store() the root certificate"),
    ("no-ca-chain", {"verify": "chain"}, ValueError, "verify='none'"),
    ("verify", {"ca": "r", "verify": "maybe"}, ValueError, "none, chain, host, full"),
    ("version", {"ca": "r", "min_version": "2.0"}, ValueError, "1.3"),
    ("ca-bytes", {"ca": b"r"}, TypeError, "ca"),
    ("ca-quote", {"ca": 'r"'}, ValueError, "character 34"),
    ("ca-long", {"ca": "r" * 201}, ValueError, "201"),
    ("cert-alone", {"ca": "r", "cert": "c"}, ValueError, "cert and key"),
    ("key-alone", {"ca": "r", "key": "c"}, ValueError, "cert and key"),
    ("password-alone", {"ca": "r", "key_password": "c"}, ValueError, "no key"),
    ("password", {"ca": "r", "cert": "c", "key": "k", "key_password": "x" * 129}, ValueError, "1"),
    ("psk-alone", {"psk": "x"}, ValueError, "psk_identity"),
    ("identity-alone", {"ca": "r", "psk_identity": "x"}, ValueError, "psk_identity"),
    ("psk-long", {"psk": "x" * 65, "psk_identity": "x"}, ValueError, "65"),
    ("psk-long-bytes", {"psk": bytes(65), "psk_identity": "x"}, ValueError, "64 bytes"),
    ("psk-empty", {"psk": "", "psk_identity": "x"}, ValueError, "empty"),
    ("psk-number", {"psk": 7, "psk_identity": "x"}, TypeError, "psk"),
    ("psk-line", {"psk": "x\ry", "psk_identity": "x"}, ValueError, "character 13"),
    ("identity-long", {"psk": "x", "psk_identity": "x" * 129}, ValueError, "129"),
    ("both-keys", {"psk": "x", "psk_identity": "x", "root_of_trust": True}, ValueError, "itself"),
    ("cipher", {"ca": "r", "ciphers": "TLS_NO"}, ValueError, "TLS_NO"),
    ("cipher-part", {"ca": "r", "ciphers": "AES_128_CBC_SHA"}, ValueError, "AES_128_CBC_SHA"),
    ("cipher-number", {"ca": "r", "ciphers": 34}, ValueError, "0 to 33"),
    ("cipher-none", {"ca": "r", "ciphers": []}, ValueError, "at least one"),
    ("cipher-type", {"ca": "r", "ciphers": [1.5]}, TypeError, "name"),
    ("pinned", {"ca": "r", "pinned": ("c", 3)}, ValueError, "0 to 2"),
    ("hostname", {"ca": "r", "hostname": "h" * 257}, ValueError, "257"),
    ("sni", {"ca": "r", "sni": "h" * 129}, ValueError, "129"),
    ("number", {"ca": "r", "number": 5}, ValueError, "0 to 4"),
    ("number-type", {"ca": "r", "number": "1"}, TypeError, "0 to 4"),
    ("alpn", {"ca": "r", "alpn": "h2"}, NotSupported, "ALPN"),
    ("resume", {"ca": "r", "resume": "yes"}, ValueError, "plain or encrypted"),
    ("session", {"ca": "r", "session": b"nonsense"}, ValueError, "session"),
]


@pytest.mark.parametrize(
    ("options", "kind", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refused(options: dict[str, Any], kind: Any, words: str, stages: Any) -> None:
    stage = stages()
    with pytest.raises(kind) as caught:
        stage.security.profile(**options)
    assert words in str(caught.value)
    assert stage.security.profiles == [None] * 5
    assert stage.bench.line.written == b""


def test_what_lexi_has_not(stages: Any) -> None:
    stage = stages("blocking", "lexi-r10")
    with pytest.raises(NotSupported, match="root of trust"):
        stage.security.profile(root_of_trust=True)
    with pytest.raises(ValueError, match="one at a time"):
        stage.security.profile(ca="r", ciphers=(CIPHER, OTHER))


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7"])
def test_an_address_is_no_server_name(host: str, stages: Any) -> None:
    stage = stages()
    stage.call(stage.security.profile(ca="root", min_version=None).apply, host)
    assert stage.sent() == ["", f'4,"{host}"', "0,3", '3,"root"']


@pytest.mark.parametrize(
    ("host", "words"), [("", "hostname"), ("h" * 257, "257"), ("h" * 200, "200"), ('a"', "34")]
)
def test_host_is_checked_before_anything_is_sent(host: str, words: str, stages: Any) -> None:
    stage = stages()
    profile = stage.security.profile(ca="root")
    with pytest.raises(ValueError, match=words):
        stage.call(profile.apply, host)
    assert stage.bench.line.written == b""


def test_numbers(stages: Any) -> None:
    security = stages().security
    assert security.profile(1, ca="r").number == 1
    made = [security.profile(ca=f"r{i}") for i in range(4)]
    assert [profile.number for profile in made] == [0, 2, 3, 4]
    assert security.profile(ca="r2") is made[2]  # the same will do
    assert security.profile(ca="r").number == 1
    with pytest.raises(ModemError) as caught:
        security.profile(ca="r4")
    assert caught.value.errno == 16 and "release()" in str(caught.value)
    made[1].release()
    assert security.profile(ca="r4").number == 2


def test_default_verifies_by_any_root(flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    assert stage.security.default is stage.security.default
    stage.call(stage.security.default.apply, HOST)
    assert "0,3" in stage.sent()
    with pytest.raises(AttributeError):
        _ = stage.security.nothing


def test_another_host_and_another_profile(flavour: str, stages: Any) -> None:
    stage = stages(flavour, "lexi-r10")
    first = stage.security.profile(ca="root")
    stage.call(first.apply, HOST)
    stage.sent()
    stage.call(first.apply, "other.example")
    assert stage.sent()[:2] == ["", '4,"other.example"']
    assert first.in_place("other.example") and not first.in_place(HOST)
    second = stage.security.profile(0, ca="root")  # takes its number over
    stage.call(second.apply, "other.example")
    assert stage.sent()[0] == ""
    assert not first.in_place("other.example")


def test_after_a_restart(flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    profile = stage.security.profile(ca="root")
    stage.call(profile.apply, HOST)
    stage.sent()
    stage.security.lost()
    stage.call(profile.apply, HOST)
    assert stage.sent() == VERIFIED
    profile.lost()
    assert not profile.in_place(HOST)


@pytest.mark.parametrize(
    ("prefix", "words"),
    [("+USECPRF=0,3,", "setting ca"), ("+USECPRF=0,1,", "setting min_version"),
     ("+USECPRF=0,8,", "setting psk"), ("+USECPRF=0,2,", "setting ciphers")],
)  # fmt: skip
def test_a_refused_setting_is_named(prefix: str, words: str, flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    stage.vault.refuse[prefix] = 50
    profile = stage.security.profile(ca="root", psk="secret!", psk_identity="me", ciphers=2)
    with pytest.raises(CommandError) as caught:
        stage.call(profile.apply, HOST)
    assert words in str(caught.value) and caught.value.code == 50
    assert "secret!" not in str(caught.value) + repr(caught.value)
    assert not profile.in_place(HOST)
    stage.vault.refuse.clear()
    stage.sent()
    stage.call(profile.apply, HOST)
    assert stage.sent()[0] == ""  # all over again
    assert profile.in_place(HOST)


READ = {
    "0,0": b"+USECPRF: 0,0,3", "0,1": b"+USECPRF: 0,1,3", "0,2": b'+USECPRF: 0,2,100,"C02F;C030"',
    "0,3": b'+USECPRF: 0,3,"root"', "0,4": b'+USECPRF: 0,4,"broker.example.com"',
    "0,5": b'+USECPRF: 0,5,""', "0,10": b'+USECPRF: 0,10,"broker.example.com"',
    "0,11": b"+USECPRF: 0,11,1", "0,12": b'+USECPRF: 0,12,"server",2',
    "0,13,0": b"+USECPRF: 0,13,0,1",
}  # fmt: skip


def test_read_back(flavour: str, stages: Any) -> None:
    stage = stages(flavour)
    profile = stage.security.profile(ca="root")
    stage.vault.read = READ
    assert stage.call(profile.read_back) == {
        "verify": "full", "min_version": "1.2", "ciphers": [CIPHER, CIPHER.replace("128", "256")
        .replace("256_GCM_SHA256", "256_GCM_SHA384")], "ca": "root", "hostname": HOST,
        "cert": None, "key": None, "psk_identity": None, "sni": HOST, "root_of_trust": True,
        "pinned": ("server", 2), "resume": 1,
    }  # fmt: skip
    assert not [line for line in stage.vault.lines if line in ("+USECPRF=0,7", "+USECPRF=0,8")]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b"0,2,0", []),
        (b"0,2,3", ["TLS_RSA_WITH_AES_256_CBC_SHA"]),
        (b'0,2,99,"C02F"', [CIPHER]),
        (b'0,2,99,"C0","2F"', [CIPHER]),
        (b'0,2,99,"c02f"', [CIPHER]),
        (b'0,2,100,"C02C;FFFF"', [OTHER, "FFFF"]),
        (b"0,2,77", ["77"]),
    ],
)
def test_ciphers_read_back(line: bytes, wanted: list[str], stages: Any) -> None:
    stage = stages()
    stage.vault.read = {"0,2": b"+USECPRF: " + line}
    assert stage.call(stage.security.profile(ca="r").read_back)["ciphers"] == wanted


SECRETS = [
    (b'+USECPRF: 0,8,"secret!"', b"+USECPRF: 0,8,***"),
    (b'+USECPRF: 0,7,"secret!"', b"+USECPRF: 0,7,***"),
    (b'+USECPRF: 0, 8, "secret!"', b"+USECPRF: 0, 8,***"),
    (b'+USECPRF: 0,13,13,"secret!",12', b"+USECPRF: 0,13,13,***"),
    (b"+UUSECPRF: 0,13,2,secret!,secret!", b"+UUSECPRF: 0,13,2,***"),
    (b"+UUSECPRF: 0, 13, 12,secret!,160", b"+UUSECPRF: 0, 13, 12,***"),
    (b'+USECPRF: 0,3,"root"', b'+USECPRF: 0,3,"root"'),
    (b"+UUSECPRF: 0,13,0,2", b"+UUSECPRF: 0,13,0,2"),
    (b"+UUSECPRF: 0,13,1,11", b"+UUSECPRF: 0,13,1,11"),
]


@pytest.mark.parametrize(("line", "shown"), SECRETS)
def test_what_a_trace_shows(line: bytes, shown: bytes, stages: Any) -> None:
    stage = stages()
    stage.bench.line.push(b"\r\n" + line + b"\r\n")
    stage.bench.pass_ms(5)
    assert stage.shown == [shown]


@pytest.mark.parametrize("line", [b'+UUSECPRF: 0,13,2,"secret!', b"x" * 600 + b"secret!"])
def test_what_a_time_out_tells(line: bytes, stages: Any) -> None:
    stage = stages()
    stage.security.profile(ca="root")
    stage.vault.refuse.clear()
    stage.vault.feed = lambda data: [(2.0, b"\r\n" + line)]
    with pytest.raises(OSError) as caught:
        stage.call(stage.modem.at, "+CSQ", 2000)
    assert "secret!" not in str(caught.value) and "secret" in str(caught.value)
