"""What a program leaves to run beside it, what it does after a pause, and its end."""

from ..core.compat import const
from .registration import ask_registration

_OPEN = const(1)


async def run(modem, interval_ms=20) -> None:
    """Poll for ever: the background task of a program with callbacks. It also brings a data
    connection back that `connect()` made and that was lost."""
    while True:
        modem.poll()
        wanted = modem.network.wanted
        if wanted is not None and wanted.task is None:
            await wanted.attempt()
        await modem.channel.sleep(interval_ms)


async def catch_up(modem) -> None:
    """To be called when this microcontroller has slept with the module object kept: ask for what
    was told while nobody could hear, registration and bytes waiting in sockets. (A module object
    made with `state=` does this by itself.)"""
    await ask_registration(modem.network)
    if "socket_pool" in modem.loaded:
        from .failures import refresh

        pool = modem.socket_pool
        for slot in pool.slots:
            sock = slot.sock()
            if slot.state == _OPEN and sock and not sock.backlog:
                await refresh(sock, slot, pool.channel.port.ticks_ms())


async def close(modem) -> None:
    """Close all sockets. The module stays on and connected."""
    if "socket_pool" in modem.loaded:
        await modem.socket_pool.close_all()
