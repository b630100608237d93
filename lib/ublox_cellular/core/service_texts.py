"""The texts of +UHTTPER (at-commands 9.3) and +UMQTTER (5.3, 5.4), imported only when an error is
printed."""

from .error_text import looked_up

_CLASSES = (
    b"\n"
    b"0 no error\n"
    b"1 FTP protocol\n"
    b"3 HTTP protocol\n"
    b"4 file system\n"
    b"5 name resolution\n"
    b"6 socket\n"
    b"7 memory\n"
    b"8 wrong use of FTP\n"
    b"10 wrong use of HTTP\n"
    b"11 syntax in a higher layer\n"
    b"12 unspecified\n"
    b"13 MQTT\n"
    b"14 MQTT-SN\n"
    b"15 CoAP\n"
)
# Of classes 3 and 10; what is missing is internal to the module.
_HTTP = (
    b"\n"
    b"0 no reason given\n"
    b"1 invalid profile\n"
    b"2 invalid input\n"
    b"3 server name too long\n"
    b"4 invalid server name\n"
    b"5 invalid IP address\n"
    b"6 invalid authentication\n"
    b"7 no server set\n"
    b"8 user name too long\n"
    b"9 password too long\n"
    b"11 no connection to the server\n"
    b"12 error in the request\n"
    b"15 data to post too long\n"
    b"16 no file name\n"
    b"17 file too long\n"
    b"18 invalid content type\n"
    b"22 no data connection: is connect() done, or the context right?\n"
    b"23 server name not resolved\n"
    b"24 the server refuses user or password\n"
    b"25 the proxy refuses user or password\n"
    b"26 connecting took too long\n"
    b"27 preparing took too long\n"
    b"28 the answer took too long\n"
    b"29 sending took too long\n"
    b"30 an operation is in progress\n"
    b"31 invalid port\n"
    b"32 invalid TLS parameter\n"
    b"33 invalid user\n"
    b"34 invalid password\n"
    b"35 invalid name of the answer's file\n"
    b"36 name of the answer's file too long\n"
    b"37 invalid path\n"
    b"38 path too long\n"
    b"39 name of the content's file too long\n"
    b"40 invalid content type of one's own\n"
    b"41 the answer's file cannot be opened\n"
    b"42 the answer's file cannot be closed\n"
    b"43 the answer's file cannot be written: is the file system full?\n"
    b"44 the connection was lost\n"
    b"45 not allowed now\n"
    b"73 TLS failed: certificate, host name, date, version or cipher suite\n"
)
_FILES = (
    b"\n"
    b"2 no error\n"
    b"3 starting\n"
    b"4 file already open\n"
    b"5 file not open\n"
    b"6 file not found\n"
    b"7 file exists\n"
    b"8 illegal id\n"
    b"9 illegal handle\n"
    b"10 illegal type\n"
    b"11 illegal mode\n"
    b"12 range\n"
    b"13 not possible\n"
    b"14 write error\n"
    b"15 user id\n"
    b"16 fatal error\n"
    b"17 memory resource\n"
    b"18 too many files\n"
    b"19 no memory\n"
    b"20 bad file name\n"
)


def http_text(error_class: int, code: int) -> str:
    """What the module means by `code` of a class; "" where it is unknown."""
    if error_class in (3, 10):
        return looked_up(_HTTP, code) or ("internal error" if 0 < code < 73 else "")
    if error_class == 4:
        return looked_up(_FILES, code)
    return "errno %d" % code if error_class == 6 else ""


def http_sentence(command: str, error_class: int, code: int) -> str:
    """All that is known of the failure."""
    if not error_class and not code:
        return command + " failed, and the module gives no reason"
    words = http_text(error_class, code)
    return "%s failed: %s (class %d %s, code %d)" % (
        command, words or "code unknown", error_class,
        looked_up(_CLASSES, error_class) or "unknown", code,
    )  # fmt: skip


# ---- MQTT ---------------------------------------------------------------------------------------
#
# The texts of MQTT errors, imported only when one is printed. at-commands 5.3, 5.4.

# No full table is public: what is missing here is not documented.
_MQTT = (
    b"\n"
    b"33 no answer from the broker in time\n"
    b"34 no radio service\n"
    b"50 no data connection: is connect() done, or the context right?\n"
)
_MQTT_ENDS = (
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


def mqtt_text(error_class: int, code: int) -> str:
    """What a code means; "" where it is unknown."""
    return looked_up(_MQTT if error_class else _MQTT_ENDS, code)


def mqtt_sentence(command: str, error_class: int, code: int) -> str:
    """All that is known of the failure."""
    if not error_class:
        return "%s: %s" % (command, mqtt_text(0, code) or "ended, code %d" % code)
    words = mqtt_text(error_class, code)
    if not code:
        words = "the module gives no reason"
    return "%s failed: %s (class %d, code %d)" % (
        command, words or "code unknown", error_class, code,
    )  # fmt: skip
