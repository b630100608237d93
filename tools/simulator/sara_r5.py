"""SARA-R5 as data; sources: at-commands 0.2, 1.3, 2, 3 and A5."""

from __future__ import annotations

from .line import STANDARD_RATES
from .services.dns import Dns
from .services.general import General
from .services.identity import Identity
from .services.network import Network
from .services.ping import Ping
from .services.power import Power
from .services.psd import Psd
from .services.sockets import Sockets
from .spec import ModuleSpec

SARA_R5 = ModuleSpec(
    name="SARA-R5",
    services=(General, Identity, Power, Network, Psd, Dns, Ping, Sockets),
    absent=frozenset(
        {
            "+UDNSCFG",
            "+UBANDCONF",
            "+USLPVOTE",
            "+USLPURC",
            "+UUSBCONF",
            "+UUARTCONF",
            "+FOPEN",
            "+FWRITE",
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
    baud_rates=STANDARD_RATES,
    autobaud=True,
    profiles=True,
    cfun_fields=2,
    cfun_values=(0, 1, 4, 6, 7, 8, 9, 10, 15, 16, 19, 126, 127),
    cfun_kept=(4,),
    mno_default=90,
    cids=range(12),
    active_cids=7,
    context_tail=",0,0,0,0,0,0",
    psd_profiles=True,
    sockets=7,
    # Not stated for SARA-R5 (at-commands 3.5, U): a little more than LEXI-R10, powers of two.
    transmit_buffer=8192,
    receive_buffer=8192,
    socket_list=False,
    dns_async_only=False,
    operator="Nutaq Cat-M1 Network",
    address="100.108.232.233",
    power_on_ms=1000,  # libraries press 1.5 s; the limit itself is U
    power_off_ms=1500,
)
