"""What SARA-R5 knows of security. A5 3, at-commands 4."""


def profile_traits(_modem):
    """(type, tag of the data) of a session to be resumed, plain and encrypted; whether its data
    is asked for; whether several cipher suites can be listed; whether it has a root of trust.

    A5 3.4.1.2 has type 1 with tag 12, where the scheme of the others would give type 10: it is
    set as printed, and what the module itself says is believed (at-commands 4.4).
    """
    return (0, 2), (1, 12), False, True, True


def check_key(_modem, _head) -> None:
    """No limits are documented."""


def key_limits(_modem) -> str:
    return ""


def tls_traits(_modem):
    """How many TLS sessions there may be, whether datagrams can be secured, whether a handshake
    bars all other socket commands (A10 5.11)."""
    return 4, False, False
