"""The parameters of an MQTT session: +UMQTT (at-commands 5.1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from typing import Any

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command
from ...world.net import is_address

CLIENT_ID, NAME, ADDRESS, LOGIN = 0, 2, 3, 4
WILL_QOS, WILL_RETAIN, WILL_TOPIC, WILL_MESSAGE = 6, 7, 8, 9
KEEP_ALIVE, SECURE, CLEAN, CONTEXT = 10, 11, 12, 20

LISTED = (0, 2, 3, 4, 6, 7, 8, 9, 10, 11)
"""What AT+UMQTT? prints (A5 6.1.1, A10 6.1.1)."""

TEXT_LIMIT = 256
"""Of names, topics and the will; the limit of client id and login is not documented (U)."""

MQTT_PORT = 1883
SECURITY_PROFILES = 5


@dataclass
class Profile:
    """Factory values but for the client id, which is the IMEI."""

    client_id: str
    name: str = ""
    name_port: int = MQTT_PORT
    address: str = ""
    address_port: int = MQTT_PORT
    user: str = ""
    password: str = ""
    will_qos: int = 0
    will_retain: int = 0
    will_topic: str = ""
    will_message: str = ""
    will_hex: int = 0
    keep_alive_s: int = 0
    secure: int = 0
    security_profile: int | None = None
    """None: factory values of a security profile."""
    clean: int = 1
    cid: int | None = None
    """None: the context of +UDCONF=19."""
    prefer_v6: int | None = None

    @property
    def host(self) -> str:
        """The broker: its name, or the address in its place."""
        return self.name or self.address

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.name_port if self.name else self.address_port

    @property
    def will(self) -> bytes:
        """The payload of the last will."""
        if self.will_hex:
            return bytes.fromhex(self.will_message)
        return self.will_message.encode("latin-1")


def utf8(text: str) -> str:
    """A string of the line, which is one character per byte, as MQTT wants it: UTF-8.

    CME 50 when it is none."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError(BAD_PARAMETERS) from None


def from_hex(text: str) -> bytes:
    """Pairs of hexadecimal digits; CME 50 for anything else."""
    try:
        if len(text) % 2 or not text.isalnum():
            raise ValueError
        return bytes.fromhex(text) if text else b""
    except ValueError:
        raise CommandError(BAD_PARAMETERS) from None


NUMBERS = {
    WILL_QOS: ("will_qos", 2),
    WILL_RETAIN: ("will_retain", 1),
    KEEP_ALIVE: ("keep_alive_s", 65535),
    CLEAN: ("clean", 1),
}
TEXTS = {CLIENT_ID: "client_id", WILL_TOPIC: "will_topic"}
PARTS: dict[int, tuple[str, ...]] = {
    CLIENT_ID: ("client_id",),
    NAME: ("name", "name_port"),
    ADDRESS: ("address", "address_port"),
    LOGIN: ("user", "password"),
    WILL_QOS: ("will_qos",),
    WILL_RETAIN: ("will_retain",),
    WILL_TOPIC: ("will_topic",),
    WILL_MESSAGE: ("will_message", "will_hex"),
    KEEP_ALIVE: ("keep_alive_s",),
    SECURE: ("secure", "security_profile"),
    CLEAN: ("clean",),
    CONTEXT: ("cid", "prefer_v6"),
}
"""The meaning of an op."""


