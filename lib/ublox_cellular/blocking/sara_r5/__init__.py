# Generated from aio/sara_r5/__init__.py by tools/generate. Do not edit.
"""SARA-R5: what it has or does differently."""

from ...core.command import Secret
from ...core.compat import const
from ...core.errors import ETIMEDOUT, CommandError, ModemError
from ..modem import Modem

_PROFILE = const(0)
_CID = const(1)
_ACTIVATE_MS = const(180000)
_ASK_MS = const(5000)
_MISMATCH = const(4001)

# PSD profile protocol that fits a context type (A5 2.2.1).
_PROTOCOLS = {"IP": 0, "IPV6": 1, "IPV4V6": 2}


class SaraR5(Modem):
    """A SARA-R500S, R510S or R510M8S. Constructor as of `Modem`."""

    model_name = "SARA-R5"
    max_sockets = 7
    power_key_ms = 1500

    def __init__(self, uart, **options):
        super().__init__(uart, **options)
        self._activation = None
        self.channel.urcs.add(b"+UUPSDA", self._activated)
        self.channel.urcs.add(b"+UUPSDD", self._deactivated)

    def _first_settings(self) -> None:
        # With one-shot autobaud the module is silent after a restart until it is spoken to.
        rows = self.channel.ask(b"+IPR", b"?")
        if rows and rows[0][0] == 0:
            self.channel.ask(b"+IPR", self.baudrate)
            self.channel.sleep(100)
            self.channel.ask(b"&W")
        super()._first_settings()

    def _activated(self, line) -> None:
        self._activation = line.number()

    def _deactivated(self, line) -> None:
        if line.number() == _PROFILE:
            self.network.set_up(False)

    def dns_options(self):
        """Parameters of +UDNSRN behind the name: 1 asks for the answer by URC."""
        return (1,) if self.network.async_dns else ()

    def authenticate(self, user: str, password: str) -> None:
        self.channel.command(b"+UAUTHREQ", _CID, 3, user, Secret(password))

    def activate(self, timeout_ms: int) -> None:
        """Map PSD profile 0 to context 1 and activate it, unless it is active (A5 2.2)."""
        if self._active():
            return
        channel = self.channel
        protocol = 0
        for row in channel.command(b"+CGDCONT", b"?"):
            if row[0] == _CID:
                protocol = _PROTOCOLS.get(row[1], 0)
        channel.command(b"+UPSD", _PROFILE, 100, _CID)
        channel.command(b"+UPSD", _PROFILE, 0, protocol)
        self._activation = None
        try:
            channel.command(b"+UPSDA", _PROFILE, 3, timeout_ms=timeout_ms, max_ms=_ACTIVATE_MS)
        except CommandError as error:
            if error.code == _MISMATCH:
                raise ModemError(
                    error.errno,
                    "context 1 and PSD profile 0 differ in IP type: define the context anew",
                )
            raise
        began = asked = channel.port.ticks_ms()
        while self._activation is None:
            channel.poll()
            channel.proceed("connect")
            if channel.elapsed(asked) > _ASK_MS:  # the URC may have been lost
                if self._active():
                    return
                asked = channel.port.ticks_ms()
            if channel.elapsed(began) > timeout_ms:
                raise ModemError(ETIMEDOUT, "PSD profile not active within %d ms" % timeout_ms)
            channel.sleep(5)
        if self._activation != 0:
            raise ModemError(
                ETIMEDOUT, "PSD profile refused with %s: check the APN" % self._activation
            )

    def _active(self) -> bool:
        rows = self.channel.command(b"+UPSND", _PROFILE, 8)
        return bool(rows) and rows[0][2] == 1

    def deactivate(self) -> None:
        self.channel.command(b"+UPSDA", _PROFILE, 4, timeout_ms=_ACTIVATE_MS)
