"""`modem.ssl` as CPython's and MicroPython's `ssl` modules behave: what a program sets is what the
module is told, or is refused; nothing is ignored.
"""

from __future__ import annotations

import ssl as cpython
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driver.support import credentials
from driver.support.certificate_model import HOST, Vault
from driver.support.credentials import PEM, PKCS8
from driver.support.serial_script import FLAVOURS, MODULES, Bench

from ublox_cellular.core.errors import ModemError, NotSupported

CA = credentials.certificate().public_bytes(PEM)
CERT = credentials.certificate().public_bytes(PEM)
KEY = credentials.key_bytes(credentials.rsa_key(), PEM, PKCS8)
SUITE = "ECDHE-RSA-AES128-GCM-SHA256"
IANA = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"


class Stage:
    def __init__(self, flavour: str, module: str) -> None:
        self.vault = Vault(module)
        self.bench = Bench(flavour, module, self.vault)
        self.modem: Any = self.bench.modem
        self.ssl = self.modem.ssl
        self.call = self.bench.call

    def client(self) -> Any:
        return self.ssl.SSLContext(self.ssl.PROTOCOL_TLS_CLIENT)

    def settings(self, context: Any) -> list[str]:
        """What the module is told for a connection of a socket that was wrapped."""
        sock = self.modem.socket()
        self.call(context.wrap_socket, sock)
        return self.told(sock)

    def told(self, sock: Any) -> list[str]:
        self.vault.lines.clear()
        sock.tls.lost()
        self.call(sock.tls.apply, HOST)
        self.call(sock.close)
        lines = [line.partition(",")[2] for line in self.vault.lines]
        return [line for line in lines[1:] if line != "0"]


@pytest.fixture(params=[(f, m) for f in FLAVOURS for m in MODULES], ids="-".join)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(*request.param)
    yield made
    made.bench.close()


NAMED = [f'4,"{HOST}"', "0,3", "1,3"]
SNI = f'10,"{HOST}"'


def setting(**values: Any) -> Callable[[Any, Any], None]:
    def change(ssl: Any, context: Any) -> None:
        for name, value in values.items():
            setattr(context, name, value(ssl) if callable(value) else value)

    return change


