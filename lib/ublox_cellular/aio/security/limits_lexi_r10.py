"""What LEXI-R10 knows of security. A10 3, at-commands 4."""


def profile_traits(_modem):
    """(type, tag of the data) of a session to be resumed, plain and encrypted; whether its data
    is asked for; whether several cipher suites can be listed; whether it has a root of trust."""
    return (1, 3), (11, 13), True, False, False


def check_key(_modem, head) -> None:
    """`ValueError` for a private key that is too small; see core/keysize.py."""
    from ...core.key_length import check

    check(head)


def key_limits(_modem) -> str:
    """A10 3.1."""
    return (
        "LEXI-R10 takes RSA keys of at least 1024 bits and ECDSA keys of at least 192, "
        "also of those that signed"
    )


def tls_traits(_modem):
    """How many TLS sessions there may be, whether datagrams can be secured, whether a handshake
    bars all other socket commands (A10 5.11)."""
    return 2, True, True
