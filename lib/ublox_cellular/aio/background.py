"""What a program leaves to run beside it, and its end."""


async def run(modem, interval_ms=20) -> None:
    """Poll for ever: the background task of a program with callbacks. It also brings a data
    connection back that `connect()` made and that was lost."""
    while True:
        modem.poll()
        wanted = modem.network.wanted
        if wanted is not None and wanted.task is None:
            await wanted.attempt()
        await modem.channel.sleep(interval_ms)


async def close(modem) -> None:
    """Close all sockets. The module stays on and connected."""
    if "socket_pool" in modem.loaded:
        await modem.socket_pool.close_all()
