"""Certificates, keys and security profiles. A5 3, A10 3, at-commands 4.

certificates.py stores certificates and keys, tls_profile_options.py has the options of secured
connections: both are needed once in a program.
"""

from ...core.compat import const
from .. import entry, lazily

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from .tls_profile import Profile

    _Profiles = list[Profile | None]  # `list` is a method of the class

_PROFILES = const(5)  # of either module
_RESUMPTION = const(13)  # the operation of +USECPRF that sends URCs

_FUNCTIONS = (
    "certificates store list details store_file md5 remove \ntls_profile_options profile borrow \n"
)


class Security:
    """`modem.security`. The module stores certificates and keys permanently; its 5 profiles are
    lost when it restarts, and written again when they are next used.

    `profiles`: the defined ones, by number; `placed`: the ones the module has at present;
    `users`: the ones in use by a connection attempt, which must not change meanwhile.
    `default`: the profile used where no other is given. It verifies, by any of the module's
    root certificates; assign another one if that is not wanted.
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
        self.doors = [None] * _PROFILES  # locks: one user at a time of each number
        self.turn = 0
        modem.channel.on_urc(b"+UUSECPRF", self._told)
        modem.channel.on_urc(b"+USECPRF", self._told)  # printed so in places of A10

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
        """The module has restarted: its profiles have factory values."""
        self.placed = [None] * _PROFILES
