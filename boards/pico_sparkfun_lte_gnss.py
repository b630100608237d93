"""Raspberry Pi Pico with the SparkFun LTE GNSS Breakout (SARA-R510M8S, GPS-18031).

Wiring of the 3.3 V header: TX and RX to GP4 and GP5 crossed over by name (TX is the module's
TXD in SparkFun's labelling of the host side), CTS to GP6, RTS to GP7, ON to GP13. ON is the open
drain PWR_ON line: low for a moment switches on. Cut the two USB jumpers before using the header.
Not yet tried on the real board.
"""

from machine import UART, Pin

MODULE = "SaraR5"


def uart():
    return UART(1, 115200, **uart_kwargs())


def uart_kwargs() -> dict:
    # What init() has to be told again with a new rate. 2048 holds a whole +USORD answer.
    return {"tx": Pin(4), "rx": Pin(5), "cts": Pin(6), "rts": Pin(7), "rxbuf": 2048, "flow": 3}


def options():
    """For the constructor of `SaraR5`."""
    key = Pin(13, Pin.OPEN_DRAIN, value=1)
    return {"power_key": key, "uart_kwargs": uart_kwargs()}
