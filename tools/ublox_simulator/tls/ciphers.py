"""Cipher suites: the legacy numbers of +USECPRF (at-commands 4.3) and OpenSSL's names."""

from __future__ import annotations

LEGACY = {
    1: 0x002F,
    2: 0x003C,
    3: 0x0035,
    4: 0x003D,
    5: 0x000A,
    6: 0x008C,
    7: 0x008D,
    8: 0x008B,
    9: 0x0094,
    10: 0x0095,
    11: 0x0093,
    12: 0x00AE,
    13: 0x00AF,
    14: 0x00B6,
    15: 0x00B7,
    16: 0x00A8,
    17: 0x00A9,
    18: 0x00AC,
    19: 0x00AD,
    20: 0xC008,
    21: 0xC009,
    22: 0xC00A,
    23: 0xC012,
    24: 0xC013,
    25: 0xC014,
    26: 0xC023,
    27: 0xC024,
    28: 0xC027,
    29: 0xC028,
    30: 0xC02B,
    31: 0xC02C,
    32: 0xC02F,
    33: 0xC030,
}
"""Legacy number -> IANA code."""

NAMES = {
    0x000A: "DES-CBC3-SHA",
    0x002F: "AES128-SHA",
    0x0033: "DHE-RSA-AES128-SHA",
    0x0035: "AES256-SHA",
    0x0039: "DHE-RSA-AES256-SHA",
    0x003C: "AES128-SHA256",
    0x003D: "AES256-SHA256",
    0x0067: "DHE-RSA-AES128-SHA256",
    0x006B: "DHE-RSA-AES256-SHA256",
    0x008B: "PSK-3DES-EDE-CBC-SHA",
    0x008C: "PSK-AES128-CBC-SHA",
    0x008D: "PSK-AES256-CBC-SHA",
    0x0093: "RSA-PSK-3DES-EDE-CBC-SHA",
    0x0094: "RSA-PSK-AES128-CBC-SHA",
    0x0095: "RSA-PSK-AES256-CBC-SHA",
    0x009C: "AES128-GCM-SHA256",
    0x009D: "AES256-GCM-SHA384",
    0x009E: "DHE-RSA-AES128-GCM-SHA256",
    0x009F: "DHE-RSA-AES256-GCM-SHA384",
    0x00A8: "PSK-AES128-GCM-SHA256",
    0x00A9: "PSK-AES256-GCM-SHA384",
    0x00AC: "RSA-PSK-AES128-GCM-SHA256",
    0x00AD: "RSA-PSK-AES256-GCM-SHA384",
    0x00AE: "PSK-AES128-CBC-SHA256",
    0x00AF: "PSK-AES256-CBC-SHA384",
    0x00B6: "RSA-PSK-AES128-CBC-SHA256",
    0x00B7: "RSA-PSK-AES256-CBC-SHA384",
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0xC008: "ECDHE-ECDSA-DES-CBC3-SHA",
    0xC009: "ECDHE-ECDSA-AES128-SHA",
    0xC00A: "ECDHE-ECDSA-AES256-SHA",
    0xC012: "ECDHE-RSA-DES-CBC3-SHA",
    0xC013: "ECDHE-RSA-AES128-SHA",
    0xC014: "ECDHE-RSA-AES256-SHA",
    0xC023: "ECDHE-ECDSA-AES128-SHA256",
    0xC024: "ECDHE-ECDSA-AES256-SHA384",
    0xC027: "ECDHE-RSA-AES128-SHA256",
    0xC028: "ECDHE-RSA-AES256-SHA384",
    0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256",
    0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384",
    0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
    0xC0A8: "PSK-AES128-CCM8",
    0xC0AE: "ECDHE-ECDSA-AES128-CCM8",
    0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305",
    0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305",
    0xCCAA: "DHE-RSA-CHACHA20-POLY1305",
}
"""IANA code -> OpenSSL name. OpenSSL builds without 3DES lack those suites."""

STRONGEST_FIRST = (
    *(0xC02C, 0xC030, 0xC02B, 0xC02F, 0x00A9, 0x00A8, 0x00AD, 0x00AC, 0xC024, 0xC028),
    *(0xC023, 0xC027, 0xC00A, 0xC014, 0xC009, 0xC013, 0x00AF, 0x00AE, 0x00B7, 0x00B6),
    *(0x003D, 0x003C, 0x0035, 0x002F, 0x008D, 0x008C, 0x0095, 0x0094),
    *(0xC008, 0xC012, 0x000A, 0x008B, 0x0093),
)
"""Suites offered by default: all with a legacy number (decided, U)."""


def is_tls13(code: int) -> bool:
    """Whether this suite belongs to TLS 1.3."""
    return code >> 8 == 0x13


def needs_psk(code: int) -> bool:
    """Whether this suite works with a pre-shared key only."""
    return "PSK" in NAMES[code]
