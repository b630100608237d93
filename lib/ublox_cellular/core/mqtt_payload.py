"""What MQTT and MQTT-SN send: payload as hexadecimal digits, both ways; topics and messages,
checked."""

from .command import sendable
from .compat import const

_DIGITS = b"0123456789ABCDEF"


def encode(line, data, at: int, n: int) -> None:
    """Add the digits of `data[at:at + n]` to a command line as a quoted string."""
    line.open_text()
    i = line.size
    buf = line.buf
    if i + 2 * n + 2 > len(buf):
        raise ValueError("command line longer than its buffer of %d" % len(buf))
    for k in range(at, at + n):
        c = data[k]
        buf[i] = _DIGITS[c >> 4]
        buf[i + 1] = _DIGITS[c & 15]
        i += 2
    buf[i] = 34
    line.size = i + 1


def decode(lexer, into, at: int, limit: int) -> int:
    """Turn at most `limit` digits into bytes at `into[at:]`; digits used, -1 at others."""
    pairs = (lexer.end - lexer.start) >> 1
    if pairs > limit >> 1:
        pairs = limit >> 1
    for i in range(pairs):
        s = lexer.start + i * 2
        high = nibble(lexer.buf[s])
        low = nibble(lexer.buf[s + 1])
        if high < 0 or low < 0:
            return -1
        into[at + i] = high << 4 | low
    lexer.start += pairs * 2
    return pairs * 2


def nibble(c: int) -> int:
    """The value of a hexadecimal digit, -1 if it is none."""
    if 48 <= c <= 57:
        return c - 48
    c |= 32
    return c - 87 if 97 <= c <= 102 else -1


# ---- topics and messages ------------------------------------------------------------------------
#
# Topics and messages, checked. MQTT 3.1.1 section 4.7, at-commands 5.

_LONGEST_TOPIC = const(256)  # bytes, both modules


def octets(value):
    """The bytes of a message: `str` as UTF-8, else a bytes-like object."""
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("message: string or bytes wanted")
    if getattr(value, "itemsize", 1) != 1:  # a memoryview of something larger
        raise TypeError("message: a memoryview of bytes wanted")
    return value


def check_topic(topic) -> str:
    """A topic to publish to, as a string; `ValueError` for wildcards, or what is too long."""
    topic = _text(topic)
    if "+" in topic or "#" in topic:
        raise ValueError("topic: wildcards are for subscribing")
    return topic


def check_filter(topic) -> str:
    """A topic to subscribe to: "+" stands for a level, "#" at the end for all that follow."""
    topic = _text(topic)
    levels = topic.split("/")
    for i in range(len(levels)):
        level = levels[i]
        if ("+" in level and level != "+") or (
            "#" in level and (level != "#" or i < len(levels) - 1)
        ):
            raise ValueError("topic: + stands for a whole level, # for all at the end")
    return topic


def _text(topic) -> str:
    if not isinstance(topic, str):
        topic = str(topic, "utf-8")
    if not topic:
        raise ValueError("topic: at least one character")
    sendable(topic, _LONGEST_TOPIC)
    return topic


def check_qos(qos) -> int:
    if not isinstance(qos, int):
        raise TypeError("qos: integer wanted")
    if not 0 <= qos <= 2:
        raise ValueError("qos: 0 to 2")
    return qos
