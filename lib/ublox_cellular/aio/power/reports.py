"""What the module reports about its sleep and its radio connection by itself. At-commands 11."""

from ...core.compat import const
from ...core.errors import CommandError, NotSupported

_EOPNOTSUPP = const(95)


async def report(power) -> None:
    """Let the module tell of its radio connection (+CSCON) and of its sleep (+UPSMR; +USLPURC on
    LEXI-R10): `power.radio`, `power.depth`, and the events RADIO and SLEEP. Restored after every
    restart; `save()`, `set_psm()` and `set_edrx()` call it.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    if power.reporting:
        return
    channel = power.modem.channel
    await channel.acquire()
    try:
        await enable(power)
        power.reporting = True
    finally:
        channel.release()
    try:
        power.radio = await power.modem.network.radio_connected()
    except CommandError:
        pass


async def enable(power) -> None:
    """The commands; the channel is held. What a firmware does not have is left out."""
    modem = power.modem
    channel = modem.channel
    for name, parts in ((b"+CSCON", (1,)), (b"+UPSMR", (1,))) + modem.sleep_traits()[2]:
        try:
            await channel.ask(name, *parts)
        except CommandError:
            pass


async def release_assistance(power, on=True) -> None:
    """SARA-R5: ask the network to end the radio connection right behind the next message
    (release assistance indication, +UDCONF=89). `NotSupported` on LEXI-R10."""
    modem = power.modem
    if not modem.sleep_traits()[1]:
        raise NotSupported(_EOPNOTSUPP, modem.name, "release assistance")
    await modem.channel.command(b"+UDCONF", 89, 1 if on else 0)
