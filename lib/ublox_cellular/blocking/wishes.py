# Generated from aio/wishes.py by tools/generate. Do not edit.
"""What `connect()` was told of the PDP context, compared with what the module has. A5, A10 2.1.

What is left out stays as the module has it.
"""

from ..core.compat import const
from ..core.errors import ModemError

_RADIO_MS = const(180000)  # +CFUN, at most (at-commands 1.6)
_ATTACH = const(1)  # the context that is the bearer of the attach
_EINVAL = const(22)


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
            text = (
                "context %d has that APN already, which two cannot have (A5 575): connect(cid=%d)"
            )
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
