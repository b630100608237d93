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
    Layer("bring-up: finding the module", _own("device.attach")),
    Layer("bring-up: module", (*_core("pins"), *_own("device.power_on"))),
    Layer(
        "bring-up: connection",
        _own("network.registration", "network.connection", "network.activation_{family}"),
    ),
    Layer("sockets: data", _own("sockets.transfer")),
    Layer("sockets: opening", _own("sockets.lifecycle", "sockets.connect")),
    Layer("sockets: failures", _own("sockets.diagnosis")),
    Layer("sockets: datagrams, what is put back", _own("sockets.datagrams", "sockets.put_back")),
    Layer("power: sleep and wake", _own("power", "power.saving_{family}", "power.wake")),
    Layer(
        "power: PSM, eDRX, votes", (*_core("gprs_timers"), *_own("power.psm_edrx", "power.votes"))
    ),
    Layer("state", _own("device.saved_state")),
    Layer("connection kept in the background", _own("network.keep_up")),
    Layer("ladder", _own("device.power_off", "device.recovery")),
    Layer("network: registration and signal", _own("network.index", "network.status")),
    Layer(
        "network: operators, technology, bands",
        _own("network.radio", "network.radio_{family}"),
    ),
    Layer("network: contexts", (*_core("addresses"), *_own("network.contexts"))),
    Layer("network: authentication, DNS, PSD profiles", _own("network.contexts_{family}")),
    Layer("network: names and ping", _own("network.dns", "network.ping")),
    Layer(
        "identity, SIM, clock, commands of one's own",
        _own("device.identity", "device.clock", "device.own_command"),
    ),
    Layer("network: interface", _own("network.nic")),
    Layer("security: profiles", _own("security", "security.tls_profile")),
    Layer(
        "security: what profiles are made by",
        (*_core("tls_settings"), *_own("security.tls_profile_options")),
    ),
    Layer(
        "security: resumption",
        (*_core("buffers", "tls_session"), *_own("security.tls_resumption")),
    ),
    Layer("security: ciphers", _core("ciphers")),
    Layer("sockets: TLS", _own("sockets.tls")),
    Layer("ssl", (*_core("ssl_names"), *_own("security.ssl", "security.ssl_context"))),
    Layer("payload streams", _own("at.payload_stream")),
    Layer("data mode and direct links", _own("at.data_mode")),
    Layer("files: commands", _own("files", "files.storage_{family}")),
    Layer("files: streams", _own("files.stream")),
    Layer("files: whole files and catalog", _own("files.whole_file")),
    Layer("files: writing and failures", (*_core("giving_up"), *_own("files.writing"))),
    Layer("security: certificates", (*_core("pem"), *_own("security.certificates"))),
    Layer("HTTP: profiles", (*_core("url"), *_own("http", "http.profile"))),
    Layer("HTTP: requests", _own("http.response", "http.request")),
    Layer("HTTP: answers", _own("http.body")),
    Layer("HTTP: options", _own("http.options")),
    Layer("errors: classes", _core("service_errors")),
    Layer("errors: texts", _core("error_tables", "service_texts")),
    Layer("HTTP: failures", _own("http.errors")),
    Layer("MQTT: actions, publishing, topics", (*_core("mqtt_payload"), *_own("mqtt.action"))),
    Layer("MQTT: session", _own("mqtt.connect")),
    Layer("MQTT: messages", _own("mqtt.messages")),
    Layer("MQTT: failures and the unusual", _own("mqtt.earlier_action", "mqtt.stored_settings")),
    Layer("MQTT: resilience", _own("mqtt.reliable_session", "mqtt.outbox_bytes")),
    Layer("MQTT: drop-in for umqtt", (f"{PACKAGE}.umqtt",)),
    Layer("security: MD5 of our own", _core("md5")),
    Layer("FTP: session", _own("ftp", "ftp.session")),
    Layer("FTP: lists", _own("ftp.listing")),
    Layer("raw payload along the line", _own("at.link")),
    Layer("FTP: transfers", _own("ftp.transfer")),
    Layer("FTP: along the line", _own("ftp.link", "ftp.upload")),
    Layer("FTP: failures", _core("ftp_errors")),
    Layer("MQTT-SN: session", _own("mqttsn", "mqttsn.session")),
    Layer("MQTT-SN: topics, messages", _own("mqttsn.action")),
    Layer("CoAP: what the module reports", _own("coap")),
    Layer("CoAP: requests", _own("coap.order", "coap.request")),
    Layer("CoAP: blocks, profiles", _own("coap.blocks", "coap.profiles")),
)

_NAMES = 250  # see added()


def file_of(module: str) -> Path | None:
    """The source of a module of the library."""
    path = bytecode.LIB.joinpath(*module.split("."))
    for found in (path.with_suffix(".py"), path / "__init__.py"):
        if found.exists():
            return found
    return None


# What only one module has: packages of the flavour, files of core.
_ONLY = {"sara_r5": ("coap", "ftp", "mqttsn", "coap_errors.py", "ftp_errors.py")}


def installation(flavour: str, family: str) -> list[Path]:
    """The files a board needs that uses one flavour and one module, with all services."""
    other_flavour = {"blocking": "aio", "aio": "blocking"}[flavour]
    (other_family,) = set(FAMILIES.values()) - {family}
    only_aio = ("streams.py",) if flavour == "blocking" else ("umqtt.py",)
    found = []
    for source in bytecode.sources():
        place = source.relative_to(bytecode.LIB / PACKAGE)
        left_out = place.parts[0] in (other_flavour, f"wait_{other_flavour}.py", *only_aio)
        others = set(place.parts) & set(_ONLY.get(other_family, ()))
        if not left_out and not others and not place.stem.endswith(other_family):
            found.append(source)
    return found


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
