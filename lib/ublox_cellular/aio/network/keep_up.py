"""The data connection in the background: brought up, restored when it is lost, checked after a
refusal, ended. A5 2.2, A10 2.3.
"""

from ...core.command import milliseconds
from ...core.compat import const
from ...core.errors import (
    Cancelled,
    CommandError,
    CommandTimeout,
    Garbled,
    InUse,
    ModemError,
    ServiceError,
)
from .connection import SIM
from .registration import ask_registration

_LOOK_MS = const(20)
_IDLE_MS = const(200)
_RETRY_MS = const(1000)
# The first pause after a failure that recovery has not solved: after an unexpected one (such as
# MemoryError), after one of module or network; and the longest.
_PAUSE_MS = const(2000)
_FAILED_PAUSE_MS = const(30000)
_LONGEST_PAUSE_MS = const(600000)
_REFUSED_PAUSE_MS = const(60000)  # the longest after a refusal by the module
_ENETDOWN = const(100)


async def keep(connection) -> None:
    """The task of `connect(wait=False)`. Only `disconnect()` and another `connect()` end
    it."""
    modem = connection.modem
    while modem.network.wanted is connection:
        ms = await attempt(connection)
        await modem.channel.sleep(_IDLE_MS if ms < 0 else ms)


async def attempt(connection) -> int:
    """One step; returns ms until the next, -1 when the connection is active. A refusal leads to
    the next recovery step; a failure that remains is in `failed`, and after a pause everything is
    tried again."""
    modem = connection.modem
    channel = modem.channel
    try:
        channel.poll()
        if modem.network.doubted and not channel.lock.held:
            await channel.pay()
        if modem.network.up:
            connection.failed = None
            return -1
        left = connection.again_ms - channel.elapsed(connection.paused)
        if connection.failed is not None and left > 0:
            return min(left, _RETRY_MS)
        try:
            return await connection.tend()
        except InUse:
            raise
        except ModemError as error:
            if not connection.recover:
                raise
            refused = isinstance(error, CommandError)
            if not refused and not connection.held_up:
                raise
            _note(connection, error, _RETRY_MS, _REFUSED_PAUSE_MS)
            if not refused:  # no SIM; refusals have been handled in tend()
                connection.stuck = SIM
                await connection.lock.acquire(channel, _RETRY_MS, "connect()")
                try:
                    await connection.climb(True)
                finally:
                    connection.lock.release()
            connection.anew()
    except InUse:
        return _LOOK_MS
    except Exception as error:  # no error may end the attempts
        least = _FAILED_PAUSE_MS if isinstance(error, OSError) else _PAUSE_MS
        _note(connection, error, least, _LONGEST_PAUSE_MS)
        connection.anew()
    return _RETRY_MS


def _note(connection, error, least_ms: int, most_ms: int) -> None:
    """Record the error, and double the pause."""
    connection.failed = error
    connection.paused = connection.modem.channel.port.ticks_ms()
    connection.again_ms = min(max(least_ms, connection.again_ms * 2), most_ms)


async def back(connection, timeout_ms: int) -> None:
    """Wait until a lost connection is active again."""
    if connection.task is None:
        began = connection.modem.channel.port.ticks_ms()
        await connection.finish(timeout_ms, None, began)
        return
    modem = connection.modem
    channel = modem.channel
    began = channel.port.ticks_ms()
    while not modem.network.up:
        if connection.failed is not None:
            raise ModemError(_ENETDOWN, "no data connection: %s" % connection.failed)
        if channel.elapsed(began) > timeout_ms:
            from .status import late

            raise late(connection, timeout_ms)
        await channel.pause(_LOOK_MS)


