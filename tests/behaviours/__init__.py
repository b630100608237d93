"""What the driver does, written once and run on CPython and MicroPython, in both flavours."""
