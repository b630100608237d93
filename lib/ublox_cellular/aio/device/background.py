"""What a program leaves to run beside it, what it does after a pause, and its end.
At-commands 2.1, 3.4.
"""

from ...core.command import milliseconds
from ...core.compat import const
from ...core.errors import Cancelled
from ..network.registration import ask_registration

_OPEN = const(1)
_LONGEST_MS = const(10000)  # of a pause after failures


async def run(modem, interval_ms=20) -> None:
    """Poll for ever: the background task of a program with callbacks. It also brings a data
    connection back that `connect()` made and that was lost, and does what others who gave up have
    left to be done.

    Only a cancelled task, Ctrl-C or `keep_going` ends it. What goes wrong otherwise, also in
    `on_event`, is in `modem.trouble`, and it goes on after a pause.

    Raises `TypeError` for an interval that is no number; an `OSError` of the module is kept in
    `modem.trouble` and not raised.
    """
    if milliseconds(interval_ms, "interval_ms") < 1:
        raise ValueError("interval_ms: 1 or more")
    channel = modem.channel
    pause_ms = interval_ms
    while True:
        try:
            modem.poll()
            channel.proceed("run")
            wanted = modem.network.wanted
            if wanted is not None and wanted.task is None:
                await wanted.attempt()
            if channel.debts and not channel.lock.held:
                await channel.pay()
            pause_ms = interval_ms
        except Cancelled:
            raise
        except Exception as error:
            modem.trouble = error
            pause_ms = min(max(pause_ms * 2, interval_ms), max(_LONGEST_MS, interval_ms))
        await channel.sleep(pause_ms)


async def catch_up(modem) -> None:
    """To be called when this microcontroller has slept with the module object kept: ask for what
    was told while nobody could hear, registration and bytes waiting in sockets. (A module object
    made with `state=` does this by itself.)

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    await ask_registration(modem.network)
    if "socket_pool" in modem.loaded:
        from ..sockets.diagnosis import refresh

        pool = modem.socket_pool
        for slot in pool.slots:
            sock = slot.sock()
            if slot.state == _OPEN and sock and not sock.backlog:
                await refresh(sock, slot, pool.channel.port.ticks_ms())


async def close(modem) -> None:
    """Close all sockets. The module stays on and connected.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    if "socket_pool" in modem.loaded:
        await modem.socket_pool.close_all()
