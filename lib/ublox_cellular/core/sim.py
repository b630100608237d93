"""What can be wrong with a SIM."""

from .errors import ModemError


class SimError(ModemError):
    """(EACCES, sentence, state): the SIM cannot be used as it is. `state` is what `sim_state()`
    says: with "SIM PUK" only `unlock(puk, new_pin)` helps, see device/sim.py of the flavour."""

    @property
    def state(self) -> str:
        return self.details[1]
