"""A profile for a request: found, configured, and released."""

from ...core.compat import const
from ...core.errors import ModuleReset
from ...wait_aio import TASKS

_LOOK_MS = const(20)
_HEADER = const(9)
_SECRETS = (3, _HEADER)  # operations whose values are hidden

_EBUSY = const(16)
_ECONNRESET = const(104)


# ---- ownership ----------------------------------------------------------------------------------


def free(http, slot) -> bool:
    """Whether no caller and no request uses it. An unreferenced response does not count."""
    if slot.held:
        if slot.response is None or slot.response() is not None:
            return False
        slot.swept = False  # its vote against sleep passes to the next request
        slot.cmd = None  # the next command leaves its direct link, if there is one
        part(http, slot)
    if slot.cmd is not None:
        if http.channel.elapsed(slot.began) < slot.limit_ms:
            return False
        slot.cmd = slot.settings = None  # its result will not come any more
        over(http, slot)
    return True


async def occupy(http, number, wanted, timeout_ms: int):
    """Reserve a profile: `number`, or a free one, preferably one with the same server. From now on
    `timeout_ms` count, for everything the request does.

    `OSError(EBUSY)` if none is free in time; at once if no other task runs that could free one.
    """
    channel = http.channel
    began = channel.port.ticks_ms()
    numbers = range(len(http.slots)) if number is None else (number,)
    collected = False
    while True:
        found = fits = None
        for slot in map(http.slot, numbers):
            if free(http, slot) and not fits:  # check all, to clean up unreferenced ones
                fits = slot.settings and slot.settings[0] == wanted[0]
                found = slot if fits else found or slot
        if found:
            found.held = True
            found.result = found.response = None
            found.asked = began
            found.patience_ms = timeout_ms
            return found
        if not collected:  # an unreferenced response may need a collection
            from gc import collect

            collect()
            collected = True
            continue
        hopeless = not TASKS and all(http.slot(n).held for n in numbers)
        if hopeless or channel.elapsed(began) >= timeout_ms:
            raise OSError(_EBUSY, "HTTP profile in use: close the earlier response, or wait")
        channel.poll()
        channel.proceed("http")
        await channel.sleep(_LOOK_MS)


def part(http, slot) -> None:
    """No caller needs it any more; if the module still uses it, it is free afterwards."""
    slot.held = False
    slot.response = None
    if slot.cmd is None:
        over(http, slot)


async def release(http, slot) -> None:
    """Release a profile: the module may sleep deeply again."""
    vote, slot.vote = slot.vote, None
    part(http, slot)
    if vote is not None:
        try:
            await vote.__aexit__(None, None, None)
        except OSError:
            pass  # the channel repeats that before the next command


def over(http, slot) -> None:
    """Neither the module nor a caller uses the profile any more: files of its request are removed
    before the next command."""
    unsecured(http, slot)
    if not slot.swept:
        http.channel.owe(_swept, http, slot)


def unsecured(http, slot) -> None:
    """Its request uses no TLS session of the module any more."""
    if slot.secure:
        slot.secure = False
        http.tls_sessions -= 1


# ---- preparation --------------------------------------------------------------------------------


async def ready(http, slot) -> None:
    """Wait until the module is awake and configured, and the data connection is up."""
    modem = http.modem
    await http.channel.acquire(slot.left())
    http.channel.release()
    slot.reset = False
    deep = modem.sleeper is not None and modem.sleeper.deep and modem.sleep_traits()[0]
    if deep and slot.vote is None:
        vote = modem.power.awake()  # its profile would be lost, and the answer: A10 7.1.2
        await vote.__aenter__()
        slot.vote = vote
    wanted = modem.network.wanted
    if wanted is not None and not modem.network.up:
        await wanted.back(slot.left())
    if not slot.swept:
        clean = await remove(http, file_of(http.answer_file, slot), slot.left())
        content = file_of(http.content_file, slot)
        slot.swept = await remove(http, content, slot.left()) and clean


async def _swept(http, slot) -> None:
    """Remove files of earlier requests. Runs as pending cleanup: not if a request uses the
    profile, which does it itself."""
    if not slot.held and slot.cmd is None and not slot.swept:
        clean = await _erased(http, file_of(http.answer_file, slot))
        slot.swept = await _erased(http, file_of(http.content_file, slot)) and clean


def file_of(name: str, slot) -> str:
    return name.replace("#", str(slot.number))


async def _erased(http, name: str) -> bool:
    """Remove a file of the module, with the channel held; returns whether it is removed."""
    files = http.modem.files
    try:
        if not files.store.ready:
            await files.store.prepare()
        if await files.measure(name, "") >= 0:
            await files.store.erase(name, "")
        return True
    except OSError as error:
        from ...core.giving_up import answered

        if not answered(error):
            raise
    return False


async def remove(http, name: str, limit_ms: int = 0) -> bool:
    """`_erased` in our turn. A failure is repaired later."""
    try:
        await http.channel.acquire(limit_ms)
        try:
            return await _erased(http, name)
        finally:
            http.channel.release()
    except OSError as error:
        from ...core.giving_up import given_up

        if given_up(error):
            raise
    return False


async def configure(http, slot, wanted) -> None:
    """Write the settings that differ; reset the profile first if it has other ones, too."""
    if slot.vote is not None and slot.settings is not None:
        # Settings may be lost in an unnoticed deep sleep, which restores the stored ones.
        slot.lost = slot.settings == http.stored
        slot.settings = None
    if slot.lost and http.stored is not None:
        slot.settings = await http.recall()
    lacking = None if slot.settings is None else _lacking(slot.settings, wanted)
    slot.settings = None  # unknown if this fails midway
    slot.lost = False
    if lacking is None:
        lacking = [()] + wanted
    channel = http.channel
    for item in lacking:
        await channel.acquire(slot.left())
        try:
            check(slot)
            secret = 2 if item and item[0] in _SECRETS else -1
            await channel.ask(b"+UHTTP", slot.number, *item, secret=secret)
        finally:
            channel.release()
    check(slot)
    slot.settings = wanted


def check(slot) -> None:
    """`ModuleReset` if the settings were lost."""
    if slot.reset:
        raise ModuleReset(_ECONNRESET, "AT+UHTTPC")


def _lacking(place, wanted):
    """The part of `wanted` that is not in place; None if a reset is needed first."""
    keys = [_key(item) for item in wanted]
    for item in place:
        if _key(item) not in keys:
            return None
    return [item for item in wanted if item not in place]


def _key(item):
    """The key of a setting, by which it replaces another: for headers their id."""
    return item[1][0] if item[0] == _HEADER else item[0]
