"""A simulated u-blox SARA-R5 or LEXI-R10: on a pty, a TCP port, or in process in virtual time.

Written from the fact sheets and the application notes, not from the driver.
"""

from .clock import Ticks, VirtualLoop
from .inprocess import SPECS, SimulatedUart, open_uart
from .line.faults import SPEC_HELP, Faults
from .line.strict import Violation
from .module import Module
from .nvm import Nvm
from .spec import VARIANTS, Options

__all__ = [
    "SPECS",
    "SPEC_HELP",
    "VARIANTS",
    "Faults",
    "Module",
    "Nvm",
    "Options",
    "SimulatedUart",
    "Ticks",
    "Violation",
    "VirtualLoop",
    "open_uart",
]
