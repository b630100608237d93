"""A profile for a request: found, told what is missing, and given back."""

from ...core.compat import const
from ...core.errors import ModuleReset
from ...wait_aio import TASKS

_LOOK_MS = const(20)
_HEADER = const(9)
_SECRETS = (3, _HEADER)  # operations whose values are shown to nobody

_EBUSY = const(16)
_ECONNRESET = const(104)


# ---- who has it ---------------------------------------------------------------------------------


def free(http, slot) -> bool:
    """Whether it is not in use, by the module neither. A dropped response does not use it."""
    if slot.held:
        if slot.response is None or slot.response() is not None:
            return False
        slot.swept = False  # its vote against sleep is the next request's
        slot.cmd = None  # its direct link, if it had one, is left by the next command
        part(http, slot)
    if slot.cmd is not None:
        if http.channel.elapsed(slot.began) < slot.limit_ms:
            return False
        slot.cmd = slot.settings = None  # it is not coming any more
        over(http, slot)
    return True


async def occupy(http, number, wanted, timeout_ms: int):
    """A profile of our own: number, or one that is free, best one that has the server already.
    From now on `timeout_ms` count, for all that the request does.

    `OSError(EBUSY)` if none is free in time; at once where nobody else runs who could free one.
    """
    channel = http.channel
    began = channel.port.ticks_ms()
    numbers = range(len(http.slots)) if number is None else (number,)
    collected = False
    while True:
        found = fits = None
        for slot in map(http.slot, numbers):
            if free(http, slot) and not fits:  # all are looked at: dropped ones are swept
                fits = slot.settings and slot.settings[0] == wanted[0]
                found = slot if fits else found or slot
        if found:
            found.held = True
            found.result = found.response = None
            found.asked = began
            found.patience_ms = timeout_ms
            return found
        if not collected:  # a response that was dropped may not be found to be so yet
            from gc import collect

            collect()
            collected = True
            continue
        hopeless = not TASKS and all(http.slot(n).held for n in numbers)
        if hopeless or channel.elapsed(began) >= timeout_ms:
            raise OSError(_EBUSY, "HTTP profile in use: close the response before, or wait")
        channel.poll()
        channel.proceed("http")
        await channel.sleep(_LOOK_MS)


def part(http, slot) -> None:
    """No caller needs it any more, perhaps the module does: then it is free when that is done."""
    slot.held = False
    slot.response = None
    if slot.cmd is None:
        over(http, slot)


async def release(http, slot) -> None:
    """Give a profile back: the module may sleep deeply again."""
    vote, slot.vote = slot.vote, None
    part(http, slot)
    if vote is not None:
        try:
            await vote.__aexit__(None, None, None)
        except OSError:
            pass  # the channel tells it again before the next command


def over(http, slot) -> None:
    """The module is not at it any more, and no caller waits for it: what its request has left is
    removed before the next command."""
    unsecured(http, slot)
    if not slot.swept:
        http.channel.owe(_swept, http, slot)


def unsecured(http, slot) -> None:
    """Its request takes up no TLS session of the module any more."""
    if slot.secure:
        slot.secure = False
        http.tls_sessions -= 1


# ---- what a request needs -----------------------------------------------------------------------


async def ready(http, slot) -> None:
    """The module is awake and knows its settings, the data connection stands."""
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
    """Remove what files are left of earlier requests. Paid as a debt: not if a request uses the
    profile, which does it itself."""
    if not slot.held and slot.cmd is None and not slot.swept:
        clean = await _erased(http, file_of(http.answer_file, slot))
        slot.swept = await _erased(http, file_of(http.content_file, slot)) and clean


def file_of(name: str, slot) -> str:
    return name.replace("#", str(slot.number))


async def _erased(http, name: str) -> bool:
    """Remove a file of the module, the channel is held; whether there is none now."""
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
    """`_erased` in our turn. What fails is made up for later."""
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
    """Tell the module what differs; if something else is in place, too, it is reset before."""
    if slot.vote is not None and slot.settings is not None:
        # A deep sleep that was not noticed may have taken them: then it has the stored ones.
        slot.lost = slot.settings == http.stored
        slot.settings = None
    if slot.lost and http.stored is not None:
        slot.settings = await http.recall()
    lacking = None if slot.settings is None else _lacking(slot.settings, wanted)
    slot.settings = None  # unknown if we fail half-way
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
    """`ModuleReset` if what was told to it is gone."""
    if slot.reset:
        raise ModuleReset(_ECONNRESET, "AT+UHTTPC")


def _lacking(place, wanted):
    """What of `wanted` is not in place; None if something in place is in the way."""
    keys = [_key(item) for item in wanted]
    for item in place:
        if _key(item) not in keys:
            return None
    return [item for item in wanted if item not in place]


def _key(item):
    """What a setting replaces: a header that of its id."""
    return item[1][0] if item[0] == _HEADER else item[0]
