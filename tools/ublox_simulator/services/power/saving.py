"""+UPSV and related commands: frames on SARA-R5, levels on LEXI-R10 (at-commands 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command

if TYPE_CHECKING:
    from ...module import Module

LEAST_FRAMES, MOST_FRAMES = 40, 65000
"""Range of the family, 185 ms to 300 s; U on SARA-R5. The default, 2000, is in Settings."""

LEAST_MS, MOST_MS, DEFAULT_MS = 40, 300_000, 5000
"""The range is U; 5000 is the manual's example."""

WAKE_FUNCTION, PAD_DISABLED = 34, 255
USB_ON, USB_OFF = 0, 99


class UartSaving(Service):
    """+UPSV of SARA-R5: part of the interface settings, so stored by &W only."""

    @command("+UPSV")
    def configure(self, cmd: Command) -> Reply:
        """Mode 0-4; the time-out belongs to modes 1 and 4; mode 2 needs RTS for itself."""
        settings = self.module.settings
        timed = settings.upsv in (1, 4)
        if cmd.form is Form.READ:
            return f"+UPSV: {settings.upsv}" + (f",{settings.upsv_frames}" if timed else "")
        if cmd.form is Form.TEST:
            return f"+UPSV: (0-4),({LEAST_FRAMES}-{MOST_FRAMES})"
        mode = cmd.number(0, 0, 4)
        if cmd.has(1) and mode not in (1, 4):
            raise CommandError(BAD_PARAMETERS)
        frames = cmd.number(1, LEAST_FRAMES, MOST_FRAMES, 2000)
        cmd.at_most(2)
        if mode == 2 and settings.flow != 0:
            raise CommandError(NOT_ALLOWED)  # [SIM5]: only with &K0
        settings.upsv = mode
        if mode in (1, 4):
            settings.upsv_frames = frames
        return None


class LevelSaving(Service):
    """+UPSV of LEXI-R10, stored by itself, and the USB stack, which prevents sleep."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self.mode, self.timeout_ms, self.max_level = 0, DEFAULT_MS, 4
        self.usb_on = True

    def reset(self) -> None:
        """Everything here is kept in NVM."""
        stored = self.module.nvm.get("upsv", [0, DEFAULT_MS, 4])
        self.mode, self.timeout_ms, self.max_level = stored
        self.usb_on = self.module.nvm.get("usbconf", USB_ON) != USB_OFF

    @command("+UPSV")
    def configure(self, cmd: Command) -> Reply:
        """Mode 0, 1 or 5, time-out in ms, deepest level; omitted values get their defaults (U)."""
        if cmd.form is Form.READ:
            if self.mode == 0 or "upsv-read-mode" in self.module.options.variants:
                return f"+UPSV: {self.mode}"
            return f"+UPSV: {self.mode},{self.timeout_ms},{self.max_level}"
        if cmd.form is Form.TEST:
            return f"+UPSV: (0,1,5),({LEAST_MS}-{MOST_MS}),(2-4)"
        mode = cmd.number(0, 0, 5, 0)
        if mode not in (0, 1, 5):
            raise CommandError(BAD_PARAMETERS)
        timeout = cmd.number(1, LEAST_MS, MOST_MS, DEFAULT_MS)
        level = cmd.number(2, 2, 4, 4)
        cmd.at_most(3)
        self.mode, self.timeout_ms, self.max_level = mode, timeout, level
        self.module.nvm.put("upsv", [mode, timeout, level])
        return None

    @command("+UUSBCONF")
    def usb(self, cmd: Command) -> Reply:
        """0: USB stack on, 99: off; at once, as [ubx] uses it (U; variant usbconf-reboot)."""
        if cmd.form is Form.READ:
            return f"+UUSBCONF: {self.module.nvm.get('usbconf', USB_ON)}"
        if cmd.form is Form.TEST:
            return "+UUSBCONF: (0,99)"
        value = cmd.number(0, 0, 99)
        if value not in (USB_ON, USB_OFF):
            raise CommandError(BAD_PARAMETERS)
        self.module.nvm.put("usbconf", value)
        if "usbconf-reboot" not in self.module.options.variants:
            self.usb_on = value != USB_OFF
        return None

    @command("+UUARTCONF")
    def uart(self, cmd: Command) -> Reply:
        """Only the read form is known; there is one serial variant here."""
        if cmd.form is Form.READ:
            return "+UUARTCONF: 0"
        raise CommandError(NOT_ALLOWED)

    def gpio_high(self) -> bool:
        """Whether a GPIO has the wake-up function and is high."""
        return self.module.pins.gpio_high and WAKE_FUNCTION in self.module.gpio.functions.values()


class Gpio(Service):
    """+UGPIOC: the functions of the pins; only the wake-up function 34 has an effect here."""

    functions: dict[int, int]

    def reset(self) -> None:
        """Kept in NVM."""
        stored = self.module.nvm.get("gpio", {})
        self.functions = {int(pin): function for pin, function in stored.items()}

    @command("+UGPIOC")
    def configure(self, cmd: Command) -> Reply:
        """One function per GPIO, one GPIO per function (apart from "disabled")."""
        if cmd.form is Form.READ:
            return ["+UGPIOC:", *(f"{pin},{how}" for pin, how in sorted(self.functions.items()))]
        if cmd.form is Form.TEST:
            return f"+UGPIOC: ({','.join(map(str, self.module.spec.gpios))}),(0-255)"
        pin = cmd.number(0, 0, 255)
        if pin not in self.module.spec.gpios:
            raise CommandError(BAD_PARAMETERS)
        function = cmd.number(1, 0, 255)
        taken = any(how == function and used != pin for used, how in self.functions.items())
        if taken and function == WAKE_FUNCTION:
            raise CommandError(NOT_ALLOWED)
        self.functions[pin] = function
        stored = {str(used): how for used, how in self.functions.items()}
        self.module.nvm.put("gpio", stored)
        self.module.sleeper.line_changed()
        return None
