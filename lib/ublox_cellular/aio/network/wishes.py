"""What `connect()` was told, and what earlier programs have left in the module. A5, A10 2.1.

What is left out stays as the module has it; what may be why nothing comes of it is named.
"""

from ...core.compat import const
from ...core.errors import CommandError, Garbled, ModemError

_RADIO_MS = const(180000)  # +CFUN, at most (at-commands 1.6)
_ATTACH = const(1)  # the context that is the bearer of the attach
_FEW_BANDS = const(4)
_EINVAL = const(22)
# +CME ERROR: user, or PDP, or GPRS authentication failure.
_NOT_ACCEPTED = (129, 149, 1552)


async def context(connection, rows) -> None:
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
        await connection.ask(b"+CFUN", 0, timeout_ms=_RADIO_MS, max_ms=_RADIO_MS)
        network.stat = None
        await connection.ask(b"+CGDCONT", *wanted)
    else:
        await modem.release_data()
        await network.define(cid, wanted[2], wanted[1])
    network.written = wanted
    network.set_up(False)
    if connection.apn and not connection.user:
        await modem.forget_user(connection)


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


async def restrictions(connection) -> str:
    """What the module is limited to, where that may be why it does not register: in words."""
    network = connection.modem.network
    found = []
    try:
        rats = await network.rats()
        if len(rats) < len(network.technologies()):
            found.append("technology " + ", ".join(rats))
        bands = await network.bands()
        if len(bands) <= _FEW_BANDS:
            found.append("bands " + ", ".join([str(band) for band in bands]))
    except (CommandError, Garbled):
        pass
    return "; ".join(found)


async def widen(connection, registered, code: int) -> None:
    """Before a restart. Registered, but the network does not accept who we are (`code` of its
    refusal): the user is taken away that an earlier program has left. Else all technologies and
    all bands are allowed again that this program has not chosen itself. Where the module refuses
    it, things stay as they are."""
    network = connection.modem.network
    if registered:
        given = not connection.apn or connection.user or network.chosen_user is not None
        if code in _NOT_ACCEPTED and not given:
            await connection.modem.forget_user(connection)
        return
    ask = connection.modem.channel.command
    connection.dark = True  # off now, so that it is not switched with each of them
    await ask(b"+CFUN", 0, timeout_ms=_RADIO_MS, max_ms=_RADIO_MS)
    try:
        names = [entry[0] for entry in network.technologies()]
        if network.chosen_rats is None and len(names) > 1:
            await network.set_rats(names, restart=False)
            network.chosen_rats = None  # it was not the program
    except (CommandError, Garbled):
        pass
    try:
        if network.chosen_bands is None:
            await network.allow_bands()
    except (CommandError, Garbled):
        pass
