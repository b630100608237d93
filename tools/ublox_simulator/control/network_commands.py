"""The control channel's commands about the network, the SIM and the clock."""

from __future__ import annotations

from ..module import Module
from ..services.general.clock import RealTime
from ..services.general.sim import Sim
from ..world.reject_causes import EMM_PLMN_NOT_ALLOWED

NETWORK_HELP = """\
  network home|roaming|none           what a registration meets
  network denied [CAUSE [TYPE]]       ... a refusal with this EMM cause (11); for a time or until
                                      the radio was off: faults deny=CAUSE[/TYPE]:WHEN
  signal RSRP [RSRQ [SINR]]           dBm, dB, dB
  sim in|out (or insert|remove)       the SIM is inserted or removed
  detach                              the network ends the attach
  deactivate CID [silent]             the network ends one context; silent: without any URC
  time-zone QUARTERS                  the network sends this zone, e.g. 128 (out of range)
  registration                        the state as in +CEREG
"""


class NetworkVerbs:
    """Mixed into Control: each `_do_…` is one command."""

    _module: Module

    def _do_network(self, rest: str) -> None:
        words = rest.split()
        if not words or len(words) > (3 if words[0] == "denied" else 1):
            raise ValueError("network home|roaming|none or network denied [CAUSE [TYPE]]")
        cause = int(words[1]) if len(words) > 1 else EMM_PLMN_NOT_ALLOWED
        kind = int(words[2]) if len(words) > 2 else 0
        self._module.network.set_network(words[0], cause, kind)

    def _do_signal(self, rest: str) -> None:
        values = [float(word) for word in rest.split()]
        if not 1 <= len(values) <= 3:
            raise ValueError("signal RSRP [RSRQ [SINR]]")
        self._module.network.set_signal(*values)

    def _do_sim(self, rest: str) -> None:
        sim = self._module.service(Sim)
        ways = {"in": sim.insert, "insert": sim.insert, "out": sim.remove, "remove": sim.remove}
        ways[rest]()

    def _do_detach(self, rest: str) -> None:
        self._module.network.network_detaches()

    def _do_deactivate(self, rest: str) -> None:
        cid, _, silent = rest.partition(" ")
        if silent not in ("", "silent"):
            raise ValueError("deactivate CID [silent]")
        self._module.network.network_deactivates(int(cid), told=not silent)

    def _do_time_zone(self, rest: str) -> None:
        self._module.service(RealTime).set_network_zone(int(rest))

    def _do_registration(self, rest: str) -> list[str]:
        return [str(self._module.network.stat)]
