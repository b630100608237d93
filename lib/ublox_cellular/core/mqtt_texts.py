"""The texts of MQTT errors, imported only when one is printed. at-commands 5.3, 5.4."""

from .text_table import looked_up

# No full table is public: what is missing here is not documented.
_CODES = (
    b"\n"
    b"33 no answer from the broker in time\n"
    b"34 no radio service\n"
    b"50 no data connection: is connect() done, or the context right?\n"
)
_ENDS = (
    b"\n"
    b"0 not connected: connect() first\n"
    b"1 ended by the module\n"
    b"8 the broker does not answer pings: connect() again\n"
    b"100 inactivity: the broker or the module has closed it\n"
    b"101 the connection was lost: connect() again\n"
    b"102 ended after a breach of the protocol\n"
    b"128 the broker refuses the subscription\n"
    b"200 the module has restarted or slept deeply: connect() again\n"
)


def text(error_class: int, code: int) -> str:
    """What a code means; "" where it is unknown."""
    return looked_up(_CODES if error_class else _ENDS, code)


def sentence(command: str, error_class: int, code: int) -> str:
    """All that is known of the failure."""
    if not error_class:
        return "%s: %s" % (command, text(0, code) or "ended, code %d" % code)
    words = text(error_class, code)
    if not code:
        words = "the module gives no reason"
    return "%s failed: %s (class %d, code %d)" % (
        command, words or "code unknown", error_class, code,
    )  # fmt: skip
