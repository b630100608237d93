"""Why a network refuses: the causes of mobility management (3GPP TS 24.301), imported only when
one is told."""

# One constant: a dictionary would cost four times the memory.
_TEXTS = (
    b"\n"
    b"2 SIM unknown to its operator\n"
    b"3 SIM not valid\n"
    b"5 IMEI not accepted\n"
    b"6 device barred\n"
    b"7 no packet service with this SIM\n"
    b"8 no service at all with this SIM\n"
    b"9 network does not recognise the device\n"
    b"10 detached by the network\n"
    b"11 operator not allowed\n"
    b"12 area not allowed\n"
    b"13 no roaming in this area\n"
    b"14 no packet service with this operator\n"
    b"15 no suitable cell in this area\n"
    b"16 switching centre not reachable\n"
    b"17 network failure\n"
    b"18 no circuit service\n"
    b"19 data connection refused: APN, type or credentials\n"
    b"20 authentication failed: MAC\n"
    b"21 authentication failed: synchronisation\n"
    b"22 congestion\n"
    b"23 security not supported\n"
    b"24 security refused\n"
    b"25 closed subscriber group\n"
    b"26 authentication not accepted\n"
    b"31 redirected to 5G\n"
    b"35 service not subscribed with this operator\n"
    b"38 call lost\n"
    b"39 circuit service not available for now\n"
    b"40 no bearer active\n"
    b"42 severe network failure\n"
    b"95 message wrong\n"
    b"96 information wrong\n"
    b"97 message unknown\n"
    b"98 message not expected\n"
    b"99 information unknown\n"
    b"100 condition wrong\n"
    b"101 message does not fit\n"
    b"111 protocol error\n"
)


def reason(kind, cause: int) -> str:
    """Text of a reject cause of +CEREG; `kind` 0: of the standard, 1: the manufacturer's own."""
    if kind:
        return "cause %d of the manufacturer" % cause
    at = _TEXTS.find(b"\n%d " % cause)
    if at < 0:
        return "cause %d" % cause
    return str(_TEXTS[at + 1 : _TEXTS.find(b"\n", at + 1)], "utf-8")
