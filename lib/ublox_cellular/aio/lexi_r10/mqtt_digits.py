"""Messages that LEXI-R10 gives as hexadecimal digits (+UMQTTC=6,1,1). A10 6.4."""

from binascii import unhexlify


def undigited(channel, buf, at: int, n: int) -> None:
    """Turn the `2 * n` digits at `buf[at:]` into `n` bytes, in place."""
    try:
        buf[at : at + n] = unhexlify(bytes(memoryview(buf)[at : at + 2 * n]))
    except ValueError:
        raise channel.garbled("a digit that is none")
