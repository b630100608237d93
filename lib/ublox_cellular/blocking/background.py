# Generated from aio/background.py by tools/generate. Do not edit.
"""What a program leaves to run beside it, and its end."""


def run(modem, interval_ms=20) -> None:
    """Poll for ever: the background task of a program with callbacks. It also brings a data
    connection back that `connect()` made and that was lost."""
    while True:
        modem.poll()
        wanted = modem.network.wanted
        if wanted is not None and wanted.task is None:
            wanted.attempt()
        modem.channel.sleep(interval_ms)


def close(modem) -> None:
    """Close all sockets. The module stays on and connected."""
    if "socket_pool" in modem.loaded:
        modem.socket_pool.close_all()
