"""Sleep of LEXI-R10 (at-commands 11, A10 5.10, [M10] 16): Sleep-1, Sleep-2 and Hibernate.

What a wake-up loses beyond the application profiles is not documented (U). Decided: Hibernate ends
the AT side, so its settings are as after a boot and the greeting is printed; Sleep-2 keeps them.
The variants hibernate-keeps-settings and sleep2-loses-settings invert that. URC switches of
+USLPURC are kept in both cases, as the seeds show `HIB 0` after a Hibernate.
"""

from __future__ import annotations

from .base import Sleeper

SLEEP_1, SLEEP_2, HIBERNATE = 2, 3, 4
NAMES = {SLEEP_1: "sleep1", SLEEP_2: "sleep2", HIBERNATE: "hibernate"}
NUMBERS = {"awake": 1, "sleep1": SLEEP_1, "sleep2": SLEEP_2, "hibernate": HIBERNATE}

BY_TIMER, BY_GPIO = 1, 5


class LevelSleeper(Sleeper):
    """After the time-out of +UPSV, with the radio idle, the deepest level that nothing prevents.

    In all of them the UART is deaf and only PWR_ON, the GPIO or the network wakes.
    """

    _waking_from = ""

    def sleep_at(self) -> float | None:
        """End of the time-out, unless something prevents sleep."""
        saving = self.module.saving
        if saving.mode == 0 or self._held_by_gpio() or self._busy():
            return None
        if self.deepest() <= NUMBERS[self.level]:
            return None
        out = self.module.line.out_end
        return max(self._traffic_end + saving.timeout_ms / 1000, out)

    def _held_by_gpio(self) -> bool:
        return self.module.saving.mode == BY_GPIO and self.module.saving.gpio_high()

    def _busy(self) -> bool:
        module = self.module
        in_flight = module.interface.mode in ("busy", "payload")
        return in_flight or module.network.connected or module.working

    def deepest(self) -> int:
        """The deepest level allowed now; 1 is none."""
        level = self.module.saving.max_level
        if self.module.saving.usb_on:
            level = min(level, SLEEP_1)
        level = min(level, self.module.votes.deepest())
        if self._against_deep():
            level = min(level, SLEEP_1)
        return min(level, self._radio_allows())

    def _against_deep(self) -> list[str]:
        """A10 5.10 and 4: reasons that allow only Sleep-1."""
        module, found = self.module, []
        if module.calls.active:
            found.append("PPP")
        elif module.interface.mode == "data":
            found.append("direct link")
        for ident, endpoint in sorted(module.sockets.table.items()):
            if endpoint.secure:
                found.append(f"secure socket {ident}")
            elif not endpoint.always_on:
                found.append(f"socket {ident}")
            elif endpoint.pending:
                found.append(f"data of socket {ident}")
        return found

    def _radio_allows(self) -> int:
        """Long eDRX or no radio at all: Hibernate; long DRX: Sleep-2 (A10 5.10.2)."""
        module, options = self.module, self.module.options
        if module.psm.asleep or module.network.stat == 0:
            return HIBERNATE
        if not module.network.registered:
            return SLEEP_1  # searching continues
        cycle_ms = module.edrx.cycle_ms
        if cycle_ms is not None and cycle_ms >= options.hibernate_edrx_ms:
            return HIBERNATE
        long_enough = max(cycle_ms or 0, options.drx_ms) >= options.sleep2_drx_ms
        return SLEEP_2 if long_enough else SLEEP_1

    def blockers(self) -> list[str]:
        """Reasons that prevent the deepest level."""
        module, found = self.module, self._against_deep()
        if module.saving.mode == 0:
            found.append("UPSV")
        if module.saving.usb_on:
            found.append("USB")
        if module.votes.deepest() < HIBERNATE:
            found.append("vote")
        if module.network.connected:
            found.append("radio connected")
        if self._held_by_gpio():
            found.append("GPIO")
        return found

    def fall_asleep(self) -> None:
        """Go to sleep, with a URC if that is enabled."""
        level = self.deepest()
        name = NAMES[level]
        self._announce(level, 1)
        self.enter(name)
        if level > SLEEP_1:
            self.module.suspend()
        if not self.module.v_int:
            self.module.supply_moved()

    def review(self) -> None:
        """As in the base class; and PSM that begins in Sleep-2 leads to Hibernate."""
        if self.level == "sleep2" and self.deepest() == HIBERNATE:
            self.module.interface.resume()
            self._announce(SLEEP_2, 0)
            self._announce(HIBERNATE, 1)
            self.module.interface.suspend()
            self.enter("hibernate")
        super().review()

    def _announce(self, level: int, entering: int) -> None:
        text = self.module.votes.sleep_report(level, entering)
        if text is not None:
            self.module.interface.urc(text)

    # -- waking ----------------------------------------------------------------------------

    def key_pressed(self) -> None:
        """PWR_ON: wakes, or keeps awake for another time-out."""
        if self.level == "awake":
            self.traffic(self.loop.time())
        else:
            self.wake()

    def line_changed(self) -> None:
        """The GPIO of mode 5 went high: wakes."""
        if self._held_by_gpio():
            self.wake()
        self.review()

    def wake(self) -> None:
        """Wake up; the duration depends on the level."""
        options = self.module.options
        if self.level == "sleep1":
            self.leave(options.sleep1_wake_ms)
        elif self.level in ("sleep2", "hibernate"):
            self._waking_from = self.level
            waits = {"sleep2": options.sleep2_wake_ms, "hibernate": options.hibernate_wake_ms}
            ms = waits[self.level]
            supplied = self.module.v_int
            self.level = "awake"
            self.module.state = "booting"
            if not supplied:
                self.module.supply_moved()
            self.module.later(ms, self._woken)

    def _woken(self) -> None:
        module, level = self.module, self._waking_from
        variants = module.options.variants
        if level == "hibernate":
            lost = "hibernate-keeps-settings" not in variants
        else:
            lost = "sleep2-loses-settings" in variants
        module.resume(level, settings_lost=lost)
        self._announce(NUMBERS[level], 0)
        self.leave()
        module.network.recheck_coverage()
        if self.paging and module.network.usable:
            module.network.touch()
        self.answer_network()

    def attention(self) -> None:
        """A URC or radio traffic: Sleep-1 ends, as by the key."""
        if self.level == "sleep1":
            self.leave()
