"""Reasons of refusals by a network: EMM and ESM causes (3GPP TS 24.301) and how commands report
them."""

from __future__ import annotations

from dataclasses import dataclass

EMM_TEXT: dict[int, str] = {
    2: "IMSI unknown in HSS",
    3: "Illegal UE",
    6: "Illegal ME",
    7: "EPS services not allowed",
    8: "EPS services and non-EPS services not allowed",
    11: "PLMN not allowed",
    12: "Tracking area not allowed",
    13: "Roaming not allowed in this tracking area",
    14: "EPS services not allowed in this PLMN",
    15: "No suitable cells in tracking area",
    17: "Network failure",
    19: "ESM failure",
    22: "Congestion",
}
ESM_TEXT: dict[int, str] = {
    26: "Insufficient resources",
    27: "Missing or unknown APN",
    29: "User authentication failed",
    36: "Regular deactivation",
}

EMM_PLMN_NOT_ALLOWED, EMM_ESM_FAILURE = 11, 19
ESM_UNKNOWN_APN, ESM_AUTHENTICATION, ESM_REGULAR_DEACTIVATION = 27, 29, 36

FINAL_CAUSES = frozenset({3, 6, 7, 8})
"""The SIM counts as invalid until the radio has been off: no further attempt by itself."""

CAUSE_CODE = {ESM_UNKNOWN_APN: 127, ESM_AUTHENTICATION: 149}
"""+CME ERROR of a context that the network refused; others are 148."""


@dataclass(frozen=True)
class Refusal:
    """One refusal of the network, as reported by +CEER, +C*REG and +CME ERROR."""

    layer: str
    """EMM (registration) or ESM (context)."""
    cause: int
    kind: int = 0
    """<cause_type> of +C*REG: 0 = an EMM cause, 1 = specific to the manufacturer."""

    @property
    def text(self) -> str:
        """The meaning of the cause."""
        table = EMM_TEXT if self.layer == "EMM" else ESM_TEXT
        return table.get(self.cause, "Unspecified")

    @property
    def emm(self) -> tuple[int, int]:
        """<cause_type>,<reject_cause>; an attach that fails for its context is an ESM failure."""
        return (self.kind, self.cause) if self.layer == "EMM" else (0, EMM_ESM_FAILURE)

    @property
    def code(self) -> int:
        """The +CME ERROR of a command that fails because of it."""
        return CAUSE_CODE.get(self.cause, 148)

    @property
    def final(self) -> bool:
        """Whether the module does not try again by itself."""
        return self.layer == "EMM" and self.kind == 0 and self.cause in FINAL_CAUSES

    def report(self) -> str:
        """The line of +CEER; the wording of <type> is U."""
        return f'+CEER: "{self.layer} cause",{self.cause},"{self.text}"'
