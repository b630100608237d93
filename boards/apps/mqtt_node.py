"""A node that publishes what it measures and obeys commands, by MQTT over TLS; nothing is lost.

Put `ca.pem`, `device.pem` and `device.key` beside it: the certificate of who signed the broker's,
and the device's own with its key. `session` does the rest: it connects, comes back when coverage,
broker or module were gone, and keeps every measurement until the broker has acknowledged it. What
is not yet acknowledged at a reset is kept in a file.
"""

import time

from machine import UART, Pin

from ublox_cellular import SaraR5  # or LexiR10

APN = "iot.example"
BROKER = "broker.example"
NODE = "node-1"
OUTBOX = "outbox.bin"
INTERVAL_MS = 60000


class Node:
    """`interval_ms` between measurements; the broker may change it by a command."""

    def __init__(self, modem, broker, port=None, folder=""):
        self.outbox = folder + OUTBOX
        self.interval_ms = INTERVAL_MS
        self.session = modem.mqtt.keep(
            broker, port, client_id=NODE, tls=trusted(modem, folder), keepalive=120, outbox=16,
            will=(NODE + "/state", "gone", 1, True), state=kept(self.outbox),
            on_message=self.command, on_result=self.result,
        )  # fmt: skip
        self.session.subscribe(NODE + "/interval", 1)
        self.tell("state", "here", True)

    def tell(self, what, text, retain=False):
        """Publish; a full outbox gives the newest message up, and says so."""
        try:
            self.session.publish(NODE + "/" + what, text, retain)
        except OSError as error:
            print("not told:", what, error)

    def command(self, topic, payload):
        """A message of the broker: seconds between two measurements."""
        try:
            seconds = int(payload)
        except ValueError:
            return
        if 1 <= seconds <= 86400:
            self.interval_ms = seconds * 1000

    def result(self, ticket, error):
        """A message has left the outbox."""
        if error is not None:
            print("message", ticket, "failed:", error)

    def turn(self, value):
        """Publish a measurement, and work until the next one is due."""
        self.tell("value", "%.2f" % value)
        keep(self.outbox, self.session.save())
        self.session.work(self.interval_ms)
        keep(self.outbox, self.session.save())


def trusted(modem, folder):
    """A TLS profile that verifies the broker and shows our certificate."""
    security = modem.security
    security.store("CA", "broker", folder + "ca.pem")  # sent only if it has changed
    security.store("CC", "device", folder + "device.pem")
    security.store("PK", "device", folder + "device.key")
    return security.profile(ca="broker", cert="device", key="device")


def kept(name):
    """What a local file holds, None if there is none."""
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError:
        return None


def keep(name, data):
    with open(name, "wb") as file:
        file.write(data)


def measure():
    """Your sensor."""
    return 21.5


def main():
    modem = SaraR5(
        UART(1, 115200, rxbuf=2048),
        power_key=Pin(13, Pin.OPEN_DRAIN, value=1),
        power_sense=Pin(14, Pin.IN),
    )
    while True:
        try:
            modem.power_on()
            modem.connect(APN)
            node = Node(modem, BROKER)
            break
        except OSError as error:  # no coverage, perhaps, or the module has just restarted
            print("not connected:", error)
            time.sleep(60)
    while True:
        node.turn(measure())


if __name__ == "__main__":
    main()
