"""What the library takes on a board: which modules make up which layer, and their measurement.

Used by tools/bench, tools/demo and tests/test_budgets.py. Bytecode is what a board gets: mpy-cross
-O3. Figures are exact: the same on every run and every machine.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import mpy
import wasm

PACKAGE = "ublox_cellular"
FLAVOURS = ("blocking", "aio")
FAMILIES = {"sara-r5": "sara_r5", "lexi-r10": "lexi_r10"}

# What firmware has built in, and what only this MicroPython needs a file for: imported first, so
# that it is not counted as the library's.
BUILT_IN = ["time", "io", "machine"]
ASYNCIO = ["asyncio", *(f"asyncio.{name}" for name in ("core", "event", "lock", "funcs"))]


@dataclass(frozen=True)
class Layer:
    """Modules a program imports together; {flavour} and {family} stand for those of the run."""

    name: str
    modules: tuple[str, ...]

    def chosen(self, flavour: str, family: str) -> list[str]:
        """Their names in a run."""
        return [name.format(flavour=flavour, family=family) for name in self.modules]


def _core(*names: str) -> tuple[str, ...]:
    return tuple(f"{PACKAGE}.core.{name}" for name in names)


def _own(*names: str) -> tuple[str, ...]:
    """Of the flavour; "/name" of the module's family."""
    return tuple(f"{PACKAGE}.{{flavour}}.{name.replace('/', '{family}.')}" for name in names)


def _sn(*names: str) -> tuple[str, ...]:
    """Of MQTT-SN, which only SARA-R5 has; its figures are those on either module. What it shares
    with MQTT is counted there, or with its first layer where that is not loaded."""
    return _own(*(f"sara_r5.mqttsn{name}" for name in names))


LAYERS = (
    Layer(
        "core and channel",
        (
            *_core("compat", "port", "lexer", "command", "errors", "engine"),
            f"{PACKAGE}.{{flavour}}.at",
        ),
    ),
    Layer(
        "modem, network, sockets",
        (
            *_core("events"),
            f"{PACKAGE}.{{flavour}}.modem",
            f"{PACKAGE}.{{flavour}}.{{family}}",
            f"{PACKAGE}.{{flavour}}.network",
            f"{PACKAGE}.{{flavour}}.sockets",
        ),
    ),
)

