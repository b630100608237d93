"""SARA-R5: what it has or does differently."""

from ..modem import Modem


class SaraR5(Modem):
    """A SARA-R500S, R510S or R510M8S. Constructor as of `Modem`."""

    name = "SARA-R5"
    sockets = 7
    key_ms = 1500
    async_dns = True  # a parameter of +UDNSRN asks for the answer by URC

    OWN = {
        "settings": "sara_r5.activation",
        "authenticate": "sara_r5.activation",
        "activate": "sara_r5.activation",
        "deactivate": "sara_r5.activation",
    }

    def __init__(self, uart, **options):
        super().__init__(uart, **options)
        self.activated = None  # result of the last +UPSDA, while nobody has taken it
        self.channel.on_urc(b"+UUPSDA", self._activated)
        self.channel.on_urc(b"+UUPSDD", self._deactivated)

    def _activated(self, line) -> None:
        self.activated = line.number()

    def _deactivated(self, line) -> None:
        if line.number() == 0:  # the profile the driver uses
            self.network.set_up(False)
