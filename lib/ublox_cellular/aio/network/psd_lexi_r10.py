"""PSD profiles are SARA-R5's: asking for them says so."""

from ...core.errors import NotSupported

_EOPNOTSUPP = 95


def __getattr__(name: str):
    async def refuse(network, *_arguments, **_options):
        raise NotSupported(_EOPNOTSUPP, network.modem.name, name)

    return refuse
