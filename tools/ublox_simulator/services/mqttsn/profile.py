"""The parameters of the MQTT-SN profile: +UMQTTSN (at-commands 6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...errors import BAD_PARAMETERS, CommandError
from ...line.parser import Command
from ...mqttsn.session import Will
from ...world.net import is_address

CLIENT_ID, SERVER, ADDRESS = 0, 1, 2
WILL_QOS, WILL_RETAIN, WILL_TOPIC, WILL_MESSAGE = 4, 5, 6, 7
DURATION, SECURE, CLEAN, TIMEOUT = 8, 9, 10, 11

LISTED = (0, 1, 2, 4, 5, 6, 7, 8, 9)
"""What +UMQTTSN? prints (A5 7.1.1); 10 is known, but not listed there."""

CLIENT_ID_LIMIT = 23
"""Of the standard (5.3.2); the module's own is not documented (U)."""
SERVER_LIMIT, TOPIC_LIMIT, WILL_LIMIT = 256, 256, 256
"""As for +UMQTT (U)."""
FACTORY_PORT = 1883
SECURITY_PROFILES = 5


@dataclass
class Profile:
    """Factory values as A5 7.1.1 shows them."""

    client_id: str = ""
    server: str = ""
    server_port: int = FACTORY_PORT
    address: str = ""
    address_port: int = FACTORY_PORT
    will_qos: int = 0
    will_retain: int = 0
    will_topic: str = ""
    will_hex: int = 0
    will_message: str = ""
    duration: int = 0
    secure: int = 0
    security_profile: int | None = None
    """None: factory values of a security profile."""
    clean: int = 1
    timeout_s: int = 0
    """0: as the module likes (option mqttsn_retry_ms)."""

    @property
    def host(self) -> str:
        """The gateway: its name, or the address instead."""
        return self.server or self.address

    @property
    def port(self) -> int:
        """The port given with it."""
        return self.server_port if self.server else self.address_port

    @property
    def will(self) -> Will:
        """The last will as it is sent."""
        text = self.will_message
        data = bytes.fromhex(text) if self.will_hex else text.encode("latin-1")
        return Will(self.will_qos, self.will_retain, self.will_topic, data)


NUMBER_OPS = {
    WILL_QOS: ("will_qos", 0, 2),
    WILL_RETAIN: ("will_retain", 0, 1),
    DURATION: ("duration", 0, 65535),
    CLEAN: ("clean", 0, 1),
    TIMEOUT: ("timeout_s", 1, 65535),
}
FIELDS = {
    CLIENT_ID: ("client_id",),
    SERVER: ("server", "server_port"),
    ADDRESS: ("address", "address_port"),
    WILL_TOPIC: ("will_topic",),
    WILL_MESSAGE: ("will_hex", "will_message"),
    SECURE: ("secure", "security_profile"),
    **{op: (rule[0],) for op, rule in NUMBER_OPS.items()},
}


def known_ops(variants: Collection[str]) -> tuple[int, ...]:
    """The ops of the module."""
    clean = () if "umqttsn-no-clean" in variants else (CLEAN,)
    return LISTED + clean + ((TIMEOUT,) if "umqttsn-timeout" in variants else ())


def reset(profile: Profile, op: int) -> None:
    """Factory values of one op."""
    fresh = Profile()
    for name in FIELDS[op]:
        setattr(profile, name, getattr(fresh, name))


def change(profile: Profile, op: int, cmd: Command) -> None:
    """Set the values of `op` from the second parameter on; CME 50 if they are invalid."""
    if op in NUMBER_OPS:
        cmd.at_most(2)
        name, low, high = NUMBER_OPS[op]
        setattr(profile, name, cmd.number(1, low, high))
    elif op in (SERVER, ADDRESS):
        _set_gateway(profile, op, cmd)
    elif op == CLIENT_ID:
        cmd.at_most(2)
        profile.client_id = cmd.string(1, CLIENT_ID_LIMIT)
    elif op == WILL_TOPIC:
        cmd.at_most(2)
        profile.will_topic = cmd.string(1, TOPIC_LIMIT)
    elif op == WILL_MESSAGE:
        _set_will_message(profile, cmd)
    else:
        cmd.at_most(3)
        secure = cmd.number(1, 0, 1)
        number = cmd.number(2, 0, SECURITY_PROFILES - 1) if cmd.has(2) else None
        profile.secure, profile.security_profile = secure, number


def _set_gateway(profile: Profile, op: int, cmd: Command) -> None:
    """Name and address are alternatives: the later one is used."""
    cmd.at_most(3)
    text, port = cmd.string(1, SERVER_LIMIT), cmd.number(2, 1, 65535, FACTORY_PORT)
    if op == SERVER:
        profile.server, profile.server_port = text, port
        profile.address = "" if text else profile.address
        return
    if text and not is_address(text):
        raise CommandError(BAD_PARAMETERS)
    profile.address, profile.address_port = text, port
    profile.server = "" if text else profile.server


def _set_will_message(profile: Profile, cmd: Command) -> None:
    cmd.at_most(3)
    at = 1 if len(cmd) == 3 else 0
    by_hex = cmd.number(1, 0, 1) if at else 0
    text = cmd.string(1 + at, WILL_LIMIT)
    if by_hex:
        from_hex(text)
    profile.will_hex, profile.will_message = by_hex, text


def from_hex(text: str) -> bytes:
    """The bytes of hex digits; CME 50 when they are none."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        raise CommandError(BAD_PARAMETERS) from None
    if 2 * len(data) != len(text):
        raise CommandError(BAD_PARAMETERS)  # blanks between the digits
    return data


def shown(profile: Profile, op: int, imei: str) -> str:
    """The line with the value of `op`."""
    values = [getattr(profile, name) for name in FIELDS[op]]
    if op == CLIENT_ID:
        values = [profile.client_id or imei]
    elif op == SECURE and (not profile.secure or profile.security_profile is None):
        values = [profile.secure]
    text = ",".join(f'"{value}"' if isinstance(value, str) else str(value) for value in values)
    return f"+UMQTTSN: {op},{text}"
