"""Cipher suites by the names IANA gives them, without the TLS_ in front. at-commands 4.3.

Imported only where a program names one. After the code, u-blox's own number where it has one.
"""

from .ssl_names import SSLError

# One constant: a dictionary would cost four times the memory.
_SUITES = (
    b"\n"
    b"002F 1 RSA_WITH_AES_128_CBC_SHA\n"
    b"003C 2 RSA_WITH_AES_128_CBC_SHA256\n"
    b"0035 3 RSA_WITH_AES_256_CBC_SHA\n"
    b"003D 4 RSA_WITH_AES_256_CBC_SHA256\n"
    b"000A 5 RSA_WITH_3DES_EDE_CBC_SHA\n"
    b"008C 6 PSK_WITH_AES_128_CBC_SHA\n"
    b"008D 7 PSK_WITH_AES_256_CBC_SHA\n"
    b"008B 8 PSK_WITH_3DES_EDE_CBC_SHA\n"
    b"0094 9 RSA_PSK_WITH_AES_128_CBC_SHA\n"
    b"0095 10 RSA_PSK_WITH_AES_256_CBC_SHA\n"
    b"0093 11 RSA_PSK_WITH_3DES_EDE_CBC_SHA\n"
    b"00AE 12 PSK_WITH_AES_128_CBC_SHA256\n"
    b"00AF 13 PSK_WITH_AES_256_CBC_SHA384\n"
    b"00B6 14 RSA_PSK_WITH_AES_128_CBC_SHA256\n"
    b"00B7 15 RSA_PSK_WITH_AES_256_CBC_SHA384\n"
    b"00A8 16 PSK_WITH_AES_128_GCM_SHA256\n"
    b"00A9 17 PSK_WITH_AES_256_GCM_SHA384\n"
    b"00AC 18 RSA_PSK_WITH_AES_128_GCM_SHA256\n"
    b"00AD 19 RSA_PSK_WITH_AES_256_GCM_SHA384\n"
    b"C008 20 ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA\n"
    b"C009 21 ECDHE_ECDSA_WITH_AES_128_CBC_SHA\n"
    b"C00A 22 ECDHE_ECDSA_WITH_AES_256_CBC_SHA\n"
    b"C012 23 ECDHE_RSA_WITH_3DES_EDE_CBC_SHA\n"
    b"C013 24 ECDHE_RSA_WITH_AES_128_CBC_SHA\n"
    b"C014 25 ECDHE_RSA_WITH_AES_256_CBC_SHA\n"
    b"C023 26 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256\n"
    b"C024 27 ECDHE_ECDSA_WITH_AES_256_CBC_SHA384\n"
    b"C027 28 ECDHE_RSA_WITH_AES_128_CBC_SHA256\n"
    b"C028 29 ECDHE_RSA_WITH_AES_256_CBC_SHA384\n"
    b"C02B 30 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n"
    b"C02C 31 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n"
    b"C02F 32 ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
    b"C030 33 ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"
    b"009C 0 RSA_WITH_AES_128_GCM_SHA256\n"
    b"009D 0 RSA_WITH_AES_256_GCM_SHA384\n"
    b"009E 0 DHE_RSA_WITH_AES_128_GCM_SHA256\n"
    b"009F 0 DHE_RSA_WITH_AES_256_GCM_SHA384\n"
    b"C035 0 ECDHE_PSK_WITH_AES_128_CBC_SHA\n"
    b"C036 0 ECDHE_PSK_WITH_AES_256_CBC_SHA\n"
    b"C037 0 ECDHE_PSK_WITH_AES_128_CBC_SHA256\n"
    b"C038 0 ECDHE_PSK_WITH_AES_256_CBC_SHA384\n"
    b"C0A4 0 PSK_WITH_AES_128_CCM\n"
    b"C0A8 0 PSK_WITH_AES_128_CCM_8\n"
    b"C0AC 0 ECDHE_ECDSA_WITH_AES_128_CCM\n"
    b"C0AE 0 ECDHE_ECDSA_WITH_AES_128_CCM_8\n"
    b"CCA8 0 ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n"
    b"CCA9 0 ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n"
    b"1301 0 AES_128_GCM_SHA256\n"
    b"1302 0 AES_256_GCM_SHA384\n"
    b"1303 0 CHACHA20_POLY1305_SHA256\n"
)

_HIGHEST = 15  # of the numbers that are sure; whether modules take those above is not


