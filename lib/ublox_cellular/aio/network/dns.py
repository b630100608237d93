"""Names to addresses (+UDNSRN). A5 2.3.2, A10 2.4.2."""

from ...core.command import milliseconds, sendable
from ...core.compat import const
from ...core.errors import CommandError

_DNS_MS = const(120000)  # the longest a module takes
_LONGEST = const(128)
_FAILED = const(-2)  # what socket.getaddrinfo() raises everywhere
_ETIMEDOUT = const(110)


def is_address(host: str) -> bool:
    """Whether `host` is an IP address and needs no resolving."""
    parts = host.split(".")
    if ":" in host or len(parts) != 4:
        return ":" in host
    return all(part.isdigit() and len(part) < 4 and int(part) < 256 for part in parts)


async def resolve(modem, host: str, timeout_ms=70000) -> str:
    """The address of `host` (at most 128 characters), which may be one already.

    The answer comes with the command or later as a URC, as module and `network.async_dns` have
    it; meanwhile other commands may run. Raises `OSError(-2)` when the name is not found,
    `OSError(ETIMEDOUT)`.
    """
    if not sendable(host, _LONGEST):
        raise ValueError("host name wanted")
    timeout_ms = milliseconds(timeout_ms) or 1
    if not isinstance(host, str):
        host = str(host, "utf-8")
    if is_address(host):
        return host
    network = modem.network
    began = modem.channel.port.ticks_ms()
    await network.lock.acquire(modem.channel, timeout_ms, "the look-up of names")
    try:
        return await _resolve(modem, network, host, began, timeout_ms)
    finally:
        network.lock.release()


async def _resolve(modem, network, host: str, began: int, timeout_ms: int) -> str:
    channel = modem.channel
    if network.asked is not None:  # an answer nobody waited for must not be taken for ours
        await _answer(channel, network, host, began, timeout_ms)
    network.found = None
    later = not modem.async_dns or network.async_dns

    def launched() -> None:
        """From here on an answer may come as URC, whoever waits for it."""
        network.found = None
        network.asked = channel.port.ticks_ms() if later else None

    try:
        parts = (0, host, 1) if modem.async_dns and network.async_dns else (0, host)
        rows = await channel.command(
            b"+UDNSRN",
            *parts,
            timeout_ms=channel.remaining(timeout_ms, began),
            max_ms=_DNS_MS,
            guard=launched,
        )
    except CommandError as error:
        network.asked = None
        network.doubt()
        raise OSError(_FAILED, "%s not resolved: %s" % (host, await _reason(channel, error)))
    if rows and rows[0] and isinstance(rows[0][0], str):
        network.asked = None
        return _checked(channel, rows[0][0])
    if network.found is None and network.asked is not None:
        await _answer(channel, network, host, began, timeout_ms)
    if network.found is None and not later:
        raise channel.garbled("no address")
    if not network.found:
        network.doubt()
        raise OSError(_FAILED, "%s not resolved" % host)
    return _checked(channel, network.found)


def _checked(channel, text: str) -> str:
    """An address as people write it; `Garbled` if it is none."""
    from ...core.addresses import plain

    text = plain(text.partition("/")[0])
    if not is_address(text):
        raise channel.garbled("no IP address")
    return text


async def _answer(channel, network, host: str, began: int, timeout_ms: int) -> None:
    """Wait for the URC, which does not tell its name; after the longest a module takes it is not
    coming any more."""
    while network.asked is not None:
        if channel.elapsed(began) >= timeout_ms:
            raise OSError(_ETIMEDOUT, "%s not resolved within %d ms" % (host, timeout_ms))
        if channel.elapsed(network.asked) > _DNS_MS:
            network.asked = None
            return
        channel.poll()
        channel.proceed("resolve")
        if network.asked is not None:
            await channel.sleep(5)


async def _reason(channel, error) -> str:
    try:
        rows = await channel.command(b"+USOER")
        if rows and rows[0] and rows[0][0]:
            return "+USOER %d" % rows[0][0]
    except CommandError:
        pass
    return str(error)


# ---- DNS servers of the program -----------------------------------------------------------------
#
# DNS servers of one's own, in place of the network's. The modules' files have the commands.


def checked(server: str) -> str:
    """An address of a DNS server, or ""; `TypeError`, `ValueError`."""
    if not isinstance(server, str):
        raise TypeError("DNS server: string wanted")
    if server and not is_address(server):
        raise ValueError("DNS server: an IP address wanted")
    return server
