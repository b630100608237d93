# Generated from aio/sockets/socket_module.py by tools/generate. Do not edit.
"""Functions of the `socket` module that are seldom needed; the pool stands in for it."""

from ...core.addresses import packed, unpacked
from ...core.command import span
from ...core.compat import const
from ...core.socket_constants import _GLOBAL_DEFAULT_TIMEOUT as DEFAULT
from ..network.dns import is_address
from .lifecycle import drop

_AF_INET = const(2)
_AF_INET6 = const(10)
_STREAM = const(1)
_NO_NAME = const(-2)
_NO_FAMILY = const(-6)
_NO_KIND = const(-7)
_EPROTONOSUPPORT = const(93)
_ESOCKTNOSUPPORT = const(94)
_EAFNOSUPPORT = const(97)

_PROTOCOLS = (6, 17)
_SERVICES = {
    "http": 80, "https": 443, "ftp": 21, "ntp": 123, "domain": 53, "mqtt": 1883, "telnet": 23,
    "secure-mqtt": 8883, "smtp": 25, "coap": 5683, "coaps": 5684,
}  # fmt: skip


def unknown(family, kind, proto) -> Exception:
    """The error of a socket that cannot be, as on Linux."""
    for number in (family, kind, proto):
        if not isinstance(number, int):
            return TypeError("family, type, proto: integers wanted")
    if family not in (0, _AF_INET, _AF_INET6):
        return OSError(_EAFNOSUPPORT, "AF_INET or AF_INET6 wanted")
    if kind not in (1, 2, 3):
        return OSError(_ESOCKTNOSUPPORT, "SOCK_STREAM or SOCK_DGRAM wanted")
    return OSError(_EPROTONOSUPPORT, "TCP for SOCK_STREAM, UDP for SOCK_DGRAM")


def getaddrinfo(pool, host, port, family=0, type=0, proto=0, flags=0):
    """A list of one entry `(family, type, proto, "", address)`; the address is (host, port), for
    IPv6 (host, port, 0, 0). `host`: a name of at most 128 characters, an address, None for this
    machine; `port`: a number, "80", the name of a service, None. `gaierror` (-2) if it is not
    found, or not of this family."""
    if isinstance(host, (bytes, bytearray)):
        host = str(host, "utf-8")
    if host is not None and not isinstance(host, str):
        raise TypeError("host: string, bytes or None wanted")
    if family not in (0, _AF_INET, _AF_INET6):
        raise OSError(_NO_FAMILY, "AF_INET or AF_INET6 wanted")
    if type not in (0, 1, 2) or proto not in ((0, 6, 17), (0, 6), (0, 17))[type]:
        raise OSError(_NO_KIND, "TCP for SOCK_STREAM, UDP for SOCK_DGRAM")
    number = _port(port)
    if not host:
        address = "::" if family == _AF_INET6 else "0.0.0.0"
    else:
        address = pool.modem.resolve(host)
    found = _AF_INET6 if ":" in address else _AF_INET
    if family and family != found:
        raise OSError(_NO_NAME, "%s has no address of that family" % host)
    kind = type or (2 if proto == 17 else _STREAM)
    where = (address, number, 0, 0) if found == _AF_INET6 else (address, number)
    return [(found, kind, proto or _PROTOCOLS[kind - 1], "", where)]


def _port(port) -> int:
    if port is None:
        return 0
    if isinstance(port, (bytes, bytearray)):
        port = str(port, "utf-8")
    if isinstance(port, str):
        port = int(port) if port.isdigit() else _SERVICES.get(port, -1)
        if port < 0:
            raise OSError(_NO_NAME, "unknown service")
    if not isinstance(port, int):
        raise TypeError("port: number, name or None wanted")
    if not 0 <= port <= 65535:
        raise ValueError("port: 0 to 65535")
    return port


def gethostbyname(pool, host: str) -> str:
    """The IPv4 address of a name. `gaierror` (-2)."""
    return (getaddrinfo(pool, host, 0, _AF_INET))[0][4][0]


def create_connection(pool, address, timeout=DEFAULT, source_address=None, *, all_errors=False):
    """A stream connected to `(host, port)`; `timeout` in seconds as of `settimeout`, left out it
    is the default of new sockets. There is one address to try, and so one error."""
    sock = pool.socket(_AF_INET, _STREAM)
    try:
        if type(timeout) is not object:  # such as CPython's own, of a class made before install()
            sock.settimeout(timeout)
        if source_address:
            sock.bind(source_address)
        sock.connect(address)
    except BaseException:
        drop(sock)
        raise
    return sock


def create_server(pool, address, *, family=_AF_INET, backlog=2, reuse_port=False):
    """A socket that listens at the port of `("", port)`."""
    sock = pool.socket(family, _STREAM)
    try:
        sock.bind(address)
        sock.listen(2 if backlog is None else backlog)
    except BaseException:
        drop(sock)
        raise
    return sock


def setdefaulttimeout(pool, value) -> None:
    """The time-out of sockets made from now on, as of `settimeout`."""
    pool.default_ms = span(value)


def getdefaulttimeout(pool):
    return None if pool.default_ms is None else pool.default_ms / 1000


def inet_pton(pool, family: int, text: str) -> bytes:
    """4 or 16 bytes of an address; `OSError` if it is none of that family."""
    if family not in (_AF_INET, _AF_INET6):
        raise OSError(_EAFNOSUPPORT, "AF_INET or AF_INET6 wanted")
    if not is_address(text) or (":" in text) != (family == _AF_INET6):
        raise OSError(22, "illegal IP address")
    return packed(text)


def inet_ntop(pool, family: int, data) -> str:
    """The address of 4 or 16 bytes."""
    if len(data) != (4 if family == _AF_INET else 16):
        raise ValueError("4 bytes for AF_INET wanted, 16 for AF_INET6")
    return unpacked(data)


def inet_aton(pool, text: str) -> bytes:
    """4 bytes of an IPv4 address."""
    return inet_pton(pool, _AF_INET, text)


def inet_ntoa(pool, data) -> str:
    """The IPv4 address of 4 bytes."""
    return inet_ntop(pool, _AF_INET, data)
