"""The pins besides RXD and TXD (field-notes 4.1), with the durations of their pulses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..module import Module

EMERGENCY_KEY_S, EMERGENCY_RESET_S = 23.0, 1.5
"""Emergency off of SARA-R5: both low; PWR_ON released after the first, then RESET_N."""

RING_S = 1.0
"""RI is low this long from a URC or incoming data on (family behaviour, U on R5 and R10)."""

EARLY_S = 1e-5
"""A pulse of exactly the limit counts."""


class Pins:
    """PWR_ON, RESET_N, DTR, RTS and the wake-up GPIO in; V_INT, RI, CTS and TXD's idle level out.

    DTR is pulled up, so off, when it is not driven; RTS is assumed to be wired or grounded.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self._loop = module.loop
        self.dtr_on = False
        self.rts_on = True
        self.gpio_high = False
        self.released_at = 0.0
        """Time when DTR or RTS was last released."""
        self.on_ring: Callable[[], None] | None = None
        """Called at each falling edge of RI."""
        self._ring_end = -1.0
        self._key_since: float | None = None
        self._key_released_at: float | None = None
        self._key_began = ""
        self._key_timer: asyncio.TimerHandle | None = None
        self._reset_since: float | None = None
        self._reset_timer: asyncio.TimerHandle | None = None
        self._both_since: float | None = None
        self._in_reset = False

    # -- PWR_ON ----------------------------------------------------------------------------

    def power_key(self, pressed: bool) -> None:
        """PWR_ON, True = low."""
        if pressed == (self._key_since is not None):
            return
        if pressed:
            self._press()
        else:
            self._release()

    def _press(self) -> None:
        module, now = self._module, self._loop.time()
        self._key_since = now
        self._key_released_at = None
        spec = module.spec
        if module.state == "off":
            self._key_began, ms = "off", spec.power_on_ms
        elif module.sleeper.level in ("awake", "uart"):
            self._key_began, ms = "on", spec.wake_pulse_ms
        else:
            self._key_began, ms = "asleep", spec.wake_pulse_ms
        if not self._in_reset:
            self._key_timer = self._loop.call_later(ms / 1000 - EARLY_S, self._key_counts)

    def _key_counts(self) -> None:
        self._key_timer = None
        module = self._module
        if self._key_began == "off":
            module.power_on()
        elif self._key_began == "asleep":
            module.sleeper.wake()
        elif module.state == "ready":
            module.sleeper.key_pressed()

    def _release(self) -> None:
        assert self._key_since is not None
        held_ms = (self._loop.time() - self._key_since + EARLY_S) * 1000
        self._key_since = None
        self._key_released_at = self._loop.time()
        if self._key_timer is not None:
            self._key_timer.cancel()
            self._key_timer = None
        module = self._module
        long = held_ms >= module.spec.power_off_ms
        if self._key_began == "on" and module.state == "ready" and long and not self._in_reset:
            module.shut_down()

    # -- RESET_N ---------------------------------------------------------------------------

    def reset_line(self, asserted: bool) -> None:
        """RESET_N, True = low."""
        if asserted == (self._reset_since is not None):
            return
        if asserted:
            self._reset_since = now = self._loop.time()
            self._both_since = now if self._key_since is not None else None
            after = self._module.spec.reset_ms / 1000 - EARLY_S
            self._reset_timer = self._loop.call_later(after, self._reset_counts)
            return
        self._reset_since = None
        if self._reset_timer is not None:
            self._reset_timer.cancel()
            self._reset_timer = None
        if self._in_reset:
            self._leave_reset()

    def _reset_counts(self) -> None:
        self._reset_timer = None
        module = self._module
        if module.state == "off":
            return
        self._in_reset = True
        if self._both_since is None:
            self._abrupt("RESET_N asserted while the module was switched on")
        module.power_off()

    def _leave_reset(self) -> None:
        self._in_reset = False
        if self._was_emergency():
            return
        if self._both_since is not None:
            self._abrupt("PWR_ON and RESET_N not in the order of an emergency off")
        self._module.power_on()

    def _was_emergency(self) -> bool:
        both, released = self._both_since, self._key_released_at
        if both is None or released is None or not self._module.spec.emergency_off:
            return False
        long_key = released - both >= EMERGENCY_KEY_S - EARLY_S
        return long_key and self._loop.time() - released >= EMERGENCY_RESET_S - EARLY_S

    def _abrupt(self, text: str) -> None:
        if not self._module.options.hard_reset_ok:
            self._module.referee.report(text)

    # -- supply ----------------------------------------------------------------------------

    def cut_supply(self) -> None:
        """VCC removed, which must not be done while V_INT is high."""
        if self.v_int:
            self._abrupt("supply cut while V_INT was high")
        self._module.power_off()

    # -- DTR, RTS, GPIO --------------------------------------------------------------------

    def dtr(self, asserted: bool) -> None:
        """DTR, True = on (low)."""
        if asserted == self.dtr_on:
            return
        self.dtr_on = asserted
        self._line_moved(asserted)
        if not asserted:
            self._module.calls.dtr_dropped()

    def rts(self, asserted: bool) -> None:
        """RTS, True = on (low)."""
        if asserted != self.rts_on:
            self.rts_on = asserted
            self._line_moved(asserted)

    def _line_moved(self, asserted: bool) -> None:
        if not asserted:
            self.released_at = self._loop.time()
        self._module.sleeper.line_changed()

    def wake_gpio(self, high: bool) -> None:
        """The pin configured by +UGPIOC as function 34."""
        if high != self.gpio_high:
            self.gpio_high = high
            self._module.sleeper.line_changed()

    # -- outputs ---------------------------------------------------------------------------

    @property
    def v_int(self) -> bool:
        """Supply of the interface: high while the module is on, low in deep sleep."""
        module = self._module
        if module.state == "off" or module.sleeper.level == "psm":
            return False
        if module.sleeper.level == "hibernate":
            return "hibernate-vint-high" in module.options.variants
        return True

    @property
    def ri(self) -> bool:
        """Ring indicator: False (low, active) for a second from each URC on."""
        return self._loop.time() >= self._ring_end - EARLY_S or not self.v_int

    @property
    def cts(self) -> bool:
        """True (low) while the receiver works."""
        return self._module.sleeper.hears

    def ring(self) -> None:
        """A URC is sent."""
        fell = self.ri
        self._ring_end = self._loop.time() + RING_S
        if fell and self.on_ring is not None:
            self.on_ring()


