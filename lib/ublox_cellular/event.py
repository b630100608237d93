"""Kinds of events: the first argument of `modem.on_event(kind, a, b)`."""

RESET = 1  # the module has restarted by itself
REGISTRATION = 2  # a: status of +CEREG
CONNECTION = 3  # a: 1 the data connection is up, 0 it was lost
DATA = 4  # a: socket, b: bytes waiting
CLOSED = 5  # a: socket closed by the other side
ACCEPTED = 6  # a: the new socket, b: the listening one
PROGRESS = 7  # a: stage of connect(), 0 sim to 6 connected (network/connection.py)
RECOVERY = 8  # a: step, b: 0 begun, 1 it helped, 2 it did not (device/recovery.py)
SLEEP = 9  # a: depth of the module's sleep (power/), 0 awake
WOKE = 10  # the module has slept deeply and was configured again; a: sockets that remain
RADIO = 11  # a: 1 the module has a radio connection, 0 it is idle (+CSCON)
NOT_ALWAYS_ON = 12  # a: socket that is no longer always-on, because of TLS (LEXI-R10)
MESSAGES = 13  # a: messages of modem.mqtt or mqttsn that wait to be read
SESSION = 14  # a: 1 an MQTT or MQTT-SN session begins, 0 it has ended, b: why (mqtt/)
