"""What distinguishes one module from another, as data, and the options of a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .service import Service


@dataclass(frozen=True)
class ModuleSpec:
    """One module type. Sources in sara_r5.py and lexi_r10.py."""

    name: str
    services: tuple[type[Service], ...]
    absent: frozenset[str]
    """Commands of the family this module lacks: answered "operation not supported"."""
    model: str
    type_number: str
    firmware: str
    application: str
    factory_baud: int
    baud_rates: tuple[int, ...]
    autobaud: bool
    profiles: bool
    """Whether &W stores the interface settings."""
    cfun_fields: int
    cfun_values: tuple[int, ...]
    cfun_kept: tuple[int, ...]
    """+CFUN values that survive a restart."""
    mno_default: int
    cids: range
    active_cids: int
    context_tail: str
    psd_profiles: bool
    sockets: int
    transmit_buffer: int
    receive_buffer: int
    socket_list: bool
    """+USOCR? and the extra +USOCR parameters (LEXI-R10)."""
    dns_async_only: bool
    operator: str
    address: str
    power_on_ms: float
    power_off_ms: float


@dataclass
class Options:
    """Everything that can be chosen about a simulation; times in (virtual) milliseconds."""

    latency_ms: float = 2
    boot_ms: float = 2000
    sim_ready_ms: float = 300
    """After boot; +CPIN? answers SIM busy (14) before."""
    registered_after_ms: float = 3000
    """From radio on (and SIM ready) to registered."""
    shutdown_ms: float = 500
    dns_ms: float = 60
    psd_ms: float = 150
    psd_error: int = 0
    """Not 0: +UUPSDA reports this instead of success."""
    connect_timeout_ms: float = 60_000
    close_timeout_ms: float = 120_000
    rrc_idle_ms: float = 10_000
    """Radio connection released after this much silence (+CSCON)."""
    uplink_bps: float = 0
    """0: as fast as the host's network takes it."""
    max_line: int = 2560
    sim: str = "READY"
    """READY, PIN (needs `pin`), PUK or NONE."""
    pin: str = "1234"
    imei: str = "004999010640000"
    imsi: str = "001010123456789"
    iccid: str = "89882390000000000001"
    operator: str = ""
    plmn: str = "00101"
    address: str = ""
    address6: str = "38.0.3.128.178.65.129.209.0.0.0.74.87.68.176.1"
    network_type: str = "IP"
    """What the network grants to an IPV4V6 context: IP, IPV6 or IPV4V6."""
    network_apn: str = "internet.sim"
    """APN assigned when the host gave none."""
    dns_servers: tuple[str, str] = ("10.0.0.1", "10.0.0.2")
    pings: Mapping[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    """Address -> (ttl, round trip times in ms, the last one repeated)."""
    system_dns: bool = False
    listen_map: Mapping[int, int] = field(default_factory=dict)
    """Module port -> real port; 0 = any free one, see Module.listen_ports()."""
    listen_offset: int = 0
    bind_address: str = "127.0.0.1"
    transmit_buffer: int = 0
    receive_buffer: int = 0
    clock: str = "2024-05-07T08:47:45"
    """UTC at start for +CCLK."""
    start: str = "ready"
    """State at start when powered: "ready" (booted, idle) or "boot" (begins to boot)."""
    variants: frozenset[str] = frozenset()


VARIANTS: dict[str, str] = {
    "abort-plain": 'an aborted command ends with "Command aborted" instead of the +CME form',
    "cme-capital": "verbose errors begin with a capital letter, as device logs show",
    "cereg-rac": "the extra quoted field between <ci> and <AcT> of +CEREG at n=4 and 5",
    "usocr-port": "+USOCR: <s>,<port> when a local port is given (A5/A10 5.6)",
    "usord-short": 'empty reads print +USORD: <s>,"" without a length',
    "udp-uusorf": "+UUSORF instead of +UUSORD for every UDP socket, not only listening ones",
    "uusoco-keep": "a failed asynchronous connect leaves the socket allocated",
    "uusoco-uusocl": "a failed asynchronous connect also raises +UUSOCL",
    "write-closed-error": "+USOWR after the peer has closed answers ERROR instead of 0 bytes",
    "socket-cme": "socket failures with a reason in +USOER answer CME 3 instead of ERROR",
    "dns-urc-plain": '+UUDNSRN: "<ip>" without the result code (SARA-R5)',
    "usodl-no-disconnect": "+USODL ends with OK alone, without DISCONNECT",
    "hex-persistent": "+UDCONF=1 survives a restart (seen on SARA-R5xx-01B)",
    "comma-forbidden": "a comma inside +USOWR/+USOST base syntax data is refused",
}
"""The other form of facts marked U in at-commands."""


def make_options(values: Mapping[str, Any]) -> Options:
    """Options from keyword values; unknown names and variants raise."""
    known = {f.name for f in fields(Options)}
    unknown = set(values) - known
    if unknown:
        raise TypeError(f"unknown option {', '.join(sorted(unknown))}; known: {sorted(known)}")
    options = Options(**values)
    options.variants = frozenset(options.variants)
    strange = options.variants - set(VARIANTS)
    if strange:
        raise ValueError(f"unknown variant {', '.join(sorted(strange))}; see VARIANTS")
    return options
