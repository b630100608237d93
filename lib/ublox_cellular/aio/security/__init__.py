"""Certificates, keys and security profiles. A5 3, A10 3, at-commands 4.

What a program says once is in files of its own: certificates.py stores them,
tls_profile_options.py has how a connection is secured.
"""

from ...core.compat import const
from .. import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from .tls_profile import Profile

    _Profiles = list[Profile | None]  # `list` is a method of the class

_PROFILES = const(5)  # of either module
_RESUMPTION = const(13)  # the operation of +USECPRF whose news come as URC

_FUNCTIONS = (
    "certificates store list details store_file md5 remove \ntls_profile_options profile borrow \n"
)


class Security:
    """`modem.security`. Certificates and keys are kept by the module for good; its 5 profiles are
    forgotten when it restarts, and written again when they are next used.

    `profiles`: those that were made, by number; `placed`: those the module has at present;
    `users`: those that a connection is being made by, which nobody may change meanwhile.
    `default`: the profile used where only TLS is asked for. It verifies, by any of the module's
    root certificates; set it to another one where that is not what is wanted.
    """

    if TYPE_CHECKING:
        default: Profile
        profiles: _Profiles
        placed: _Profiles
        users: _Profiles

    if TYPE_CHECKING:
        from .certificates import details as details
        from .certificates import list as list
        from .certificates import md5 as md5
        from .certificates import remove as remove
        from .certificates import store as store
        from .certificates import store_file as store_file
        from .tls_profile_options import borrow as borrow
        from .tls_profile_options import profile as profile

    def __init__(self, modem):
        self.modem = modem
        self.profiles = [None] * _PROFILES
        self.placed = [None] * _PROFILES
        self.users = [None] * _PROFILES
        self.doors = [None] * _PROFILES  # locks: who is about to use a number comes in turn
        self.turn = 0
        modem.channel.on_urc(b"+UUSECPRF", self._told)
        modem.channel.on_urc(b"+USECPRF", self._told)  # A10 prints it so in places

    if not TYPE_CHECKING:

        def __getattr__(self, name: str):
            if name == "default":
                from .tls_profile_options import default

                self.default = default(self)
                return self.default
            return lazily(self, entry(_FUNCTIONS, name), name, "security.")

    def _told(self, line) -> None:
        number = line.number()
        if line.number() == _RESUMPTION and number is not None and 0 <= number < _PROFILES:
            profile = self.placed[number]
            if profile is not None:
                profile.told(line)

    def lost(self) -> None:
        """The module has restarted: its profiles are as they came from the factory."""
        self.placed = [None] * _PROFILES
