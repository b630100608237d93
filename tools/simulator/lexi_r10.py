"""LEXI-R10 as data; sources: at-commands 0.2, 1.3, 2, 3, 17 and A10."""

from __future__ import annotations

from .line import STANDARD_RATES
from .services.dns import Dns
from .services.general import General
from .services.identity import Identity
from .services.network import Network
from .services.ping import Ping
from .services.power import Power
from .services.sockets import Sockets
from .spec import ModuleSpec

LEXI_R10 = ModuleSpec(
    name="LEXI-R10",
    services=(General, Identity, Power, Network, Dns, Ping, Sockets),
    absent=frozenset(
        {
            "+UPSD",
            "+UPSDA",
            "+UPSND",
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
    baud_rates=STANDARD_RATES,
    autobaud=False,
    profiles=False,
    cfun_fields=1,
    cfun_values=(0, 1, 4, 10, 11, 15, 16, 19),
    cfun_kept=(1, 4),
    mno_default=90,
    cids=range(1, 16),
    active_cids=3,
    context_tail=",0,0,0,0,0",
    psd_profiles=False,
    sockets=6,
    transmit_buffer=7 * 1024,
    receive_buffer=6 * 1024,
    socket_list=True,
    dns_async_only=True,
    operator="I TIM",
    address="10.40.50.50",
    power_on_ms=300,
    power_off_ms=1500,
)
