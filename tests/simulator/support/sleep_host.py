"""What tests of LEXI-R10's sleep share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.support.serial_host import Bench

Make = Callable[..., Bench]

LONG_EDRX = 'AT+CEDRXS=1,4,"0010"'  # 20.48 s


def lexi(make_bench: Make, *, usb_off: bool = True, **options: Any) -> Bench:
    bench = make_bench("lexi-r10", online=True, **options)
    if usb_off:
        bench.ok("AT+UUSBCONF=99")
    return bench


def pulse(bench: Bench, ms: float = 300) -> None:
    bench.module.power_key(True)
    bench.pass_ms(ms)
    bench.module.power_key(False)
