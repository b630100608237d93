"""What SARA-R5 keeps over a restart (&W). At-commands 1.3, 1.4."""


async def store_settings(modem) -> None:
    """Keep rate, flow control and power saving (&W); the channel is held.

    Echo and error format are stored as they are at the factory: their return tells of a restart.
    """
    channel = modem.channel
    echo = channel.echo
    mend = channel.mend
    if mend is None:

        async def back() -> None:
            if channel.dozing():
                await channel.waken()
            from ..device.baudrate import speak

            await speak(channel)

        channel.mend = back
    channel.echo = True
    await channel.ask(b"E1")
    await channel.ask(b"+CMEE", 0)
    await channel.ask(b"&W")
    await channel.ask(b"+CMEE", 1)
    if not echo:
        await channel.ask(b"E0")
        channel.echo = False
    channel.mend = mend
