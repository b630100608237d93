"""What the library takes on a board: which modules make up which layer, and their measurement.

Used by tools/bench, tools/demo and tests/test_budgets.py. Bytecode is what a board gets: mpy-cross
-O3. Figures are exact: the same on every run and every machine.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from dev import bytecode, wasm

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
    """Of the flavour; {family} stands for the module's."""
    return tuple(f"{PACKAGE}.{{flavour}}.{name}" for name in names)


LAYERS = (
    Layer(
        "core and channel",
        (
            *_core("compat", "port", "lexer", "command", "errors", "engine"),
            f"{PACKAGE}.{{flavour}}",
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
    Layer("line recovery", (*_core("error_text"), *_own("at.resync"))),
    Layer("bring-up: module", (*_core("pins"), *_own("device.attach", "device.power_on"))),
    Layer("bring-up: unusual escape", _own("at.escape")),
    Layer(
        "bring-up: connection",
        _own(
            "network.registration",
            "at.deferred_command",
            "network.connection",
            "network.activation_{family}",
        ),
    ),
    Layer("sockets: data", (*_core("payload"), *_own("sockets.receive", "sockets.send"))),
    Layer("sockets: opening", _own("sockets.lifecycle", "sockets.adopt")),
    Layer("sockets: failures", _own("sockets.diagnosis")),
    Layer(
        "power: sleep and wake",
        _own("power", "power.saving_{family}", "power.reports", "power.wake", "power.after_sleep"),
    ),
    Layer("power: PSM and eDRX", (*_core("gprs_timers"), *_own("power.psm", "power.edrx"))),
    Layer("power: votes and blockers", _own("power.sleep_votes", "power.blockers")),
    Layer("state", _own("device.saved_state", "device.survivors")),
    Layer("connection kept in the background", _own("network.keep_up", "device.background")),
    Layer("ladder", _own("device.power_off", "device.recovery")),
    Layer(
        "network: registration",
        (
            *_core("reject_causes"),
            *_own(
                "network.index", "network.radio", "network.registration_report", "network.signal"
            ),
        ),
    ),
    Layer(
        "network: operators, technology, bands",
        _own("network.operators", "network.radio_{family}"),
    ),
    Layer(
        "network: contexts",
        (*_core("addresses"), *_own("network.contexts", "network.contexts_{family}")),
    ),
    Layer(
        "network: names and profiles",
        _own("network.dns", "network.dns_setting", "network.psd_{family}", "network.dns_{family}"),
    ),
    Layer("network: SIM and identity", (*_core("sim"), *_own("device.sim", "device.identity"))),
    Layer("commands of one's own", _own("device.own_command")),
    Layer(
        "network: clock and ping", (*_core("ping_errors"), *_own("device.clock", "network.ping"))
    ),
    Layer("network: interface", _own("network.nic")),
    Layer(
        "security: profiles", _own("security", "security.limits_{family}", "security.tls_profile")
    ),
    Layer(
        "security: what profiles are made by",
        (*_core("tls_settings"), *_own("security.tls_profile_options")),
    ),
    Layer(
        "security: resumption",
        (*_core("tls_session_data", "buffer_resize"), *_own("security.tls_resumption")),
    ),
    Layer("security: ciphers", _core("ciphers")),
    Layer("sockets: TLS", _own("sockets.tls", "security.ssl")),
    Layer("ssl: contexts", (*_core("ssl_constants"), *_own("security.ssl_context"))),
    Layer(
        "ssl: the unusual",
        (
            *_core("ssl_errors", "cipher_names"),
            *_own("security.ssl_options", "security.ssl_socket"),
        ),
    ),
    Layer("payload streams", (*_core("buffers"), *_own("at.payload_stream"))),
    Layer("files: commands", _own("files", "files.storage_{family}")),
    Layer("files: streams", _own("files.stream")),
    Layer("files: whole files and catalog", _own("files.whole_file", "files.listing")),
    Layer(
        "files: writing and failures",
        (*_core("giving_up", "file_errors"), *_own("files.writing", "files.errors")),
    ),
    Layer(
        "security: certificates",
        (*_core("pem", "certificate_source"), *_own("security.checks", "security.certificates")),
    ),
    Layer("HTTP: profiles", (*_core("url"), *_own("http", "http.plan", "http.profile"))),
    Layer("HTTP: requests", _own("http.response", "http.request")),
    Layer("HTTP: answers", _own("http.body")),
    Layer("HTTP: options", _own("http.options")),
    Layer(
        "HTTP: failures and the unusual",
        (
            *_core("service_error", "text_table", "http_errors", "http_texts"),
            *_own("http.errors", "http.chunked", "http.save"),
        ),
    ),
    Layer("MQTT: actions", _own("mqtt", "mqtt.action")),
    Layer(
        "MQTT: settings and session", _own("mqtt.session_request", "mqtt.settings", "mqtt.connect")
    ),
    Layer(
        "MQTT: publishing and topics",
        (*_core("hex_payload", "mqtt_checks"), *_own("mqtt.publish", "mqtt.subscribe")),
    ),
    Layer("MQTT: messages", _own("mqtt.messages", "mqtt.messages_more", "mqtt.read")),
    Layer(
        "MQTT: failures and the unusual",
        (
            *_core("mqtt_errors", "mqtt_texts"),
            *_own(
                "mqtt.settings_rare", "mqtt.errors", "mqtt.earlier_action", "mqtt.stored_settings"
            ),
        ),
    ),
    Layer("MQTT: resilience", _own("mqtt.reliable_session", "mqtt.outbox_bytes")),
    Layer("MQTT: drop-in for umqtt", (f"{PACKAGE}.umqtt",)),
    Layer(
        "security: what there is",
        (*_core("refused"), *_own("security.certificate_list", "security.tls_profile_read")),
    ),
    Layer("security: MD5 and key sizes of our own", _core("md5", "key_length")),
    Layer("MQTT-SN: profile", _own("mqttsn", "mqttsn.settings")),
    Layer("MQTT-SN: session", _own("mqttsn.connect")),
    Layer("MQTT-SN: topics and messages", _own("mqttsn.topics", "mqttsn.publish", "mqttsn.read")),
    Layer(
        "MQTT-SN: failures and the unusual",
        (*_core("mqttsn_errors"), *_own("mqttsn.errors", "mqttsn.rare")),
    ),
    Layer("CoAP: what the module reports", _own("coap")),
    Layer("CoAP: requests", _own("coap.request")),
    Layer(
        "CoAP: blocks, profiles, failures",
        (*_core("coap_errors"), *_own("coap.blocks", "coap.profiles")),
    ),
)

_NAMES = 250  # see added()


def file_of(module: str) -> Path | None:
    """The source of a module of the library."""
    path = bytecode.LIB.joinpath(*module.split("."))
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
    that meets it. So all are imported twice, once after some names of no use: the smaller figure
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
