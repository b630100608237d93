"""Texts of numbers: +CME ERROR, causes of refused registrations, +UUPINGER. Loaded when one is
printed, or heard in words.

Tables are one bytes object each, lines of a number, a blank and what it means: a dictionary would
cost four times the memory. Only the line that is printed becomes a string.
"""

from .error_text import looked_up

# ---- +CME ERROR ---------------------------------------------------------------------------------
#
# The texts of `+CME ERROR` (at-commands 15), imported only when one is printed or heard.
#
# Modules disagree about letter case, so everything here is lower case and compared so.

_CME = (
    b"\n"
    b"0 phone failure\n"
    b"1 no connection to phone\n"
    b"3 operation not allowed\n"
    b"4 operation not supported\n"
    b"5 ph-sim pin required\n"
    b"10 sim not inserted\n"
    b"11 sim pin required\n"
    b"12 sim puk required\n"
    b"13 sim failure\n"
    b"14 sim busy\n"
    b"15 sim wrong\n"
    b"16 incorrect password\n"
    b"17 sim pin2 required\n"
    b"18 sim puk2 required\n"
    b"20 memory full\n"
    b"21 invalid index\n"
    b"22 not found\n"
    b"23 memory failure\n"
    b"24 text too long\n"
    b"25 invalid text characters\n"
    b"26 dial string too long\n"
    b"27 invalid dial characters\n"
    b"30 no network service\n"
    b"31 network timeout\n"
    b"32 emergency calls only\n"
    b"50 incorrect parameters\n"
    b"51 implemented but disabled\n"
    b"52 aborted by user\n"
    b"53 not attached due to restrictions\n"
    b"100 unknown\n"
    b"103 illegal ms\n"
    b"106 illegal me\n"
    b"107 gprs not allowed\n"
    b"108 gprs and non-gprs not allowed\n"
    b"111 plmn not allowed\n"
    b"112 location area not allowed\n"
    b"113 roaming not allowed here\n"
    b"114 gprs not allowed in plmn\n"
    b"115 no suitable cells\n"
    b"122 congestion\n"
    b"126 insufficient resources\n"
    b"127 missing or unknown apn\n"
    b"128 unknown pdp address or type\n"
    b"129 user authentication failed\n"
    b"132 service option not supported\n"
    b"133 option not subscribed\n"
    b"134 option temporarily out of order\n"
    b"148 unspecified gprs error\n"
    b"149 pdp authentication failure\n"
    b"150 invalid mobile class\n"
    b"254 invalid error mapping\n"
    b"255 internal error\n"
    b"262 sim blocked\n"
    b"500 unknown error\n"
    b"701 incorrect security code\n"
    b"702 max attempts reached\n"
    b"1041 temporary failure\n"
    b"1530 ipv4 only allowed\n"
    b"1531 ipv6 only allowed\n"
    b"1542 llc or sndcp failure\n"
    b"1543 regular deactivation\n"
    b"1544 reactivation requested\n"
    b"1545 single address bearers only\n"
    b"1547 apn restriction incompatible\n"
    b"1548 pdp activation rejected\n"
    b"1549 unknown pdp address or type\n"
    b"1550 gprs generic operation error\n"
    b"1551 gprs invalid apn\n"
    b"1552 gprs authentication failure\n"
    b"1553 gprs qos inconsistent\n"
    b"1554 gprs network failure\n"
    b"1555 gprs context busy\n"
    b"1559 plmn scan not allowed\n"
    b"1560 pdp type ipv4 only allowed\n"
    b"1561 pdp type ipv6 only allowed\n"
    b"1600 ffs error\n"
    b"1612 file not found\n"
    b"1613 cannot open file\n"
    b"1620 buffer full\n"
    b"1621 ffs initialising\n"
    b"1622 ffs already open\n"
    b"1623 ffs not open\n"
    b"1624 ffs file not found\n"
    b"1625 ffs file already created\n"
    b"1626 ffs illegal id\n"
    b"1627 ffs illegal handle\n"
    b"1628 ffs illegal type\n"
    b"1629 ffs illegal mode\n"
    b"1630 ffs file range\n"
    b"1631 ffs not possible\n"
    b"1632 ffs write error\n"
    b"1633 ffs user id\n"
    b"1634 ffs fatal error\n"
    b"1635 ffs memory resource\n"
    b"1636 ffs too many files\n"
    b"1637 ffs memory not available\n"
    b"1638 ffs invalid filename\n"
    b"1649 ffs timeout\n"
    b"1650 command line too long\n"
    b"1660 fdn only\n"
    b"1910 usecmng import timeout\n"
    b"1911 usecmng file size exceeds limit\n"
    b"1912 usecmng no memory\n"
    b"1913 usecmng invalid certificate or key format\n"
    b"1914 usecmng database full\n"
    b"1915 usecmng database internal error\n"
    b"1916 usecmng internal name not found\n"
    b"1917 usecmng name already present\n"
    b"1918 usecmng private key format\n"
    b"1919 usecmng md5 checksum\n"
    b"1920 usecmng pem to der conversion\n"
    b"1921 usecmng certificate date\n"
    b"1922 usecmng common name\n"
    b"2000 command timeout\n"
    b"3000 command aborted\n"
    b"4000 apn configuration mismatch\n"
    b"4001 ip type configuration mismatch\n"
)


def cme_text(code: int) -> str:
    """What the module means by `code`."""
    return looked_up(_CME, code) or "unknown"


def in_words(engine, at: int) -> None:
    """The number of an error that was reported in words, at a place of the line: the module has
    forgotten that numbers are wanted."""
    lexer = engine.lexer
    lexer.pos = at
    engine.code = cme_code(lexer.text())
    engine.suspect = True


def cme_code(words: str) -> int:
    """The number of a verbose text, UNSPECIFIED (-1) when it is not known."""
    at = _CME.find(b" " + words.strip().lower().encode() + b"\n")
    if at < 0:
        return -1
    return int(_CME[_CME.rfind(b"\n", 0, at) + 1 : at])


# ---- causes of a refused registration -----------------------------------------------------------
#
# Why a network refuses: the causes of mobility management (3GPP TS 24.301), imported only when
# one is told.

_REJECT_CAUSES = (
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
    words = looked_up(_REJECT_CAUSES, cause)
    return ("%d %s" if words else "cause %d%s") % (cause, words)


# ---- +UUPINGER ----------------------------------------------------------------------------------
#
# What +UUPINGER means (at-commands 2.5), imported only when a ping fails.

_EIO = 5
_EINVAL = 22
_EAFNOSUPPORT = 97
_ENETDOWN = 100
_NOT_FOUND = -2  # as of resolve()

_PING = (
    "no host", "name not resolved", "IP version not supported", "bad IPv4 address",
    "bad IPv6 address", "host too long", "bad size", "bad TTL", "bad time-out", "bad count",
    "no data connection",
)  # fmt: skip
_FIRST_PING = 7


def ping_error(code, host: str) -> OSError:
    """The exception for a code."""
    text = ""
    if isinstance(code, int) and _FIRST_PING <= code < _FIRST_PING + len(_PING):
        text = _PING[code - _FIRST_PING]
    if code == 8:
        errno = _NOT_FOUND
    elif code == 9:
        errno = _EAFNOSUPPORT
    elif code == 17:
        errno = _ENETDOWN
    else:
        errno = _EINVAL if text else _EIO
    return OSError(errno, "ping of %s failed: %s (+UUPINGER %s)" % (host, text or "module", code))
