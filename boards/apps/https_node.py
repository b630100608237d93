"""Report by HTTPS with the device's own certificate, fetch a file, sleep; resume the TLS session.

Put `ca.pem`, `device.pem` and `device.key` beside it: the certificate of who signed the server's,
and the device's own with its key. They go to the module once; stated at every start, they cost one
short question each. The session of the last connection is kept in a file, so that after a sleep
the handshake is short; treat that file like a password.
"""

import json

import machine
from machine import UART, Pin

from ublox_cellular import SaraR5  # or LexiR10

APN = "iot.example"
BASE = "https://api.example"
SESSION = "tls.session"
SLEEP_MS = 3600000


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


def trusted(modem, folder=""):
    """A TLS profile that verifies the server, shows our certificate and resumes the session."""
    security = modem.security
    security.store("CA", "server", folder + "ca.pem")  # streamed; sent only if it has changed
    security.store("CC", "device", folder + "device.pem")
    security.store("PK", "device", folder + "device.key")
    wishes = {"ca": "server", "cert": "device", "key": "device", "resume": "plain"}
    try:
        return security.profile(session=kept(folder + SESSION), **wishes)
    except ValueError:  # of another module, or the file was cut short
        return security.profile(**wishes)


def report(modem, tls, base, values):
    """Post the values as JSON; what the server answered."""
    with modem.http.post(base + "/echo", json=values, tls=tls) as response:
        if response.status != 200:
            raise OSError(5, "server: %d %s" % (response.status, response.reason))
        return response.json()


def fetch(modem, tls, url, name):
    """Bring a file of any size here in pieces; its length. Half a file is never left."""
    with modem.http.get(url, tls=tls) as response:
        if response.status != 200:
            raise OSError(5, "server: %d %s" % (response.status, response.reason))
        return response.save(name)


def turn(modem, base, values, folder=""):
    """One report and one download."""
    tls = trusted(modem, folder)
    answer = report(modem, tls, base, values)
    size = fetch(modem, tls, base + "/bytes/3000/1", folder + "config.bin")
    if tls.session is not None:
        keep(folder + SESSION, tls.session)
    return answer, size, tls.resumed


def main():
    modem = SaraR5(
        UART(1, 115200, rxbuf=2048),
        power_key=Pin(13, Pin.OPEN_DRAIN, value=1),
        power_sense=Pin(14, Pin.IN),
    )
    try:
        modem.power_on()
        modem.connect(APN)
        answer, size, resumed = turn(modem, BASE, {"temperature": 21.5})
        print("server said", json.dumps(answer), "fetched", size, "resumed", resumed)
    except OSError as error:  # the next turn tries again
        print("failed:", error)
    try:
        modem.power_off()
    except OSError as error:  # then it is found, in whatever state, by the next turn
        print("not off:", error)
    machine.deepsleep(SLEEP_MS)


if __name__ == "__main__":
    main()
