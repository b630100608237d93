"""What distinguishes one module from another, as data, and the options of a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from .tls.traits import TlsTraits

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
    mno_profiles: frozenset[int]
    rats: tuple[int, ...]
    """<RAT> values of +URAT, the factory one first."""
    bands: tuple[int, ...]
    deep_scan: bool
    """AT+COPS=5 [ubx]."""
    clock_is_utc: bool
    """+CCLK returns UTC (LEXI-R10 [ubx]) instead of local time."""
    cids: range
    active_cids: int
    context_tail: str
    psd_profiles: bool
    sockets: int
    transmit_buffer: int
    receive_buffer: int
    file_space: int
    file_name: int
    """Longest name of a file."""
    http_profiles: int
    http_link: bool
    """HTTP/1.1, direct link, context mapping and +UHTTPNV (LEXI-R10) instead of HTTP/1.0."""
    mqtt_extended: bool
    """MQTT context mapping and hexadecimal reads (LEXI-R10)."""
    socket_list: bool
    """+USOCR? and the extra +USOCR parameters (LEXI-R10)."""
    tls: TlsTraits
    dns_async_only: bool
    operator: str
    address: str
    power_on_ms: float
    power_off_ms: float
    wake_pulse_ms: float
    """PWR_ON pulse that ends sleep."""
    reset_ms: float
    emergency_off: bool
    gpios: tuple[int, ...]
    """Ids that +UGPIOC accepts."""
    sleep_levels: bool
    """Sleep-1, Sleep-2, Hibernate (LEXI-R10) instead of UART sleep and PSM (SARA-R5)."""


@dataclass
class Options:
    """Everything that can be chosen about a simulation; times in (virtual) milliseconds."""

    latency_ms: float = 2
    boot_ms: float = 2000
    sim_ready_ms: float = 300
    """After boot; +CPIN? answers SIM busy (14) before ..."""
    sim_start_code: int = 14
    """... or this +CME ERROR, e.g. 3, 10, 13 or 15."""
    sim_hot: bool = True
    """Whether a card inserted at run time is detected; otherwise only the next start finds it."""
    registered_after_ms: float = 3000
    """From radio on (and SIM ready) to registered."""
    shutdown_ms: float = 500
    dns_ms: float = 60
    psd_ms: float = 150
    psd_error: int = 0
    """Not 0: +UUPSDA reports this instead of success."""
    connect_timeout_ms: float = 60_000
    connect_ms: float = 0
    """Time of a peer to answer a TCP connection attempt, beyond the host's own network."""
    tls_ms: float = 250
    """The module's computing time of a full TLS handshake, beyond the network's time (U)."""
    mqtt_response_ms: float = 30_000
    """The longest the module waits for a broker's answer (U)."""
    mqtt_queue: int = 100
    """Unread MQTT messages the module can hold (U) ..."""
    mqtt_largest: int = 8192
    """... and the most bytes of topic and payload together that it accepts (U)."""
    close_timeout_ms: float = 120_000
    uart_wake_ms: float = 20
    """SARA-R5: from the character that wakes the receiver until it works."""
    line_wake_ms: float = 15
    """The same from RTS or DTR asserted; [SIM5] documents about 15."""
    line_hold_ms: float = 20
    """From RTS or DTR released until the receiver sleeps."""
    sleep1_wake_ms: float = 20
    sleep2_wake_ms: float = 100
    hibernate_wake_ms: float = 500
    psm_wake_ms: float = 2000
    psm_grant: str = "requested"
    """The network's answer to +CPSMS: requested, none, or "T3412,T3324" as bits."""
    edrx_grant: str = "requested"
    """The same for +CEDRXS: requested, none, or "cycle[,window]" as bits."""
    drx_ms: float = 1280
    """Paging cycle: incoming data waits for it while the radio is idle."""
    sleep2_drx_ms: float = 1280
    """LEXI-R10: shortest DRX or eDRX cycle with which it enters Sleep-2."""
    hibernate_edrx_ms: float = 20_480
    """LEXI-R10: shortest eDRX cycle with which it enters Hibernate."""
    release_ms: float = 150
    """Radio connection released after this time from a send with release assistance
    (+UDCONF=89)."""
    hard_reset_ok: bool = False
    """Strict mode accepts RESET_N and supply cuts."""
    rrc_idle_ms: float = 10_000
    """Radio connection released after this much silence (+CSCON)."""
    uplink_bps: float = 0
    """0: as fast as the host's network accepts it."""
    downlink_bps: float = 0
    """The same for answers of HTTP servers."""
    max_line: int = 2560
    sim: str = "READY"
    """READY, PIN (needs `pin`), PUK or NONE."""
    pin: str = "1234"
    puk: str = "12345678"
    imei: str = "004999010640000"
    imsi: str = "001010123456789"
    iccid: str = "89882390000000000001"
    operator: str = ""
    plmn: str = "00101"
    address: str = ""
    address6: str = "38.0.3.128.178.65.129.209.0.0.0.74.87.68.176.1"
    network_type: str = "IP"
    """The network's grant for an IPV4V6 context: IP, IPV6 or IPV4V6."""
    network_apn: str = "internet.sim"
    """APN assigned when the host has set none."""
    apn_suffix: str = ""
    """Suffix that the network adds to the shown APN, e.g. ".mnc001.mcc001.gprs"."""
    dns_servers: tuple[str, str] = ("10.0.0.1", "10.0.0.2")
    pings: Mapping[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    """Address -> (ttl, round trip times in ms, the last one repeated)."""
    hops: Mapping[str, int] = field(default_factory=dict)
    """Address -> routers on the way; without entry it follows from the ttl of the answer."""
    network: str = "home"
    """Result of a registration: home, roaming, denied (with `reject_cause`) or none (no cell)."""
    reject_cause: int = 11
    cause_type: int = 0
    retry_ms: float = 10_000
    """From a refused registration to the next attempt ..."""
    retry_pause_ms: float = 720_000
    """... and after five of them (3GPP timers T3411, T3402)."""
    resume_ms: float = 500
    """From the end of deep sleep to registered, without a new attach."""
    implicit_detach_ms: float = 0
    """Out of coverage for longer: the network has dropped the contexts; 0 = it never does."""
    rsrp: float = -86
    rsrq: float = -10
    sinr: float = 12
    weakest_rsrp: float = -130
    """Below this (dBm) there is no service."""
    cell_band: int = 0
    """Band of the only cell; 0 = there is one on every band."""
    cell_rat: int = 0
    """Its technology as a number of +URAT; 0 = all of them."""
    operators: Sequence[tuple[str, str, str, str]] = ()
    """(long, short, numeric name, "available", "current" or "forbidden"); the first not forbidden
    is selected automatically. Empty: just `operator` and `plmn`."""
    scan_ms: float = 8000
    deep_scan_ms: float = 20_000
    sim_profile: int = 100
    """Operator profile that the SIM selects when +UMNOPROF is 1."""
    time_zone: int = 0
    """Quarter hours east of UTC, sent by the network at registration ..."""
    network_time: bool = True
    """... unless the network sends none."""
    clock_default: str = "1970-01-01T00:00:00"
    """The clock after power-on, before it is set (U)."""
    apns: Sequence[str] = ()
    """APNs of the network; empty: any."""
    logins: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """APN -> (user, password[, "PAP,CHAP"]) that it requires; ("", "", "NONE"): it refuses any."""
    mtu: int = 1500
    dns_servers6: tuple[str, str] = (
        "38.0.3.128.0.0.0.0.0.0.0.0.0.0.0.83",
        "38.0.3.128.0.0.0.0.0.0.0.0.0.0.0.84",
    )
    dns_zones: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    """DNS server -> its names, or None when it does not answer. The network's own servers have the
    ordinary name map; an unknown server does not answer."""
    dns_timeout_ms: float = 10_000
    """For each server that does not answer."""
    system_dns: bool = False
    listen_map: Mapping[int, int] = field(default_factory=dict)
    """Module port -> real port; 0 = any free one, see Module.listen_ports()."""
    listen_offset: int = 0
    bind_address: str = "127.0.0.1"
    transmit_buffer: int = 0
    receive_buffer: int = 0
    file_space: int = 0
    """Bytes of the file system; 0 = default of the module's type."""
    coap_ack_ms: float = 2000
    """CoAP: a confirmable message without acknowledgement is sent again after this, and then each
    time after twice the time ..."""
    coap_retries: int = 4
    """... so often, then it has timed out (RFC 7252, 4.8)."""
    mqttsn_retry_ms: float = 10_000
    """MQTT-SN: a request without answer is sent again after this ..."""
    mqttsn_retries: int = 3
    """... this many times, then it times out (the standard: 10 to 15 s, 3 to 5 times)."""
    mqttsn_unread: int = 32
    """MQTT-SN messages kept until they are read (U)."""
    clock: str = "2024-05-07T08:47:45"
    """UTC at the start of the simulation, as the network reports it."""
    start: str = "ready"
    """State at start when powered: "ready" (booted, idle) or "boot" (begins to boot)."""
    variants: frozenset[str] = frozenset()


OPTION_HELP = """\
some of them:
  sim_ready_ms, sim_start_code   for this time after a start and after "sim in" commands that need
                                 the SIM are refused with this code (14; or 3, 10, 13, 15) and the
                                 registration waits
  sim_hot                        0: a SIM inserted at run time is found by the next start only
  network, reject_cause, cause_type   result of a registration: home, roaming, denied, none
  cell_band, cell_rat            band and technology (as in +URAT) of the only cell; 0 = any
  time_zone                      quarter hours that the network sends; 128 is possible
  psd_error                      +UUPSDA always reports this code (for a time: the fault "fail")
"""

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
    "cops-radio-off": "+COPS=0 and +COPS=2 are refused while the radio is off",
    "mno-keeps-contexts": "a new +UMNOPROF leaves the context definitions alone",
    "bandmask-active": "+UBANDMASK? shows the technology in use only (SARA-R5)",
    "uauthreq-bare": "+UAUTHREQ=<cid>,0 is taken without the two empty strings (SARA-R5)",
    "uauthreq-password-first": "+UAUTHREQ takes the password before the user (SARA-R5)",
    "cgpaddr-two": "+CGPADDR prints IPv4 and IPv6 address as two strings",
    "auth-volatile": "+CGAUTH and +UAUTHREQ are forgotten at a restart",
    "udconf19-activates": "the context of +UDCONF=19 is activated by itself (LEXI-R10)",
    "upsv-rx-only": "+UPSV counts from the last character received, not from the end of an answer",
    "upsv-wake-needs-k0": "characters wake SARA-R5's UART only without hardware flow control",
    "upsv-read-mode": "+UPSV? of LEXI-R10 returns the mode alone",
    "usbconf-reboot": "+UUSBCONF takes effect after a restart",
    "hibernate-keeps-settings": "waking from Hibernate keeps echo, error format and URC switches",
    "sleep2-loses-settings": "waking from Sleep-2 resets them and prints the greeting",
    "hibernate-vint-high": "V_INT stays high in Hibernate",
    "sleep-nul": "the host receives a NUL when V_INT falls in deep sleep and when it rises again",
    "psm-upsd-lost": "PSM loses the settings of +UPSD (SARA-R5)",
    "upsmr-kept": "+UPSMR survives PSM and restarts",
    "t3412-plain": "the network grants T3412 without extension: +UCPSMS ends with 0",
    "no-ucpsms": "+UCPSMS does not exist",
    "prompt-echo": "payload after the prompt of +UDWNFILE is echoed with ATE1, as A5 10.2 shows",
    "udwnfile-keeps-part": "a +UDWNFILE that times out stores what has come (SARA-R5)",
    "urdfile-unquoted": "+URDFILE and +URDBLOCK print the name without quotes (A5 10.2)",
    "ulstfile-empty-none": "+ULSTFILE of an empty file system answers OK alone",
    "ulstfile-empty-quotes": '+ULSTFILE of an empty file system prints +ULSTFILE: ""',
    "file-missing-1624": "a missing file is CME 1624 instead of 1612",
    "fopen-no-blank": "+FOPEN:<h> and +FWRITE: <n>, <total> are spaced as A10 7.2 prints them",
    "fwritehex-needs-cr": "+FWRITEHEX ends with the CR after its digits, not with the last one",
    "fread-crlf": "the data of +FREAD are followed by an empty line",
    "unclosed-lost": "what was written to a file of LEXI-R10 is lost unless it was closed",
    "http-chunks-raw": "a chunked HTTP answer is stored with its chunk sizes (LEXI-R10)",
    "http-own-version": "stored answers begin with the module's HTTP version: 1.0 on SARA-R5",
    "http-keep-alive": "HTTP requests say Connection: keep-alive, as A5 10.2 shows",
    "http-misuse-urc": "+UHTTPC without server or context, or during another, ends by URC",
    "http-link-connect-first": "HTTP direct link: CONNECT comes before the server is reached",
    "uhttper-own-profile": "+UHTTPER knows the profiles of the module only (LEXI-R10: 0)",
    "ftp-link-exits": "FTP direct link is left by the module at the end of the file ([M4])",
    "ftp-link-no-carrier": "then it prints NO CARRIER instead of DISCONNECT",
    "ftp-link-fails-by-urc": "+UFTPC=6 and 7 answer OK and fail by +UUFTPCR instead of an error",
    "ftp-list-empty-none": "an empty FTP list has no +UUFTPCD",
    "ftp-list-mlsd": "+UFTPC=13 asks the server by MLSD instead of LIST",
    "ftp-list-pieces": "+UUFTPCD comes in pieces of 1024 bytes",
    "ftp-md5": "+UUFTPCR of a transfer ends with the MD5 of the file",
    "ftp-tls-implicit": "FTPS: TLS from the first byte instead of AUTH TLS",
    "coap-no-delete": "+UCOAPC has no op 2 (DELETE), which no document of SARA-R5 shows",
    "coap-mask-whole": "OPT_MASK of +UCOAP shows all options that are on, not the first three",
    "coap-names-blank": "+UCOAP prints its names with blanks, as the second list of A5 8.2.2",
    "coap-answer-whole": "a CoAP answer in blocks is one +UCOAPCD, however long",
    "coap-block-512": "CoAP answers are asked for in blocks of 512 bytes, not as the server likes",
    "coap-field-detail": "the second field of +UCOAPCD is the detail of the code (5 of 4.05)",
    "coap-field-format": "the second field of +UCOAPCD is the content format of the answer",
    "coap-no-more": "+UCOAPCD of a whole answer ends after the digits, as A5 8.4.2 prints one",
    "umqttsn-op-resets": "+UMQTTSN=<op> without values sets factory values instead of reading",
    "umqttsn-no-clean": "+UMQTTSN has no op 10 (clean session)",
    "umqttsn-timeout": "+UMQTTSN has op 11, the time-out of an answer in seconds",
    "umqttsnc-topic-quoted": "+UUMQTTSNC: 5 ends with the quoted topic id or short name",
    "umqttsnc-empty-error": "+UMQTTSNC=9,1 without a message is an error instead of OK alone",
    "umqttsnc-no-binary": "+UMQTTSNC has no op 12 (publish after a prompt)",
    "umqttsnc-no-sleep": "+UMQTTSNC=0 takes no duration",
    "umqttsnc-all-sessions": "publishing with QoS -1 needs a session like any other",
    "umqttsnc-timeout-ends": "an MQTT-SN action that times out ends the session",
    "mqtt-server-swapped": "+UMQTT=2 takes an address alone and 3 the name, as both seeds say",
    "mqtt-op-resets": "+UMQTT=<op> without value sets the factory value instead of reading",
    "mqtt-no-clean-session": "+UMQTT=12 does not exist: every MQTT session is clean",
    "mqtt-no-client-id": "the MQTT client id is empty until it is set",
    "mqtt-will-hex-behind": 'the last will is +UMQTT=9,"<message>"[,<hex>], as ubxlib sends it',
    "mqtt-binary-9": "+UMQTTC=9 ends with +UUMQTTC: 9,<r> instead of 2,<r>",
    "mqtt-empty-error": "+UMQTTC=6 without messages answers CME 53 instead of OK",
    "mqtt-refusals-53": "+UMQTTC=1 during a session answers CME 53 instead of 3",
    "mqtt-read-waits": "+UMQTTC=6 is refused while another MQTT action runs",
    "mqtt-unread-lost": "unread MQTT messages are lost with the session, and reading needs one",
    "mqtt-announce-at-once": "+UUMQTTC: 6 may come before the result of a running action",
    "mqtt-ping-ends": "an MQTT ping without answer ends the session: 8,0 and then 0,101",
    "mqtt-inflight-dropped": "MQTT messages in flight are forgotten with the connection",
    "mqtt-sleep-told": "waking from deep sleep reports the loss of the MQTT session: 0,101",
    "mqtt-queue-oldest": "a full MQTT queue drops its oldest message instead of the new one",
    "mqtt-queue-holds": "a full MQTT queue holds the connection up instead of dropping",
    "usecmng-import-1": "+USECMNG=0 answers with op-code 1, as both seeds show",
    "usecmng-list-plain": "+USECMNG=3 prints the type without quotes, as both seeds show",
    "session-type-10": "resumption by encrypted session id is type 10 instead of 1 (SARA-R5)",
    "session-urc-plain": "the strings of +UUSECPRF: <p>,13,.. are without quotes (SARA-R5)",
    "session-urc-single-u": "+USECPRF: <p>,13,0,2 as URC, with one U (LEXI-R10)",
    "tls-host-implied": "with validation level 2 and 3 and no expected host name the one "
    "connected to counts, instead of none",
    "tls13": "the module speaks TLS 1.3 and takes 4 as minimum version",
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
