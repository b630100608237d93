# Generated from aio/network/contexts.py by tools/generate. Do not edit.
"""PDP contexts: the data connections of the network. A5 2.1, A10 2.1, at-commands 2.2."""

from ...core.addresses import pair, with_mask
from ...core.command import milliseconds, sendable
from ...core.compat import const
from ...core.errors import CommandError, Garbled, ModemError
from .radio import write

_ACTIVATE_MS = const(150000)  # +CGACT, at most (at-commands 1.6)
_DEACTIVATE_MS = const(40000)
_LONGEST_APN = const(99)
_LONGEST_USER = const(64)
_ATTACH = const(1)  # the context that is the bearer of the attach
_LARGEST_MTU = const(65535)
KINDS = ("IP", "IPV6", "IPV4V6", "NONIP")
METHODS = ("none", "pap", "chap", "auto")

_EBUSY = const(16)
_EINVAL = const(22)
_EMFILE = const(24)


def contexts(network) -> list:
    """All that are defined, each a dictionary: "cid"; "kind", "IP", "IPV6", "IPV4V6" or "NONIP";
    "apn"; "address", a pair (IPv4, IPv6), None for what it has not got; "active".

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    active = _active(network)
    found = []
    for row in _defined(network):
        found.append(
            {
                "cid": row[0],
                "kind": row[1],
                "apn": row[2] or "",
                "address": pair(row[3] if len(row) > 3 else None),
                "active": row[0] in active,
            }
        )
    return found


def define(network, cid: int, apn: str, kind="IP") -> bool:
    """Define a context: `cid` 0 to 11 on SARA-R5, 1 to 15 on LEXI-R10, `apn` of at most 99
    characters. False if it is so already. Context 1 is that of the attach: for it the radio is
    switched off and on again (A5 2.2). The module keeps it.

    `ValueError`; `ModemError(EBUSY)` for another context that is active.
    """
    check_cid(network, cid)
    sendable(apn, _LONGEST_APN)
    if not isinstance(apn, str):
        apn = str(apn, "utf-8")
    if kind not in KINDS:
        raise ValueError("kind: " + ", ".join(KINDS))
    for row in _defined(network):
        if row[0] == cid and row[1] == kind and str(row[2] or "").lower() == apn.lower():
            return False
    _set(network, cid, kind, apn)
    return True


def undefine(network, cid: int) -> bool:
    """Forget a context. False if it is not defined; errors as of `define`.

    Raises `ValueError` for a `cid` out of range, `CommandError` while the context is active.
    """
    check_cid(network, cid)
    if cid not in [row[0] for row in _defined(network)]:
        return False
    _set(network, cid)
    return True


def _set(network, cid: int, *parts) -> None:
    channel = network.modem.channel
    if cid != _ATTACH:
        if cid in _active(network):
            raise ModemError(_EBUSY, "context %d is active: deactivate() it first" % cid)
        channel.command(b"+CGDCONT", cid, *parts)
        return
    write(network, False, b"+CGDCONT", cid, *parts)


def activate(network, cid: int, timeout_ms=_ACTIVATE_MS) -> bool:
    """Bring a context up. False if it is. 7 may be active on SARA-R5, 3 on LEXI-R10.

    `ModemError` if it is not defined or too many are active; `CommandError` with the network's
    reason.
    """
    check_cid(network, cid)
    timeout_ms = milliseconds(timeout_ms) or 1
    channel = network.modem.channel
    began = channel.port.ticks_ms()
    active = _active(network, timeout_ms)
    if cid in active:
        return False
    left = channel.remaining(timeout_ms, began)
    if cid not in [row[0] for row in _defined(network, left)]:
        raise ModemError(_EINVAL, "context %d is not defined: define() it" % cid)
    most = network.context_limits()[2]
    if len(active) >= most:
        text = "%d contexts are active, which is all there can be: deactivate() one"
        raise ModemError(_EMFILE, text % most)
    left = channel.remaining(timeout_ms, began)
    channel.command(b"+CGACT", 1, cid, timeout_ms=left, max_ms=_ACTIVATE_MS)
    return True


def deactivate(network, cid: int, timeout_ms=_DEACTIVATE_MS) -> bool:
    """Take a context down. False if it is. `ModemError(EBUSY)` for the last one, without which
    the module is not attached (at-commands 2.2): for that `deregister()` or `active(False)`."""
    check_cid(network, cid)
    timeout_ms = milliseconds(timeout_ms) or 1
    channel = network.modem.channel
    began = channel.port.ticks_ms()
    active = _active(network, timeout_ms)
    if cid not in active:
        return False
    if len(active) == 1:
        text = "context %d is the last bearer of the attach: deregister(), or radio off" % cid
        raise ModemError(_EBUSY, text)
    left = channel.remaining(timeout_ms, began)
    channel.command(b"+CGACT", 0, cid, timeout_ms=left, max_ms=_DEACTIVATE_MS)
    return True


def address(network, cid=None):
    """(IPv4, IPv6) of a context (None: that of the data connection), None for what it has not
    got.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    cid = network.cid if cid is None else cid
    check_cid(network, cid)
    four = six = None
    for row in network.modem.channel.command(b"+CGPADDR", cid):
        if row and row[0] == cid:
            for text in row[1:]:  # one string with both, or two
                found = pair(text)
                four = four or found[0]
                six = six or found[1]
    return four, six


