"""Messages that LEXI-R10 gives as hexadecimal digits (+UMQTTC=6,1,1). A10 6.4."""

from binascii import unhexlify


def undigited(mqtt, digits) -> bytes:
    """The bytes of a message that came as `digits`, which stay as they are."""
    try:
        return unhexlify(bytes(digits))
    except ValueError:
        mqtt.held = None
        raise mqtt.channel.garbled("a digit that is none")
