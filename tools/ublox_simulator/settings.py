"""The settings of the AT interface in a profile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """The settings of the interface that &W stores (at-commands 1.3)."""

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    cmee: int = 0
    """U on both modules; 0 as on SARA-R4."""
    flow: int = 3
    dcd: int = 1
    dtr: int = 1
    dsr: int = 1
    escape_char: int = 43
    guard: int = 50
    """S12 in 1/50 s."""
    upsv: int = 0
    upsv_frames: int = 2000
    """SARA-R5; LEXI-R10 stores its +UPSV separately."""
