"""Parsing and checking URLs."""

from .command import sendable

_LONGEST = 128  # bytes of a host name, and of a path (at-commands 9)


def split(url: str):
    """`(secure, host, port, path)` of "http(s)://host[:port]/path?query": default port 80 or 443,
    default path "/"; brackets of an IPv6 address and a fragment are removed.

    `ValueError` for another scheme, a user before the host, blanks and other characters that must
    be percent-encoded, more than 128 bytes of host or path.
    """
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    rest = rest.partition("#")[0]
    end = 0
    while end < len(rest) and rest[end] not in "/?":
        end += 1
    host, port, number = place(rest[:end])
    path = rest[end:]
    if path[:1] != "/":
        path = "/" + path
    secure = scheme == "https"
    if not secure and scheme != "http":
        host = ""
    if port:
        number = int(number) if number.isdigit() else 0
    else:
        number = 443 if secure else 80
    if not host or "@" in host or " " in host or not 0 < number <= 65535:
        raise ValueError("URL: http(s)://host[:port]/path wanted; pass a user as auth")
    sendable(host, _LONGEST)
    for c in path:
        if not "!" <= c <= "~":
            raise ValueError("URL: %r must be percent-encoded" % c)
    sendable(path, _LONGEST)
    return secure, host, number, path


def place(text: str):
    """(host, ":" if there is a port, port) of "host[:port]"."""
    if text[:1] == "[":
        host, _, tail = text[1:].partition("]")
        return (host, tail[:1], tail[1:]) if tail[:1] in ("", ":") else ("", "", "")
    return text.partition(":")
