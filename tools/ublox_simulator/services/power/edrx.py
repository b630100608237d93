"""eDRX: +CEDRXS, +CEDRXRDP, +CEDRXP, and how long the network needs to find the module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command, Form
from ...power.timer_codes import edrx_cycle_s, is_bits, paging_window_s
from ...service import Reply, Service, command

if TYPE_CHECKING:
    from ...module import Module

LTE, NB_IOT = 4, 5
"""<AcT> here; the radio of both modules is LTE (Cat-M1 on SARA-R5), so 5 is only stored."""

FACTORY_CYCLE, FACTORY_WINDOW = "0010", "0000"


class Edrx(Service):
    """Requests per access technology, and the active one."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._requests: dict[int, list[str]] = {}
        self._reporting = False
        self._known: tuple[str, str] | None = None

    def reset(self) -> None:
        """Requests are kept in NVM, the URC switch with them (U)."""
        stored = self.module.nvm.get("edrx", {"report": 0, "requests": {}})
        self._requests = {int(act): list(bits) for act, bits in stored["requests"].items()}
        self._reporting = bool(stored["report"])
        self._known = self.granted

    def _store(self) -> None:
        requests = {str(act): bits for act, bits in self._requests.items()}
        self.module.nvm.put("edrx", {"report": int(self._reporting), "requests": requests})

    @property
    def granted(self) -> tuple[str, str] | None:
        """(cycle, window) as the network allows them; None without eDRX."""
        request = self._requests.get(LTE)
        grant = self.module.options.edrx_grant
        if request is None or grant == "none":
            return None
        if grant == "requested":
            return request[0], request[1]
        cycle, _, window = grant.partition(",")
        return cycle, window or request[1]

    @property
    def cycle_ms(self) -> float | None:
        """The active cycle in ms; None without eDRX."""
        granted = self.granted
        return None if granted is None else edrx_cycle_s(granted[0]) * 1000

    def paging_delay(self) -> float:
        """Seconds until the idle module listens next: a DRX cycle inside of a paging window,
        otherwise the rest of the eDRX cycle."""
        now, granted = self.module.loop.time(), self.granted
        drx = self.module.options.drx_ms / 1000
        if granted is not None:
            cycle = edrx_cycle_s(granted[0])
            phase = now % cycle
            if phase >= min(paging_window_s(granted[1]), cycle):
                return cycle - phase
        return drx - now % drx if drx else 0.0

    # -- commands --------------------------------------------------------------------------

    @command("+CEDRXS")
    def request(self, cmd: Command) -> Reply:
        """0 off, 1 on, 2 on with URC, 3 off and forgotten; per <AcT>."""
        if cmd.form is Form.READ:
            lines = [f'+CEDRXS: {act},"{c}","{w}"' for act, (c, w) in self._requests.items()]
            return lines or "+CEDRXS:"
        if cmd.form is Form.TEST:
            return '+CEDRXS: (0-3),(4,5),("0000"-"1111")'
        mode = cmd.number(0, 0, 3, 0)
        act = cmd.number(1, LTE, NB_IOT, LTE)
        cycle = cmd.string(2, 4, FACTORY_CYCLE)
        window = cmd.string(3, 4, FACTORY_WINDOW)
        cmd.at_most(4)
        if not (is_bits(cycle, 4) and is_bits(window, 4)):
            raise CommandError(BAD_PARAMETERS)
        if mode == 3:
            self._requests.clear()
        elif mode == 0:
            self._requests.pop(act, None)
        else:
            self._requests[act] = [cycle, window]
        self._reporting = mode == 2
        self._store()
        self._negotiate()
        return None

    def _negotiate(self) -> None:
        if self.granted == self._known:
            return
        self._known = self.granted
        if self.module.network.registered:
            self.module.network.touch()
            if self._reporting:
                self.module.urc(f"+CEDRXP: {self._shown()}")

    def _shown(self) -> str:
        granted = self.granted
        if granted is None:
            return "0"
        return f'{LTE},"{self._requests[LTE][0]}","{granted[0]}","{granted[1]}"'

    @command("+CEDRXRDP")
    def dynamic(self, cmd: Command) -> Reply:
        """Requested and granted values; 0 without eDRX in the present cell."""
        if cmd.form is Form.TEST:
            return None
        if not self.module.network.registered:
            return "+CEDRXRDP: 0"
        return f"+CEDRXRDP: {self._shown()}"
