"""What a service raises with the class and code that the module gives as its reason."""

from .errors import ModemError


class ServiceError(ModemError):
    """(errno, command, error_class, code): what the module reported after `command` failed. Both
    are 0 where it gives no reason."""

    @property
    def error_class(self) -> int:
        return self.details[1]

    @property
    def code(self) -> int:
        return self.details[2]
