# Generated from aio/lexi_r10/mqtt_digits.py by tools/generate. Do not edit.
"""Messages that LEXI-R10 gives as hexadecimal digits (+UMQTTC=6,1,1). A10 6.4."""

from ...core.hexadecimal import nibble


def undigited(channel, buf, at: int, n: int) -> None:
    """Turn the `2 * n` digits at `buf[at:]` into `n` bytes, in place."""
    for i in range(n):
        high = nibble(buf[at + 2 * i])
        low = nibble(buf[at + 2 * i + 1])
        if high < 0 or low < 0:
            raise channel.garbled("a digit that is none")
        buf[at + i] = high << 4 | low
