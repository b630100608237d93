"""`modem.at()`: the application's own commands. At-commands 1.1."""

from ...core.command import milliseconds
from ...core.compat import const
from ...core.errors import ModemError
from ..network.registration import read_form

_CONNECTED = const(3)  # outcome of the engine
_EIO = const(5)

# Commands with a payload after a prompt, or that leave command mode: always, or with this number
# of parameters, or where a parameter has this value (index:value). Then the driver's function for
# it. Strings take a third of the heap of tuples.
_MODES = (
    "D||a data call\nO||a data call\nA/||a repetition\n+CGDATA||a data call\n"
    "+USODL||socket.direct_link()\n+USOWR|2|sockets\n+USOST|4|sockets\n"
    "+USECMNG|0:0|modem.security\n+UDWNFILE||modem.files\n+FWRITE||modem.files\n"
    "+FWRITEHEX||modem.files\n+FREAD||modem.files\n+UHTTPC|1:6|modem.http\n"
    "+UHTTPC|1:7|modem.http\n+UMQTTC|0:9|modem.mqtt\n+UMQTTSNC|0:12|modem.mqttsn\n"
    "+UFTPC|0:6|a direct link\n+UFTPC|0:7|a direct link\n+CMUX||the multiplexer\n"
    "+CMGS||a text message\n+CMGW||a text message\n+UFWUPD||an update of the module"
)
# The parameters of these commands stay out of traces.
_SECRETS = (
    "+CPIN +CLCK +CPWD +UAUTHREQ +CGAUTH +UPSD +USECMNG +USECPRF +UMQTT +UHTTP +UFTP +UMQTTSN "
)
# URCs of the same name as a command; the answers of the first ones differ in form.
_REGISTRATION = "+CREG +CGREG +CEREG "
_URCS = _REGISTRATION + "+CSCON +CGEV +CEDRXP "


async def at(modem, command: str, timeout_ms=10000):
    """Send a command the driver does not implement, with or without its "AT"; returns the answer
    lines as strings.

    `ValueError` if `command` holds a control character, is more than one command, or would put the
    module into another mode: the driver has functions for those. The driver does not notice what
    the command changes: do not change rate, echo, error format or hexadecimal mode.
    """
    if not isinstance(command, str):
        raise TypeError("command: string wanted")
    milliseconds(timeout_ms)
    name, rest = _parts(command)
    channel = modem.channel
    began = channel.port.ticks_ms()
    lines = []
    await channel.acquire(timeout_ms or 1)
    try:
        line = channel.start(name.encode())
        hidden = line.size
        line.raw(rest.encode())
        if rest[:1] == "=" and name + " " in _SECRETS:
            line.hidden = hidden + 1
            line.shown_to = line.size
        channel.plain = True
        channel.connect = True
        channel.shape = _shape(name, rest)
        channel.handler = lambda lexer: lines.append(lexer.whole())
        await channel.execute(channel.remaining(timeout_ms, began))
        if channel.outcome == _CONNECTED:  # data mode is left before the next command
            text = "AT%s has put the module into data mode, which the next command leaves"
            raise ModemError(_EIO, text % name)
        return lines
    finally:
        channel.release()


def _parts(command: str):
    """Check a line and split it into name and rest."""
    for c in command:
        if not 32 <= ord(c) <= 126:
            raise ValueError("character %d cannot be sent in a command" % ord(c))
    line = command.strip()
    if line[:2].upper() == "AT":
        line = line[2:].strip()
    ends = [end for end in (line.find("="), line.find("?")) if end >= 0]
    end = min(ends) if ends and line[:1] == "+" else len(line)
    name, rest = line[:end].strip(), line[end:].strip()
    if line[:1] == "+":
        name = name.upper()
    found = _split(rest[1:] if line[:1] == "+" else name)
    for entry in _MODES.split("\n"):
        mode, when, instead = entry.split("|")
        if name != mode and (mode[0] == "+" or name[: len(mode)].upper() != mode):
            continue
        index, _, value = when.partition(":")
        if value:
            match = int(index) < len(found) and found[int(index)] == value
        else:
            match = when == str(len(found)) or (not when and rest not in ("=?", "?"))
        if match:
            text = "AT%s leaves command mode, or needs data: use the driver's function for %s"
            raise ValueError(text % (mode, instead))
    return name, rest


def _split(text: str) -> list:
    """Split the parameters; text in quotes may hold any character."""
    found = [""]
    quoted = False
    for c in text:
        if c == '"':
            quoted = not quoted
        elif c == ";" and not quoted:
            raise ValueError("one command at a time")
        if c == "," and not quoted:
            found.append("")
        else:
            found[-1] += c
    return [part.strip() for part in found]


def _shape(name: str, rest: str):
    """Distinguishes an answer from a URC of the same name: a set command has no answer line."""
    if not name or name + " " not in _URCS:
        return None
    if rest == "=?":
        return _is_test
    if rest != "?":
        return _is_none
    return read_form if name + " " in _REGISTRATION else _has_two


def _is_test(line) -> bool:
    return not line.quoted() and line.pos < line.stop and line.buf[line.pos] == 40


def _is_none(_line) -> bool:
    return False


def _has_two(line) -> bool:
    """Whether there are two fields: the URC has the status only."""
    line.number()
    return line.pos < line.stop
