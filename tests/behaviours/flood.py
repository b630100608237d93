"""Noise that comes faster than it can be taken: there is always a full buffer of it.

Whatever the driver does then ends in its time, the program is asked whether to go on, and once it
is quiet again all is well."""

from .errnos import ECANCELED, ETIMEDOUT
from .rig import code, fails

# Time is short here: a board needs long for all that can pour in.
RUBBISH = b"zq\xf0 is nothing that a module would say\r\n"
# Lines of rubbish, one that never ends, nothing but line ends, and URCs of sockets there are not.
NOISES = (RUBBISH, b"\xff\x00~", b"\r\n", b"\r\n+UUSORD: 99,7\r\n")
ALLOWANCE_MS = 300
SWEEP_MS = 2700  # beyond its limit, for a probe that has begun: see also recovery.py


class _Asked:
    """A `keep_going` that counts, and says no after `limit_ms`."""

    def __init__(self, rig, limit_ms=1 << 20):
        self.rig = rig
        self.limit_ms = limit_ms
        self.began = rig.now()
        self.times = 0

    def __call__(self):
        self.times += 1
        return self.rig.since(self.began) < self.limit_ms


def _begins(rig, noise):
    rig.fresh_needed = True
    rig.breaks_rules = True  # what the module says meanwhile is not heard
    rig.uart.flood = True
    rig.uart.noise = noise


async def _over(rig):
    """It is quiet: whatever the module has said meanwhile comes now."""
    rig.uart.noise = b""
    rig.uart.flood = False
    rig.modem.channel.keep_going = None
    await rig.sleep(500)


async def _in_time(rig, call, argument, limit_ms):
    """The error by which a call ends under noise: within its limit, and the program is asked."""
    asked = rig.modem.channel.keep_going = _Asked(rig)
    began = rig.now()
    error = await fails(call, argument)
    took = rig.since(began)
    assert isinstance(error, OSError), repr(error)
    assert took < limit_ms + ALLOWANCE_MS, (took, error)
    assert asked.times > 1
    return error


async def ends_a_command_in_time_whatever_pours_in(rig):
    for noise in NOISES:
        modem = await rig.connected()

        async def command(timeout_ms):
            await rig.modem.at("+CGMM", timeout_ms)

        _begins(rig, noise)
        error = await _in_time(rig, command, 100, 100)
        assert code(error) == ETIMEDOUT, error
        await _over(rig)
        assert (await modem.model()).startswith(rig.model)
        await rig.usable()


async def ends_a_receive_in_time_whatever_pours_in(rig):
    await rig.connected()
    sock = await rig.open("echo")
    sock.settimeout(0.1)
    _begins(rig, RUBBISH)
    error = await _in_time(rig, sock.recv, 10, 100)
    assert code(error) == ETIMEDOUT, error
    await _over(rig)
    await rig.usable()


async def ends_an_attach_in_time_whatever_pours_in(rig):
    await rig.connected()
    _begins(rig, RUBBISH)
    modem = rig.made()

    async def attach(timeout_ms):
        await rig.modem.attach(timeout_ms=timeout_ms)

    await _in_time(rig, attach, 3000, 3000 + SWEEP_MS)
    await _over(rig)
    await modem.attach()
    await modem.connect()
    await rig.usable()


async def gives_up_when_told_so_whatever_pours_in(rig):
    modem = await rig.connected()
    _begins(rig, RUBBISH)
    asked = modem.channel.keep_going = _Asked(rig, 100)
    error = await fails(modem.at, "+CGMM", 10000)
    assert code(error) == ECANCELED, error
    assert rig.since(asked.began) < 100 + ALLOWANCE_MS
    await _over(rig)
    await rig.usable()


async def polls_and_returns_whatever_pours_in(rig):
    modem = await rig.connected()
    _begins(rig, RUBBISH)
    began = rig.now()
    for _ in range(20):
        modem.poll()
    assert rig.since(began) < ALLOWANCE_MS
    await _over(rig)
    await rig.usable()
