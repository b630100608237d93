"""A battery sensor on SARA-R5 that reports by CoAP: the module sleeps in PSM between reports, the
board deeply.

A report (see outbox.py) is one confirmable POST: the module repeats it until the server has
acknowledged it, and what is not acknowledged goes with the next one, so that the server may get it
twice. With "coaps://" and a certificate of the server's CA in the module (`modem.security.store`)
it goes over DTLS. To be copied with outbox.py; wires as below, more in boards/.
"""

import time

import machine
from machine import UART, Pin
from outbox import Outbox

from ublox_cellular import SaraR5
from ublox_cellular.blocking.power import PSM

APN = "iot.example"
SERVER = "coap://coap.example/sensors/1"
INTERVAL_S = 1800  # from measurement to measurement
ACTIVE_S = 8  # how long the module can be reached after a report (T3324)
AWAKE_S = 150  # at most, to find the network and report
LINGER_S = 40  # at most, to see the module fall asleep


def measure(now: int):
    """Put your sensor here."""
    return 2000 + now // 97 % 500


def deliver(modem: SaraR5, outbox: Outbox, now: int, server: str = SERVER):
    """Bring the report to the server; True when it has acknowledged all of it."""
    text = outbox.report(now)
    outbox.save(modem.save_state())  # that this was sent is known, whatever comes
    number = outbox.number
    answer = modem.coap.post(server, text, timeout_ms=AWAKE_S * 1000)
    if answer.ok:
        outbox.acknowledge(number)
    else:
        print("  the server says", answer.code, answer.text)
    return not outbox.waiting


def fall_asleep(modem: SaraR5):
    """Watch the module go to PSM; where the network does not grant it, switch it off."""
    if modem.power.psm()[1] is None:
        modem.power_off()
        return
    began = time.ticks_ms()
    while modem.power.depth != PSM:
        if time.ticks_diff(time.ticks_ms(), began) > LINGER_S * 1000:
            print("  still awake:", modem.power.blockers())
            return
        modem.poll()
        time.sleep_ms(100)


def report(modem: SaraR5, outbox: Outbox, now: int, server: str = SERVER):
    """Report and let the module sleep, in bounded time whatever happens; True when it is there."""
    began = time.ticks_ms()
    modem.channel.keep_going = lambda: time.ticks_diff(time.ticks_ms(), began) < AWAKE_S * 1000
    done = False
    try:
        modem.power_on()
        modem.connect(APN)
        modem.power.save("timer", 1000)
        modem.power.set_psm(4 * INTERVAL_S, ACTIVE_S)
        done = deliver(modem, outbox, now, server)
    except Exception as error:  # whatever it is, the next wake may do better
        print("  failed:", error)
    modem.channel.keep_going = None
    try:
        if modem.isconnected():
            fall_asleep(modem)
        else:
            modem.power_off()  # searching on and on costs more than a new start
    except Exception as error:
        print("  not asleep:", error)
    return done


def main():
    outbox = Outbox("coap_sensor.json", now=0)
    own = outbox.own
    outbox.add(own["now"], measure(own["now"]))
    modem = SaraR5(
        UART(1, 115200, tx=Pin(4), rx=Pin(5), rxbuf=2048),
        power_key=Pin(13, Pin.OPEN_DRAIN, value=1),
        power_sense=Pin(14, Pin.IN),
        state=outbox.modem,
    )
    began = time.ticks_ms()
    outbox.save(b"")  # a reset from now on finds the module in any state
    report(modem, outbox, own["now"])
    awake_ms = time.ticks_diff(time.ticks_ms(), began)
    print("wake", outbox.number, "waiting", len(outbox.waiting), "awake", awake_ms, "ms")
    own["now"] += INTERVAL_S
    outbox.save(modem.save_state())
    machine.deepsleep(max(1000, INTERVAL_S * 1000 - awake_ms))


if __name__ == "__main__":
    main()
