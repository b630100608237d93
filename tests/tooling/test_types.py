"""What a type checker and an editor know of a user's program: types, misspelt names, forgotten
`await`. pyright runs once per flavour."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from dev import environment

PYRIGHT = environment.NODE / "node_modules" / ".bin" / "pyright"

HEAD = """\
from ublox_cellular{package} import LexiR10, SaraR5
from machine import UART

sara = SaraR5(UART(0))
lexi = LexiR10(UART(0))


async def main():
"""

# An expression, its type; "await " is left out where the flavour has none.
RIGHT = (
    ("sara", "SaraR5"),
    ("lexi", "LexiR10"),
    ("await sara.imei()", "str"),
    ('await sara.connect("iot.example", plmn="00101", progress=print)', "None"),
    ("await sara.unlock('1234')", "bool"),
    ("sara.socket()", "Socket"),
    ("sara.socket().gettimeout()", "float | None"),
    ("sara.ssl.PROTOCOL_TLS_CLIENT", "int"),
    ("sara.ssl.create_default_context()", "Context"),
    ("sara.ssl.HAS_SNI", "bool"),
    ("await lexi.files.open('log.txt', 'ab')", "File"),
    ("await sara.files.exists('log.txt')", "bool"),
    ("await sara.ftp.get('firmware.bin', 'firmware.bin', resume=True)", "int"),
    ("await sara.ftp.ilistdir()", "Listing"),
    ("await sara.ftp.stat('firmware.bin')", "Entry"),
    ("await sara.http.get('http://example.com', timeout_ms=60000)", "Response"),
    ("await (await lexi.http.post('http://example.com', b'1', direct=True)).content", "bytes"),
    ("await sara.mqtt.check_msg()", "Message | None"),
    ("await sara.mqtt.subscribe('a/#', 1)", "int"),
    ("sara.mqtt.keep('broker.example')", "Session"),
    ("await sara.mqttsn.register('a')", "int"),
    ("await sara.coap.get('coap://a/b', confirmable=False)", "CoapResponse"),
    ("await sara.coap.store(1)", "None"),
    ("await sara.network.set_rats(('LTE-M',))", "bool"),
    ("await lexi.network.set_rats(('LTE-M',))", "bool"),
    ("await lexi.power.save('timer', 5000, 'sleep2')", "None"),
    ("sara.security.profile(ca='root')", "Profile"),
    ("await sara.security.store('CA', 'root', 'ca.pem')", "str"),
    ("sara.save_state()", "bytes"),
)

WRONG = (
    "sara.conect",  # codespell:ignore
    "await sara.connect(apnn='iot.example')",
    "await sara.connect(plmn=101)",
    "lexi.mqttsn",
    "lexi.coap",
    "sara.coap.observe",
    "sara.network.registred",  # codespell:ignore
    "lexi.network.map_profile",
    "await lexi.power.save(5000)",
    "sara.power.safe",
    "await lexi.power.save('rts', store=False)",
    "await sara.files.opn('log.txt')",
    "sara.files.write('log.txt')",
    "lexi.ftp",
    "sara.ftp.lst",
    "await sara.ftp.connect('ftp.example', pasive=True)",
    "sara.http.fetch",
    "sara.http.store",
    "await sara.http.get('http://example.com', header={})",
    "await sara.mqtt.connect('broker.example', clientid='a')",
    "await sara.mqtt.publish('a', 5)",
    "sara.mqtt.publsh",  # codespell:ignore
    "sara.mqttsn.subscibe",  # codespell:ignore
    "sara.security.profile(verfy='full')",  # codespell:ignore
    "sara.ssl.CERT_NON",
    "sara.socket().conect",  # codespell:ignore
    "sara.socket_pool.AF_INET5",
)
Checked = tuple[str, Callable[[str], list[dict[str, Any]]]]

FORGOTTEN = "sara.imei()"


@pytest.fixture(scope="module", params=["asyncio", "blocking"])
def checked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """The flavour, and what pyright reports for a statement."""
    if not PYRIGHT.exists():
        pytest.skip("without node there is no type checker")
    flavour = request.param
    lines = [f"reveal_type({code})" for code, _ in RIGHT] + [*WRONG, FORGOTTEN]
    head = HEAD.format(package=".aio" if flavour == "asyncio" else "")
    body = "".join(f"    {line}\n" for line in lines)
    if flavour == "blocking":
        head = head.replace("async ", "")
        body = body.replace("await ", "")
    folder = tmp_path_factory.mktemp(flavour)
    (folder / "program.py").write_text(head + body, encoding="utf-8")
    settings: dict[str, Any] = {
        "include": ["program.py"],
        "extraPaths": [str(environment.ROOT / "lib")],
        "pythonVersion": "3.11",
    }
    if environment.TYPINGS.exists():  # `machine`, and what MicroPython's modules have
        settings |= {
            "stubPath": str(environment.TYPINGS),
            "typeshedPath": str(environment.TYPINGS),
        }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        [str(PYRIGHT), "-p", str(folder), "--outputjson"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    first = head.count("\n")

    def of(code: str) -> list[dict[str, Any]]:
        number = first + lines.index(code)
        return [one for one in found if one["range"]["start"]["line"] == number]

    elsewhere = [
        one
        for one in found
        if one["severity"] == "error"
        and (not one["file"].endswith("program.py") or one["range"]["start"]["line"] < first)
    ]
    assert elsewhere == []
    return flavour, of


def test_right_calls_have_exact_types(checked: Checked) -> None:
    _, of = checked
    shown = {}
    for code, _ in RIGHT:
        shown[code] = [one["message"].rpartition(" is ")[2] for one in of(f"reveal_type({code})")]
    assert shown == {code: [f'"{kind}"'] for code, kind in RIGHT}


def test_misspelt_names_and_wrong_arguments_are_errors(checked: Checked) -> None:
    _, of = checked
    missed = [code for code in WRONG if "error" not in {one["severity"] for one in of(code)}]
    assert missed == []


def test_a_forgotten_await_is_an_error(checked: Checked) -> None:
    flavour, of = checked
    rules = [one.get("rule") for one in of(FORGOTTEN)]
    assert rules == (["reportUnusedCoroutine"] if flavour == "asyncio" else [])
