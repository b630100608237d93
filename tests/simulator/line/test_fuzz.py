"""Whatever is thrown at the module, it never crashes and answers AT afterwards."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.support.serial_host import Bench

WORDS = [
    b"AT",
    b"+USOCR=",
    b"+USOWR=0,",
    b"+USORD=",
    b'+USOST=0,"127.0.0.1",9,',
    b"+USOCL=",
    b"+USODL=0",
    b"+UPSDA=0,",
    b"+CFUN=",
    b"+COPS=",
    b"+CGDCONT=",
    b"+UDCONF=",
    b"+CMEE=",
    b"+USOSO=0,",
    b"+USOCTL=0,",
    b"+UDNSRN=0,",
    b"+UPING=",
    b"+USOLI=0,",
    b'+UDWNFILE="x",',
    b'+URDBLOCK="x",',
    b'+UDELFILE="x"',
    b"+ULSTFILE=",
    b'+FOPEN="x"',
    b"+FWRITE=1,",
    b"+FWRITEHEX=1,",
    b"+FREAD=1",
    b"+FSEEK=1,",
    b"+FDELETE=1",
    b"E",
    b"V",
    b"S3=",
    b"?",
    b"=?",
    b"=",
    b",",
    b";",
    b'"',
    b"0",
    b"1",
    b"6",
    b"17",
    b"-1",
    b"65535",
    b"\r",
    b"\r",
    b"\r\n",
    b"\x08",
    b"\x00",
    b"+++",
    b"IP",
    b"x",
]

garbage = st.lists(st.one_of(st.sampled_from(WORDS), st.binary(max_size=8)), max_size=40)


def recover(bench: Bench) -> None:
    """What a host that knows nothing does: end a prompt, leave data mode, wait for a boot."""
    module = bench.module
    bench.pass_ms(1100)
    bench.uart.write(b"+++")
    bench.pass_ms(1100)
    for _ in range(3):
        bench.uart.write(b" " * 400)
        bench.pass_ms(100)
    bench.uart.write(b"\r")
    bench.pass_ms(200_000)
    if module.state != "ready":
        module.power_on()
        bench.pass_ms(5000)
    bench.take()
    bench.raw.clear()


@settings(max_examples=150, deadline=None)
@given(garbage, st.sampled_from(["sara-r5", "lexi-r10"]), st.booleans())
def test_any_bytes_leave_a_module_that_answers(
    parts: list[bytes], module: str, online: bool
) -> None:
    bench = Bench(
        module, online=online, max_line=1000, listen_map={6: 0, 17: 0, 0: 0, 1: 0, 65535: 0}
    )
    try:
        for part in parts:
            bench.uart.write(part)
            bench.clock.sleep_ms(3)
        recover(bench)
        # S3 may have been changed, so the line end is the module's own
        bench.module.interface.editor.end = 13
        if bench.module.rate_unknown:
            bench.uart.write(b"AT\r")
            bench.pass_ms(100)
        bench.uart.write(b"\rAT\r")
        bench.pass_ms(100)
        settings_ = bench.module.settings
        if not settings_.quiet:
            assert bytes(bench.raw).endswith(b"OK\r\n" if settings_.verbose else b"0\r")
        assert bench.module.crashes == []
    finally:
        bench.close()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.2), st.integers(1, 9))
def test_a_bad_line_never_breaks_the_module(seed: int, rate: float, piece: int) -> None:
    faults = f"drop=in:{rate / 3};double=in:{rate / 3};damage=in:{rate / 3};split={piece}"
    bench = Bench("lexi-r10", quiet=False, strict=False, seed=seed, faults=faults)
    try:
        for line in (b"ATE0\r", b"AT+CGDCONT?\r", b"AT+USOCR=17\r", b"AT+CMEE=2;+CSQ\r"):
            bench.uart.write(line)
            bench.pass_ms(60)
        bench.module.faults.clear()
        bench.pass_ms(10_000)
        recover(bench)
        if not bench.module.settings.quiet:
            bench.uart.write(b"\rAT\r")
            bench.pass_ms(100)
            assert b"OK" in bench.raw or b"0\r" in bench.raw
        assert bench.module.crashes == []
    finally:
        bench.close()
