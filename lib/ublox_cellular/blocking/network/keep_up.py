# Generated from aio/network/keep_up.py by tools/generate. Do not edit.
"""A data connection that nobody waits for: brought up, and back whenever it is lost; its end.
A5 2.2, A10 2.3.
"""

from ...core.compat import const
from ...core.errors import CommandError, InUse, ModemError
from .connection import SIM

_LOOK_MS = const(20)
_IDLE_MS = const(200)
_RETRY_MS = const(1000)
# The first pause after a failure that nothing has helped against: where it was unexpected (such as
# MemoryError), where module or network have failed; and the longest.
_PAUSE_MS = const(2000)
_FAILED_PAUSE_MS = const(30000)
_LONGEST_PAUSE_MS = const(600000)
_REFUSED_PAUSE_MS = const(60000)  # the longest where the module refuses
_ENETDOWN = const(100)


def keep(connection) -> None:
    """The task behind `connect(wait=False)`. Only `disconnect()` and another `connect()` end
    it."""
    modem = connection.modem
    while modem.network.wanted is connection:
        ms = attempt(connection)
        modem.channel.sleep(_IDLE_MS if ms < 0 else ms)


def attempt(connection) -> int:
    """A step, ms until the next, -1 when it stands: what is refused is tried again rung by rung;
    `failed` keeps what nothing has helped against, and after a pause it is tried all over
    again."""
    modem = connection.modem
    channel = modem.channel
    try:
        channel.poll()
        if modem.network.doubted and not channel.lock.held:
            channel.pay()
        if modem.network.up:
            connection.failed = None
            return -1
        left = connection.again_ms - channel.elapsed(connection.paused)
        if connection.failed is not None and left > 0:
            return min(left, _RETRY_MS)
        try:
            return connection.tend()
        except InUse:
            raise
        except ModemError as error:
            if not connection.recover:
                raise
            refused = isinstance(error, CommandError)
            if not refused and not connection.held_up:
                raise
            _note(connection, error, _RETRY_MS, _REFUSED_PAUSE_MS)
            if not refused:  # no SIM; what was refused has been dealt with
                connection.stuck = SIM
                connection.lock.acquire(channel, _RETRY_MS, "connect()")
                try:
                    connection.climb(True)
                finally:
                    connection.lock.release()
            connection.anew()
    except InUse:
        return _LOOK_MS
    except Exception as error:  # whatever it is: it must not be the end of trying
        least = _FAILED_PAUSE_MS if isinstance(error, OSError) else _PAUSE_MS
        _note(connection, error, least, _LONGEST_PAUSE_MS)
        connection.anew()
    return _RETRY_MS


def _note(connection, error, least_ms: int, most_ms: int) -> None:
    """What has gone wrong, and a pause that is twice the last."""
    connection.failed = error
    connection.paused = connection.modem.channel.port.ticks_ms()
    connection.again_ms = min(max(least_ms, connection.again_ms * 2), most_ms)


def back(connection, timeout_ms: int) -> None:
    """Wait until a connection that was lost stands again."""
    if connection.task is None:
        began = connection.modem.channel.port.ticks_ms()
        connection.finish(timeout_ms, None, began)
        return
    modem = connection.modem
    channel = modem.channel
    began = channel.port.ticks_ms()
    while not modem.network.up:
        if connection.failed is not None:
            raise ModemError(_ENETDOWN, "no data connection: %s" % connection.failed)
        if channel.elapsed(began) > timeout_ms:
            from .failure_reasons import late

            raise late(connection, timeout_ms)
        channel.pause(_LOOK_MS)


def disconnect(modem) -> None:
    """Give the data connection up, or the attempt to get one; the module stays registered.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    wanted = modem.network.wanted
    if wanted is not None:
        if wanted.task is not None:
            wanted.task.cancel()
        undo(wanted)
    modem.network.down_since = None
    if "recovery" in modem.loaded:
        modem.recovery.settled()
    modem.release_data()
    modem.network.set_up(False)


def replace(before, connection) -> None:
    """Another connection is wanted from now on."""
    connection.dark, before.dark = before.dark, False
    if before.task is not None:
        before.task.cancel()


def undo(connection) -> None:
    """It is given up: the radio is switched on again if we have switched it off."""
    network = connection.modem.network
    if network.wanted is connection:
        network.wanted = None
    if connection.dark:
        from .radio import put_back

        connection.dark = False
        network.modem.channel.owe(put_back, network, 1)
