"""Raspberry Pi Pico with the SparkFun LTE GNSS Breakout (SARA-R510M8S, GPS-18031).

Wiring of the 3.3 V header: TX and RX to GP4 and GP5 crossed over by name (TX is the module's
TXD in SparkFun's labelling of the host side), CTS to GP6, RTS to GP7, DTR to GP8, RI to GP15; ON,
an open drain line (low for a moment switches on), to GP13; ~RST, only for `emergency_off()`, to
GP14; VCCIO, which has 1.8 V while the module is on and is no level for a digital input, to GP26.
Cut the two USB jumpers before using the header. Not yet tried on the real board.
"""

from machine import ADC, UART, Pin

MODULE = "SaraR5"
ONE_VOLT = 65535 * 10 // 33


def uart():
    return UART(1, 115200, **uart_kwargs())


def uart_kwargs() -> dict:
    # What init() has to be told again with a new rate. 2048 holds a whole +USORD answer.
    return {"tx": Pin(4), "rx": Pin(5), "cts": Pin(6), "rts": Pin(7), "rxbuf": 2048, "flow": 3}


def options():
    """For the constructor of `SaraR5`. RTS belongs to the UART, which does the flow control."""
    vccio = ADC(26)
    return {
        "power_key": Pin(13, Pin.OPEN_DRAIN, value=1),
        "power_sense": lambda: vccio.read_u16() > ONE_VOLT,
        "reset": Pin(14, Pin.OPEN_DRAIN, value=1),
        "dtr": Pin(8, Pin.OUT, value=0),
        "ri": Pin(15, Pin.IN),
        "flow": True,
        "uart_kwargs": uart_kwargs(),
    }
