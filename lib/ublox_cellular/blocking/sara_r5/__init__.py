# Generated from aio/sara_r5/__init__.py by tools/generate. Do not edit.
"""SARA-R5: what it has or does differently."""

from ..modem import Modem


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

    FOLDER = "sara_r5."
    OWN = (
        "activation settings activation stands watch \n"
        "contexts authenticate forget_user choose_context \n"
        "psd release_data \n"
        "storing store_settings \n"
        "mqttsn.MqttSn mqttsn \n"
        "profiles profile_traits tls_traits check_key key_limits \n"
        "saving sleep_traits tell_saving pow.save pow.settle pow.adopt \n"
    )
