"""Result codes of the modules and the exceptions with which handlers ask for them."""

from __future__ import annotations

CME_TEXT: dict[int, str] = {
    0: "Phone failure",
    1: "No connection to phone",
    3: "Operation not allowed",
    4: "Operation not supported",
    5: "PH-SIM PIN required",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    15: "SIM wrong",
    16: "Incorrect password",
    17: "SIM PIN2 required",
    18: "SIM PUK2 required",
    20: "Memory full",
    21: "Invalid index",
    22: "Not found",
    23: "Memory failure",
    24: "Text string too long",
    25: "Invalid characters in text string",
    30: "No network service",
    31: "Network timeout",
    32: "Network not allowed - emergency calls only",
    50: "Incorrect parameters",
    52: "Aborted by user",
    53: "Not attached due to restrictions",
    100: "Unknown",
    122: "Congestion",
    126: "Insufficient resources",
    127: "Missing or unknown APN",
    148: "Unspecified GPRS error",
    149: "PDP authentication failure",
    254: "Invalid error mapping",
    255: "Internal error",
    262: "SIM blocked",
    500: "Unknown error",
    1041: "Temporary failure",
    1612: "FILE NOT FOUND",
    1622: "FFS already open",
    1624: "FFS file not found",
    1627: "FFS illegal handle",
    1629: "FFS illegal mode",
    1630: "FFS file range",
    1632: "FFS write",
    1636: "FFS too many files",
    1637: "NOT ENOUGH FREE SPACE",
    1638: "FFS invalid filename",
    1649: "FFS TIMEOUT",
    1650: "Command line too long",
    2000: "Command timeout",
    3000: "Command aborted",
    4000: "APN configuration mismatch",
    4001: "IP type configuration mismatch",
}
"""at-commands section 15, the part used so far; a service file adds its own numbers."""

NOT_ALLOWED, NOT_SUPPORTED, BAD_PARAMETERS, UNKNOWN = 3, 4, 50, 100
SIM_MISSING, SIM_PIN, SIM_PUK, SIM_BUSY, WRONG_PASSWORD, SIM_BLOCKED = 10, 11, 12, 14, 16, 262
NO_NETWORK_SERVICE, EMERGENCY_ONLY = 30, 32
FILE_NOT_FOUND, FILE_IN_USE, FILE_UNKNOWN, FILE_HANDLE, FILE_MODE = 1612, 1622, 1624, 1627, 1629
FILE_RANGE, FILE_WRITE, FILES_OPEN, FILE_SPACE = 1630, 1632, 1636, 1637
"""For lack of space only the text is documented, so the number is a guess (U)."""

FILE_NAME, FILE_TIMEOUT = 1638, 1649
NOTHING_THERE = 53
"""Seen on a similar module for an empty MQTT queue; only its number is known for sure (U)."""

LINE_TOO_LONG, ABORTED, APN_MISMATCH, TYPE_MISMATCH = 1650, 3000, 4000, 4001


def cme_text(code: int, capital: bool = False) -> str:
    """The verbose text; lower-case in the seeds (at-commands 1.1), capitalised in device logs."""
    text = CME_TEXT.get(code, "Unknown")
    if not capital and text[1:2].islower():
        return text[0].lower() + text[1:]
    return text


class CommandError(Exception):
    """Ends a command with `+CME ERROR: <code>` (or ERROR when +CMEE=0)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"CME {code}: {cme_text(code)}")
        self.code = code


class ForcedError(CommandError):
    """Caused by a fault knob: the host has made no error, whatever the code."""


class PlainError(Exception):
    """Ends a command with ERROR for any +CMEE; the reason is in +USOER (at-commands 1.2)."""


class RawFinal(Exception):
    """Ends a command with this final line instead of OK, e.g. NO CARRIER."""
