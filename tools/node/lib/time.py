# MicroPython's own time, except that waiting gives the processor to the simulated module; or, with
# a time keeper, that module's virtual time.
import _host
from utime import *

_sleep = _host.sleep

if _host.kept:
    ticks_us = _host.ticks_us  # that of MicroPython counts in ms


def sleep_ms(ms):
    if ms > 0:
        _sleep(ms)


def sleep_us(us):
    if us > 0:
        _sleep((us + 999) // 1000)


def sleep(seconds):
    if seconds > 0:
        _sleep(int(seconds * 1000))
