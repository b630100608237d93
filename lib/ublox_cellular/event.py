"""Kinds of events: the first argument of `modem.on_event(kind, a, b)`."""

RESET = 1  # the module has restarted by itself
REGISTRATION = 2  # a: status of +CEREG
CONNECTION = 3  # a: 1 the data connection stands, 0 it is lost
DATA = 4  # a: socket, b: bytes waiting
CLOSED = 5  # a: socket closed by the other side
ACCEPTED = 6  # a: the new socket, b: the listening one
