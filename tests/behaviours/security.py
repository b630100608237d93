# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""Certificates, keys and profiles on the module; TLS sessions that are resumed."""

import io

from ublox_cellular.core.errors import NotSupported

from .errnos import EBUSY, ENOENT
from .rig import code, fails, raises

SARA = "SARA-R5"


def _pem(rig, name="ca"):
    return rig.place["pem"][name].encode()


class _OnlyReads:
    """A file object that cannot seek."""

    def __init__(self, data):
        self.read = io.BytesIO(data).read


async def _security(rig):
    """The service of a module that holds no certificates."""
    security = (await rig.connected()).security
    for kind, name, _, _ in await security.list():
        await security.remove(kind, name)
    return security


async def stores_from_every_source(rig):
    security = await _security(rig)
    pem = _pem(rig)
    md5 = await security.store("CA", "root", pem)
    assert len(md5) == 32 and md5 == await security.md5("CA", "root")
    for source in (pem, rig.place["pem"]["ca"], io.BytesIO(pem), memoryview(pem)):
        began = rig.uart.written
        assert await security.store("CA", "root", source) == md5
        assert rig.uart.written - began < 60, "sent again"
        assert await security.store("CA", "root", source, force=True) == md5
        assert rig.uart.written - began > len(pem)
    assert await security.store("CA", "root", _OnlyReads(pem), size=len(pem), force=True) == md5


async def replaces_what_has_changed(rig):
    security = await _security(rig)
    first = await security.store("CA", "root", _pem(rig))
    second = await security.store("CA", "root", _pem(rig, "other_ca"))
    assert first != second and await security.md5("CA", "root") == second
    assert len(await security.list()) == 1


async def lists_certificates_and_keys(rig):
    security = await _security(rig)
    assert await security.list() == []
    await security.store("CA", "root", _pem(rig))
    await security.store("CC", "device", _pem(rig, "cert"))
    await security.store("PK", "device", _pem(rig, "key"))
    found = await security.list()
    assert [row[:2] for row in found] == [("CA", "root"), ("CC", "device"), ("PK", "device")]
    assert found[1][2] == "device" and len(found[1][3]) >= 10, found
    assert found[2][2:] == ("", "")
    assert await security.list("CA") == found[:1]
    details = await security.details("CC", "device")
    assert details["subject"] == "device" and details["expires"] == found[1][3]
    assert details["md5"] == await security.md5("CC", "device")


async def removes(rig):
    security = await _security(rig)
    await security.store("CA", "root", _pem(rig))
    await security.remove("CA", "root")
    rig.breaks_rules = True
    for call in (security.remove, security.md5, security.details):
        error = await fails(call, "CA", "root")
        assert code(error) == ENOENT and "root" in str(error), error


async def refuses_with_a_reason_before_it_sends(rig):
    security = await _security(rig)
    pem = _pem(rig)
    began = rig.uart.written
    for kind, source, words in (
        ("CA", b"hello", "PEM"),
        ("CA", pem[:200], "END"),
        ("CA", pem.replace(b"A", b"*", 1).replace(b"MII", b"*II"), ""),
        ("PK", pem, "CERTIFICATE"),
        ("CA", _pem(rig, "key"), "KEY"),
        ("CA", bytes(9000), "PEM"),
        ("XX", pem, "kind"),
    ):
        error = await fails(security.store, kind, "root", source)
        assert isinstance(error, ValueError) and words in str(error), error
    assert rig.uart.written == began


async def a_source_that_ends_early_leaves_nothing(rig):
    security = await _security(rig)
    pem = _pem(rig)
    rig.breaks_rules = True
    try:
        await security.store("CA", "root", _OnlyReads(pem[:300]), size=len(pem))
    except OSError:
        pass
    else:
        raise AssertionError("stored")
    assert await security.list() == []
    await rig.usable()


async def certificates_outlive_a_restart(rig):
    security = await _security(rig)
    md5 = await security.store("CA", "root", _pem(rig))
    profile = security.profile(ca="root")
    await profile.apply(rig.name)
    assert profile.in_place(rig.name)
    rig.fresh_needed = True
    await rig.modem.reboot()
    assert not profile.in_place(rig.name)
    began = rig.uart.written
    assert await security.store("CA", "root", _pem(rig)) == md5
    assert rig.uart.written - began < 120, "sent again"