def parameters(network, cid=None) -> dict:
    """What the network has given an active context (None: that of the data connection): "apn";
    "address", "mask", "gateway" of IPv4; "address6", "prefix6" (its length), "gateway6" of IPv6;
    "dns", a tuple; "mtu" in bytes. None or empty for what it has not told. `CommandError` if the
    context is not active."""
    cid = network.cid if cid is None else cid
    check_cid(network, cid)
    found = {"apn": "", "dns": (), "mtu": None}
    for name in ("address", "mask", "gateway", "address6", "prefix6", "gateway6"):
        found[name] = None
    for row in network.modem.channel.command(b"+CGCONTRDP", cid):
        if row and row[0] == cid:  # one line for each family, or for more servers
            _merge(found, row + [None] * (12 - len(row)))
    return found


def _merge(found: dict, row: list) -> None:
    found["apn"] = found["apn"] or row[2] or ""
    text, mask = with_mask(row[3])
    four, six = pair(text)
    if four and not found["address"]:
        found["address"] = four
        found["mask"] = mask
    if six and not found["address6"]:
        found["address6"] = six
        found["prefix6"] = mask
    four, six = pair(row[4])
    found["gateway"] = found["gateway"] or four
    found["gateway6"] = found["gateway6"] or six
    for server in row[5:7]:
        four, six = pair(server)
        server = four or six
        if server and server not in found["dns"]:
            found["dns"] += (server,)
    if isinstance(row[11], int) and 0 < row[11] <= _LARGEST_MTU:
        found["mtu"] = row[11]


def credentials(method, user, password) -> int:
    """Number of an authentication method; `ValueError` for what cannot be sent."""
    if method not in METHODS:
        raise ValueError("method: " + ", ".join(METHODS))
    sendable(user, _LONGEST_USER)
    sendable(password, _LONGEST_USER)
    if (method == "none") != (not user and not password):
        raise ValueError("user and password: with a method, and only then")
    return METHODS.index(method)


def kind_of(network, cid: int) -> str:
    """Its type, one of `KINDS`; `ModemError` if the context is not defined."""
    for row in _defined(network):
        if row[0] == cid:
            return row[1]
    raise ModemError(_EINVAL, "context %d is not defined: define() it" % cid)


def check_cid(network, cid) -> None:
    """`TypeError`, `ValueError` for what is no context of the module's."""
    first, last, _ = network.context_limits()
    if not isinstance(cid, int):
        raise TypeError("cid: number wanted")
    if not first <= cid <= last:
        raise ValueError("cid: %d to %d" % (first, last))


def _defined(network, limit_ms: int = 0) -> list:
    return network.modem.channel.command(b"+CGDCONT?", least=3, limit_ms=limit_ms)


