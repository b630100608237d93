"""The wires besides the UART, each of them optional: PWR_ON, RESET_N, V_INT, DTR, RTS, RI, and a
GPIO of LEXI-R10 that keeps it awake.

A pin is an object with `value()` (`machine.Pin`, most expanders), an object with a property
`value` (CircuitPython's `DigitalInOut`), or a callable with a level as argument or, for an input,
none. Most lines are active low; set `NAME_inverted=True` if a transistor inverts a line.
"""

OUTPUTS = ("power_key", "reset", "dtr", "rts", "wake_gpio")
INPUTS = ("power_sense", "ri")
_ACTIVE_HIGH = ("power_sense", "wake_gpio")


class Pins:
    """Made from the constructor's keyword arguments; `TypeError` for an unknown one."""

    def __init__(self, options):
        self.lines = {}
        self.active = {}
        self.driven = {}  # the last state of each output
        for name in options:
            base = name[:-9] if name.endswith("_inverted") else name
            if base not in OUTPUTS and base not in INPUTS:
                raise TypeError("unexpected argument " + name)
        for name in OUTPUTS + INPUTS:
            pin = options.get(name)
            if pin is not None:
                self.lines[name] = _line(name, pin)
                high = bool(options.get(name + "_inverted")) != (name in _ACTIVE_HIGH)
                self.active[name] = 1 if high else 0

    def has(self, name: str) -> bool:
        """Whether this line is wired."""
        return name in self.lines

    def set(self, name: str, on: bool) -> None:
        """Drive an output to its active or its resting level; nothing if it is not wired."""
        if name in self.lines:
            active = self.active[name]
            self.lines[name](active if on else 1 - active)
            self.driven[name] = on

    def put_back(self, driven) -> None:
        """Restore the outputs to their state when `driven` was copied; outputs that were not
        driven then stay as they are, as their earlier state is not known."""
        for name in driven:
            if self.driven[name] != driven[name]:
                self.set(name, driven[name])

    def get(self, name: str):
        """Whether an input is active; None if it is not wired."""
        if name not in self.lines:
            return None
        return (1 if self.lines[name]() else 0) == self.active[name]


def _line(name: str, pin):
    """A function of the pin: with a level it drives the pin, without it reads it."""
    value = getattr(pin, "value", None)
    if callable(value):
        return value
    if callable(pin):
        return pin
    if value is None:
        raise TypeError(name + ": an object with value(), or a callable, wanted")

    def through_property(*level):
        if not level:
            return pin.value
        pin.value = bool(level[0])

    return through_property
