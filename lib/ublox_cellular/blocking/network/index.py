# Generated from aio/network/index.py by tools/generate. Do not edit.
"""Where the functions of `modem.network` are that are not needed to be connected."""

from .. import entry, lazily

# A file, and what is in it, by lines; of a file with "*" each module has its own. What only one
# of them knows is in its OWN as net.NAME.
_FUNCTIONS = (
    "status registration signal serving_cell radio_connected failure \n"
    "keep_up doubt trouble works \n"
    "radio operator select deregister profile set_profile \n"
    "*radio technologies rats set_rats bands set_bands allow_bands \n"
    "contexts contexts define undefine activate deactivate address parameters \n"
    "*contexts context_limits set_authentication default_context set_default_context set_dns \n"
    "*contexts map_profile activate_profile deactivate_profile profile_status set_profile_dns \n"
)


def find(network, name: str):
    """The function as a method of `network`."""
    own = entry(network.modem.OWN, "net." + name)
    file = (own and "/" + own) or entry(_FUNCTIONS, name)
    if not own and file[:1] == "*":
        file = file[1:] + network.modem.SUFFIX
    return lazily(network, file, name, "network.")