async def tells_a_profile_only_once(rig):
    security = await _security(rig)
    await security.store("CA", "root", _pem(rig))
    profile = security.profile(ca="root", min_version="1.2", ciphers=3)
    await profile.apply(rig.name)
    began = rig.uart.written
    await profile.apply(rig.name)
    assert rig.uart.written == began
    found = await profile.read_back()
    assert found["verify"] == "full" and found["ca"] == "root", found
    assert found["hostname"] == found["sni"] == rig.name, found
    assert found["min_version"] == "1.2", found
    assert found["ciphers"] == ["TLS_RSA_WITH_AES_256_CBC_SHA"], found
    await profile.apply("other.example")
    assert (await profile.read_back())["hostname"] == "other.example"


async def takes_every_setting(rig):
    security = await _security(rig)
    for kind, name, part in (("CA", "r", "ca"), ("CC", "c", "cert"), ("PK", "k", "key")):
        await security.store(kind, name, _pem(rig, part))
    shown = []
    rig.modem.channel.trace = lambda way, line: shown.append(bytes(line))
    suite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    suites = (suite, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256") if rig.model == SARA else suite
    for wishes in (
        {"ca": "r", "cert": "c", "key": "k", "key_password": "secret1"},
        {"ca": True, "verify": "host", "hostname": "other", "sni": "front", "min_version": None},
        {"ca": "r", "verify": "chain", "ciphers": suites, "sni": ""},
        {"psk": "secret1", "psk_identity": "me"},
        {"verify": "none", "pinned": ("c", 1)},
        {"ca": "r", "resume": "plain"},
        {"ca": "r", "resume": "encrypted"},
    ):
        await security.profile(1, **wishes).apply(rig.name)
    if rig.model == SARA:
        await security.profile(1, psk=b"\x00\x01\xfe", psk_identity=b"\xff").apply(rig.name)
        await security.profile(1, root_of_trust=True).apply(rig.name)
    rig.modem.channel.trace = None
    assert "secret1" not in str(shown)


async def says_what_it_has_not(rig):
    security = await _security(rig)
    error = raises(lambda: security.profile(ca="r", alpn="h2"))
    assert isinstance(error, NotSupported) and "ALPN" in str(error)
    if rig.model != SARA:
        error = raises(lambda: security.profile(root_of_trust=True))
        assert isinstance(error, NotSupported), error
    error = raises(lambda: security.profile())
    assert isinstance(error, ValueError) and "ca" in str(error)


async def has_five_profiles(rig):
    security = await _security(rig)
    for number in range(5):
        security.profile(number, ca="root%d" % number)
    assert code(raises(lambda: security.profile(ca="one more"))) == EBUSY
    for profile in list(security.profiles):
        profile.release()
    assert security.profile(ca="one more").number == 0


async def _session(rig, profile, port):
    """Whether the server says of a TLS connection by this profile that it was resumed."""
    sock = rig.stream()
    await sock.secure(profile)
    await sock.connect((rig.name, rig.place[port]))
    await sock.sendall("GET /session HTTP/1.0\r\n\r\n")
    said = str(await sock.read(), "utf-8")
    await sock.close()
    await rig.until(lambda: profile.session)
    assert '"reused": ' in said, said
    return '"reused": true' in said


async def resumes_a_session(rig):
    await _resumes(rig, "plain")


async def resumes_a_session_that_the_module_has_sealed(rig):
    await _resumes(rig, "encrypted")


async def _resumes(rig, form):
    security = await _security(rig)
    await security.store("CA", "root", _pem(rig))
    # Session ids where the server has no tickets; tickets else.
    port = "https_old" if rig.model == SARA else "https"
    shown = []
    rig.modem.channel.trace = lambda way, line: shown.append(bytes(line))
    profile = security.profile(0, ca="root", resume=form)
    assert not await _session(rig, profile, port)
    assert profile.resumed is False
    assert await _session(rig, profile, port)
    assert profile.resumed is not False
    kept = profile.session
    later = security.profile(1, ca="root", session=kept)  # as after a sleep of this program
    assert later.resume == form
    assert await _session(rig, later, port)
    assert later.resumed is not False
    rig.modem.channel.trace = None
    host, first, second = str(kept[10:-2], "utf-8").split("\n")
    assert host == rig.name and first[2:30] not in str(shown)
    assert len(second) < 5 or second[2:30] not in str(shown)
    error = raises(lambda: security.profile(2, ca="root", session=kept[:-1]))
    assert isinstance(error, ValueError), error
