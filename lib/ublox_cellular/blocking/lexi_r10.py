# Generated from aio/lexi_r10.py by tools/generate. Do not edit.
"""LEXI-R10: what it has or does differently."""

from .modem import Modem


class LexiR10(Modem):
    """A LEXI-R10401D or R10801D. Constructor as of `Modem`."""

    name = "LEXI-R10"
    sockets = 6
    key_ms = 300
    http_profiles = 1
    chooses_context = keeps_sockets = True
    emergency = False
    utc_clock = True
    async_dns = False  # no parameter: the answer is always a URC (A10 2.4.2)

    SUFFIX = "_lexi_r10"
    OWN = (
        "network.activation_lexi_r10 settings authenticate forget_user activation stands "
        "release_data store_settings watch \n"
        "network.contexts_lexi_r10 choose_context \n"
        "security.limits_lexi_r10 profile_traits tls_traits check_key key_limits \n"
        "power.saving_lexi_r10 sleep_traits tell_saving pow.save pow.settle pow.adopt \n"
    )
