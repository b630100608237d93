"""The differences between our sockets and CPython's that are as they should be, with reasons.

`FORCED` is a list of rules: in which cells a rule holds, what ours gives there instead, why, and
where that is documented. Rules are applied in their order, each to what the rules before it have
left. `by` names the origin:

    module       the module cannot do it, or does it otherwise: listed in lib/SOCKETS.md
    micropython  MicroPython's sockets do it so
    linux        a peculiarity of Linux or of CPython's own code that is not imitated
    choice       ours is like this on purpose

A rule that changes no cell fails the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from driver.contract.calls import CALLS
from driver.contract.situations import MODES
from driver.contract.table import Cell, Outcomes

MODULE, MICROPYTHON, LINUX, CHOICE = "module", "micropython", "linux", "choice"

Change = Callable[[Outcomes, Cell, str], str]
"""(what CPython gives everywhere, a cell, what it should give so far) -> what ours gives."""


@dataclass(frozen=True)
class Forced:
    """A pattern ends with "*" to stand for every name that begins so, or is one word with "*"
    before and after it. `optional`: CPython's outcome is right, too."""

    gives: str | Change
    reason: str
    source: str
    calls: tuple[str, ...]
    situations: tuple[str, ...] = ("*",)
    modes: tuple[str, ...] = tuple(MODES)
    by: str = MODULE
    optional: bool = False

    def holds(self, cell: Cell) -> bool:
        """Whether it is about this cell."""
        situation, mode, call = cell
        return (
            mode in self.modes
            and any(_fits(situation, pattern) for pattern in self.situations)
            and any(_fits(call, pattern) for pattern in self.calls)
        )

    def applied(self, contract: Outcomes, cell: Cell, text: str) -> str:
        """What ours gives instead of `text`."""
        return self.gives if isinstance(self.gives, str) else self.gives(contract, cell, text)


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("*") and len(pattern) > 1:
        return pattern.strip("*") in name
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


# -- changes -------------------------------------------------------------------------------


def replaced(old: str, new: str) -> Change:
    """With some words replaced."""
    return lambda contract, cell, text: text.replace(old, new)


def like(situation: str) -> Change:
    """As in another situation, where the call is made in that."""
    return lambda contract, cell, text: contract.get((situation, *cell[1:]), text)


def as_blocking(contract: Outcomes, cell: Cell, text: str) -> str:
    """As in blocking mode, unless that waits."""
    blocking = contract[cell[0], "blocking", cell[2]]
    return text if "waits" in blocking else blocking


def sending_fails(seen: str) -> Change:
    """What would have been sent raises EPIPE; the peer then sees `seen`."""

    def change(contract: Outcomes, cell: Cell, text: str) -> str:
        steps, parts = cell[2].split("; "), text.split("; ")
        for number, step in enumerate(steps[: len(parts)]):
            if step.startswith(("send", "write", "makefile('wb')")) and step not in EMPTY:
                if parts[number] not in _FAILED:
                    parts[number] = "EPIPE"
            elif step == "peer reads" and seen:
                parts[number] = seen
        if CALLS[cell[2]].strict and "EPIPE" in parts:
            parts = parts[: parts.index("EPIPE") + 1]
        return "; ".join(parts)

    return change


EMPTY = ("send(b'')", "sendall(b'')")
_FAILED = ("EPIPE", "EAGAIN", "ECONNRESET", "TypeError", "timed out", "waits")


def without_peeking(contract: Outcomes, cell: Cell, text: str) -> str:
    """MSG_PEEK refused, then what recv(5) alone gives."""
    return "EOPNOTSUPP; " + _wanted(contract, (*cell[:2], "recv(5)"))[0]


def nothing_more_yet(contract: Outcomes, cell: Cell, text: str) -> str:
    """After the first read nothing is known yet."""
    parts = text.split("; ")
    return "; ".join(parts[:1] + ["EAGAIN"] * (len(parts) - 1))


def text_sent(contract: Outcomes, cell: Cell, text: str) -> str:
    """What send(b'hello') gives, for four bytes."""
    found = _wanted(contract, (*cell[:2], "send(b'hello')"))[0]
    return "4" if found == "5" else found


def sixteen_bits(contract: Outcomes, cell: Cell, text: str) -> str:
    """TypeError, before anything is looked at; the peer sees what there was."""
    if not cell[2].endswith("peer reads"):
        return "TypeError"
    _, _, seen = text.partition("; ")
    return f"TypeError; {'nothing' if seen in ('', repr(b'ABCD')) else seen}"