async def disconnect(modem) -> None:
    """End the data connection, or cancel the attempt; the module stays registered.

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
    await modem.release_data()
    modem.network.set_up(False)


def replace(before, connection) -> None:
    """Replace the wanted connection by another."""
    connection.dark, before.dark = before.dark, False
    if before.task is not None:
        before.task.cancel()


def undo(connection) -> None:
    """The connection is cancelled: switch the radio on again if the driver switched it off."""
    network = connection.modem.network
    if network.wanted is connection:
        network.wanted = None
    if connection.dark:
        from .radio import put_back

        connection.dark = False
        network.modem.channel.owe(put_back, network, 1)


# ---- run(), catch_up() and close() --------------------------------------------------------------
#
# Background task, resuming after a pause, and closing.
# At-commands 2.1, 3.4.

_OPEN = const(1)
_LONGEST_MS = const(10000)  # the longest pause after failures


async def run(modem, interval_ms=20) -> None:
    """Poll for ever: the background task of a program with callbacks. It also restores a lost data
    connection of `connect()`, and does the pending cleanup of cancelled callers.

    Only a cancelled task, Ctrl-C or `keep_going` ends it. Any other error, also of `on_event`, is
    stored in `modem.trouble`, and polling continues after a pause.

    Raises `TypeError` for an interval that is no number; an `OSError` of the module is kept in
    `modem.trouble` and not raised.
    """
    if milliseconds(interval_ms, "interval_ms") < 1:
        raise ValueError("interval_ms: 1 or more")
    channel = modem.channel
    pause_ms = interval_ms
    while True:
        try:
            modem.poll()
            channel.proceed("run")
            wanted = modem.network.wanted
            if wanted is not None and wanted.task is None:
                await wanted.attempt()
            if channel.debts and not channel.lock.held:
                await channel.pay()
            pause_ms = interval_ms
        except Cancelled:
            raise
        except Exception as error:
            modem.trouble = error
            pause_ms = min(max(pause_ms * 2, interval_ms), max(_LONGEST_MS, interval_ms))
        await channel.sleep(pause_ms)


async def catch_up(modem) -> None:
    """Call this after this microcontroller has slept with the module object kept: it queries what
    was missed, the registration and the bytes waiting in sockets. (A module object made with
    `state=` does this by itself.)

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    await ask_registration(modem.network)
    if "socket_pool" in modem.loaded:
        from ..sockets.diagnosis import refresh

        pool = modem.socket_pool
        for slot in pool.slots:
            sock = slot.sock()
            if slot.state == _OPEN and sock and not sock.backlog:
                await refresh(sock, slot, pool.channel.port.ticks_ms())


async def close(modem) -> None:
    """Close all sockets. The module stays on and connected.

    Raises `CommandError`, `CommandTimeout`, `Garbled`, `ModuleReset`, `InUse`, `Cancelled`, see
    core/errors.py.
    """
    if "socket_pool" in modem.loaded:
        await modem.socket_pool.close_all()


# ---- whether the data connection exists ---------------------------------------------------------
#
# Whether the data connection is active: the module is asked after a refusal that suggests it is
# not. Field-notes 23 and 78: contexts can be lost without a URC.

_LOOKS = const(3)  # that fail, until the connection is made anew
_SILENT_MS = const(90000)  # a log-in is reported after 60 s as a rule (at-commands 1.6)
# Reasons, by class, that a client gives for a failure and that a data connection contradicts which
# stands, or that are of the client itself: all others are of the peer, or on the way to it.
_OWN = {
    1: (12, 13, 21), 3: (22, 30, 45), 8: (12, 13, 21), 10: (22, 30, 45), 13: (34, 50), 14: (22,),
}  # fmt: skip
_MEMORY = const(7)
_LOST = const(101)  # reason of the end of a session (at-commands 5.4)


def doubt(network) -> None:
    """A refusal or failure suggests that there is no data connection: ask the module before the
    next command."""
    if network.up and not network.doubted:
        network.doubted = 1
        network.modem.channel.owe(look, network)


def trouble(network, service: str, error, own=False) -> None:
    """A service has failed: check the data connection. If the module itself refuses (`own`: that
    is known), and continues to do so, recovery handles that, too: until `works()` is called for
    this service, or it fails for other reasons."""
    doubt(network)
    if own or _own(error):
        if network.wanted is not None and network.wanted.recover:
            network.modem.recovery.blame(service)
    elif error is None or isinstance(error, ServiceError):
        works(network, service)


def works(network, service: str) -> None:
    """The service has worked, or its failure was caused by another party."""
    recovery = network.modem.loaded.get("recovery")
    if recovery is not None:
        recovery.absolve(service)


def _own(error) -> bool:
    """Whether the module itself caused the error."""
    if isinstance(error, ServiceError):
        return of_module(error.error_class, error.code)
    if isinstance(error, CommandTimeout):  # an action was accepted, and no result came
        return error.details[1] >= _SILENT_MS
    return isinstance(error, CommandError)


def of_module(error_class: int, code: int) -> bool:
    """Whether a client's failure reason is caused by the module itself."""
    return error_class == _MEMORY or code in _OWN.get(error_class, ())


async def look(network) -> None:
    """Query the context and the registration; the channel is held."""
    modem = network.modem
    if network.up and network.doubted:
        try:
            stands = await modem.stands(network.cid)
        except CommandError:  # no context at all, on some firmware
            stands = False
        except (CommandTimeout, Garbled):
            network.doubted += 1
            if network.doubted <= _LOOKS:  # it is owed still
                raise
            stands = False
        if not stands:
            recovery = modem.loaded.get("recovery")
            if recovery is not None:  # this was the reason of their refusals
                recovery.blamed.clear()
            network.set_up(False)
            for name in ("mqtt", "mqttsn"):
                client = modem.loaded.get(name)
                if client is not None:
                    client.ended(_LOST)
            network.stat = None  # asked for anew
    network.doubted = 0
