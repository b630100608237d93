"""A resumed session is not verified again: so it is offered only to the host, and by the wishes,
it was made with. With real servers, one of which is also reached by a name it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from behaviours.stage import FLAVOURS, MODULES
from driver.support.secured import OTHER, Ground

from ublox_cellular.core.tls_session import _sum

FORMS = ("plain", "encrypted")
WISHES: dict[str, Any] = {"ca": "peers", "min_version": "1.2"}


@pytest.fixture(params=[(f, m) for f in FLAVOURS for m in MODULES], ids="-".join)
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    made = Ground(*request.param)
    yield made
    made.close()


def port(ground: Ground) -> str:
    """Session ids where the server has no tickets; tickets else."""
    return "https_old" if ground.kind == "sara-r5" else "https"


def reused(ground: Ground, profile: Any, host: str = "") -> bool:
    """Whether the server says of a connection that it was resumed."""
    sock = ground.tls(profile, port(ground), host)
    ground.call(sock.sendall, b"GET /session HTTP/1.0\r\n\r\n")
    said = ground.call(sock.read)
    ground.call(sock.close)
    assert b'"reused": ' in said
    return b'"reused": true' in said


def session(ground: Ground, form: str, **wishes: Any) -> bytes:
    """What is kept of a connection to the server by its right name."""
    profile = ground.security.profile(1, resume=form, **(wishes or WISHES))
    assert not reused(ground, profile)
    ground.until(lambda: profile.session)
    profile.release()
    return profile.session


def offered(ground: Ground) -> bool:
    """Whether a session was given to the module since the trace was cleared."""
    lines = [line for _, way, line in ground._lines() if way == ">" and ",13," in line]
    return any(len(line.split(",")) > 4 for line in lines)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_host_resumes_after_a_restart_of_the_program(ground: Ground, form: str) -> None:
    kept = session(ground, form)
    state = ground.modem.save_state()
    assert kept not in state and kept[20:40] not in state
    profile = ground.security.profile(2, session=bytearray(kept), **WISHES)
    assert profile.session == kept and profile.resume == form
    assert reused(ground, profile)


@pytest.mark.parametrize("form", FORMS)
def test_another_host_is_never_offered_it(ground: Ground, form: str) -> None:
    kept = session(ground, form)
    profile = ground.security.profile(2, session=kept, **WISHES)
    ground.stage.uart.trace.clear()
    assert ground.refused(profile, port(ground), OTHER)  # its certificate has another name
    assert not offered(ground)
    assert reused(ground, profile)  # and where it belongs it still is of use
    assert ground.refused(profile, port(ground), OTHER)
    assert ground.refused(profile, "tls_stranger")
    assert reused(ground, profile)


def test_one_profile_goes_from_host_to_host(ground: Ground) -> None:
    """Not by bytes that were kept, but within one program."""
    profile = ground.security.profile(2, resume="plain", **WISHES)
    assert not reused(ground, profile)
    ground.until(lambda: profile.session)
    for _ in range(2):
        ground.stage.uart.trace.clear()
        assert ground.refused(profile, port(ground), OTHER)
        assert not offered(ground)
        assert reused(ground, profile)


@pytest.mark.parametrize(
    ("made", "given"),
    [
        ({"verify": "none"}, {"ca": "peers"}),
        ({"ca": "peers", "verify": "chain"}, {"ca": "peers"}),
        ({"ca": "peers"}, {"ca": "strangers"}),
        ({"ca": "peers", "hostname": ""}, {"ca": "peers", "hostname": OTHER}),
        ({"ca": "peers"}, {"ca": "peers", "pinned": ("device", 2)}),
        ({"ca": "peers", "min_version": "1.0"}, {"ca": "peers", "min_version": "1.2"}),
    ],
    ids=["unverified", "any-name", "other-ca", "other-name", "pinned", "older-version"],
)
def test_other_wishes_are_never_offered_it(
    ground: Ground, made: dict[str, Any], given: dict[str, Any]
) -> None:
    ground.call(ground.security.store, "CA", "strangers", ground.pem["other_ca"])
    ground.call(ground.security.store, "SC", "device", ground.pem["cert"])
    kept = session(ground, "plain", **made)
    profile = ground.security.profile(2, session=kept, **given)
    assert (profile.session, profile.resume) == (None, "plain")
    ground.stage.uart.trace.clear()
    if given != {"ca": "peers"} and "min_version" not in given:
        assert ground.refused(profile, port(ground))
    else:
        assert not reused(ground, profile)
    assert not offered(ground)


def test_a_session_of_an_earlier_version_is_not_offered(ground: Ground) -> None:
    """It did not say whose it was: a program that kept one goes on, with a full handshake."""
    sara = ground.kind == "sara-r5"
    tag = 2 if sara else 3
    body = b"uS\x01" + bytes((ord("S" if sara else "L"), 0 if sara else 1, tag)) + b"AAAA\nBBBB"
    profile = ground.security.profile(2, session=body + _sum(body), **WISHES)
    assert (profile.session, profile.resume) == (None, "plain")
    ground.stage.uart.trace.clear()
    assert not reused(ground, profile)
    assert not offered(ground)
    later = b"uS\x03" + body[3:]
    with pytest.raises(ValueError, match="later version"):
        ground.security.profile(2, session=later + _sum(later), **WISHES)


def test_news_that_come_late_belong_to_the_host_they_are_of(ground: Ground) -> None:
    """SARA-R5 reports sessions when it likes: here after the profile was written for another
    host, but before that was connected to."""
    if ground.kind != "sara-r5":
        return
    profile = ground.security.profile(2, resume="plain", **WISHES)
    assert not reused(ground, profile)
    ground.call(profile.hold, OTHER)
    ground.module.urc('+UUSECPRF: 2,13,2,"TEFURQ==","' + "A" * 64 + '"')
    ground.stage.uart.clock.sleep_ms(50)
    ground.modem.poll()
    profile.let_go()
    assert b"TEFURQ==" in profile.session and profile.origin == ground.name
    ground.stage.uart.trace.clear()
    assert ground.refused(profile, port(ground), OTHER)
    assert not offered(ground)


def test_a_ticket_that_was_not_taken_is_asked_for_again(ground: Ground) -> None:
    """LEXI-R10 tells a session only when asked: before the profile is written anew at last."""
    if ground.kind != "lexi-r10":
        return
    profile = ground.security.profile(2, resume="plain", **WISHES)
    faults = ground.module.faults
    sock = ground.tls(profile, port(ground))
    ground.call(sock.close)
    first, profile.session = profile.session, None
    profile.due = True  # as if its answer was never heard
    assert ground.refused(profile, port(ground), OTHER)
    assert profile.session == first and not profile.due
    assert reused(ground, profile)
    faults.clear()
