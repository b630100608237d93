"""What CPython shows of the API: dir() and tab completion, help(), repr(), suggestions."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from driver.support.crowd import Crowd
from driver.support.serial_script import FLAVOURS, MODULES, Bench

BOTH = [(flavour, module) for flavour in FLAVOURS for module in MODULES]


@pytest.fixture(params=BOTH, ids="-".join)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    flavour, module = request.param
    made = Bench(flavour, module, Crowd(7 if module == "sara-r5" else 6))
    made.call(made.modem.attach, rates=(), sockets="keep")
    yield made
    made.close()


# What somebody who presses the tab key looks for, by object.
NAMES = {
    "modem": "attach connect imei scan resolve network power files http mqtt security ssl poll",
    "modem.network": "signal serving_cell bands set_bands contexts set_dns registered",
    "modem.power": "set_psm edrx save awake wake",
    "modem.files": "read write listdir open size",
    "modem.security": "store profile list details",
    "modem.http": "request get post head",
    "modem.mqtt": "connect publish subscribe wait_msg read_into keep",
    "modem.ssl": "create_default_context wrap_socket SSLContext CERT_NONE SSLError TLSVersion",
    "modem.socket_pool": "socket getaddrinfo AF_INET SOCK_STREAM",
    "modem.socket()": "connect send recv setsockopt makefile getpeercert",
}


@pytest.mark.parametrize("code", NAMES)
def test_dir_has_what_is_loaded_when_it_is_used(bench: Bench, code: str) -> None:
    names = dir(eval(code, {"modem": bench.modem}))
    assert [name for name in NAMES[code].split() if name not in names] == []
    assert names == sorted(set(names))


def test_dir_has_what_only_one_module_has() -> None:
    for module, has, lacks in (
        ("sara-r5", "mqttsn", "nothing"),
        ("lexi-r10", "network", "mqttsn"),
    ):
        bench = Bench("blocking", module, Crowd(6))
        names = dir(bench.modem)
        assert has in names and lacks not in names
        assert ("store" in dir(bench.modem.http)) is (module == "lexi-r10")
        bench.close()


def test_every_name_in_dir_can_be_had(bench: Bench) -> None:
    modem: Any = bench.modem
    for thing in (modem, modem.network, modem.power, modem.files, modem.security, modem.ssl,
                  modem.http, modem.mqtt, modem.socket_pool):  # fmt: skip
        lacks = [name for name in dir(thing) if not hasattr(thing, name)]
        assert lacks == []


def test_help_shows_the_docstring_and_the_signature(bench: Bench) -> None:
    modem: Any = bench.modem
    for function, word in (
        (modem.connect, "apn"),
        (modem.power.set_psm, "active_s"),
        (modem.http.request, "url"),
        (modem.mqtt.publish, "topic"),
        (modem.socket().setsockopt, "level"),
    ):
        text = pydoc.render_doc(function, renderer=pydoc.plaintext)
        assert inspect.getdoc(function) and inspect.getdoc(function).splitlines()[0] in text
        assert word in inspect.signature(function).parameters
        assert function.__name__ in text.splitlines()[2]
    first = next(iter(inspect.signature(modem.connect).parameters))
    assert first == "apn"  # without the modem


def test_repr_has_class_and_state(bench: Bench) -> None:
    modem: Any = bench.modem
    name = type(modem).__name__
    assert repr(modem) == f"<{name} registration unknown>"
    modem.network.stat = 1
    modem.network.set_up(True)
    sockets = [modem.socket(), modem.socket()]
    assert repr(modem) == f"<{name} registered, connected, 2 sockets>"
    bench.call(sockets[0].close)
    assert repr(modem) == f"<{name} registered, connected, 1 socket>"
    modem.network.set_up(False)
    assert repr(modem.network) == f"<network of {modem.name} registered, not connected>"
    assert repr(modem.mqtt) == f"<mqtt of {modem.name} not connected>"
    assert repr(modem.files) == f"<files of {modem.name}>"
    modem.channel.asleep = True
    assert repr(modem) == f"<{name} asleep>"


WRONG = (
    ("modem.conect", "has no 'conect'; did you mean 'connect'?"),  # codespell:ignore
    ("modem.netwrk", "has no 'netwrk'; did you mean 'network'?"),
    ("modem.network.rgistered", "has no 'network.rgistered'; did you mean 'network.registered'?"),
    ("modem.power.set_ps", "has no 'power.set_ps'; did you mean 'power.set_psm'?"),
    ("modem.files.opn", "has no 'files.opn'; did you mean 'files.open'?"),
    ("modem.http.gett", "has no 'http.gett'; did you mean 'http.get'?"),
    ("modem.mqtt.publissh", "has no 'mqtt.publissh'; did you mean 'mqtt.publish'?"),
    ("modem.xyzzy", "has no 'xyzzy'"),
    ("modem._conect", "has no '_conect'"),  # codespell:ignore
)


@pytest.mark.parametrize(("code", "text"), WRONG)
def test_a_misspelt_name_is_answered_with_the_nearest(bench: Bench, code: str, text: str) -> None:
    with pytest.raises(AttributeError) as caught:
        eval(code, {"modem": bench.modem})
    assert str(caught.value) == f"{bench.modem.name} {text}"


def test_nothing_of_the_other_flavour_is_loaded() -> None:
    code = (
        f"import sys; sys.path[:0] = {sys.path}\n"
        "from driver.support.crowd import Crowd\n"
        "from driver.support.serial_script import Bench\n"
        "before = {name for name in sys.modules if name.startswith('ublox_cellular.aio')}\n"
        "modem = Bench('blocking', 'sara-r5', Crowd(7)).modem\n"
        "dir(modem), dir(modem.network), repr(modem), modem.connect\n"
        "after = {name for name in sys.modules if name.startswith('ublox_cellular.aio')}\n"
        "assert after == before, after - before\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
