"""What distinguishes the modules' TLS, as data (at-commands 0.2, 3.5, 4, 17)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TlsTraits:
    """One module type's TLS."""

    sessions: int
    """TLS sessions at the same time, over all services."""
    transmit_buffer: int
    """Limit of a secure socket; 0 = like any other."""
    datagrams: bool
    """+USOSEC accepts UDP sockets: DTLS."""
    blocks_sockets: bool
    """While a handshake runs no other socket command runs (A10 5.11)."""
    suite_list: bool
    """+USECPRF=p,2,100."""
    text_types: bool
    """<str_type> after pre-shared key and identity."""
    root_of_trust_psk: bool
    """+USECPRF op-code 11."""
    tickets: bool
    """Sessions are resumed by ticket, which is read back, instead of by id, reported by URC."""
    least_rsa_bits: int = 0
    least_ec_bits: int = 0


SARA_R5_TLS = TlsTraits(
    sessions=4,
    transmit_buffer=0,
    datagrams=False,
    blocks_sockets=False,
    suite_list=True,
    text_types=True,
    root_of_trust_psk=True,
    tickets=False,
)

LEXI_R10_TLS = TlsTraits(
    sessions=2,
    transmit_buffer=1024,
    datagrams=True,
    blocks_sockets=True,
    suite_list=False,
    text_types=False,
    root_of_trust_psk=False,
    tickets=True,
    least_rsa_bits=1024,
    least_ec_bits=192,
)
