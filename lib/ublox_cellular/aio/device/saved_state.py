"""The state of the driver, in at most 256 bytes: for RTC memory while the microcontroller
sleeps. It contains nothing secret.

Layout, little endian: "uC", version, length; kind of module; baud rate; flags; status of
registration; power saving; check sum of the arguments of `connect()`; counters and policy of the
ladder; sockets, 15 bytes each; check sum.
 The sources of what is saved are in the files that it comes from: at-commands 2.1, 3.3, 11."""

import struct

from ...core.compat import const
from ...core.errors import CommandError, ModemError

_VERSION = const(4)
_HEAD = "<2sBBBIHBBBIBHBBB"  # up to the number of rungs, the length of the policy, of the sockets
_SOCKET = "<BBHBHII"  # number, kind, local port, flags, bytes announced, sent, read

# Flags of the module.
_UP = const(1)
_POWER = const(2)
_DEEP = const(4)
_REPORTING = const(8)
_GREETING = const(32)
_PIN_REFUSED = const(64)
_VOTE_LEVEL = const(128)
_VOTED = const(256)
_FLOW = const(512)  # flow control was set,
_FLOW_ON = const(1024)  # and it is on
_CID_SHIFT = const(11)  # four bits: the context of data

# Flags of a socket.
_CONNECTED = const(1)
_CLOSED = const(2)
_IP6 = const(4)

_OPEN = const(1)
_UNKNOWN = 0xFFFFFFFF  # counter of a socket


def save_state(modem) -> bytes:
    """At most 256 bytes for `SaraR5(uart, state=…)` or `LexiR10(uart, state=…)`, which then
    continues where this program stops: power saving, counters, and the open sockets
    (`socket_pool.adopted`, in the order of their numbers). Sends nothing and does not wait.

    Not included: received data that the application has not read, listening sockets, and the
    arguments of `connect()`; calling it again is cheap.

    Raises nothing: a value that does not fit its field is saved as 0.
    """
    pool = modem.loaded.get("socket_pool")
    sockets = b"".join([_of(slot) for slot in pool.slots if _worth(slot)]) if pool else b""
    counts = bytes(modem.recovery.counts)
    policy = modem.recovery.saved()
    power = modem.sleeper
    network = modem.network
    flags = (_UP if network.up else 0) | (_GREETING if modem.channel.greeting else 0)
    flags |= _PIN_REFUSED if modem.pin_refused else 0
    saving = (0, 0, 0, 0)
    if power:
        saving = (power.mode, power.level, power.after_ms, power.depth)
        for flag, on in (
            (_POWER, True), (_DEEP, power.deep), (_REPORTING, power.reporting),
            (_VOTE_LEVEL, power.vote_level),
            (_VOTED, power.votes or power.vote_owed),
        ):  # fmt: skip
            flags |= flag if on else 0
    if modem.flow is not None:
        flags |= _FLOW | (_FLOW_ON if modem.flow else 0)
    flags |= (network.cid & 15) << _CID_SHIFT
    stat = 255 if network.stat is None else network.stat
    size = struct.calcsize(_HEAD) + len(counts) + len(policy) + len(sockets) + 2
    head = struct.pack(
        _HEAD, b"uC", _VERSION, size, ord(modem.name[0]), modem.baudrate, flags,
        _fit(stat, 255), _fit(saving[0], 255), _fit(saving[1], 255), _fit(saving[2], _UNKNOWN),
        saving[3], wish(network), len(counts), len(policy), len(sockets),
    )  # fmt: skip
    body = head + counts + policy + sockets
    return body + struct.pack("<H", _check(body))


def _worth(slot) -> bool:
    sock = slot.sock()
    return slot.state == _OPEN and sock is not None and not sock.errno and not sock.backlog


def _of(slot) -> bytes:
    sock = slot.sock()
    flags = (_CONNECTED if slot.connected else 0) | (_CLOSED if slot.closed else 0)
    flags |= _IP6 if sock.family != 2 else 0
    return struct.pack(
        _SOCKET, slot.number, sock.type, _fit(sock.port, 65535), flags,
        _fit(min(slot.pending, 65535), 65535), _counter(slot.total), _counter(slot.taken),
    )  # fmt: skip


def _fit(value, most: int) -> int:
    """The value if it is 0 to `most`, otherwise 0: a module may report anything."""
    return value if isinstance(value, int) and 0 <= value <= most else 0


def _counter(value: int) -> int:
    return value % _UNKNOWN if value >= 0 else _UNKNOWN


def wish(network) -> int:
    """A check sum of the last arguments of `connect()`, by which other ones are noticed."""
    if network.wanted is None:
        return network.restored or 0
    return _check(_arguments(network.wanted).encode())


def _arguments(to) -> str:
    return "%s\n%s\n%s\n%s\n%s" % (to.apn, to.kind, to.plmn, to.user, to.mno)


