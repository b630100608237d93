"""CircuitPython's clients over the socket pool: their fake TLS context drives the module's TLS."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import bootstrap
import pytest
from behaviours.rig import Rig, pattern
from behaviours.stage import Stage

pytestmark = pytest.mark.skipif(
    not bootstrap.PARTS["adafruit"].fresh(), reason="Adafruit's libraries: tools/bootstrap.py"
)

MODULES = ("sara-r5", "lexi-r10")


@pytest.fixture(params=MODULES)
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.syspath_prepend(str(bootstrap.ADAFRUIT))
    made = Stage("blocking", request.param, Rig)
    yield made
    made.close()
    for name in [name for name in sys.modules if name.startswith("adafruit_")]:
        del sys.modules[name]


@pytest.fixture
def modem(stage: Stage) -> Any:
    """A connected modem whose default profile trusts the peers' CA."""
    modem = stage.rig.made()
    modem.power_on(30000)
    modem.connect("iot.example")
    modem.security.store("CA", "peers", stage.rig.place["pem"]["ca"].encode())
    modem.security.default = modem.security.profile(ca="peers")
    return modem


def test_requests_over_its_fake_tls_context(stage: Stage, modem: Any) -> None:
    import adafruit_connection_manager
    import adafruit_requests

    pool = modem.socket_pool
    context = adafruit_connection_manager.create_fake_ssl_context(pool, pool)
    session = adafruit_requests.Session(pool, context)
    base = f"https://{stage.rig.name}:{stage.rig.place['https']}"
    with session.get(base + "/bytes/3000/4") as response:
        assert response.status_code == 200
        assert response.content == pattern(3000, 4)
    with session.post(base + "/echo", json={"t": 21.5}) as response:
        assert response.json()["text"] == '{"t": 21.5}'
    assert stage.uart.module.violations == []


def test_requests_over_our_ssl_context(stage: Stage, modem: Any) -> None:
    import adafruit_requests

    context = modem.ssl.create_default_context()
    context.load_verify_locations(cadata=stage.rig.place["pem"]["ca"].encode())
    session = adafruit_requests.Session(modem.socket_pool, context)
    base = f"https://{stage.rig.name}:{stage.rig.place['https']}"
    with session.get(base + "/session") as response:
        assert response.json()["tls"] is True


def test_requests_tells_of_a_server_nobody_vouches_for(stage: Stage, modem: Any) -> None:
    import adafruit_requests

    session = adafruit_requests.Session(modem.socket_pool, modem.ssl.create_default_context())
    with pytest.raises((OSError, RuntimeError)):
        session.get(f"https://{stage.rig.name}:{stage.rig.place['https_stranger']}/")