# -- the rules -----------------------------------------------------------------------------

HALF_CLOSED = ("half-closed*", "closed by the peer*")
QUEUED = "at-commands 3.4: +UUSORD and +UUSOCL come after the answer to the read"

FORCED: tuple[Forced, ...] = (
    # Situations that we do not have.
    Forced(
        like("closed by the peer"),
        "nothing is sent to a peer that has closed, so it cannot answer with a reset",
        "A5 5.5: +USOWR returns 0",
        ("*",),
        ("closed by the peer, sent to",),
    ),
    Forced(
        like("UDP with a peer"),
        "the module does not report that a port is unreachable",
        "at-commands 3.4: no URC for it",
        ("getsockopt(SO_ERROR)", "send*", "recv*", "accept()"),
        ("UDP, port unreachable",),
    ),
    Forced(
        "5; nothing",
        "as above; it goes to the port that is not reachable",
        "at-commands 3.4",
        ("send(b'hello'); peer reads",),
        ("UDP, port unreachable",),
    ),
    # What is not imitated: the rules after these see the plain cases.
    Forced(
        as_blocking,
        "CPython polls before it asks the kernel, and so waits where an error is certain",
        "Modules/socketmodule.c, sock_call_ex()",
        ("accept()*", "listen(); accept()"),
        modes=("time-out",),
        by=LINUX,
    ),
    Forced(
        as_blocking,
        "as above",
        "Modules/socketmodule.c, sock_call_ex()",
        ("send*", "recv*", "connect(S), answered*", "connect(refused); connect(S)*"),
        ("listening*",),
        ("time-out",),
        LINUX,
    ),
    Forced(
        as_blocking,
        "after a connect() with a time-out the kernel still takes the socket for connecting",
        "Modules/socketmodule.c, internal_connect(); net/ipv4/af_inet.c",
        ("connect(S); connect(S)", "connect(S), answered*", "connect(refused); connect(S)*"),
        ("new", "bound", "refused", "connecting, refused"),
        ("time-out",),
        LINUX,
    ),
    Forced(
        replaced("b''", "ENOTCONN"),
        "a socket whose error was not raised by connect() reads as ended on Linux",
        "net/ipv4/tcp.c, tcp_recvmsg()",
        ("recv(100); recv(100); recv(100)",),
        ("connecting, refused",),
        by=LINUX,
        optional=True,
    ),
    Forced(
        "EINVAL",
        "a dead socket can be bound again on Linux",
        "net/ipv4/af_inet.c, inet_bind()",
        ("bind(('', P)); getsockname()",),
        ("reset*", "connecting, refused", "refused"),
        by=LINUX,
        optional=True,
    ),
    # -- sending
    Forced(
        sending_fails("end"),
        "once the peer has closed, the module takes no more data: there is no half-closed state",
        "A5 5.5: +USOWR returns 0; at-commands 3.1",
        ("send*", "write*", "makefile('wb')*", "shutdown(SHUT_RD); recv*"),
        ("half-closed", "half-closed, end read"),
    ),
    Forced(
        sending_fails("nothing"),
        "as above; the module closes its end when the data has been read",
        "A5 5.5: +USOWR returns 0, +UUSOCL follows the last read",
        ("send*", "write*", "makefile('wb')*"),
        ("half-closed, data",),
    ),
    Forced(
        sending_fails("end"),
        "as above: here the data is read",
        "A5 5.5: +UUSOCL follows the last read",
        ("shutdown(SHUT_RD); recv*",),
        ("half-closed, data",),
    ),
    Forced(
        sending_fails(""),
        "as above",
        "A5 5.5: +USOWR returns 0",
        ("send*",),
        ("closed by the peer*",),
    ),
    Forced(
        replaced("5000", "1024"),
        "one command takes up to 1024 bytes, so send() returns that",
        "at-commands 3.5",
        ("send(5000 bytes)",),
    ),
    Forced(
        "timed out; 2048 bytes",
        "0.2 s are over after two of the five commands: the UART carries 11 bytes a millisecond",
        "A5 5.3: +USOWR",
        ("sendall(5000 bytes); peer reads",),
        ("connected", "connected, data"),
        ("time-out",),
    ),
    # -- shutdown and close
    Forced(
        replaced("; end", "; nothing"),
        "the module has no half-close: FIN is sent by close() or shutdown(SHUT_RDWR)",
        "at-commands 3.1: +USOCL closes both directions",
        ("shutdown(SHUT_WR); peer reads",),
        ("connected", "connected, data", "half-closed, data"),
    ),
    Forced(
        replaced("; end", "; nothing"),
        "as above",
        "at-commands 3.1",
        ("send(b'hello'); peer reads",),
        ("shut for writing",),
    ),
    Forced(
        replaced("; ENOTCONN", "; None"),
        "as above: the connection has not ended on our side",
        "at-commands 3.1",
        ("shutdown(SHUT_WR); send(b'x'); recv(100); shutdown(SHUT_WR)",),
        ("half-closed*",),
        optional=True,
    ),
    Forced(
        replaced("b'line one\\nrest'", "b''"),
        "closing the module's socket clears its buffer",
        "at-commands 3.1: +USOCL, buffer cleared",
        ("shutdown(SHUT_RDWR); recv(100)*",),
        optional=True,
    ),
    Forced(
        replaced("; reset", "; end"),
        "the module ends a connection in order, also when unread data is thrown away",
        "at-commands 3.1: +USOCL (which of the two a module sends is not documented)",
        ("close(); peer reads",),
        optional=True,
    ),
    # -- connecting
    Forced(
        "EINPROGRESS; EALREADY",
        "an answer from the network takes time: the second call always comes before it",
        "at-commands 3.1: +UUSOCO",
        ("connect(S); connect(S)",),
        ("new", "bound", "refused"),
        ("non-blocking",),
    ),
    Forced(
        "EAGAIN",
        "the module makes one connection at a time",
        "at-commands 3.1: while +USOCO is pending no other socket may connect",
        ("connect(silent); of another socket connect(S)",),
        modes=("non-blocking",),
        optional=True,
    ),
    Forced(
        "timed out; timed out; None",
        "the module makes one connection at a time: one that is given up is ended",
        "at-commands 3.1",
        ("connect(silent); connect(silent); connect(S)",),
        ("new", "refused"),
        ("time-out",),
    ),
    Forced(
        "ECONNREFUSED; timed out; None",
        "as above",
        "at-commands 3.1",
        ("connect(silent); connect(silent); connect(S)",),
        ("connecting, refused",),
        ("time-out",),
    ),
    # -- addresses
    Forced(
        "ValueError",
        "the module takes ports from 1 to 65535",
        "at-commands 3.1: +USOCO, +USOST",
        ("connect((host, 0))", "sendto(b'x', (host, 0))"),
    ),
    Forced(
        "ValueError",
        "every wrong value is a ValueError",
        "tests/behaviours/refusals.py",
        ("*65536*", "*-1))*"),
        by=CHOICE,
    ),
    Forced(
        replaced("(own, chosen)", "(own, 0)"),
        "the module does not report the local port it has chosen",
        "at-commands 3.3: +USOCTL has the peer's only",
        ("*getsockname()*",),
    ),
    Forced(
        replaced("(any, chosen)", "(any, 0)"),
        "as above",
        "at-commands 3.3",
        ("*getsockname()*",),
    ),
    Forced(
        "None",
        "a UDP socket of the module may listen: datagrams of any sender are then announced",
        "at-commands 3.1: +USOLI, data by +UUSORF",
        ("listen()",),
        ("UDP*",),
        optional=True,
    ),
    # -- datagrams
    Forced(
        "EMSGSIZE",
        "a datagram has at most 1024 bytes",
        "at-commands 3.5",
        ("sendto(1025 bytes, U)",),
        ("UDP new", "UDP with a peer", "UDP, a datagram waits"),
    ),
    Forced(
        "EOPNOTSUPP",
        "a datagram has at least one byte: the module cannot send an empty one",
        "at-commands 3.1: +USOST, length from 1",
        ("send(b'')", "sendall(b'')"),
        ("UDP with a peer",),
    ),
    Forced(
        "EOPNOTSUPP; nothing",
        "as above",
        "at-commands 3.1",
        ("sendto(b'', U); peer reads",),
        ("UDP new", "UDP with a peer", "UDP, a datagram waits"),
    ),
    Forced(
        "b'line '; b'one\\nr'",
        "the module gives what is left of a datagram to the next read",
        "at-commands 3.1: +USORF, one datagram or its rest",
        ("recv(5); recv(5)",),
        ("UDP, a datagram waits",),
    ),
    Forced(
        "(b'line ', (peer, udp)); (b'one\\nrest', (peer, udp))",
        "as above",
        "at-commands 3.1: +USORF",
        ("recvfrom(5); recvfrom(100)",),
        ("UDP, a datagram waits",),
    ),
    # -- receiving
    Forced(
        nothing_more_yet,
        "what follows a read is announced after it: a socket that does not wait sees it later",
        QUEUED,
        ("recv(100); recv(100); recv(100)",),
        ("half-closed, data", "reset, data", "UDP, two datagrams wait"),
        ("non-blocking",),
        optional=True,
    ),
    Forced(
        replaced("ECONNRESET", "b'line one\\nrest'"),
        "as above: read() of a socket that does not wait returns what is there",
        QUEUED,
        ("read(100)", "read()"),
        ("reset, data",),
        ("non-blocking",),
        optional=True,
    ),
    Forced(
        without_peeking,
        "what is left in the module cannot be looked at without taking it",
        "at-commands 3.1: +USORD",
        ("recv(5, MSG_PEEK)*",),
        optional=True,
    ),
    Forced(
        "None",
        "None means that nothing is there",
        "MicroPython: stream methods return None for EAGAIN",
        ("readline()",),
        ("connecting", "connected"),
        ("non-blocking",),
        MICROPYTHON,
    ),
    Forced(
        "None",
        "as above, of a file",
        "MicroPython",
        ("makefile('rb').readline()", "makefile('r').readline()"),
        ("connecting", "connected"),
        ("non-blocking",),
        MICROPYTHON,
        optional=True,
    ),
    Forced(
        replaced("ECONNRESET", "(b'line one\\n', b'rest')"),
        "as above: what has come is handed out before the reset is seen",
        QUEUED,
        ("list(makefile('rb'))",),
        ("reset, data",),
        ("non-blocking",),
        optional=True,
    ),
    Forced(
        "ECONNREFUSED; EINPROGRESS; EALREADY; EAGAIN",
        "an answer from the network takes time: the next call always comes before it",
        "at-commands 3.1: +UUSOCO",
        ("connect(S), answered; connect(S); connect(S); send(b'x')",),
        ("connecting, refused",),
        ("non-blocking",),
        optional=True,
    ),
    Forced(
        "(peer, server)",
        "the module still knows the connection while it has data to be read",
        "at-commands 3.4: +UUSOCL is held back",
        ("getpeername()",),
        ("reset, data",),
        optional=True,
    ),
    # -- wrong types
    Forced(
        sixteen_bits,
        "items of 16 bits are refused: on MicroPython nothing turns them into bytes in place",
        "lib/SOCKETS.md",
        ("*16-bit items*",),
        by=CHOICE,
    ),
    # -- options and descriptors
    Forced(
        "ENOPROTOOPT",
        "the module has no option for the size of its buffers",
        "at-commands 3.2, 3.5",
        ("getsockopt(SO_RCVBUF)", "setsockopt(SO_RCVBUF, 4096)"),
        (
            "new", "bound", "connecting", "connected", "reset", "listening", "UDP new",
            "UDP with a peer",
        ),
    ),
    Forced(
        replaced("a descriptor", "-1"),
        "a socket behind a UART has no file descriptor",
        "lib/SOCKETS.md",
        ("fileno()", "detach()*"),
    ),
    Forced(
        text_sent,
        "a str is sent as UTF-8",
        "MicroPython: str has the buffer protocol",
        ("send('text')",),
        by=MICROPYTHON,
    ),
)  # fmt: skip


def admissible(contract: Outcomes) -> dict[Cell, tuple[str, ...]]:
    """What ours may give: the first is what a program should expect."""
    return {cell: _wanted(contract, cell) for cell in contract}


def _wanted(contract: Outcomes, cell: Cell) -> tuple[str, ...]:
    found = (contract[cell],)
    for rule in FORCED:
        if rule.holds(cell):
            changed = tuple(rule.applied(contract, cell, text) for text in found)
            found = tuple(dict.fromkeys(found + changed if rule.optional else changed))
    return found


def idle_rules(contract: Outcomes) -> list[Forced]:
    """Rules that change nothing."""
    idle = list(FORCED)
    for cell, outcome in contract.items():
        for rule in FORCED:
            if rule.holds(cell):
                changed = rule.applied(contract, cell, outcome)
                if changed != outcome:
                    if rule in idle:
                        idle.remove(rule)
                    outcome = changed
    return idle
