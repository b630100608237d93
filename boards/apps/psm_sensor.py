"""A battery sensor on SARA-R5: measures, reports and sleeps, the module in PSM, the board deeply.

A report (see outbox.py) is one datagram. The server answers with its first number; an echo server
does, too. What is not answered goes with the next report, so that the server may get it twice.
Wires as below, more in boards/. To be copied with outbox.py; on a PC

    tools/run --pin power_key=13 --pin v_int=14 boards/apps/psm_sensor.py

On CircuitPython take alarm.sleep_memory and alarm.exit_and_deep_sleep_until_alarms().
"""

import time

import machine
from machine import UART, Pin
from outbox import Outbox

from ublox_cellular import SaraR5
from ublox_cellular.blocking.power import PSM
from ublox_cellular.blocking.sockets.socket import Socket

APN = "iot.example"
SERVER = ("echo.example", 7)
INTERVAL_S = 1800  # from measurement to measurement
ACTIVE_S = 8  # how long the module can be reached behind a report (T3324)
AWAKE_S = 150  # at most, to find the network and report
ANSWER_S = 10  # for the acknowledgement, twice
LINGER_S = 40  # at most, to see the module fall asleep
SLOWEST = 8  # after failures only each 2nd, 4th … measurement brings a report, at least each 8th
ETIMEDOUT = 110


def measure(now: int):
    """Put your sensor here."""
    return 2000 + now // 97 % 500


def deliver(modem: SaraR5, outbox: Outbox, now: int):
    """Bring the report to the server; True when it has acknowledged it."""
    with modem.socket(2, 2) as sock:
        sock.settimeout(ANSWER_S)
        for _ in range(2):
            text = outbox.report(now)
            outbox.save(modem.save_state())  # that this was sent is known, whatever comes
            sock.sendto(text, SERVER)
            if answered(sock, outbox.number):
                outbox.acknowledge(outbox.number)
                break
        # The network keeps the radio up for seconds behind the last message, which costs more
        # than all the rest. A message that is announced to be the last ends that.
        modem.power.release_assistance()
        sock.sendto("bye", SERVER)
    return not outbox.waiting


def answered(sock: Socket, number: int):
    try:
        while sock.recv(64).split()[:1] != [b"%d" % number]:
            pass  # the answer to an earlier one
        return True
    except OSError as error:
        if error.errno != ETIMEDOUT:
            raise
        return False


def fall_asleep(modem: SaraR5):
    """Watch the module go to PSM; where the network does not grant it, switch it off."""
    requested, granted = modem.power.psm()
    print("  PSM requested", requested, "granted", granted)
    if granted is None:
        modem.power_off()
        return
    began = time.ticks_ms()
    while modem.power.depth != PSM:
        if time.ticks_diff(time.ticks_ms(), began) > LINGER_S * 1000:
            print("  still awake:", modem.power.blockers())
            return
        modem.poll()
        time.sleep_ms(100)


def report(modem: SaraR5, outbox: Outbox, now: int):
    """Report and let the module sleep, in bounded time whatever happens; True when it is told."""
    began = time.ticks_ms()
    modem.channel.keep_going = lambda: time.ticks_diff(time.ticks_ms(), began) < AWAKE_S * 1000
    modem.recovery.patience_ms = AWAKE_S * 400  # two rungs of the ladder, then sleep
    done = False
    try:
        modem.power_on()
        modem.connect(APN)
        modem.power.save("timer", 1000)
        modem.power.set_psm(4 * INTERVAL_S, ACTIVE_S)
        done = deliver(modem, outbox, now)
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
    print("  ladder", list(modem.recovery.counts))
    return done


def main():
    outbox = Outbox("psm_sensor.json", now=0, failures=0, skip=0, last=0)
    own = outbox.own
    outbox.add(own["now"], measure(own["now"]))
    awake_ms = 0
    state = None
    if own["skip"]:
        own["skip"] -= 1
    else:
        modem = SaraR5(
            UART(1, 115200, tx=Pin(4), rx=Pin(5), rxbuf=2048),
            power_key=Pin(13, Pin.OPEN_DRAIN, value=1),
            power_sense=Pin(14, Pin.IN),
            state=outbox.modem,
        )
        modem.recovery.slept(own["now"] - own["last"])  # its pauses and its budget are by time
        own["last"] = own["now"]
        began = time.ticks_ms()
        outbox.save(b"")  # a reset from now on finds the module in any state
        own["failures"] = 0 if report(modem, outbox, own["now"]) else own["failures"] + 1
        own["skip"] = max(0, min(SLOWEST, (1 << min(own["failures"], 8)) // 2) - 1)
        awake_ms = time.ticks_diff(time.ticks_ms(), began)
        state = modem.save_state()
    print("wake", outbox.number, "waiting", len(outbox.waiting), "awake", awake_ms, "ms")
    own["now"] += INTERVAL_S
    outbox.save(state)
    machine.deepsleep(max(1000, INTERVAL_S * 1000 - awake_ms))


main()
