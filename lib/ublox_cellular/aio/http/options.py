"""What a request has besides its URL: data, headers, a login, TLS, a file. at-commands 9."""

from ...core.buffers import check_data
from ...core.command import plain, sendable
from ...core.compat import const
from ...core.errors import NotSupported

_DELETE = const(2)
_PUT = const(3)
_POST = const(4)
_POST_DATA = const(5)
_POST_LINK = const(7)

# Numbers of +UHTTPC; whatever else is 6, with its text.
_TYPES = (
    "application/x-www-form-urlencoded", "text/plain", "application/octet-stream",
    "multipart/form-data", "application/json", "application/xml",
)  # fmt: skip
_OWN_TYPE = const(6)
_TEXT = const(1)
_BYTES = const(2)
_JSON = const(4)

_FEW = const(128)  # what POST data takes
_LONGEST_USER = const(30)
_LONGEST_FIELD = const(64)  # names and values of headers, content types
_HEADERS = const(5)
_SET_OTHERWISE = ("content-type", "content-length", "host", "authorization")
_KNOWN = (
    "data", "json", "file", "headers", "content_type", "auth", "tls", "direct", "context", "save",
)  # fmt: skip

_EOPNOTSUPP = const(95)


def dress(order, modem, secure: bool, linked: bool, options) -> list:
    """Put the options to an order; further settings of the profile."""
    for name in options:
        if name not in _KNOWN:
            raise TypeError("no option " + name)
    option = options.get
    order.tls = _profile(modem, secure, option("tls"))
    order.file = option("file")
    order.save = option("save")
    for name in (order.file, order.save):
        if name is not None:
            modem.files.check(name, "")
    data, json = option("data"), option("json")
    if (data is not None) + (json is not None) + (order.file is not None) > 1:
        raise ValueError("one of data, json and file")
    order.body, order.size, usual = _body(data, json)
    order.kind = _type(option("content_type"), usual)
    bodiless = order.body is None and order.file is None
    if order.cmd < _PUT and not bodiless:
        raise ValueError("HEAD, GET and DELETE take no data")
    if bodiless and order.cmd >= _PUT:
        order.body, order.size = b"", 0
    if order.cmd == _PUT and order.size == 0 and not order.file:
        raise ValueError("PUT wants data: the module sends a file, and has no empty ones")
    order.direct = _is_direct(order, modem, linked, option("direct"))
    if order.cmd == _POST:
        order.cmd = _way_to_post(order)
    found = []
    if option("context") is not None:
        found.append(_mapping(modem, linked, option("context")))
    return found + _login(option("auth")) + _headers(option("headers"))


def _way_to_post(order) -> int:
    """By the link, in the command line where the bytes permit, or by a file."""
    if order.direct:
        return _POST_LINK
    body = order.body
    short = isinstance(body, bytes) and len(body) <= _FEW
    return _POST_DATA if short and plain(body, 0, len(body)) else _POST


def _is_direct(order, modem, linked: bool, wish) -> bool:
    """Whether the bodies go by the direct link."""
    possible = order.cmd not in (_DELETE, _PUT) and not order.file and not order.save
    counted = order.body is None or order.size is not None
    if not wish:
        return linked and possible and counted and wish is None and bool(modem.flow)
    if not linked:
        raise NotSupported(_EOPNOTSUPP, modem.name, "direct link of HTTP")
    if not possible:
        raise ValueError("direct: HEAD, GET and POST only, with no file on the module")
    if not counted:
        raise ValueError("direct: data of a known size wanted")
    return True


def _profile(modem, secure: bool, tls):
    """The security profile of an https request, None for http."""
    if not secure:
        if tls:
            raise ValueError("tls wants a URL that begins with https://")
        return None
    if tls is None or tls is True:
        return modem.security.default
    if not hasattr(tls, "apply"):
        raise TypeError("tls: a profile of modem.security wanted")
    return tls


def _body(data, json):
    """(body, its size if it is known, its usual content type)."""
    usual = _BYTES
    if json is not None:
        from json import dumps

        data = dumps(json)
        usual = _JSON
    elif isinstance(data, str):
        usual = _TEXT
    if isinstance(data, str):
        data = data.encode()
    if data is None:
        return None, 0, usual
    if isinstance(data, (bytes, bytearray, memoryview)):
        check_data(data)
        return bytes(data) if len(data) <= _FEW else data, len(data), usual
    if not hasattr(data, "readinto"):
        raise TypeError("data: bytes, a string, or an object with readinto")
    return data, _size_of(data), usual


def _size_of(source):
    """Bytes that are left in a source; None if it does not tell."""
    size = getattr(source, "size", None)
    if isinstance(size, int):
        if size < 0:
            raise ValueError("data: of %d bytes" % size)
        return size
    try:
        at = source.tell()
        source.seek(0, 2)
        size = source.tell() - at
        source.seek(at)
        return size
    except (AttributeError, OSError):
        return None


def _type(name, usual: int) -> tuple:
    """The parameters that tell a content type: a number, or 6 and a text."""
    if name is None:
        return (usual,)
    if isinstance(name, int):
        if not 0 <= name < _OWN_TYPE:
            raise ValueError("content_type: a name, or 0 to 5")
        return (name,)
    if name in _TYPES:
        return (_TYPES.index(name),)
    if not sendable(name, _LONGEST_FIELD):
        raise ValueError("content_type: a name wanted")
    return (_OWN_TYPE, name)


def _mapping(modem, linked: bool, context):
    """+UHTTP 20: context, and whether IPv6 is preferred."""
    if not linked:
        raise NotSupported(_EOPNOTSUPP, modem.name, "context of its own for HTTP")
    cid, prefer_ipv6 = context if _is_pair(context) else (context, False)
    if not isinstance(cid, int):
        raise TypeError("context: 1 to 15, or (1 to 15, prefer_ipv6)")
    if not 0 < cid < 16:
        raise ValueError("context: 1 to 15, or (1 to 15, prefer_ipv6)")
    return (20, cid, 1 if prefer_ipv6 else 0)


def _is_pair(value) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2


def _login(auth) -> list:
    if auth is None:
        return []
    if not _is_pair(auth):
        raise TypeError("auth: (user, password) wanted")
    user, password = auth
    for text in auth:
        if not sendable(text, _LONGEST_USER):
            raise ValueError("auth: user and password wanted")
    return [(2, user), (3, password), (4, 1)]


def _headers(headers) -> list:
    """+UHTTP 9: "id:name:value"."""
    found = []
    if headers is None:
        return found
    if not hasattr(headers, "items"):
        raise TypeError("headers: a dict wanted")
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("header %r: strings wanted" % (name,))
        if name.lower() in _SET_OTHERWISE:
            raise ValueError("header %s is set otherwise: by content_type, auth, the URL" % name)
        if not name or ":" in name or " " in name or ":" in value or not value:
            raise ValueError("header %r: a name, and a value without a colon" % name)
        for text in (name, value):
            sendable(text, _LONGEST_FIELD)
        if len(found) == _HEADERS:
            raise ValueError("the module sends at most %d headers of one's own" % _HEADERS)
        found.append((9, "%d:%s:%s" % (len(found), name, value)))
    return found
