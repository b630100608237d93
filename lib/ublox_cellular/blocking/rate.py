# Generated from aio/rate.py by tools/generate. Do not edit.
"""Another baud rate (+IPR). at-commands 1.3, platforms 1.2."""

from ..core.compat import const
from ..core.errors import CommandError, ModemError
from .attach import BAUD_RATES, answers, set_uart

_SETTLE_MS = const(110)  # OK comes at the old rate; 100 ms later the new one is in force
_EIO = const(5)


def set_baudrate(modem, baudrate: int, store=True) -> None:
    """Change the rate of module and UART, verify it, and go back to the old one if the line does
    not carry the new.

    `baudrate`: 9600 to 921600, or 3000000; `store`: keep it in the module's memory, so that it
    has it after a restart and a deep sleep (written only if it differs; LEXI-R10 always keeps
    it). The UART object must have `init(baudrate=…)` or a settable `baudrate`; what was given as
    `uart_kwargs` is told it again. Raises `ValueError`, `CommandError` when the module refuses,
    `ModemError(EIO)` when the new rate does not work and the old one is in force again.
    """
    if baudrate not in BAUD_RATES:
        raise ValueError("baudrate: one of %s" % (BAUD_RATES,))
    channel = modem.channel
    before = modem.baudrate
    if baudrate == before:
        return
    channel.acquire()
    try:
        set_uart(channel.port, before)  # raises now, not when the module has changed already
        channel.ask(b"+IPR", baudrate)
        if not _switch(channel, baudrate):
            _switch_back(modem, before)
            raise ModemError(_EIO, "the line does not carry %d baud" % baudrate)
        modem.baudrate = baudrate
        if store:
            modem.store_settings()
    finally:
        channel.release()


def _switch(channel, baudrate: int) -> bool:
    channel.pause(_SETTLE_MS)
    set_uart(channel.port, baudrate)
    channel.lexer.clear()
    return answers(channel)


def _switch_back(modem, before: int) -> None:
    """The module is at the new rate, perhaps hears us and cannot be heard, or neither."""
    channel = modem.channel
    channel.start(b"+IPR").number(before)
    try:
        channel.execute(500)
    except CommandError:
        pass
    except ModemError:
        channel.state = 0
        channel.abandoned = False
    if not _switch(channel, before):
        channel.suspect = True