class Editor:
    """Changes and shows a profile, in the forms that this module accepts."""

    def __init__(self, profile: Profile, *, mapped: bool, variants: Collection[str]) -> None:
        self.profile = profile
        self._variants = variants
        left_out = {CONTEXT} if not mapped else set[int]()
        if "mqtt-no-clean-session" in variants:
            left_out.add(CLEAN)
        self.ops = [op for op in PARTS if op not in left_out]

    def op(self, cmd: Command) -> int:
        """The first parameter; CME 50 when the module does not know it."""
        op = cmd.number(0, 0, CONTEXT)
        if op not in self.ops:
            raise CommandError(BAD_PARAMETERS)
        return op

    def reset(self, op: int, factory: Profile) -> None:
        """Factory value of one op."""
        for part in PARTS[op]:
            setattr(self.profile, part, getattr(factory, part))

    # -- setting ---------------------------------------------------------------------------

    def change(self, op: int, cmd: Command) -> None:
        """Set the values of `op` from the second parameter on; CME 50 if they are invalid."""
        cmd.at_most(1 + max(len(PARTS[op]), 1))
        if op in NUMBERS:
            part, highest = NUMBERS[op]
            setattr(self.profile, part, cmd.number(1, 0, highest))
        elif op in TEXTS:
            text = cmd.string(1, TEXT_LIMIT)
            utf8(text)
            setattr(self.profile, TEXTS[op], text)
        elif op in (NAME, ADDRESS):
            self._set_server(op, cmd)
        elif op == WILL_MESSAGE:
            self._set_will(cmd)
        else:
            self._set_pair(op, cmd)

    def _set_server(self, op: int, cmd: Command) -> None:
        """Name and address are alternatives: the later one is used."""
        text, port = cmd.string(1, TEXT_LIMIT), cmd.number(2, 1, 65535, MQTT_PORT)
        address_only = NAME if "mqtt-server-swapped" in self._variants else ADDRESS
        if op == address_only and text and not is_address(text):
            raise CommandError(BAD_PARAMETERS)
        fresh = Profile("")
        for each in (NAME, ADDRESS):
            self.reset(each, fresh)
        host_part, port_part = PARTS[op]
        setattr(self.profile, host_part, text)
        setattr(self.profile, port_part, port)

    def _set_will(self, cmd: Command) -> None:
        at, flag = 1, 2
        if "mqtt-will-hex-behind" not in self._variants and cmd.has(2):
            at, flag = 2, 1
        digits = cmd.number(flag, 0, 1, 0)
        text = cmd.string(at, TEXT_LIMIT * 2 if digits else TEXT_LIMIT)
        if digits:
            from_hex(text)
        self.profile.will_message, self.profile.will_hex = text, digits

    def _set_pair(self, op: int, cmd: Command) -> None:
        profile = self.profile
        if op == LOGIN:
            user, password = cmd.string(1, TEXT_LIMIT), cmd.string(2, TEXT_LIMIT, "")
            utf8(user)
            utf8(password)
            profile.user, profile.password = user, password
        elif op == SECURE:
            secure, last = cmd.number(1, 0, 1), SECURITY_PROFILES - 1
            profile.security_profile = cmd.number(2, 0, last) if cmd.has(2) else None
            profile.secure = secure
        else:
            cid, prefer_v6 = cmd.number(1, 1, 15), cmd.number(2, 0, 1, 0)
            profile.cid, profile.prefer_v6 = cid, prefer_v6

    # -- showing ---------------------------------------------------------------------------

    def listed(self) -> list[str]:
        """All lines of the read command."""
        return [self.shown(op) for op in LISTED]

    def shown(self, op: int, context: str = "") -> str:
        """The line of one op; the password is not shown. `context` is the value for a profile that
        is not mapped."""
        return f"+UMQTT: {op},{self._value(op, context)}"

    def _value(self, op: int, context: str) -> str:
        profile = self.profile
        if op in NUMBERS:
            return str(getattr(profile, NUMBERS[op][0]))
        if op in TEXTS:
            return f'"{getattr(profile, TEXTS[op])}"'
        if op in (NAME, ADDRESS):
            host_part, port_part = PARTS[op]
            return f'"{getattr(profile, host_part)}",{getattr(profile, port_part)}'
        if op == LOGIN:
            return f'"{profile.user}"'
        if op == WILL_MESSAGE:
            return f'{profile.will_hex},"{profile.will_message}"'
        if op == SECURE:
            known = profile.secure and profile.security_profile is not None
            return f"{profile.secure}" + (f",{profile.security_profile}" if known else "")
        return context if profile.cid is None else f"{profile.cid},{profile.prefer_v6}"


def stored(profile: Profile) -> dict[str, Any]:
    """For the NVM."""
    return asdict(profile)


def loaded(values: dict[str, Any], factory: Profile) -> Profile:
    """From the NVM; missing values have their factory value."""
    known = {field.name for field in fields(Profile)} & set(values)
    return Profile(**(asdict(factory) | {name: values[name] for name in known}))