def settings(chosen, lists: bool) -> list:
    """The parameters of +USECPRF after the profile, for a suite or a sequence of them, each an
    IANA name, four hexadecimal digits or u-blox's number. `lists`: the module takes several.
    `ValueError` for an unknown one, `TypeError`."""
    if isinstance(chosen, int) and not isinstance(chosen, bool):
        if not 0 <= chosen <= 33:
            raise ValueError("ciphers: u-blox's numbers are 0 to 33")
        return [(2, chosen)]
    names = (chosen,) if isinstance(chosen, str) else chosen
    if not isinstance(names, (tuple, list)):
        raise TypeError("ciphers: a name, or several")
    suites = [_found(name) for name in names]
    if not suites:
        raise ValueError("ciphers: at least one, or None for what the module chooses")
    if len(suites) == 1:
        code, number = suites[0]
        if 0 < number <= _HIGHEST:
            return [(2, number)]
        return [(2, 99, code[:2], code[2:])]
    if not lists:
        raise ValueError("ciphers: this module takes one at a time")
    return [(2, 100, code[:2], code[2:], 0) for code, _ in suites]


def _found(name: str):
    """(code, u-blox's number or 0) of a suite."""
    if not isinstance(name, str):
        raise TypeError("ciphers: a name, or several")
    if len(name) == 4 and not name.strip("0123456789abcdefABCDEF"):
        return name.upper(), 0
    words = name.upper()
    if words[:4] == "TLS_":
        words = words[4:]
    at = _SUITES.find((" " + words + "\n").encode())
    if at < 0:
        raise ValueError("ciphers: not known here: " + name)
    code, number = str(_SUITES[_SUITES.rfind(b"\n", 0, at) + 1 : at], "utf-8").split(" ")
    return code, int(number)


def known(name: str) -> bool:
    """Whether a suite is in the table."""
    try:
        return bool(_found(name))
    except ValueError:
        return False


def names(row) -> list:
    """IANA names of a read answer: u-blox's number, or 99 or 100 and codes; a code that is not
    in the table stays one."""
    if row[0] not in (99, 100):
        return [_name(b" %d " % row[0], str(row[0]))] if row[0] else []
    text = "".join([str(part) for part in row[1:]]).replace(" ", "").replace(";", "").upper()
    codes = [text[at : at + 4] for at in range(0, len(text), 4)]
    return [_name(b"\n" + code.encode() + b" ", code) for code in codes]


def _name(mark: bytes, otherwise: str) -> str:
    at = _SUITES.find(mark)
    if at < 0:
        return otherwise
    stop = _SUITES.find(b"\n", at + 1)
    return "TLS_" + str(_SUITES[_SUITES.rfind(b" ", 0, stop) + 1 : stop], "utf-8")


# ---- names of programs --------------------------------------------------------------------------
#
# Cipher suites as programs name them to `ssl`: by the names of OpenSSL, mbedTLS or IANA.

_BULK = ("AES", "3DES", "CHACHA20")


def chosen(ciphers):
    """IANA names of a string with ":" between, or of a sequence of names (or of dictionaries with
    "name", as `get_ciphers` gives); [] for "DEFAULT", None for an expression such as "HIGH".
    `SSLError` where a suite is not known, `TypeError`."""
    if isinstance(ciphers, str):
        ciphers = ciphers.split(":")
    if not isinstance(ciphers, (list, tuple)):
        raise TypeError("ciphers: a string or a sequence of names wanted")
    found = []
    for name in ciphers:
        if isinstance(name, dict):
            name = name["name"]
        if not isinstance(name, str):
            raise TypeError("ciphers: a string or a sequence of names wanted")
        if name == "DEFAULT" and len(ciphers) == 1:
            return []
        suite = _iana(name.upper())
        if suite is None:
            return None
        if not known(suite):
            raise SSLError(22, "No cipher can be selected: " + name)
        if suite not in found:
            found.append(suite)
    if not found:
        raise SSLError(22, "No cipher can be selected")
    return found


def _iana(name: str):
    """The IANA name; None for what is no name of a suite."""
    plain = name.replace("-", "_")
    if plain[:4] == "TLS_":
        return plain
    if plain[:7] == "TLS1_3_":
        return "TLS_" + plain[7:]
    name = name.replace("DES-CBC3", "3DES-EDE-CBC").replace("CCM8", "CCM-8")
    parts = name.replace("AES128", "AES-128").replace("AES256", "AES-256").split("-")
    for at in range(len(parts)):
        if parts[at] in _BULK:
            break
    else:
        return None
    exchange, bulk = parts[:at] or ["RSA"], parts[at:]
    if len(bulk) < 2:
        return None
    if bulk[0] == "AES" and len(bulk) == 3 and bulk[2].startswith("SHA"):
        bulk.insert(2, "CBC")
    if bulk[0] == "CHACHA20":
        bulk.append("SHA256")
    return "TLS_" + "_".join(exchange) + "_WITH_" + "_".join(bulk)
