"""LEXI-R10 as data; sources: at-commands 0.2, 1.3, 2, 3, 17 and A10."""

from __future__ import annotations

from .line.line import STANDARD_RATES
from .services.files.lexi_r10 import LexiFiles
from .services.general.clock import RealTime
from .services.general.commands import General
from .services.general.dialing import Calls
from .services.general.identity import Identity
from .services.general.multiplexer import Multiplexer
from .services.general.sim import Sim
from .services.http.commands import Http
from .services.mqtt.commands import Mqtt
from .services.network.context_commands import ContextCommands
from .services.network.dns import Dns
from .services.network.mno_profile import MnoProfile
from .services.network.operators import Operators
from .services.network.ping import Ping
from .services.network.radio import Network
from .services.network.signal import RadioSignal
from .services.power.edrx import Edrx
from .services.power.power import Power
from .services.power.psm import Psm
from .services.power.saving import Gpio, LevelSaving
from .services.power.votes import Votes
from .services.security import Security
from .services.sockets.sockets import Sockets
from .spec import ModuleSpec
from .tls.traits import LEXI_R10_TLS

LEXI_R10 = ModuleSpec(
    name="LEXI-R10",
    services=(
        General,
        Identity,
        Sim,
        RealTime,
        Power,
        LevelSaving,
        Votes,
        Gpio,
        Psm,
        Edrx,
        Calls,
        Multiplexer,
        MnoProfile,
        Operators,
        Network,
        RadioSignal,
        ContextCommands,
        Dns,
        Ping,
        Security,
        LexiFiles,
        Http,
        Mqtt,
        Sockets,
    ),
    absent=frozenset(
        {
            "+UPSD",
            "+UPSDA",
            "+UPSND",
            "+UAUTHREQ",
            "+UBANDMASK",
            "+UDWNFILE",
            "+URDFILE",
            "+URDBLOCK",
            "+UDELFILE",
            "+UFTP",
            "+UFTPC",
            "+UFTPER",
            "+UCOAP",
            "+UCOAPC",
            "+UCOAPER",
            "+UMQTTSN",
            "+UMQTTSNC",
            "+UMQTTSNER",
            "+UMQTTSNNV",
            "&W",
            "+USOCLCFG",
        }
    ),
    model="LEXI-R10401D",
    type_number="LEXI-R10401D-00B",
    firmware="00.01",
    application="A00.01",
    factory_baud=115200,  # no autobaud [ubx]; the fixed rate is U
    baud_rates=(*STANDARD_RATES, 3_000_000),  # field-notes 4.1
    autobaud=False,
    profiles=False,
    cfun_fields=1,
    cfun_values=(0, 1, 4, 10, 11, 15, 16, 19),
    cfun_kept=(1, 4),
    mno_default=90,
    # The subset of SARA-R5's profiles is not documented (U): without profiles of operators whose
    # networks are Cat-M1 or NB-IoT only, with the profiles of A10.
    mno_profiles=frozenset(
        {0, 1, 2, 3, 4, 5, 19, 20, 21, 28, 31, 38, 39, 41, 43, 46, 47}
        | {90, 100, 101, 198, 199, 201, 206}
    ),
    rats=(3,),
    # Both regional variants together (U), so that the dialogues of A10 fit one module.
    bands=(1, 2, 3, 4, 5, 7, 8, 12, 13, 14, 19, 20, 28, 66, 71),
    deep_scan=False,
    clock_is_utc=True,
    cids=range(1, 16),
    active_cids=3,
    context_tail=",0,0,0,0,0",
    psd_profiles=False,
    sockets=6,
    transmit_buffer=7 * 1024,
    receive_buffer=6 * 1024,
    file_space=2 * 1024 * 1024,  # not documented (U); room for a response of 1 MiB
    file_name=63,  # at-commands 10.2
    http_profiles=1,
    http_link=True,
    mqtt_extended=True,
    socket_list=True,
    tls=LEXI_R10_TLS,
    dns_async_only=True,
    operator="I TIM",
    address="10.40.50.50",
    power_on_ms=300,
    power_off_ms=1500,
    wake_pulse_ms=100,  # U; libraries use the pulse of switching on
    reset_ms=150,
    emergency_off=False,
    gpios=(14, 15, 16, 17, 18, 23, 24, 25, 26, 29),  # GPIO1 to GPIO10 (ubxlib 1)
    sleep_levels=True,
)
