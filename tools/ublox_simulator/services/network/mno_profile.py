"""+UMNOPROF, +URAT, +UBANDMASK, +UBANDCONF (at-commands 2.1): with the radio off, active after a
boot."""

from __future__ import annotations

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command

BY_SIM, VERIZON = 1, 3
CAT_M1, NB1, LTE = 7, 8, 3
"""<RAT> of +URAT."""

PROFILE_BANDS: dict[int, tuple[int, ...]] = {
    2: (2, 4, 5, 12),
    3: (4, 13),
    4: (3, 5, 28),
    5: (2, 4, 5, 12, 66, 71),
    20: (1, 19),
    100: (3, 8, 20),
    198: (2, 4, 5, 12),
    199: (2, 4, 5, 12),
}
"""Bands a profile sets. 100 from A5/A10 2.2; the others are usual for these operators (U); a
profile that is not listed uses every band of the module."""

VERIZON_CONTEXTS = [[1, "IPV4V6", "ims"], [3, "IPV4V6", "vzwinternet"]]
FACTORY_CONTEXTS = [[1, "IPV4V6", ""]]


class MnoProfile(Service):
    """The operator profile and what it implies: radio technology, bands, contexts."""

    def reset(self) -> None:
        """Settings stored before this boot take effect now."""
        nvm, spec = self.module.nvm, self.module.spec
        self.mno = int(nvm.get("mno", spec.mno_default))
        self.detected = int(nvm.get("mno_detected", 0))
        if self.effective != nvm.get("mno_in_force", spec.mno_default):
            self._change_profile()
        self.rats: list[int] = nvm.get("rats", list(spec.rats[:1]))
        bands = self._profile_bands()
        self.bands: dict[str, list[int]] = nvm.get("bands", {"0": bands, "1": bands})
        self._watch_detection()

    def _change_profile(self) -> None:
        """The new profile brings its own bands, contexts and default context."""
        nvm = self.module.nvm
        nvm.put("mno_in_force", self.effective)
        bands = self._profile_bands()
        nvm.put("bands", {"0": bands, "1": bands})
        verizon = self.effective == VERIZON
        nvm.put("udconf19", [3 if verizon else 1, 0])
        if "mno-keeps-contexts" not in self.module.options.variants:
            nvm.put("contexts", VERIZON_CONTEXTS if verizon else FACTORY_CONTEXTS)

    @property
    def effective(self) -> int:
        """The profile in use; with profile 1 the one the SIM selected before this boot."""
        return self.detected if self.mno == BY_SIM else self.mno

    def _profile_bands(self) -> list[int]:
        known = self.module.spec.bands
        chosen = [b for b in PROFILE_BANDS.get(self.effective, known) if b in known]
        # With a profile of another region a regional variant keeps its own bands (U).
        return chosen or list(known)

    # -- queries of the radio ---------------------------------------------------------------

    @property
    def narrow(self) -> bool:
        """Whether NB-IoT is the technology in use."""
        return self.rats[0] == NB1

    @property
    def act(self) -> int:
        """<AcT> of +COPS and +C*REG."""
        return 9 if self.narrow else 7

    @property
    def ucged_rat(self) -> int:
        """<rat> of +UCGED: 6 Cat-M1, 7 NB1, 4 LTE [ubx]."""
        if self.rats[0] == LTE:
            return 4
        return 7 if self.narrow else 6

    @property
    def _bands_in_use(self) -> list[int]:
        return self.bands["1" if self.narrow else "0"]

    @property
    def lowest_band(self) -> int:
        """A band for callers that need any of them."""
        return min(self._bands_in_use)

    def reaches(self, band: int) -> bool:
        """Whether a cell on this band can be used; 0 is a cell on every band."""
        return band == 0 or band in self._bands_in_use

    def speaks(self, rat: int) -> bool:
        """Whether a cell of this technology (<RAT> of +URAT) can be used; 0 supports all of
        them."""
        return rat == 0 or rat in self.rats

    # -- detection by SIM ------------------------------------------------------------------

    def _watch_detection(self) -> None:
        """Profile 1: the SIM selects it; known once the SIM is ready."""
        if self.mno == BY_SIM:
            self.module.later(self.module.options.sim_ready_ms, self._detect)

    def _detect(self) -> None:
        """Active after the next boot, which <auto_reset> starts at once."""
        found, (reset, urc) = self.module.options.sim_profile, self.flags
        if self.module.options.sim == "NONE" or found == self.detected:
            return
        self.module.nvm.put("mno_detected", found)
        if reset:
            self.module.reboot()
        elif urc:
            self.module.urc(f"+UMNOPROF: 1,{found}")

    @property
    def flags(self) -> tuple[int, int]:
        """<auto_reset> and <urc_en>."""
        reset, urc = self.module.nvm.get("mno_flags", [0, 0])
        return reset, urc

    # -- commands --------------------------------------------------------------------------

    def _require_radio_off(self) -> None:
        if self.module.network.cfun not in (0, 4):
            raise CommandError(NOT_ALLOWED)

    @command("+UMNOPROF")
    def profile(self, cmd: Command) -> Reply:
        """Select the profile (A5 2.2, A10 2.3)."""
        profiles = self.module.spec.mno_profiles
        if cmd.form is Form.READ:
            if self.mno != BY_SIM:
                return f"+UMNOPROF: {self.mno}"
            reset, urc = self.flags
            return f"+UMNOPROF: 1,{self.module.nvm.get('mno_detected', 0)},{reset},{urc}"
        if cmd.form is Form.TEST:
            return f"+UMNOPROF: ({','.join(str(n) for n in sorted(profiles))}),(0-1),(0-1)"
        cmd.at_most(3)
        profile = cmd.number(0, 0, 999)
        flags = [cmd.number(1, 0, 1, 0), cmd.number(2, 0, 1, 0)]
        self._require_radio_off()
        if profile not in profiles:
            raise CommandError(NOT_ALLOWED)
        self.module.nvm.put("mno", profile)
        self.module.nvm.put("mno_flags", flags)
        return None

    @command("+URAT")
    def technology(self, cmd: Command) -> Reply:
        """Radio access technologies, the preferred one first."""
        possible = self.module.spec.rats
        if cmd.form is Form.READ:
            return f"+URAT: {','.join(map(str, self.rats))}"
        if cmd.form is Form.TEST:
            return f"+URAT: ({','.join(map(str, possible))})"
        cmd.at_most(len(possible))
        wanted = [cmd.number(index, 0, 99) for index in range(max(1, len(cmd)))]
        if len(set(wanted)) != len(wanted) or not set(wanted) <= set(possible):
            raise CommandError(BAD_PARAMETERS)
        self._require_radio_off()
        self.module.nvm.put("rats", wanted)
        return None

    @command("+UBANDMASK")
    def mask(self, cmd: Command) -> Reply:
        """SARA-R5: two 64 bit masks for each technology, bit 0 of the first is band 1."""
        if cmd.form is Form.READ:
            one = "1" if self.narrow else "0"
            only = "bandmask-active" in self.module.options.variants
            return f"+UBANDMASK: {','.join(map(self._masks, [one] if only else ['0', '1']))}"
        if cmd.form is Form.TEST:
            full = ",".join(map(str, to_masks(self.module.spec.bands)))
            return f"+UBANDMASK: (0-1),({full})"
        cmd.at_most(3)
        rat = cmd.number(0, 0, 1)
        top = 2**64 - 1
        low, high = self._wide(cmd, 1, top), self._wide(cmd, 2, top)
        bands = [b for b in range(1, 129) if (low | high << 64) >> (b - 1) & 1]
        self._store_bands(str(rat), bands)
        return None

    @staticmethod
    def _wide(cmd: Command, index: int, top: int) -> int:
        """A 64 bit number, longer than `Command.number` accepts."""
        if not cmd.has(index):
            if index == 1:
                raise CommandError(BAD_PARAMETERS)
            return 0
        param = cmd.params[index]
        if param.quoted or not (param.text.isascii() and param.text.isdigit()):
            raise CommandError(BAD_PARAMETERS)
        if len(param.text) > 20 or int(param.text) > top:
            raise CommandError(BAD_PARAMETERS)
        return int(param.text)

    def _masks(self, rat: str) -> str:
        return f"{rat},{','.join(map(str, to_masks(self.bands[rat])))}"

    @command("+UBANDCONF")
    def bands_by_number(self, cmd: Command) -> Reply:
        """LEXI-R10: plain band numbers."""
        if cmd.form is Form.READ:
            return f"+UBANDCONF: {','.join(map(str, self.bands['0']))}"
        if cmd.form is Form.TEST:
            return f"+UBANDCONF: ({','.join(map(str, self.module.spec.bands))})"
        bands = [cmd.number(index, 1, 255) for index in range(max(1, len(cmd)))]
        if len(set(bands)) != len(bands):
            raise CommandError(BAD_PARAMETERS)
        self._store_bands("0", sorted(bands))
        return None

    def _store_bands(self, rat: str, bands: list[int]) -> None:
        """No band at all, or one the module lacks, is refused [ubx]."""
        if not bands or not set(bands) <= set(self.module.spec.bands):
            raise CommandError(NOT_ALLOWED)
        self._require_radio_off()
        stored = self.module.nvm.get("bands", self.bands)
        stored[rat] = bands
        self.module.nvm.put("bands", stored)


def to_masks(bands: list[int] | tuple[int, ...]) -> list[int]:
    """Band numbers as the two masks of +UBANDMASK; the second only when it is needed."""
    whole = sum(1 << (band - 1) for band in bands)
    low, high = whole & (2**64 - 1), whole >> 64
    return [low, high] if high else [low]
