"""What a socket that speaks TLS has beside the others, as in the `ssl` module. The handshake is
the module's, and it tells nothing of what was agreed on: what is not known is not made up here.
"""

from ...core.compat import const
from ...core.errors import NotSupported

_EOPNOTSUPP = const(95)


def _none(sock, what: str) -> NotSupported:
    return NotSupported(_EOPNOTSUPP, sock.pool.modem.name, what)


async def do_handshake(sock, block=False) -> None:
    """Wait until the connection stands and is secure. `SSLError` as of `connect()`; where the
    socket does not wait `SSLWantReadError` until it is done."""
    if sock.ready():
        return
    attempt = sock.attempt
    if attempt is None:
        raise sock.dead()
    if sock.timeout_ms == 0 and not block:
        raise sock.late()
    await attempt.finish()


def getpeercert(sock, binary_form=False):
    """`NotSupported`: the module verifies certificates and shows them to nobody."""
    raise _none(sock, "certificate of the other side")


def cipher(sock) -> None:
    """None: not known."""


def version(sock) -> None:
    """None: not known; at least what the profile asks for."""


def selected_alpn_protocol(sock) -> None:
    """None: the modules have no documented way to ask for one."""


def pending(sock) -> int:
    """Bytes that can be read without waiting."""
    slot = sock.slot
    return sock.last - sock.first + (slot.pending if slot is not None else 0)


async def unwrap(sock):
    """`NotSupported`: TLS ends with the connection."""
    raise _none(sock, "connection that goes on without TLS")
