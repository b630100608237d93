"""Another baud rate (+IPR). at-commands 1.3, platforms 1.2."""

from ...core.compat import const
from ...core.errors import Cancelled, CommandError, ModemError, ModuleLost
from .attach import BAUD_RATES, answers, set_uart

_SETTLE_MS = const(110)  # OK comes at the old rate; 100 ms later the new one is active
_EIO = const(5)
_ETIMEDOUT = const(110)


async def set_baudrate(modem, baudrate: int, store=True) -> None:
    """Change the rate of module and UART, verify it, and return to the old rate if the line does
    not carry the new.

    `baudrate`: 9600 to 921600, or 3000000; `store`: keep it in the module's memory, so that it
    is used after a restart and a deep sleep (written only if it differs; LEXI-R10 always keeps
    it). The UART object must have `init(baudrate=…)` or a settable `baudrate`; the settings in
    `uart_kwargs` are passed to it again. Raises `ValueError`; `ModemError(EOPNOTSUPP)` if the UART
    does not support the rate, before anything is sent; `CommandError` if the module refuses,
    `ModemError(EIO)` if the new rate does not work and the old one is active again.
    """
    if baudrate not in BAUD_RATES:
        raise ValueError("baudrate: one of %s" % (BAUD_RATES,))
    channel = modem.channel
    await channel.acquire()
    try:
        if baudrate != modem.baudrate:
            await _change(modem, channel, baudrate, store)
    finally:
        channel.release()


async def _change(modem, channel, baudrate: int, store) -> None:
    before = modem.baudrate
    try:
        set_uart(channel.port, baudrate)  # raises now, before the module changes
    finally:
        set_uart(channel.port, before)

    async def mend() -> None:
        await _look_for(modem, (before, baudrate))

    channel.mend = mend
    try:
        await channel.ask(b"+IPR", baudrate)
        if not await _switch(channel, baudrate):
            await _switch_back(modem, before)
            raise ModemError(_EIO, "the line does not carry %d baud" % baudrate)
        modem.baudrate = baudrate
        if store:
            await modem.store_settings()
        channel.mend = None
    except CommandError:
        channel.mend = None
        raise
    except BaseException:
        channel.suspect = True
        raise


async def _look_for(modem, rates) -> None:
    """`set_baudrate()` was cancelled halfway: find the rate that is active; the channel is held.
    If none of `rates` works, the UART returns to the first."""
    try:
        await _look(modem, rates)
    except BaseException:
        set_uart(modem.channel.port, rates[0])
        modem.baudrate = rates[0]
        raise


async def _look(modem, rates) -> None:
    channel = modem.channel
    await channel.pause(_SETTLE_MS)
    for rate in rates:
        set_uart(channel.port, rate)
        modem.baudrate = rate
        channel.lexer.clear()
        try:
            if channel.dozing():
                await channel.waken()
            elif not await answers(channel):
                continue
        except ModuleLost:
            continue
        await speak(channel)
        return
    raise ModuleLost(_ETIMEDOUT, "the module answers at none of %s baud" % (rates,))


async def speak(channel) -> None:
    """Restore error format and echo, which may be at their defaults; the channel is held."""
    await channel.ask(b"+CMEE", 1)
    await channel.ask(b"E0")
    channel.echo = False
    channel.mend = None


async def _switch(channel, baudrate: int) -> bool:
    await channel.pause(_SETTLE_MS)
    set_uart(channel.port, baudrate)
    channel.lexer.clear()
    return await answers(channel)


async def _switch_back(modem, before: int) -> None:
    """Return to the old rate: one or both directions fail at the new one."""
    channel = modem.channel
    channel.start(b"+IPR").number(before)
    try:
        await channel.execute(500)
    except (CommandError, Cancelled) as error:
        if isinstance(error, Cancelled):
            raise
    except ModemError:
        channel.state = 0
        channel.abandoned = False
    if not await _switch(channel, before):
        channel.suspect = True