def _active(network, limit_ms: int = 0) -> list:
    rows = network.modem.channel.command(b"+CGACT?", least=2, limit_ms=limit_ms)
    return [row[0] for row in rows if row[1] == 1]


# ---- what connect() was given -------------------------------------------------------------------
#
# What `connect()` was told, and what earlier programs have left in the module. A5, A10 2.1.
#
# What is left out stays as the module has it; what may be why nothing comes of it is named.

_RADIO_MS = const(180000)  # +CFUN, at most (at-commands 1.6)
_FEW_BANDS = const(4)
# +CME ERROR: user, or PDP, or GPRS authentication failure.
_NOT_ACCEPTED = (129, 149, 1552)


def context(connection, rows) -> None:
    """Write type and APN where they differ; `rows`: of +CGDCONT?."""
    modem = connection.modem
    network = modem.network
    cid = connection.cid
    kind = apn = None
    for row in rows:
        if row[0] == cid:
            kind, apn = row[1], str(row[2] or "")
        elif connection.apn and same(connection.apn, str(row[2] or "")):
            text = "context %d has that APN already, which two cannot have: connect(cid=%d)"
            raise ModemError(_EINVAL, text % (row[0], row[0]))
    wanted = (cid, connection.kind or kind or "IP", connection.apn or apn or "")
    if kind == wanted[1] and apn is not None and same(wanted[2], apn):
        return
    # Once attached a module may show what the network has granted instead.
    if wanted == network.written and network.registered():
        return
    if cid == _ATTACH:
        connection.dark = True
        connection.ask(b"+CFUN", 0, timeout_ms=_RADIO_MS, max_ms=_RADIO_MS)
        network.stat = None
        connection.ask(b"+CGDCONT", *wanted)
    else:
        modem.release_data()
        network.define(cid, wanted[2], wanted[1])
    network.written = wanted
    network.set_up(False)
    if connection.apn and not connection.user:
        modem.forget_user(connection)


def same(wanted: str, shown: str) -> bool:
    """Whether a module shows the APN that was given to it: the network may have added an operator
    identifier, such as ".mnc001.mcc001.gprs"."""
    wanted, shown = wanted.lower(), shown.lower()
    if shown == wanted:
        return True
    rest = shown[len(wanted) :].split(".")
    return (
        shown.startswith(wanted)
        and len(rest) == 4
        and [part[:3] for part in rest] == ["", "mnc", "mcc", "gpr"]
        and rest[1][3:].isdigit()
        and rest[2][3:].isdigit()
    )


def restrictions(connection) -> str:
    """What the module is limited to, where that may be why it does not register: in words."""
    network = connection.modem.network
    found = []
    try:
        rats = network.rats()
        if len(rats) < len(network.technologies()):
            found.append("technology " + ", ".join(rats))
        bands = network.bands()
        if len(bands) <= _FEW_BANDS:
            found.append("bands " + ", ".join([str(band) for band in bands]))
    except (CommandError, Garbled):
        pass
    return "; ".join(found)


def widen(connection, registered, code: int) -> None:
    """Before a restart. Registered, but the network does not accept who we are (`code` of its
    refusal): the user is taken away that an earlier program has left. Else all technologies and
    all bands are allowed again that this program has not chosen itself. Where the module refuses
    it, things stay as they are."""
    network = connection.modem.network
    if registered:
        given = not connection.apn or connection.user or network.chosen_user is not None
        if code in _NOT_ACCEPTED and not given:
            connection.modem.forget_user(connection)
        return
    ask = connection.modem.channel.command
    connection.dark = True  # off now, so that it is not switched with each of them
    ask(b"+CFUN", 0, timeout_ms=_RADIO_MS, max_ms=_RADIO_MS)
    try:
        names = [entry[0] for entry in network.technologies()]
        if network.chosen_rats is None and len(names) > 1:
            network.set_rats(names, restart=False)
            network.chosen_rats = None  # it was not the program
    except (CommandError, Garbled):
        pass
    try:
        if network.chosen_bands is None:
            network.allow_bands()
    except (CommandError, Garbled):
        pass