# What a program loads beyond that, each when it first calls it. In this order: what several layers
# need is counted with the first. A service of several layers is "service: part".
SERVICES = (
    Layer("line recovery", (*_core("describe"), *_own("recovery"))),
    Layer("bring-up: module", (*_core("pins"), *_own("attach", "bringup"))),
    Layer("bring-up: unusual escape", _own("escape")),
    Layer("bring-up: connection", _own("registration", "sendoff", "connection", "/activation")),
    Layer("sockets: data", (*_core("payload"), *_own("receiving", "sending"))),
    Layer("sockets: opening", _own("failures", "links", "leftovers")),
    Layer("power: sleep and wake", _own("power", "/saving", "reports", "waking", "deepsleep")),
    Layer("power: PSM and eDRX", (*_core("timers"), *_own("psm", "edrx"))),
    Layer("power: votes and blockers", _own("votes", "blockers")),
    Layer("state", _own("state", "survivors")),
    Layer("connection kept in the background", _own("keeping", "background")),
    Layer("ladder", _own("shutdown", "ladder")),
    Layer(
        "network: registration",
        (*_core("emm"), *_own("details", "radio", "registered", "signal")),
    ),
    Layer("network: operators, technology, bands", _own("operators", "/radio")),
    Layer("network: contexts", (*_core("addresses"), *_own("contexts", "/contexts"))),
    Layer("network: names and profiles", _own("resolver", "names", "/psd", "/names")),
    Layer("network: SIM and identity", (*_core("sim"), *_own("sim", "identity"))),
    Layer("commands of one's own", _own("own_command")),
    Layer("network: clock and ping", (*_core("ping_errors"), *_own("clock", "pinging"))),
    Layer("network: interface", _own("interface")),
    Layer("security: profiles", _own("security", "/profiles", "profile")),
    Layer(
        "security: what profiles are made by", (*_core("tls_settings"), *_own("profile_options"))
    ),
    Layer("security: resumption", (*_core("resumption", "widen"), *_own("resuming"))),
    Layer("security: ciphers", _core("ciphers")),
    Layer("sockets: TLS", _own("secure", "ssl")),
    Layer("ssl: contexts", (*_core("ssl_constants"), *_own("ssl_context"))),
    Layer(
        "ssl: the unusual",
        (*_core("ssl_errors", "cipher_names"), *_own("ssl_options", "ssl_socket")),
    ),
    Layer("payload streams", (*_core("buffers"), *_own("framing"))),
    Layer("files: commands", _own("files", "/storage")),
    Layer("files: streams", _own("file_stream")),
    Layer("files: whole files and catalog", _own("file_transfer", "file_catalog")),
    Layer(
        "files: writing and failures",
        (*_core("giving_up", "file_errors"), *_own("file_writing", "file_failures")),
    ),
    Layer(
        "security: certificates",
        (*_core("pem", "source"), *_own("credentials", "certificates")),
    ),
    Layer("HTTP: profiles", (*_core("url"), *_own("http", "http_order", "http_profile"))),
    Layer("HTTP: requests", _own("http_response", "http_request")),
    Layer("HTTP: answers", _own("http_reading")),
    Layer("HTTP: options", _own("http_options")),
    Layer(
        "HTTP: failures and the unusual",
        (
            *_core("service_error", "texts", "http_errors", "http_texts"),
            *_own("http_failures", "http_chunks", "http_save"),
        ),
    ),
    Layer("MQTT: actions", _own("mqtt", "mqtt_action")),
    Layer("MQTT: settings and session", _own("terms", "mqtt_profile", "mqtt_connect")),
    Layer(
        "MQTT: publishing and topics",
        (*_core("hexadecimal", "mqtt_names"), *_own("mqtt_publish", "mqtt_topics")),
    ),
    Layer("MQTT: messages", _own("messages", "messages_more", "mqtt_reading")),
    Layer(
        "MQTT: failures and the unusual",
        (
            *_core("mqtt_errors", "mqtt_texts"),
            *_own("mqtt_options", "mqtt_failures", "mqtt_earlier", "mqtt_store"),
        ),
    ),
    Layer("MQTT: resilience", _own("mqtt_session", "mqtt_saved")),
    Layer("MQTT: drop-in for umqtt", (f"{PACKAGE}.umqtt",)),
    Layer("security: what there is", (*_core("refused"), *_own("inventory", "readback"))),
    Layer("security: MD5 and key sizes of our own", _core("md5", "keysize")),
    Layer("MQTT-SN: profile", _sn("", "_profile")),
    Layer("MQTT-SN: session", _sn("_session")),
    Layer("MQTT-SN: topics and messages", _sn("_topics", "_publish", "_reading")),
    Layer(
        "MQTT-SN: failures and the unusual",
        (*_core("mqttsn_errors"), *_sn("_failures", "_extras")),
    ),
)

_NAMES = 250  # see added()


def file_of(module: str) -> Path | None:
    """The source of a module of the library."""
    path = mpy.LIB.joinpath(*module.split("."))
    for found in (path.with_suffix(".py"), path / "__init__.py"):
        if found.exists():
            return found
    return None


def imports(flavour: str) -> list[str]:
    """What is imported before the library, and its own root."""
    return [*BUILT_IN, *(ASYNCIO if flavour == "aio" else []), PACKAGE]


def measured(flavour: str, family: str) -> dict[str, int]:
    """Bytes of heap that each module keeps after its import, from .mpy."""
    modules = [name for layer in LAYERS for name in layer.chosen(flavour, family)]
    job = wasm.Job(measure=[*imports(flavour), *modules], bytecode=True, asyncio=flavour == "aio")
    return {
        name: size for name, size in job.measured().resident.items() if name.startswith(PACKAGE)
    }


def added(flavour: str, family: str) -> dict[str, int]:
    """Bytes of heap that each module of `SERVICES` keeps beyond `LAYERS`.

    MicroPython makes room for names in steps of some KiB, and charges a whole step to the import
    that meets it. So all are imported twice, once behind some names of no use: the smaller figure
    counts.
    """
    base = [name for layer in LAYERS for name in layer.chosen(flavour, family)]
    modules = [name for layer in SERVICES for name in layer.chosen(flavour, family)]
    before = [*imports(flavour), *base]
    with tempfile.TemporaryDirectory() as folder:
        names = "\n".join(f"of_no_use_{i} = None" for i in range(_NAMES))
        Path(folder, "names.py").write_text(names, encoding="utf-8")
        runs = [
            wasm.Job(
                measure=[*before, *first, *modules], path=[Path(folder)], bytecode=True,
                asyncio=flavour == "aio",
            ).measured().resident
            for first in ([], ["names"])
        ]  # fmt: skip
    return {name: min(run[name] for run in runs) for name in modules}


def resident(module: str, flavour: str) -> int:
    """Bytes that all layers keep together; `module` and `flavour` as a user names them."""
    return sum(measured("aio" if flavour == "asyncio" else flavour, FAMILIES[module]).values())
