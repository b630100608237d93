"""LEXI-R10: what it has or does differently."""

from ..modem import Modem


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

    FOLDER = "lexi_r10."
    OWN = (
        "activation settings authenticate forget_user activation stands release_data "
        "store_settings watch \n"
        "contexts choose_context \n"
        "profiles profile_traits tls_traits check_key key_limits \n"
        "saving sleep_traits tell_saving pow.save pow.settle pow.adopt \n"
    )
