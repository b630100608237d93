"""+USECPRF: the security profiles (at-commands 4.2, A5 3.2, A10 3.2)."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...tls.ciphers import LEGACY, NAMES
from ...tls.profile import ENCRYPTED, ID_TAG, TICKET_TAG, Profile, Suites

if TYPE_CHECKING:
    from ...tls.traits import TlsTraits

PROFILES = 5
ONE_SUITE, SUITE_LIST = 99, 100
TEXTS = {
    3: ("ca", 200),
    4: ("host", 256),
    5: ("client_cert", 200),
    6: ("client_key", 200),
    10: ("sni", 128),
}
"""Op-code -> attribute and longest value, of plain strings."""

KEY_PASSWORD, PSK, PSK_ID, ROOT_OF_TRUST, PIN, RESUMPTION, PROVISIONED = 7, 8, 9, 11, 12, 13, 14
DATA_LIMIT = 2048
ID_LIMIT, SECRET_LIMIT = 48, 64


class ProfileCommands(Service):
    """The command for `profiles`."""

    profiles: dict[int, Profile]

    @property
    def traits(self) -> TlsTraits:
        """TLS features of this module."""
        return self.module.spec.tls

    @property
    def _kinds(self) -> dict[int, int]:
        """Resumption type -> tag of its data (at-commands 4.4)."""
        if self.traits.tickets:
            return {1: TICKET_TAG, 11: TICKET_TAG + ENCRYPTED}
        encrypted = 10 if "session-type-10" in self.module.options.variants else 1
        return {0: ID_TAG, encrypted: ID_TAG + ENCRYPTED}

    def fresh_profile(self) -> Profile:
        """A profile as after its reset."""
        profile = Profile()
        profile.resumption.kind, profile.resumption.tag = next(iter(self._kinds.items()))
        return profile

    def reset_profiles(self) -> None:
        """They are volatile on both modules."""
        self.profiles = {number: self.fresh_profile() for number in range(PROFILES)}

    @command("+USECPRF")
    def configure(self, cmd: Command) -> Reply:
        """Reset, set or read."""
        if cmd.form is Form.TEST:
            return f"+USECPRF: (0-{PROFILES - 1}),(0-{PROVISIONED})"
        if cmd.form is not Form.SET:
            raise CommandError(NOT_ALLOWED)
        number = cmd.number(0, 0, PROFILES - 1)
        if len(cmd) == 1:
            self.profiles[number] = self.fresh_profile()
            return None
        op = cmd.number(1, 0, PROVISIONED)
        if op == ROOT_OF_TRUST and not self.traits.root_of_trust_psk:
            raise CommandError(BAD_PARAMETERS)
        profile = self.profiles[number]
        if op == RESUMPTION:
            return self._resumption(cmd, number, profile)
        if len(cmd) == 2:
            return f"+USECPRF: {number},{op},{self._shown(profile, op)}"
        self._set(cmd, profile, op)
        return None

    # -- reading ---------------------------------------------------------------------------

    def _shown(self, profile: Profile, op: int) -> str:
        if op in TEXTS:
            return f'"{getattr(profile, TEXTS[op][0])}"'
        if op in (KEY_PASSWORD, PSK):
            raise CommandError(NOT_ALLOWED)  # secrets go in only (decided, U)
        if op == PSK_ID:
            raw = profile.psk_id
            text = raw.hex().upper() if profile.psk_id_type else raw.decode("latin-1")
            return f'"{text}",{profile.psk_id_type}' if self.traits.text_types else f'"{text}"'
        if op == PIN:
            return f'"{profile.pin}",{profile.pin_level}'
        if op == 2:
            return profile.suites.shown()
        return str(
            {
                0: profile.level,
                1: profile.least_version,
                ROOT_OF_TRUST: int(profile.root_of_trust),
                PROVISIONED: 0,
            }[op]
        )

    # -- setting ---------------------------------------------------------------------------

    def _set(self, cmd: Command, profile: Profile, op: int) -> None:
        if op in TEXTS:
            attribute, longest = TEXTS[op]
            cmd.at_most(3)
            setattr(profile, attribute, cmd.string(2, longest))
        elif op == 0:
            profile.level = self._last_number(cmd, 3)
        elif op == 1:
            newest = 4 if "tls13" in self.module.options.variants else 3
            profile.least_version = self._last_number(cmd, newest)
        elif op == 2:
            profile.suites = self._suites(cmd, profile.suites)
        elif op == KEY_PASSWORD:
            cmd.at_most(3)
            profile.key_password = cmd.string(2, 128)
        elif op == PSK:
            profile.psk, _ = self._secret(cmd, 64)
        elif op == PSK_ID:
            profile.psk_id, profile.psk_id_type = self._secret(cmd, 128)
        elif op == ROOT_OF_TRUST:
            profile.root_of_trust = bool(self._last_number(cmd, 1))
        elif op == PIN:
            cmd.at_most(4)
            profile.pin_level = cmd.number(3, 0, 2)
            profile.pin = cmd.string(2, 200)
        elif self._last_number(cmd, 2):
            raise CommandError(NOT_ALLOWED)  # this module is not provisioned

    @staticmethod
    def _last_number(cmd: Command, high: int) -> int:
        cmd.at_most(3)
        return cmd.number(2, 0, high)

    def _secret(self, cmd: Command, longest: int) -> tuple[bytes, int]:
        """A value in ASCII or, if the module has the type parameter, in hex of twice the
        length."""
        cmd.at_most(4 if self.traits.text_types else 3)
        kind = cmd.number(3, 0, 1, 0)
        if not kind:
            return cmd.string(2, longest).encode("latin-1"), 0
        try:
            return binascii.unhexlify(cmd.string(2, 2 * longest)), 1
        except ValueError:
            raise CommandError(BAD_PARAMETERS) from None

    def _suites(self, cmd: Command, now: Suites) -> Suites:
        form = cmd.number(2, 0, SUITE_LIST)
        if form in LEGACY or form == 0:
            cmd.at_most(3)
            return Suites(form, (LEGACY[form],) if form else ())
        if form == ONE_SUITE:
            cmd.at_most(5)
            return Suites(form, (self._iana(cmd),))
        if form != SUITE_LIST or not self.traits.suite_list:
            raise CommandError(BAD_PARAMETERS)
        cmd.at_most(6)
        code, remove = self._iana(cmd), cmd.number(5, 0, 1)
        rest = tuple(old for old in now.codes if old != code) if now.form == SUITE_LIST else ()
        return Suites(form, rest if remove else (*rest, code))

    @staticmethod
    def _iana(cmd: Command) -> int:
        high, low = cmd.string(3, 2), cmd.string(4, 2)
        try:
            code = int.from_bytes(bytes.fromhex(high) + bytes.fromhex(low), "big")
        except ValueError:
            raise CommandError(BAD_PARAMETERS) from None
        if len(high) + len(low) != 4 or code not in NAMES:
            raise CommandError(BAD_PARAMETERS)
        return code

    # -- session resumption ----------------------------------------------------------------

    def _resumption(self, cmd: Command, number: int, profile: Profile) -> Reply:
        tags = self._kinds.values()
        tag = cmd.number(2, 0, 99)
        if tag not in (0, 1, *tags):
            raise CommandError(BAD_PARAMETERS)
        if len(cmd) == 3:
            return f"+USECPRF: {number},{RESUMPTION},{tag},{self._resumption_shown(profile, tag)}"
        now = profile.resumption
        if tag == 0:
            cmd.at_most(4)
            now.enabled = bool(cmd.number(3, 0, 1))
        elif tag == 1:
            cmd.at_most(4)
            kind = cmd.number(3, 0, 11)
            if kind not in self._kinds:
                raise CommandError(BAD_PARAMETERS)
            now.kind, now.tag = kind, self._kinds[kind]
        else:
            now.data[tag] = self._session_data(cmd, tag)
        return None

    def _resumption_shown(self, profile: Profile, tag: int) -> str:
        now = profile.resumption
        if tag == 0:
            return str(now.status if self.traits.tickets else int(now.enabled))
        if tag == 1:
            return str(now.kind)
        if not self.traits.tickets:
            raise CommandError(NOT_ALLOWED)  # SARA-R5 reports them by URC only
        return session_values(tag, now.data.get(tag, ("",)))

    @staticmethod
    def _session_data(cmd: Command, tag: int) -> tuple[str, ...]:
        """The seeds write the strings without quotes: both are accepted."""
        cmd.at_most(5)
        if not cmd.has(3) or not cmd.has(4):
            raise CommandError(BAD_PARAMETERS)
        first, second = cmd.params[3].text, cmd.params[4].text
        if tag == ID_TAG:
            if len(first) > ID_LIMIT or len(second) > SECRET_LIMIT:
                raise CommandError(BAD_PARAMETERS)
            return first, second
        if cmd.number(4, 1, DATA_LIMIT) != len(first):
            raise CommandError(BAD_PARAMETERS)
        return (first,)


def session_values(tag: int, values: tuple[str, ...], quote: str = '"') -> str:
    """The values after a data tag: strings, or a string and its size."""
    if tag == ID_TAG:
        return ",".join(f"{quote}{value}{quote}" for value in values)
    return f"{quote}{values[0]}{quote},{len(values[0])}"
