"""Settings of an earlier program in the module's non-volatile memory."""

from __future__ import annotations

import json
from collections.abc import Callable

from .nvm import Nvm
from .spec import ModuleSpec

LEFT_HELP = """\
left-over settings (--left SPEC): items separated by ';', written to the non-volatile memory before
the module starts (they replace values of a --nvm file)
  cops=MODE[,FORM,OPERATOR]      +COPS, e.g. cops=1,2,22812: manual selection. If the operator is
                                 not on the air, the module searches for ever (<stat> 2)
  context=CID,TYPE,APN           +CGDCONT
  auth=CID,METHOD,USER,PASSWORD  +UAUTHREQ (SARA-R5), +CGAUTH (LEXI-R10)
  psd=PROFILE,TAG,VALUE          +UPSD (SARA-R5), e.g. psd=0,100,2: profile 0 is mapped to context
                                 2; both stored (+UPSDA=0,2) and, until a restart, in force
  rats=RAT,...                   +URAT            bands=BAND,...   +UBANDMASK, +UBANDCONF
  default-cid=CID[,TYPE]         +UDCONF=19 (LEXI-R10)
  nvm.KEY=JSON                   any other value, named as in a --nvm file
"""

PSD_IN_FORCE = "psd_in_force"
"""Key of PSD profiles that were set since the module was switched on."""


class Leftovers:
    """Writes the items of a SPEC; each `_left_…` method writes one kind."""

    def __init__(self, nvm: Nvm, spec: ModuleSpec) -> None:
        self._nvm = nvm
        self._spec = spec

    def load(self, text: str) -> None:
        """Write all items; ValueError names the wrong one."""
        for item in filter(None, (part.strip() for part in text.split(";"))):
            name, _, value = item.partition("=")
            try:
                if name.startswith("nvm."):
                    self._nvm.put(name[4:], json.loads(value))
                else:
                    self._setter(name)(value.split(","))
            except (ValueError, IndexError) as error:
                raise ValueError(f"left-over {item!r}: {error}") from None

    def _setter(self, name: str) -> Callable[[list[str]], None]:
        setter: Callable[[list[str]], None] | None
        setter = getattr(self, "_left_" + name.replace("-", "_"), None)
        if setter is None:
            raise ValueError("no such setting")
        return setter

    def _left_cops(self, words: list[str]) -> None:
        form, operator = (int(words[1]), words[2]) if len(words) > 1 else (0, "")
        self._nvm.put("cops", [int(words[0]), form, operator])

    def _context(self, cid: int) -> tuple[list[list[object]], list[object]]:
        rows: list[list[object]] = self._nvm.get("contexts", [[1, "IPV4V6", ""]])
        for row in rows:
            if row[0] == cid:
                return rows, row
        rows.append([cid, "IPV4V6", ""])
        return rows, rows[-1]

    def _left_context(self, words: list[str]) -> None:
        rows, row = self._context(int(words[0]))
        row[1:3] = [words[1].upper(), words[2]]
        self._nvm.put("contexts", rows)

    def _left_auth(self, words: list[str]) -> None:
        rows, row = self._context(int(words[0]))
        row[3:] = [int(words[1]), words[2], words[3]]
        self._nvm.put("contexts", rows)

    def _left_psd(self, words: list[str]) -> None:
        if not self._spec.psd_profiles:
            raise ValueError(f"{self._spec.name} has no PSD profiles")
        profile, tag, value = int(words[0]), str(int(words[1])), words[2]
        for key in (f"psd{profile}", f"{PSD_IN_FORCE}{profile}"):
            tags = self._nvm.get(key, {})
            tags[tag] = int(value) if tag in ("0", "6", "100") else value
            self._nvm.put(key, tags)

    def _left_rats(self, words: list[str]) -> None:
        rats = [int(word) for word in words]
        if not set(rats) <= set(self._spec.rats):
            raise ValueError(f"of {self._spec.rats}")
        self._nvm.put("rats", rats)

    def _left_bands(self, words: list[str]) -> None:
        bands = [int(word) for word in words]
        if not set(bands) <= set(self._spec.bands):
            raise ValueError(f"of {self._spec.bands}")
        self._nvm.put("bands", {"0": bands, "1": bands})

    def _left_default_cid(self, words: list[str]) -> None:
        if self._spec.psd_profiles:
            raise ValueError(f"{self._spec.name} has no default context")
        self._nvm.put("udconf19", [int(words[0]), int(words[1]) if len(words) > 1 else 0])
