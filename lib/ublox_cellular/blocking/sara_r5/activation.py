# Generated from aio/sara_r5/activation.py by tools/generate. Do not edit.
"""The PSD profile between context and internal stack, and settings only SARA-R5 has. A5 2.2."""

from ...core.compat import const
from ...core.errors import CommandError, ModemError

_PROFILE = const(0)
_CID = const(1)
_ACTIVATE_MS = const(180000)  # +UPSDA, at most (at-commands 1.6)
_ASK_MS = const(5000)
_MISMATCH = const(4001)
_EIO = const(5)
_ETIMEDOUT = const(110)

# PSD profile protocol that fits a context type (A5 2.2.1).
_PROTOCOLS = {"IP": 0, "IPV6": 1, "IPV4V6": 2}


def settings(modem) -> None:
    """Settings the module keeps; the channel is held."""
    channel = modem.channel
    # With one-shot autobaud the module is silent after a restart until it is spoken to.
    rows = channel.ask(b"+IPR", b"?", least=1)
    if rows and rows[0][0] == 0:
        channel.ask(b"+IPR", modem.baudrate)
        channel.pause(100)
        # The profile is stored with the echo still on: its return tells of a restart.
        channel.ask(b"E1")
        channel.ask(b"+CMEE", 0)
        channel.ask(b"&W")
        channel.ask(b"+CMEE", 1)


def authenticate(modem, user: str, password: str) -> None:
    """PAP or CHAP, as the network wants."""
    modem.channel.command(b"+UAUTHREQ", _CID, 3, user, password, secret=3)


def activate(modem, timeout_ms: int) -> None:
    """Map PSD profile 0 to context 1 and activate it, unless it is active."""
    if _active(modem):
        return
    channel = modem.channel
    protocol = 0
    for row in channel.command(b"+CGDCONT", b"?", least=2):
        if row[0] == _CID:
            protocol = _PROTOCOLS.get(row[1], 0)
    channel.command(b"+UPSD", _PROFILE, 100, _CID)
    channel.command(b"+UPSD", _PROFILE, 0, protocol)
    modem.activated = None
    try:
        channel.command(
            b"+UPSDA", _PROFILE, 3, timeout_ms=timeout_ms, max_ms=_ACTIVATE_MS, abortable=True
        )
    except CommandError as error:
        if error.code == _MISMATCH:
            raise ModemError(
                _EIO, "context 1 and PSD profile 0 differ in IP type: give connect() the APN"
            )
        raise
    began = asked = channel.port.ticks_ms()
    while modem.activated is None:
        channel.poll()
        channel.proceed("connect")
        if channel.elapsed(asked) > _ASK_MS:  # the URC may have been lost
            if _active(modem):
                return
            asked = channel.port.ticks_ms()
        if channel.elapsed(began) > timeout_ms:
            raise ModemError(_ETIMEDOUT, "PSD profile not active within %d ms" % timeout_ms)
        channel.sleep(5)
    if modem.activated != 0:
        raise ModemError(_EIO, "PSD profile refused (%d): check the APN" % modem.activated)


def _active(modem) -> bool:
    return (modem.channel.row(3, b"+UPSND", _PROFILE, 8))[2] == 1


def deactivate(modem) -> None:
    modem.channel.command(b"+UPSDA", _PROFILE, 4, timeout_ms=_ACTIVATE_MS, abortable=True)
