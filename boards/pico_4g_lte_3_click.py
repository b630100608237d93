"""Raspberry Pi Pico with a MikroE 4G LTE 3 Click NA (LEXI-R10401D, MIKROE-6396).

mikroBUS TX and RX to GP5 and GP4 (crossed), INT (CTS) to GP6, CS (RTS) to GP7, AN (PWR) to GP13.
A transistor inverts PWR: high for a second switches on. Not yet tried on the real board.
"""

from machine import UART, Pin

MODULE = "LexiR10"


def uart():
    return UART(1, 115200, **uart_kwargs())


def uart_kwargs() -> dict:
    # What init() has to be told again with a new rate. 2048 holds a whole +USORD answer.
    return {"tx": Pin(4), "rx": Pin(5), "cts": Pin(6), "rts": Pin(7), "rxbuf": 2048, "flow": 3}


def options():
    """For the constructor of `LexiR10`."""
    key = Pin(13, Pin.OUT, value=0)
    return {"power_key": key, "power_key_inverted": True, "uart_kwargs": uart_kwargs()}
