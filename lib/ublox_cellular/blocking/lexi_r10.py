# Generated from aio/lexi_r10.py by tools/generate. Do not edit.
"""LEXI-R10: what it has or does differently."""

from ..core.compat import const
from .modem import Modem

# What only this module has, for type checkers and editors; nothing of it is on a board.
TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from .http import Http
    from .network import Network
    from .power import Power

    class _Network(Network):
        from .network.contexts_lexi_r10 import context_limits as context_limits
        from .network.contexts_lexi_r10 import default_context as default_context
        from .network.contexts_lexi_r10 import set_authentication as set_authentication
        from .network.contexts_lexi_r10 import set_default_context as set_default_context
        from .network.contexts_lexi_r10 import set_dns as set_dns
        from .network.radio_lexi_r10 import allow_bands as allow_bands
        from .network.radio_lexi_r10 import bands as bands
        from .network.radio_lexi_r10 import rats as rats
        from .network.radio_lexi_r10 import set_bands as set_bands
        from .network.radio_lexi_r10 import set_rats as set_rats
        from .network.radio_lexi_r10 import technologies as technologies

    class _Power(Power):
        from .power.saving_lexi_r10 import adopt as adopt
        from .power.saving_lexi_r10 import save as save
        from .power.saving_lexi_r10 import settle as settle

    class _Http(Http):
        from .http.direct_link_lexi_r10 import factory as factory
        from .http.direct_link_lexi_r10 import load as load
        from .http.direct_link_lexi_r10 import open_link as open_link
        from .http.direct_link_lexi_r10 import recall as recall
        from .http.direct_link_lexi_r10 import store as store


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

    # As of SARA-R5. A10 3, 5.11.
    TLS_TRAITS = (2, True, True)
    PROFILE_TRAITS = ((1, 3), (11, 13), True, False, False)
    KEY_LIMITS = (  # A10 3.1
        "LEXI-R10 takes RSA keys of at least 1024 bits and ECDSA keys of at least 192, "
        "also of those that signed"
    )

    SUFFIX = "_lexi_r10"
    OWN = (
        "network.activation_lexi_r10 settings authenticate forget_user activation stands "
        "release_data store_settings watch \n"
        "network.contexts_lexi_r10 choose_context \n"
        "power.saving_lexi_r10 sleep_traits tell_saving pow.save pow.settle pow.adopt \n"
    )

    if TYPE_CHECKING:
        network: _Network  # pyright: ignore[reportIncompatibleVariableOverride]
        power: _Power  # pyright: ignore[reportIncompatibleVariableOverride]
        http: _Http  # pyright: ignore[reportIncompatibleVariableOverride]

        from .network.activation_lexi_r10 import activation as activation
        from .network.activation_lexi_r10 import authenticate as authenticate
        from .network.activation_lexi_r10 import forget_user as forget_user
        from .network.activation_lexi_r10 import release_data as release_data
        from .network.activation_lexi_r10 import settings as settings
        from .network.activation_lexi_r10 import stands as stands
        from .network.activation_lexi_r10 import store_settings as store_settings
        from .network.activation_lexi_r10 import watch as watch
        from .network.contexts_lexi_r10 import choose_context as choose_context
        from .power.saving_lexi_r10 import sleep_traits as sleep_traits
        from .power.saving_lexi_r10 import tell_saving as tell_saving
