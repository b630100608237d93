"""Code that never waits: bytes to tokens, values to command lines, errors, tables, the UART
adapter."""