def steps(*changes: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def change(ssl: Any, context: Any) -> None:
        for one in changes:
            one(ssl, context)

    return change


TOLD: list[tuple[str, Callable[[Any, Any], None], list[str]]] = [
    ("nothing", setting(), [*NAMED, SNI]),
    ("required", setting(verify_mode=2), [*NAMED, SNI]),
    ("optional", setting(verify_mode=lambda ssl: ssl.CERT_OPTIONAL), [*NAMED, SNI]),
    ("none", setting(verify_mode=lambda ssl: ssl.CERT_NONE), ["0,0", "1,3", SNI]),
    ("none-as-cpython", setting(check_hostname=False, verify_mode=0), ["0,0", "1,3", SNI]),
    ("back-again", setting(verify_mode=0, check_hostname=True), [*NAMED, SNI]),
    ("any-name", setting(check_hostname=False), ["0,1", "1,3", SNI]),
    ("version", setting(minimum_version=lambda ssl: ssl.TLSVersion.TLSv1_3),
     [*NAMED[:2], "1,4", SNI]),
    ("version-by-number", setting(minimum_version=0x301), [*NAMED[:2], "1,1", SNI]),
    ("any-version", setting(minimum_version=lambda ssl: ssl.TLSVersion.MINIMUM_SUPPORTED),
     [*NAMED[:2], "1,0", SNI]),
    ("highest", setting(maximum_version=lambda ssl: ssl.TLSVersion.MAXIMUM_SUPPORTED),
     [*NAMED, SNI]),
    ("options", setting(options=lambda ssl: ssl.OP_ALL | ssl.OP_NO_TLSv1_1 | ssl.OP_NO_TICKET,
     minimum_version=-2), [*NAMED[:2], "1,3", SNI]),
    ("no-tls-1-2", setting(options=lambda ssl: ssl.OP_NO_TLSv1_2), [*NAMED[:2], "1,4", SNI]),
    ("ca-by-name", lambda ssl, context: context.load_verify_locations("root"),
     [*NAMED, '3,"root"', SNI]),
    ("ca-and-any", steps(lambda ssl, context: context.load_verify_locations("root"),
                         lambda ssl, context: context.load_default_certs()), [*NAMED, SNI]),
    ("any-paths", lambda ssl, context: context.set_default_verify_paths(), [*NAMED, SNI]),
    ("ca-twice", steps(lambda ssl, context: context.load_verify_locations("root"),
                       lambda ssl, context: context.load_verify_locations("root")),
     [*NAMED, '3,"root"', SNI]),
    ("own", lambda ssl, context: context.load_cert_chain("c", "k"),
     [*NAMED, '5,"c"', '6,"k"', SNI]),
    ("own-of-one-name", lambda ssl, context: context.load_cert_chain("device"),
     [*NAMED, '5,"device"', '6,"device"', SNI]),
    ("own-locked", lambda ssl, context: context.load_cert_chain("c", "k", lambda: "opens"),
     [*NAMED, '5,"c"', '6,"k"', '7,"opens"', SNI]),
    ("own-unverified", steps(lambda ssl, context: context.load_cert_chain("c", "k"),
                             setting(verify_mode=0)), ["0,0", "1,3", '5,"c"', '6,"k"', SNI]),
    ("cipher", lambda ssl, context: context.set_ciphers(SUITE),
     [*NAMED, '2,99,"C0","2F"', SNI]),
    ("cipher-iana", lambda ssl, context: context.set_ciphers([IANA]),
     [*NAMED, '2,99,"C0","2F"', SNI]),
    ("cipher-mbedtls", lambda ssl, context: context.set_ciphers([IANA.replace("_", "-")]),
     [*NAMED, '2,99,"C0","2F"', SNI]),
    ("cipher-default", lambda ssl, context: context.set_ciphers("DEFAULT"), [*NAMED, SNI]),
    ("flags", setting(verify_flags=lambda ssl: ssl.VERIFY_X509_PARTIAL_CHAIN), [*NAMED, SNI]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "wanted"), [c[1:] for c in TOLD], ids=[c[0] for c in TOLD])
def test_what_is_set_is_told(
    change: Callable[[Any, Any], None], wanted: list[str], stage: Stage
) -> None:
    context = stage.client()
    change(stage.ssl, context)
    assert stage.settings(context) == wanted


REFUSED: list[tuple[str, Callable[[Any, Any], Any], type[BaseException], str]] = [
    ("server", lambda ssl, context: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), NotSupported,
     "server"),
    ("dtls-server", lambda ssl, context: ssl.SSLContext(ssl.PROTOCOL_DTLS_SERVER), NotSupported,
     "server"),
    ("protocol", lambda ssl, context: ssl.SSLContext(99), ValueError, "protocol"),
    ("protocol-type", lambda ssl, context: ssl.SSLContext("tls"), ValueError, "protocol"),
    ("purpose", lambda ssl, context: ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
     NotSupported, "server"),
    ("capath", lambda ssl, context: ssl.create_default_context(capath="/etc"), NotSupported,
     "directory"),
    ("maximum", setting(maximum_version=lambda ssl: ssl.TLSVersion.TLSv1_2), NotSupported,
     "highest version"),
    ("maximum-wrong", setting(maximum_version=7), ValueError, "maximum_version"),
    ("maximum-type", setting(maximum_version="1.2"), TypeError, "maximum_version"),
    ("minimum-wrong", setting(minimum_version=0x305), ValueError, "minimum_version"),
    ("minimum-type", setting(minimum_version="1.2"), TypeError, "minimum_version"),
    ("minimum-none", setting(minimum_version=None), TypeError, "minimum_version"),
    ("no-1-3", setting(options=lambda ssl: ssl.OP_NO_TLSv1_3), NotSupported, "highest version"),
    ("options-type", setting(options="all"), TypeError, "options"),
    ("mode", setting(verify_mode=3), ValueError, "verify_mode"),
    ("mode-type", setting(verify_mode="none"), TypeError, "verify_mode"),
    ("mode-and-name", setting(check_hostname=True, verify_mode=0), ValueError, "check_hostname"),
    ("flags", setting(verify_flags=lambda ssl: ssl.VERIFY_CRL_CHECK_LEAF), NotSupported,
     "verify_flags"),
    ("strict", setting(verify_flags=lambda ssl: ssl.VERIFY_X509_STRICT), NotSupported,
     "verify_flags"),
    ("alpn", lambda ssl, context: context.set_alpn_protocols(["h2"]), NotSupported, "ALPN"),
    ("ciphers", lambda ssl, context: context.set_ciphers("HIGH:!MD5"), NotSupported,
     "expressions"),
    ("cipher", lambda ssl, context: context.set_ciphers("ECDHE-RSA-AES128-FOO-SHA256"), OSError,
     "No cipher"),
    ("cipher-type", lambda ssl, context: context.set_ciphers(7), TypeError, "ciphers"),
    ("no-ciphers", lambda ssl, context: context.set_ciphers([]), OSError, "No cipher"),
    ("list", lambda ssl, context: context.get_ciphers(), NotSupported, "ciphers"),
    ("no-ca", lambda ssl, context: context.load_verify_locations(), TypeError, "cafile"),
    ("empty-ca", lambda ssl, context: context.load_verify_locations(cadata=b""), ValueError,
     "empty"),
    ("ca-type", lambda ssl, context: context.load_verify_locations(7), TypeError, "wanted"),
    ("bundle", lambda ssl, context: context.load_verify_locations(cadata=CA + CA), NotSupported,
     "several"),
    ("cut", lambda ssl, context: context.load_verify_locations(cadata=CA[:200]), ValueError,
     "cut off"),
    ("key-as-ca", lambda ssl, context: context.load_verify_locations(cadata=KEY), ValueError,
     "CERTIFICATE"),
    ("chain", lambda ssl, context: context.load_cert_chain(CERT + CERT, KEY), NotSupported,
     "chain"),
    ("no-key", lambda ssl, context: context.load_cert_chain(CERT), ValueError, "PRIVATE KEY"),
    ("cert-type", lambda ssl, context: context.load_cert_chain(7, KEY), TypeError, "wanted"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kind", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_cannot_be_is_refused_where_it_is_asked_for(
    change: Callable[[Any, Any], Any], kind: type[BaseException], words: str, stage: Stage
) -> None:
    with pytest.raises(kind, match=words):
        change(stage.ssl, stage.client())
    assert stage.bench.line.written == b""


WRAPPING: list[tuple[str, dict[str, Any], type[BaseException], str]] = [
    ("server", {"server_side": True}, NotSupported, "server"),
    ("session", {"session": object()}, NotSupported, "session"),
    ("ragged", {"suppress_ragged_eofs": False}, NotSupported, "end of TLS"),
    ("name-type", {"server_hostname": 7}, TypeError, "string"),
    ("name", {"server_hostname": 'a"b'}, ValueError, "character 34"),
    ("name-long", {"server_hostname": "h" * 257}, ValueError, "257"),
    ("unknown", {"certreqs": 0}, TypeError, "certreqs"),
]


@pytest.mark.parametrize(
    ("options", "kind", "words"), [w[1:] for w in WRAPPING], ids=[w[0] for w in WRAPPING]
)
def test_how_a_socket_cannot_be_wrapped(
    options: dict[str, Any], kind: Any, words: str, stage: Stage
) -> None:
    for wrap in (stage.client().wrap_socket, stage.ssl.wrap_socket):
        if wrap == stage.ssl.wrap_socket and "session" in options:
            continue
        with pytest.raises(kind, match=words):
            stage.call(wrap, stage.modem.socket(), **options)
    with pytest.raises(TypeError, match="socket"):
        stage.call(stage.client().wrap_socket, object())
    assert stage.bench.line.written == b""


OLD: list[tuple[str, dict[str, Any], list[str]]] = [
    ("verified", {}, [*NAMED, SNI]),
    ("required", {"cert_reqs": 2}, [*NAMED, SNI]),
    ("none", {"cert_reqs": 0}, ["0,0", "1,3", SNI]),
    ("own", {"cert": "c", "key": "k"}, [*NAMED, '5,"c"', '6,"k"', SNI]),
    ("own-as-cpython", {"certfile": "c", "keyfile": "k"}, [*NAMED, '5,"c"', '6,"k"', SNI]),
    ("key-alone", {"key": "device"}, [*NAMED, '5,"device"', '6,"device"', SNI]),
    ("ca", {"ca_certs": "root"}, [*NAMED, '3,"root"', SNI]),
    ("ciphers", {"ciphers": SUITE}, [*NAMED, '2,99,"C0","2F"', SNI]),
    ("handshake", {"do_handshake": False, "do_handshake_on_connect": False}, [*NAMED, SNI]),
]


@pytest.mark.parametrize(("options", "wanted"), [o[1:] for o in OLD], ids=[o[0] for o in OLD])
def test_the_old_short_way(options: dict[str, Any], wanted: list[str], stage: Stage) -> None:
    sock = stage.modem.socket()
    assert stage.call(stage.ssl.wrap_socket, sock, **options) is sock
    assert stage.told(sock) == wanted
    sock = stage.modem.socket()
    with pytest.raises(NotSupported, match="server"):
        stage.call(stage.ssl.wrap_socket, sock, True)  # as MicroPython's second argument
    assert sock.tls is None


def test_data_are_stored_once_and_by_their_digest(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(CA)
    names = []
    for options in (
        {"cadata": CA}, {"cadata": CA.decode()}, {"cafile": str(file)}, {"cafile": CA},
    ):  # fmt: skip
        context = stage.ssl.create_default_context()
        context.load_verify_locations(**options)
        found = stage.settings(context)
        names.append([line for line in found if line.startswith("3,")])
        assert stage.settings(context) == found
    assert names[0] and names == names[:1] * 4 and len(names[0][0]) > 30
    assert len(stage.vault.payloads) == 1
    context = stage.client()
    context.load_cert_chain(CERT + KEY)  # both in one PEM
    found = stage.settings(context)
    assert [line[:2] for line in found if line[0] in "56"] == ["5,", "6,"]
    assert [kind for kind, _ in sorted(stage.vault.stored)] == [0, 1, 2]


def test_several_roots_only_beside_all_the_others(stage: Stage) -> None:
    context = stage.client()
    context.load_verify_locations("one")
    context.load_verify_locations("two")
    with pytest.raises(NotSupported, match="several"):
        stage.call(context.wrap_socket, stage.modem.socket())
    context.load_default_certs(stage.ssl.Purpose.SERVER_AUTH)
    assert stage.settings(context) == [*NAMED, SNI]


def test_changes_count_for_the_next_connection(stage: Stage) -> None:
    context = stage.client()
    assert "1,3" in stage.settings(context)
    context.minimum_version = 0x302
    assert "1,2" in stage.settings(context)
    context.load_verify_locations("root")
    assert '3,"root"' in stage.settings(context)
    context.verify_mode = stage.ssl.CERT_NONE
    assert stage.settings(context) == ["0,0", "1,2", SNI]


def test_as_many_contexts_as_one_likes(stage: Stage) -> None:
    """A context has a number of the module only as long as no other needs it more."""
    own = stage.modem.security.profile(3, ca="mine")
    kept = stage.modem.security.profile(ca="other")
    contexts = []
    for number in range(9):
        context = stage.client()
        context.load_verify_locations(f"root{number}")
        contexts.append(context)
        assert f'3,"root{number}"' in stage.settings(context)
    for number, context in enumerate(contexts):
        assert f'3,"root{number}"' in stage.settings(context)
    profiles = stage.modem.security.profiles
    assert profiles[3] is own and profiles[kept.number] is kept
    numbers = {stage.modem.security.profile(ca=f"explicit{n}").number for n in range(3)}
    assert len(numbers | {3, kept.number}) == 5
    with pytest.raises(ModemError) as caught:
        stage.settings(contexts[0])
    assert caught.value.errno == 16


def test_the_one_that_was_used_least_lately_gives_way(stage: Stage) -> None:
    contexts = []
    for number in range(6):
        context = stage.client()
        context.load_verify_locations(f"root{number}")
        contexts.append(context)
    for number in range(5):
        stage.settings(contexts[number])
    stage.settings(contexts[0])
    stage.settings(contexts[5])
    there = [dict(profile.fixed).get(3) for profile in stage.modem.security.profiles]
    assert "root1" not in there and {"root0", "root5"} <= set(there)


def test_a_number_that_is_looked_at_stays(stage: Stage) -> None:
    """MQTT tells the module a number, and may come back to it later."""
    context = stage.client()
    context.load_verify_locations("root")
    profile = stage.call(context._settle)
    number = profile.number
    for other in range(6):
        more = stage.client()
        more.load_verify_locations(f"other{other}")
        stage.settings(more)
    assert profile.number == number
    assert stage.modem.security.profiles[number] is profile


def test_a_context_of_a_profile(stage: Stage) -> None:
    profile = stage.modem.security.profile(4, ca="root", ciphers=3)
    context = stage.ssl.context(profile)
    sock = stage.modem.socket()
    stage.call(context.wrap_socket, sock)
    assert sock.tls is profile
    context.verify_mode = stage.ssl.CERT_NONE
    with pytest.raises(ValueError, match="profile"):
        stage.call(context.wrap_socket, stage.modem.socket())


def test_getters_tell_what_holds(stage: Stage) -> None:
    ssl = stage.ssl
    context = stage.client()
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.maximum_version == ssl.TLSVersion.MAXIMUM_SUPPORTED
    assert context.protocol == ssl.PROTOCOL_TLS_CLIENT
    context.verify_mode = ssl.CERT_NONE
    assert context.check_hostname is False
    context.options |= ssl.OP_NO_SSLv3
    assert context.options == ssl.OP_NO_SSLv3
    context.set_ciphers(SUITE)
    assert context.get_ciphers() == [{"name": IANA}]
    context.set_ciphers(context.get_ciphers())
    unverified = ssl._create_unverified_context()
    assert stage.settings(unverified) == ["0,0", "1,3", SNI]
    assert stage.settings(ssl.create_default_context(cafile="root"))[3] == '3,"root"'
    assert stage.settings(ssl.SSLContext(ssl.PROTOCOL_TLS)) == [*NAMED, SNI]
    assert stage.settings(ssl.SSLContext()) == [*NAMED, SNI]

    class Own(ssl.SSLContext):
        """Programs make classes of their own of it."""

    assert stage.settings(Own()) == [*NAMED, SNI]


def test_several_ciphers_where_the_module_lists_them(stage: Stage) -> None:
    context = stage.client()
    names = SUITE + ":AES128-SHA"
    if stage.bench.module == "lexi-r10":
        with pytest.raises(NotSupported, match="one at a time"):
            context.set_ciphers(names)
        return
    context.set_ciphers(names)
    assert stage.settings(context)[3:5] == ['2,100,"C0","2F",0', '2,100,"00","2F",0']


def test_every_suite_of_openssl_that_the_table_has() -> None:
    """By its own name it is found under IANA's."""
    from ublox_cellular.core.ciphers import _found, chosen

    context = cpython.SSLContext(cpython.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    known = 0
    for suite in context.get_ciphers():
        code = suite["id"] & 0xFFFF
        try:
            found = chosen(suite["name"])
        except OSError:
            continue
        if not found:
            continue
        (name,) = found
        assert int(_found(name)[0], 16) == code, suite["name"]
        known += 1
    assert known > 25


def test_datagrams_have_a_protocol_of_their_own(stage: Stage) -> None:
    ssl = stage.ssl
    if stage.bench.module == "sara-r5":
        with pytest.raises(NotSupported, match="DTLS"):
            ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
        sock = stage.modem.socket(2, 2)
        stage.call(context.wrap_socket, sock)
        assert sock.tls is not None
        with pytest.raises(ValueError, match="DTLS"):
            stage.call(context.wrap_socket, stage.modem.socket())
    with pytest.raises(ValueError, match="TLS is for stream"):
        stage.call(stage.client().wrap_socket, stage.modem.socket(2, 2))


def test_what_a_wrapped_socket_has_beside_the_others(stage: Stage) -> None:
    context = stage.client()
    plain = stage.modem.socket()
    for name in ("getpeercert", "cipher", "version", "do_handshake", "unwrap", "pending"):
        assert not hasattr(plain, name), name
    sock = stage.call(context.wrap_socket, plain, server_hostname=HOST)
    assert sock is plain
    assert (sock.context, sock.server_hostname) == (context, HOST)
    assert (sock.cipher(), sock.version(), sock.pending()) == (None, None, 0)
    assert sock.selected_alpn_protocol() is None
    for call in (sock.getpeercert, lambda: stage.call(sock.unwrap)):
        with pytest.raises(NotSupported):
            call()
    with pytest.raises(OSError) as caught:
        stage.call(sock.do_handshake)
    assert caught.value.errno == 107


def test_hasattr_answers(stage: Stage) -> None:
    """Whatever is asked for, also where all profiles are taken."""
    modem, ssl = stage.modem, stage.ssl
    for number in range(5):
        modem.security.profile(number, ca=f"r{number}")
    for name in ("store", "profile", "default", "list", "md5"):
        assert hasattr(modem.security, name), name
    for thing in (modem.security, ssl, ssl.SSLContext(), modem.security.default, modem.socket()):
        for name in ("nothing", "sslobject_class", "_x", "keylog_filename"):
            assert not hasattr(thing, name), (thing, name)
    for name in ("SSLError", "SSLCertVerificationError", "SSLWantReadError", "SSLWantWriteError",
                 "CERT_OPTIONAL", "TLSVersion", "Purpose", "HAS_SNI", "OP_NO_SSLv2",
                 "PROTOCOL_TLS", "PROTOCOL_TLS_SERVER", "PROTOCOL_DTLS_CLIENT",
                 "create_default_context", "wrap_socket", "SSLContext"):  # fmt: skip
        assert hasattr(ssl, name), name
    assert issubclass(ssl.SSLCertVerificationError, ssl.SSLError)
    assert issubclass(ssl.SSLWantReadError, ssl.SSLError) and issubclass(ssl.SSLError, OSError)
    with pytest.raises(ModemError) as caught:
        stage.call(modem.security.default.apply, HOST)
    assert caught.value.errno == 16
    modem.security.profiles[2].release()
    stage.call(modem.security.default.apply, HOST)
    assert modem.security.default.number == 2


def test_constants_are_those_of_cpython(stage: Stage) -> None:
    from ublox_cellular.core import ssl_names

    names = [word.partition("=")[0] for word in ssl_names.NUMBERS.split()]
    assert len(names) > 30
    for name in names:
        there = getattr(cpython, name, None)
        if there is not None and name != "OP_ALL" and not name.startswith("HAS_"):
            assert getattr(stage.ssl, name) == int(there), name
    assert stage.ssl.HAS_SNI is True and stage.ssl.HAS_ALPN is False
    for name in ("SSLv3", "TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3", "MINIMUM_SUPPORTED"):
        assert getattr(stage.ssl.TLSVersion, name) == getattr(cpython.TLSVersion, name)
