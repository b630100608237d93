"""Sleep of SARA-R5 (at-commands 11, [SIM5]): the UART's receiver by +UPSV, the whole module in
PSM."""

from __future__ import annotations

from .base import Sleeper

FRAME_MS = 4.615
BY_TIMER, BY_RTS, BY_DTR = (1, 4), 2, 3
LAST_WORDS_S = 0.01
"""From the last bit sent to the end of the supply of the pins."""


class UartSleeper(Sleeper):
    """+UPSV 1 and 4 by time-out, 2 by RTS, 3 by DTR; then PSM when the radio is in PSM.

    While the receiver sleeps everything else continues, and output is sent as usual.
    """

    def wakes_by_data(self) -> bool:
        """In the timer modes; with &K3 perhaps only when CTS would have let the byte go (U)."""
        settings = self.module.settings
        if settings.flow != 0 and "upsv-wake-needs-k0" in self.module.options.variants:
            return False
        return settings.upsv in BY_TIMER

    def _held_awake(self) -> bool:
        pins = self.module.pins
        by_line = {BY_RTS: pins.rts_on, BY_DTR: pins.dtr_on}
        return by_line.get(self.module.settings.upsv, False)

    def sleep_at(self) -> float | None:
        """Next: the receiver (time-out, or the line released), then PSM."""
        module, settings = self.module, self.module.settings
        if settings.upsv == 0 or self._held_awake():
            return None
        if self.level == "uart" or module.interface.mode == "data":
            return self._psm_at()
        if module.interface.mode != "command":
            return None
        if settings.upsv in BY_TIMER:
            return self._traffic_end + settings.upsv_frames * FRAME_MS / 1000
        answered = max(self._deaf_until, module.interface.idle_since)
        return max(module.pins.released_at + module.options.line_hold_ms / 1000, answered)

    def _psm_at(self) -> float | None:
        module = self.module
        if not module.psm.asleep or self._user_data():
            return None
        # "data" here can only be a PPP call, which PSM ends [DG5]: it is left the same time-out.
        quiet = 0.0
        if module.interface.mode == "data" and module.settings.upsv in BY_TIMER:
            quiet = self._traffic_end + module.settings.upsv_frames * FRAME_MS / 1000
        return max(module.line.out_end + LAST_WORDS_S, quiet)

    def _user_data(self) -> bool:
        return self.module.interface.mode == "data" and not self.module.calls.in_data

    def fall_asleep(self) -> None:
        """One level deeper."""
        if self.level == "uart" or self.module.interface.mode == "data":
            self.module.sleep_off()
        else:
            self.enter("uart")
            self.review()

    def line_changed(self) -> None:
        """RTS or DTR: asserted, the receiver works after its wake-up time."""
        if self.level == "uart" and self._held_awake():
            self.leave(self.module.options.line_wake_ms)
        elif self.level == "uart" and self.module.settings.upsv == 0:
            self.leave()
        self.review()

    def wake(self) -> None:
        """End of PSM: like a boot."""
        if self.level == "psm":
            self.module.wake_up()

    def blockers(self) -> list[str]:
        """Reasons that prevent PSM."""
        module = self.module
        found = []
        if module.settings.upsv == 0:
            found.append("UPSV")
        if module.psm.granted is None:
            found.append("PSM not granted")
        if module.network.connected:
            found.append("radio connected")
        if self._held_awake():
            found.append("RTS" if module.settings.upsv == BY_RTS else "DTR")
        if self._user_data():
            found.append("direct link")
        return found