def resume(connection, stage: int) -> None:
    """What stood when the state was saved stands unless the module says otherwise, or `connect()`
    has other arguments now."""
    network = connection.modem.network
    given = _arguments(connection)
    same = given == "\n\n\n\nNone" or _check(given.encode()) == network.restored
    if same and connection.cid in (None, network.cid):
        connection.cid = network.cid
        connection.stage = stage
    network.restored = None


def _check(data) -> int:
    """Fletcher's sum: detects RTC memory that lost its supply."""
    a = b = 0
    for c in data:
        a = (a + c) % 255
        b = (b + a) % 255
    return b << 8 | a


def restore(modem, state) -> None:
    """Restore a saved state. It is checked with the module before the driver relies on it; bytes
    that are no state of such a module are ignored. `TypeError` if it is not bytes."""
    if not isinstance(state, (bytes, bytearray, memoryview)):
        raise TypeError("state: bytes of save_state() wanted")
    size = struct.calcsize(_HEAD)
    if len(state) < size + 2 or bytes(state[:2]) != b"uC" or state[2] != _VERSION:
        return
    body = bytes(state[: state[3] - 2])
    if len(body) < size or state[len(body) : state[3]] != struct.pack("<H", _check(body)):
        return
    found = struct.unpack(_HEAD, body[:size])[3:]
    kind, baudrate, flags, stat, mode, level, after_ms, depth, wished, rungs, policy, rest = found
    if kind != ord(modem.name[0]) or len(body) != size + rungs + policy + rest:
        return
    modem.resumed = modem.as_saved = True
    channel = modem.channel
    channel.echo = False
    channel.suspect = True  # nothing is relied on before the module has answered
    channel.greeting = b"cellular ready" if flags & _GREETING else None
    modem.pin_refused = bool(flags & _PIN_REFUSED)
    if modem.flow is None and flags & _FLOW:
        modem.flow = bool(flags & _FLOW_ON)
    if baudrate != modem.baudrate:
        from .attach import set_uart

        try:
            set_uart(channel.port, baudrate)
            modem.baudrate = baudrate
        except ModemError:  # fixed rate: power_on() searches for the module at that
            pass
    network = modem.network
    network.cid = flags >> _CID_SHIFT & 15
    network.stat = None if stat == 255 else stat
    network.up = bool(flags & _UP)
    network.restored = wished if network.up else None
    if network.up:
        modem.watch()
    if rungs == len(modem.recovery.counts):
        modem.recovery.counts[:] = body[size : size + rungs]
        modem.recovery.restore(body[size + rungs : size + rungs + policy])
    if flags & _POWER:
        power = modem.power
        power.mode = mode
        power.level = level
        power.after_ms = after_ms
        power.depth = depth
        _power(power, flags)
    if rest:
        _sockets(modem, body[size + rungs + policy :])


def _power(power, flags: int) -> None:
    power.settle()
    power.deep = bool(flags & _DEEP)
    power.reporting = bool(flags & _REPORTING)
    power.vote_level = bool(flags & _VOTE_LEVEL)
    power.vote_owed = bool(flags & _VOTED)  # the program that voted has ended: it may sleep again
    channel = power.modem.channel
    channel.restarted = power.vote_owed
    # How long this microcontroller has slept is unknown.
    channel.asleep = bool(power.mode)


def _sockets(modem, data) -> None:
    pool = modem.socket_pool
    step = struct.calcsize(_SOCKET)
    for at in range(0, len(data) - step + 1, step):
        number, kind, port, of_socket, pending, sent, taken = struct.unpack(
            _SOCKET, data[at : at + step]
        )
        if number < len(pool.slots) and kind in (1, 2):
            slot = pool.slots[number]
            sock = pool.socket(10 if of_socket & _IP6 else 2, kind)
            from ..sockets.lifecycle import claim

            claim(sock, slot)
            sock.port = port
            slot.connected = bool(of_socket & _CONNECTED)
            slot.closed = bool(of_socket & _CLOSED)
            slot.pending = pending
            slot.total = sent if sent != _UNKNOWN else -1 << 28
            slot.taken = taken if taken != _UNKNOWN else -1 << 28
            pool.adopted.append(sock)


# ---- sockets from before ------------------------------------------------------------------------
#
# Compares the module's sockets with a saved state, or with the state before a deep sleep.

_ECONNRESET = const(104)
_WHOLE = 0xFFFFFFFF


async def compare(pool) -> None:
    """A saved state was restored, and it may be older than the program's last action: a stream
    that has sent or read more since, or was replaced by another one, is not in the state as saved
    and gets an error."""
    from ..sockets.diagnosis import control

    for slot in pool.slots:
        sock = slot.sock()
        if slot.state != _OPEN or sock is None or sock.type != 1 or slot.total < 0:
            continue
        try:
            same = slot.total == (await control(pool, slot, 2)) & _WHOLE
            same = same and (await control(pool, slot, 3)) & _WHOLE <= slot.taken
        except CommandError:
            continue  # the socket was closed, see refresh()
        if not same and slot.state == _OPEN:
            sock.errno = sock.errno or _ECONNRESET
            pool.discard(slot)
