"""SARA-R5 as data; sources: at-commands 0.2, 1.3, 2, 3 and A5."""

from __future__ import annotations

from .line.line import STANDARD_RATES
from .services.coap.commands import Coap
from .services.files.sara_r5 import SaraFiles
from .services.ftp.commands import Ftp
from .services.general.clock import RealTime
from .services.general.commands import General
from .services.general.dialing import Calls
from .services.general.identity import Identity
from .services.general.multiplexer import Multiplexer
from .services.general.sim import Sim
from .services.http.commands import Http
from .services.mqtt.commands import Mqtt
from .services.mqttsn.commands import MqttSn
from .services.network.context_commands import ContextCommands
from .services.network.dns import Dns
from .services.network.mno_profile import MnoProfile
from .services.network.operators import Operators
from .services.network.ping import Ping
from .services.network.psd import Psd
from .services.network.radio import Network
from .services.network.signal import RadioSignal
from .services.power.edrx import Edrx
from .services.power.power import Power
from .services.power.psm import Psm
from .services.power.saving import Gpio, UartSaving
from .services.security import Security
from .services.sockets.sockets import Sockets
from .spec import ModuleSpec
from .tls.traits import SARA_R5_TLS

SARA_R5 = ModuleSpec(
    name="SARA-R5",
    services=(
        General,
        Identity,
        Sim,
        RealTime,
        Power,
        UartSaving,
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
        Psd,
        Dns,
        Ping,
        Security,
        SaraFiles,
        Ftp,
        Http,
        Mqtt,
        MqttSn,
        Coap,
        Sockets,
    ),
    absent=frozenset(
        {
            "+UDNSCFG",
            "+CGAUTH",
            "+UBANDCONF",
            "+USLPVOTE",
            "+USLPURC",
            "+UUSBCONF",
            "+UUARTCONF",
            "+FOPEN",
            "+FWRITE",
            "+FWRITEHEX",
            "+FREAD",
            "+FSEEK",
            "+FCLOSE",
            "+FDELETE",
            "+UHTTPNV",
            "+UNETCFG",
            "+USOCLCFG",
        }
    ),
    model="SARA-R510S",
    type_number="SARA-R510S-01B",
    firmware="02.06",
    application="A00.01",
    factory_baud=0,  # one-shot autobaud [DG5]
    baud_rates=(*STANDARD_RATES, 3_000_000, 3_250_000),  # field-notes 4.1; not detected
    autobaud=True,
    profiles=True,
    cfun_fields=2,
    cfun_values=(0, 1, 4, 6, 7, 8, 9, 10, 15, 16, 19, 126, 127),
    cfun_kept=(4,),
    mno_default=90,
    mno_profiles=frozenset(
        {0, 1, 2, 3, 4, 5, 6, 8, 19, 20, 21, 28, 31, 32, 33, 38, 39, 41, 43, 44, 45, 46, 47}
        | {90, 100, 101, 102, 198, 199, 201, 206}
    ),
    rats=(7, 8),
    bands=(1, 2, 3, 4, 5, 8, 12, 13, 18, 19, 20, 25, 26, 28, 66, 71, 85),
    deep_scan=True,  # SARA-R5xx-01B and later [ubx]
    clock_is_utc=False,
    cids=range(12),
    active_cids=7,
    context_tail=",0,0,0,0,0,0",
    psd_profiles=True,
    sockets=7,
    # Not stated for SARA-R5 (at-commands 3.5, U): a little more than LEXI-R10, powers of two.
    transmit_buffer=8192,
    receive_buffer=8192,
    file_space=4 * 1024 * 1024,  # not documented (U); room for a few responses of 1 MiB
    file_name=248,
    http_profiles=4,
    http_link=False,
    mqtt_extended=False,
    socket_list=False,
    tls=SARA_R5_TLS,
    dns_async_only=False,
    operator="Nutaq Cat-M1 Network",
    address="100.108.232.233",
    power_on_ms=1000,  # libraries press 1.5 s; the limit itself is U
    power_off_ms=1500,
    wake_pulse_ms=1000,  # PSM is left like switched off
    reset_ms=100,
    emergency_off=True,
    gpios=(16, 19, 23, 24, 25, 42),  # pads of GPIO1 to GPIO6 of the family (U)
    sleep_levels=False,
)
