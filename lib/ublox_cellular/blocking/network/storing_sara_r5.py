# Generated from aio/network/storing_sara_r5.py by tools/generate. Do not edit.
"""What SARA-R5 keeps over a restart (&W). At-commands 1.3, 1.4."""


def store_settings(modem) -> None:
    """Keep rate, flow control and power saving (&W); the channel is held.

    Echo and error format are stored as they are at the factory: their return tells of a restart.
    """
    channel = modem.channel
    echo = channel.echo
    mend = channel.mend
    if mend is None:

        def back() -> None:
            if channel.dozing():
                channel.waken()
            from ..device.baudrate import speak

            speak(channel)

        channel.mend = back
    channel.echo = True
    channel.ask(b"E1")
    channel.ask(b"+CMEE", 0)
    channel.ask(b"&W")
    channel.ask(b"+CMEE", 1)
    if not echo:
        channel.ask(b"E0")
        channel.echo = False
    channel.mend = mend
