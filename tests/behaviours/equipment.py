# ruff: noqa: UP031 (formatted as MicroPython does it cheapest)
"""What programs of others need around them, and clients that visit their servers."""

import re
import sys
import time

from .errnos import EAGAIN
from .rig import pattern

PAGES = 200
CLIENTS = 3
PAGE = 900
ALL_RIGHT = b"%d right, 0 wrong\n" % PAGES


def equip(rig):
    """What Adafruit's libraries expect of CircuitPython: its clock, and `const`."""
    port = rig.modem.channel.port
    if not hasattr(time, "monotonic"):
        time.monotonic = lambda: time.ticks_ms() / 1000
        time.monotonic_ns = lambda: time.ticks_ms() * 1000000
    sys.modules["supervisor"] = _Module(ticks_ms=lambda: port.ticks_ms() & ((1 << 29) - 1))
    if sys.implementation.name == "cpython":
        sys.modules["micropython"] = _Module(const=lambda value: value)

    if sys.implementation.name == "micropython":
        sys.modules["re"] = _Module(compile=_Pattern, search=re.search, sub=re.sub)
        sys.modules["inspect"] = _Module()  # boards have none; this build's knows no coroutines
        sys.modules["traceback"] = _Module(print_exception=sys.print_exception)
        for name in ("typing", "circuitpython_typing", "circuitpython_typing.socket"):
            sys.modules[name] = _Typing()


class _Match:
    """A match of MicroPython's `re`, with the groups() that boards leave out."""

    def __init__(self, match):
        self.group = match.group

    def groups(self):
        found = []
        try:
            while True:
                found.append(self.group(len(found) + 1))
        except IndexError:
            return tuple(found)


class _Pattern:
    """What re.compile() gives, with such matches."""

    def __init__(self, text):
        made = re.compile(text)
        self.split = made.split
        self._match = made.match

    def match(self, text):
        found = self._match(text)
        return found and _Match(found)


class _Typing:
    """What is imported for annotations only, which MicroPython does not look at."""

    Protocol = object

    def __getattr__(self, name):
        return self

    def __getitem__(self, what):
        return self


class _Module:
    def __init__(self, **names):
        for name, value in names.items():
            setattr(self, name, value)


def page(number):
    """What a page of ours says: nothing of any other."""
    return pattern(PAGE, number)


class Visit:
    """Clients outside that get all pages, each coming again as soon as it has one."""

    def __init__(self, rig):
        self.sock = rig.open("browse %d %d %d %d" % (rig.listen_port, PAGES, CLIENTS, PAGE))
        self.sock.setblocking(False)
        self.said = b""

    def over(self):
        """Whether they are done; `said` is what they have to say then."""
        try:
            self.said += self.sock.recv(200)
        except OSError as error:
            if error.args[0] != EAGAIN:
                raise
        return self.said[-1:] == b"\n"


def context(rig):
    """A TLS context that trusts the peers."""
    made = rig.modem.ssl.create_default_context()
    made.load_verify_locations(cadata=rig.place["pem"]["ca"].encode())
    return made
