"""Reading messages in other ways than one by one. Imported when needed."""


async def look(mqtt, limit_ms: int):
    """Ask for a message because a line was damaged, which may have been an announcement."""
    rubbish = mqtt.channel.unknown
    try:
        message = await mqtt.read(True, limit_ms)
    except OSError:
        mqtt.seen = rubbish
        raise
    mqtt.seen = rubbish
    return message


async def read_all(mqtt) -> list:
    """All messages that wait, in a list: as many as arrive meanwhile, too. What was read when it
    fails or is given up is given out again, unless the callback has had it."""
    found = []
    message = None
    try:
        while True:
            message = await mqtt.check_msg()
            if message is None:
                return found
            found.append(message)
            message = None
            if not mqtt.waiting():
                return found
    except BaseException:
        if mqtt.callback is None:
            if message is not None:
                mqtt.dropped += 1
            if found:
                mqtt.back = found + mqtt.back if mqtt.back else found
        raise


async def read_into(mqtt, buf: bytearray) -> "int | None":
    """Put the payload of the next message at the beginning of `buf`; how long it is, None if there
    is none. Its topic is `mqtt.topic`. One that is longer than `buf` raises `MessageTooLarge`: see
    `leave`."""
    if not isinstance(buf, (bytearray, memoryview)) or getattr(buf, "itemsize", 1) != 1:
        raise TypeError("buf: a bytearray or a memoryview of bytes wanted")
    if len(buf):
        buf[0] = buf[0]  # TypeError where it cannot be written
    mqtt.channel.poll()
    if not mqtt.waiting():
        if not mqtt.connected:
            raise await mqtt.gone()
        return None
    message = await mqtt.take(len(buf), False)
    if message is None:
        return None
    mqtt.topic = message.topic
    n = len(message.payload)
    buf[:n] = message.payload
    return n
