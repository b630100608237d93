"""Raspberry Pi Pico with a MikroE 4G LTE 3 Click NA (LEXI-R10401D, MIKROE-6396).

mikroBUS TX and RX to GP5 and GP4 (crossed), INT (CTS) to GP6, CS (RTS) to GP7, AN (PWR) to GP13,
PWM (RI) to GP15. A transistor inverts PWR: high for a second switches on. V_INT does not leave the
board, so nothing tells whether the module is on but its answers. Not yet tried on the real board.
"""

from machine import UART, Pin

MODULE = "LexiR10"


def uart():
    return UART(1, 115200, **uart_kwargs())


def uart_kwargs() -> dict:
    # What init() has to be told again with a new rate. 2048 holds a whole +USORD answer.
    return {"tx": Pin(4), "rx": Pin(5), "cts": Pin(6), "rts": Pin(7), "rxbuf": 2048, "flow": 3}


def options():
    """For the constructor of `LexiR10`. RTS belongs to the UART, which does the flow control."""
    return {
        "power_key": Pin(13, Pin.OUT, value=0),
        "power_key_inverted": True,
        "ri": Pin(15, Pin.IN),
        "flow": True,
        "uart_kwargs": uart_kwargs(),
    }
