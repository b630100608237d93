"""The data connection of LEXI-R10: an active context is all its internal stack needs. A10 2.3."""

from ...core.compat import const

_CID = const(1)
_ACTIVATE_MS = const(150000)  # +CGACT, at most (at-commands 1.6)


async def settings(modem) -> None:
    """Settings the module keeps: none yet."""


async def authenticate(modem, user: str, password: str) -> None:
    """PAP or CHAP, as the network wants."""
    await modem.channel.command(b"+CGAUTH", _CID, 3, user, password, secret=3)


async def activate(modem, timeout_ms: int) -> None:
    """Activate context 1, unless it is active."""
    for row in await modem.channel.command(b"+CGACT", b"?"):
        if row[:2] == [_CID, 1]:
            return
    await modem.channel.command(
        b"+CGACT", 1, _CID, timeout_ms=timeout_ms, max_ms=_ACTIVATE_MS, abortable=True
    )


async def deactivate(modem) -> None:
    """Nothing to do: context 1 is the bearer of the attach and stays as long as it."""
