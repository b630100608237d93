"""SARA-R5: its own features and differences."""

from ..core.compat import const
from .modem import Modem

# Features of this module only, for type checkers and editors; not on boards.
TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from .coap import Coap
    from .ftp import Ftp
    from .mqttsn import MqttSn
    from .network import Network
    from .power import Power

    class _Network(Network):
        from .network.contexts_sara_r5 import activate_profile as activate_profile
        from .network.contexts_sara_r5 import context_limits as context_limits
        from .network.contexts_sara_r5 import deactivate_profile as deactivate_profile
        from .network.contexts_sara_r5 import default_context as default_context
        from .network.contexts_sara_r5 import map_profile as map_profile
        from .network.contexts_sara_r5 import profile_status as profile_status
        from .network.contexts_sara_r5 import set_authentication as set_authentication
        from .network.contexts_sara_r5 import set_default_context as set_default_context
        from .network.contexts_sara_r5 import set_dns as set_dns
        from .network.contexts_sara_r5 import set_profile_dns as set_profile_dns
        from .network.radio_sara_r5 import allow_bands as allow_bands
        from .network.radio_sara_r5 import bands as bands
        from .network.radio_sara_r5 import rats as rats
        from .network.radio_sara_r5 import set_bands as set_bands
        from .network.radio_sara_r5 import set_rats as set_rats
        from .network.radio_sara_r5 import technologies as technologies

    class _Power(Power):
        from .power.saving_sara_r5 import adopt as adopt
        from .power.saving_sara_r5 import save as save
        from .power.saving_sara_r5 import settle as settle


class SaraR5(Modem):
    """A SARA-R500S, R510S or R510M8S. Constructor as in `Modem`."""

    name = "SARA-R5"
    sockets = 7
    http_profiles = 4
    key_ms = 1500
    emergency = True
    chooses_context = keeps_sockets = False
    utc_clock = False  # it shows local time
    async_dns = True  # a parameter of +UDNSRN requests the answer by URC

    # Number of TLS sessions; whether datagrams can be secured; whether a handshake blocks all
    # other socket commands. A5 3, at-commands 4.
    TLS_TRAITS = (4, False, False)

    # (type, tag of the data) of a session to be resumed, plain and encrypted; whether its data is
    # queried; whether several cipher suites can be listed; whether it has a root of trust. A5
    # 3.4.1.2 has type 1 with tag 12, although the scheme of the others suggests type 10: it is set
    # as printed, and the module's own report is used (at-commands 4.4).
    PROFILE_TRAITS = ((0, 2), (1, 12), False, True, True)

    KEY_LIMITS = ""  # of private keys: none are documented

    SUFFIX = "_sara_r5"
    OWN = (
        "network.activation_sara_r5 settings activation stands watch \n"
        "network.contexts_sara_r5 authenticate forget_user choose_context release_data \n"
        "network.contexts_sara_r5 store_settings \n"
        "mqttsn:MqttSn mqttsn \n"
        "ftp:Ftp ftp \n"
        "coap:Coap coap \n"
        "power.saving_sara_r5 sleep_traits tell_saving pow.save pow.settle pow.adopt \n"
    )

    if TYPE_CHECKING:
        network: _Network  # pyright: ignore[reportIncompatibleVariableOverride]
        power: _Power  # pyright: ignore[reportIncompatibleVariableOverride]
        mqttsn: MqttSn
        ftp: Ftp
        coap: Coap

        from .network.activation_sara_r5 import activation as activation
        from .network.activation_sara_r5 import settings as settings
        from .network.activation_sara_r5 import stands as stands
        from .network.activation_sara_r5 import watch as watch
        from .network.contexts_sara_r5 import authenticate as authenticate
        from .network.contexts_sara_r5 import choose_context as choose_context
        from .network.contexts_sara_r5 import forget_user as forget_user
        from .network.contexts_sara_r5 import release_data as release_data
        from .network.contexts_sara_r5 import store_settings as store_settings
        from .power.saving_sara_r5 import sleep_traits as sleep_traits
        from .power.saving_sara_r5 import tell_saving as tell_saving
