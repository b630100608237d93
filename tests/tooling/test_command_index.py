"""lib/COMMANDS.md: the walk from a command to the methods that send it, on sample sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dev import command_index
from dev.environment import ROOT

SAMPLE = {
    "modem.py": '''
_FUNCTIONS = (
    "network.ping ping \\n"
    "network.names resolve \\n"
)
class Modem:
    def poll(self):
        """AT+CSQ in a text is no command."""
''',
    "network/__init__.py": "class Network:\n    pass\n",
    "network/index.py": '_FUNCTIONS = "signal signal \\n*radio bands \\n"\n',
    "network/signal.py": """
async def signal(network):
    return await _row(network)
async def _row(network):
    return await network.modem.channel.row(1, b"+CSQ?")
""",
    "network/radio_sara_r5.py": """
from .signal import signal as strength
_NAME = b"+UBANDMASK"
async def bands(network):
    await strength(network)
    await network.modem.channel.command(_NAME)
""",
    "network/ping.py": """
class Pinger:
    def __init__(self, channel):
        channel.on_urc(b"+UPING", None)
    async def run(self):
        if self.line == b"+CESQ":
            raise CommandError(1, b"+CEER")
        await self.channel.command(b"+UPING")
async def ping(modem):
    pinger = Pinger(modem.channel)
    await pinger.run()
""",
    "network/names.py": """
async def resolve(modem):
    command = 1
    pool = modem.socket_pool
    pool.write = command
    await modem.power.psm()
""",
    "power/__init__.py": '_FUNCTIONS = "wake psm \\n"\nclass Power:\n    pass\n',
    "power/wake.py": 'async def psm(power):\n    await power.modem.channel.ask(b"E0")\n',
}
EXPECTED = {
    "+CSQ": ["modem.network.signal"],
    "+UBANDMASK": ["modem.network.bands"],
    "+UPING": ["modem.ping"],
    "E": ["modem.power.psm"],
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in SAMPLE.items():
        path = tmp_path / command_index.AIO / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def sample(tree: Path, monkeypatch: pytest.MonkeyPatch) -> command_index.Index:
    index = command_index.Index(tree)
    monkeypatch.setattr(index, "whole", False)  # it has few of the methods that are public
    return index


def test_a_command_is_found_with_the_public_methods_that_lead_to_it(
    sample: command_index.Index,
) -> None:
    assert {command: methods for command, methods, _ in sample.rows()} == EXPECTED


def test_a_name_of_the_table_that_no_class_has_is_reported(tree: Path) -> None:
    with pytest.raises(command_index.CommandIndexError, match=r"correct tools/dev/public_api\.py"):
        command_index.Index(tree).rows()


def test_a_command_without_a_text_is_reported(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / command_index.AIO / "modem.py").unlink()
    monkeypatch.delitem(command_index.TEXTS, "+CSQ")
    with pytest.raises(command_index.CommandIndexError, match=r"\+CSQ has no text"):
        command_index.expected(tree)


def test_the_index_has_every_command_of_the_sources_and_links_to_their_files() -> None:
    text = (ROOT / command_index.RESULT).read_text()
    rows = dict(re.findall(r"^\| `AT(\S+)` \| .* \| (.*) \|$", text, re.MULTILINE))
    assert set(rows) == set(command_index.TEXTS)
    for files in rows.values():
        links = re.findall(r"\]\((.*?)\)", files)
        assert links
        assert all((ROOT / "lib" / link).exists() for link in links)


@pytest.mark.parametrize(
    ("command", "method"),
    [
        ("+CFUN", "modem.active"),
        ("+COPS", "modem.scan"),
        ("+CPSMS", "modem.power.set_psm"),
        ("+UMQTTC", "modem.mqtt.publish"),
        ("+UMQTTSNC", "modem.mqttsn.register"),
        ("+UHTTPC", "modem.http.request"),
        ("+USECMNG", "modem.security.store"),
        ("+USOWR", "socket.send"),
        ("+USORD", "socket.recv_into"),
        ("+FOPEN", "file.read"),
        ("+UPSDA", "modem.connect"),
    ],
)
def test_commands_of_the_driver(command: str, method: str) -> None:
    text = (ROOT / command_index.RESULT).read_text()
    row = next(line for line in text.splitlines() if line.startswith(f"| `AT{command}` "))
    assert f"`{method}()`" in row