class PinAccess:
    """The pins as methods and properties of the module."""

    pins: Pins

    def power_key(self, pressed: bool) -> None:
        """PWR_ON, True = low: a pulse switches on, wakes, or (long) switches off in order."""
        self.pins.power_key(pressed)

    def reset_line(self, asserted: bool) -> None:
        """RESET_N, True = low: abrupt restart, nothing saved, no detach."""
        self.pins.reset_line(asserted)

    def dtr(self, asserted: bool) -> None:
        """DTR, True = on."""
        self.pins.dtr(asserted)

    def rts(self, asserted: bool) -> None:
        """RTS, True = on."""
        self.pins.rts(asserted)

    def wake_gpio(self, high: bool) -> None:
        """The GPIO with function 34."""
        self.pins.wake_gpio(high)

    def cut_supply(self) -> None:
        """VCC removed."""
        self.pins.cut_supply()

    @property
    def v_int(self) -> bool:
        """V_INT: high while the module is switched on and not in its deepest sleep."""
        return self.pins.v_int

    @property
    def rx_high(self) -> bool:
        """Whether the host's RX idles high: TXD is high only while its supply V_INT is on."""
        return self.pins.v_int

    @property
    def ri(self) -> bool:
        """Ring indicator, False (low) for a second from each URC on."""
        return self.pins.ri

    @property
    def cts(self) -> bool:
        """Whether CTS lets the host send: the receiver is awake."""
        return self.pins.cts
