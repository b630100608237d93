# Generated from aio/http_profile.py by tools/generate. Do not edit.
"""A profile for a request: found, told what is missing, and given back."""

from ..core.compat import const
from ..core.errors import ModuleReset
from ..wait_blocking import TASKS

_LOOK_MS = const(20)
_HEADER = const(9)
_SECRETS = (3, _HEADER)  # operations whose values are shown to nobody

_EBUSY = const(16)
_ENOENT = const(2)
_ECONNRESET = const(104)


def free(http, slot) -> bool:
    """Whether nobody uses it, the module included."""
    if slot.held:
        return False
    if slot.cmd is not None:
        if http.channel.elapsed(slot.began) < slot.limit_ms:
            return False
        slot.cmd = slot.settings = None  # it is not coming any more
        slot.swept = False
    return True


def occupy(http, number, wanted, timeout_ms: int):
    """A profile of our own: number, or one that is free, best one that has the server already.

    `OSError(EBUSY)` if none is free in time; at once where nobody else runs who could free one.
    """
    channel = http.channel
    began = channel.port.ticks_ms()
    numbers = range(len(http.slots)) if number is None else (number,)
    while True:
        slots = [slot for slot in map(http.slot, numbers) if free(http, slot)]
        for slot in slots:
            if slot.settings and slot.settings[0] == wanted[0]:
                return _held(slot)
        if slots:
            return _held(slots[0])
        hopeless = not TASKS and all(http.slot(n).held for n in numbers)
        if hopeless or channel.elapsed(began) >= timeout_ms:
            raise OSError(_EBUSY, "HTTP profile in use: close the response before, or wait")
        channel.poll()
        channel.proceed("http")
        channel.sleep(_LOOK_MS)


def _held(slot):
    slot.held = True
    slot.result = None
    return slot


def release(http, slot) -> None:
    """Give a profile back: the module may sleep deeply again."""
    vote, slot.vote = slot.vote, None
    slot.held = False
    unsecured(http, slot)
    if vote is not None:
        try:
            vote.__exit__(None, None, None)
        except OSError:
            pass  # the channel tells it again before the next command


def secured(http, slot) -> None:
    """A TLS session of the module is taken up, until `unsecured()`."""
    slot.secure = True
    http.tls_sessions += 1


def unsecured(http, slot) -> None:
    if slot.secure:
        slot.secure = False
        http.tls_sessions -= 1


def ready(http, slot, timeout_ms: int) -> None:
    """The module is awake and knows its settings, the data connection stands."""
    modem = http.modem
    http.channel.acquire()
    http.channel.release()
    slot.reset = False
    if modem.sleeper is not None and modem.sleeper.deep and modem.sleep_traits()[0]:
        vote = modem.power.awake()  # its profile would be lost, and the answer: A10 7.1.2
        vote.__enter__()
        slot.vote = vote
    wanted = modem.network.wanted
    if wanted is not None and not modem.network.up:
        wanted.back(timeout_ms)
    if not slot.swept:
        sweep(http, slot)


def sweep(http, slot) -> None:
    """Remove what files are left of earlier requests."""
    slot.swept = False
    done = remove(http, file_of(http, http.answer_file, slot))
    slot.swept = remove(http, file_of(http, http.content_file, slot)) and done


def file_of(http, name: str, slot) -> str:
    return name.replace("#", str(slot.number))


def remove(http, name: str) -> bool:
    """Remove a file of the module; whether there is none now. If not, the next request tries."""
    try:
        http.modem.files.remove(name)
    except OSError as error:
        return error.errno == _ENOENT
    return True


def configure(http, slot, wanted) -> None:
    """Tell the module what differs; if something else is in place, too, it is reset before."""
    command = http.channel.command
    if slot.vote is not None:  # a deep sleep that nobody has noticed may have taken them
        slot.settings = None
    if slot.settings is None and http.stored is not None:
        slot.settings = http.recall()
    lacking = None if slot.settings is None else _lacking(slot.settings, wanted)
    slot.settings = None  # unknown if we fail half-way
    if lacking is None:
        command(b"+UHTTP", slot.number)
        lacking = wanted
    for item in lacking:
        command(b"+UHTTP", slot.number, *item, secret=2 if item[0] in _SECRETS else -1)
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
