"""SARA-R5: what it has or does differently."""

from .modem import Modem


class SaraR5(Modem):
    """A SARA-R500S, R510S or R510M8S. Constructor as of `Modem`."""

    name = "SARA-R5"
    sockets = 7
    http_profiles = 4
    key_ms = 1500
    emergency = True
    chooses_context = keeps_sockets = False
    utc_clock = False  # it shows local time
    async_dns = True  # a parameter of +UDNSRN asks for the answer by URC

    SUFFIX = "_sara_r5"
    OWN = (
        "network.activation_sara_r5 settings activation stands watch \n"
        "network.contexts_sara_r5 authenticate forget_user choose_context \n"
        "network.psd_sara_r5 release_data \n"
        "network.storing_sara_r5 store_settings \n"
        "mqttsn:MqttSn mqttsn \n"
        "security.limits_sara_r5 profile_traits tls_traits check_key key_limits \n"
        "power.saving_sara_r5 sleep_traits tell_saving pow.save pow.settle pow.adopt \n"
    )
