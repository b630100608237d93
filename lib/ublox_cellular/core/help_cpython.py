"""What CPython shows of the API: `dir()`, tab completion, `help()`, `repr()` and suggestions for
misspelt names. MicroPython and CircuitPython never load this file.

Functions that are loaded when they are first called become bound methods here, so that their
docstring and signature are those of the function. Classes with a `__getattr__` of their own get a
`__dir__` from the string indexes that the `__getattr__` reads.
"""

import sys
from types import MethodType

_described = set()  # classes, and modules that were looked through


def method(function, owner):
    """`function` as a method of `owner`; a class is called with it."""
    if function.__module__ not in _described:  # classes may have been loaded with it
        _described.add(function.__module__)
        flavour = ".".join(type(owner).__module__.split(".")[:2]) + "."
        for name, module in list(sys.modules.items()):
            if name.startswith(flavour):
                for kind in list(vars(module).values()):
                    if isinstance(kind, type) and kind.__module__ == name:
                        describe(kind)
    return MethodType(function, owner)


def describe(kind) -> None:
    """Give a class with a `__getattr__` what people look at."""
    find = vars(kind).get("__getattr__")
    if find is None or kind in _described:
        return
    _described.add(kind)

    def __getattr__(self, name):
        try:
            return find(self, name)
        except AttributeError as error:
            if type(error) is not AttributeError or not str(error).endswith(repr(name)):
                raise
            raise _missing(self, name, error) from None

    kind.__getattr__ = __getattr__
    kind.__dir__ = _names
    if kind.__repr__ is object.__repr__:
        kind.__repr__ = _shown


def _indexed(text: str, prefix: str = ""):
    """The names of an index; of those with a prefix, such as "pow.", the rest."""
    for line in text.split("\n"):
        for name in line.split()[1:]:
            if name.startswith(prefix) and "." not in name[len(prefix) :]:
                yield name[len(prefix) :]


def _names(self):
    """All attributes, those included that are not loaded yet."""
    found = set(object.__dir__(self))
    for kind in type(self).__mro__:
        if "__getattr__" not in vars(kind):
            continue
        module = sys.modules[kind.__module__]
        extra = _EXTRA.get(kind.__name__)
        if extra is not None:
            found.update(extra(self))
        for index in ("_FUNCTIONS", "_SERVICES"):
            found.update(_indexed(getattr(module, index, "")))
    return sorted(found)


def _of_modem(modem):
    return _indexed(modem.OWN)


def _of_network(network):
    name = type(network).__module__ + ".index"
    yield from _indexed(__import__(name, None, None, ("_FUNCTIONS",))._FUNCTIONS)
    yield from _indexed(network.modem.OWN, "net.")


def _of_http(http):
    yield from ("request", "get", "head", "delete", "put", "post")
    if len(http.slots) == 1:  # LEXI-R10
        yield from ("store", "load", "factory")


def _of_ssl(_ssl):
    from . import ssl_names

    yield from ("SSLContext", "TLSVersion", "Purpose")
    yield from [name for name in vars(ssl_names) if name[:3] == "SSL" or name[:4] == "Cert"]
    yield from [word.split("=")[0] for word in ssl_names.NUMBERS.split()]


def _of_pool(_pool):
    from . import socket_constants

    yield from ("socket", "SocketType")
    yield from [name for name in vars(socket_constants) if name[:1] != "_"]


_EXTRA = {
    "Modem": _of_modem,
    "Network": _of_network,
    "Power": lambda power: _indexed(power.modem.OWN, "pow."),
    "Http": _of_http,
    "Ssl": _of_ssl,
    "SocketPool": _of_pool,
    "Session": lambda _session: ("save",),
}


def _place(self):
    """(module, name of the service with a dot); ("", "") for what is neither."""
    modem = vars(self).get("modem")
    if modem is None:
        return (self.name if hasattr(type(self), "OWN") else ""), ""
    for name, service in modem.loaded.items():
        if service is self:
            return modem.name, name + "."
    return "", ""


def _missing(self, name: str, error):
    """The error with the nearest names."""
    module, service = _place(self)
    if not module:
        return error
    text = "%s has no '%s%s'" % (module, service, name)
    if name[:1] != "_":
        from difflib import get_close_matches

        known = [one for one in _names(self) if one[:1] != "_"]
        near = get_close_matches(name, known, 1, 0.7)
        if near:
            text += "; did you mean '%s%s'?" % (service, near[0])
    better = AttributeError(text)
    better.name = name  # else CPython's traceback would add a suggestion of its own
    return better


def _shown(self) -> str:
    """Class and state, without asking the module for anything."""
    kind = type(self).__name__
    state = _STATES.get(kind)
    if hasattr(type(self), "OWN"):
        return "<%s %s>" % (kind, _state_of_modem(self))
    module, service = _place(self)
    words = [service[:-1] or kind]
    if module:
        words.append("of " + module)
    if state is not None:
        words.append(state(self))
    return "<%s>" % " ".join([word for word in words if word])


def _state_of_modem(modem) -> str:
    if modem.channel.asleep:
        return "asleep"
    network = modem.loaded.get("network")
    words = ["registration unknown" if network is None else _state_of_network(network)]
    pool = modem.loaded.get("socket_pool")
    count = 0 if pool is None else sum(one() is not None and not one().gone for one in pool.made)
    if count:
        words.append("%d socket%s" % (count, "" if count == 1 else "s"))
    return ", ".join(words)


def _state_of_network(network) -> str:
    if network.stat is None and not network.up:
        return "registration unknown"
    registered = "registered" if network.registered() else "not registered"
    return registered + (", connected" if network.up else ", not connected")


def _state_of_session(session) -> str:
    state = "connected" if session.connected else "not connected"
    return state + (", %d unread" % session.unread if session.unread else "")


def _state_of_response(response) -> str:
    text = "%d %s" % (response.status, response.reason)
    if response.length is not None:
        text += ", %d bytes" % response.length
    return text + (", closed" if response.closed else "")


_STATES = {
    "Network": _state_of_network,
    "Mqtt": _state_of_session,
    "MqttSn": _state_of_session,
    "Response": _state_of_response,
    "Session": lambda session: "%d waiting" % len(session.waiting),
    "Power": lambda power: "depth %d" % power.depth,
}
