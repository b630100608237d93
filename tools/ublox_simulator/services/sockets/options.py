"""Socket options, control queries and the last error (at-commands 3.2, 3.3, 3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BAD_PARAMETERS, NOT_ALLOWED, CommandError
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...world.tcp_endpoint import TCP, Endpoint, TcpEndpoint

if TYPE_CHECKING:
    from .sockets import Sockets

IP_LEVEL, TCP_LEVEL, SOCKET_LEVEL = 0, 6, 65535

OPTIONS: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {
    (IP_LEVEL, 1): ((0, 255),),
    (IP_LEVEL, 2): ((0, 255),),
    (TCP_LEVEL, 1): ((0, 1),),
    (TCP_LEVEL, 2): ((0, 2147483647),),
    (TCP_LEVEL, 4): ((0, 2147483647),),
    (TCP_LEVEL, 5): ((0, 255),),
    (SOCKET_LEVEL, 4): ((0, 1),),
    (SOCKET_LEVEL, 8): ((0, 1),),
    (SOCKET_LEVEL, 32): ((0, 1),),
    (SOCKET_LEVEL, 128): ((0, 1), (0, 32767)),
    (SOCKET_LEVEL, 512): ((0, 1),),
}
"""(level, option) -> ranges of its values."""

DEFAULTS = {
    (IP_LEVEL, 2): (255,),
    (TCP_LEVEL, 2): (7200000,),
    (TCP_LEVEL, 4): (75000,),
    (TCP_LEVEL, 5): (9,),
    (SOCKET_LEVEL, 128): (0, 0),
}


class SocketOptions(Service):
    """+USOSO, +USOGO, +USOCTL, +USOER."""

    @property
    def _table(self) -> Sockets:
        return self.module.sockets

    @command("+USOSO")
    def set_option(self, cmd: Command) -> Reply:
        """Set one option."""
        if cmd.form is Form.TEST:
            return f"+USOSO: (0-{self.module.spec.sockets - 1}),(0,6,65535),(1-512)"
        endpoint, key = self._option(cmd)
        ranges = OPTIONS[key]
        values = [cmd.number(3, *ranges[0])]
        if len(ranges) > 1:
            # The time-out of linger may be left out when linger is switched off.
            values.append(cmd.number(4, *ranges[1], default=None if values[0] else 0))
        endpoint.options[key] = tuple(values)
        endpoint.apply_options()
        return None

    @command("+USOGO")
    def get_option(self, cmd: Command) -> Reply:
        """Read one option; the answer has no socket id."""
        if cmd.form is Form.TEST:
            return f"+USOGO: (0-{self.module.spec.sockets - 1}),(0,6,65535),(1-512)"
        endpoint, key = self._option(cmd)
        values = endpoint.options.get(key, DEFAULTS.get(key, (0,)))
        return "+USOGO: " + ",".join(str(value) for value in values)

    def _option(self, cmd: Command) -> tuple[Endpoint, tuple[int, int]]:
        endpoint = self._table.find(cmd)
        key = (cmd.number(1, 0, 65535), cmd.number(2, 0, 65535))
        if key not in OPTIONS or (key[0] == TCP_LEVEL and endpoint.proto != TCP):
            raise CommandError(BAD_PARAMETERS)
        return endpoint, key

    @command("+USOCTL")
    def control(self, cmd: Command) -> Reply:
        """Query type, error, counters, peer, TCP state, unacknowledged bytes."""
        if cmd.form is Form.TEST:
            return f"+USOCTL: (0-{self.module.spec.sockets - 1}),(0-4,10-11)"
        endpoint = self._table.find(cmd)
        what = cmd.number(1, 0, 255)
        return f"+USOCTL: {endpoint.id},{what},{self._value(endpoint, what)}"

    def _value(self, endpoint: Endpoint, what: int) -> str:
        simple = {
            0: endpoint.proto,
            1: endpoint.last_error,
            2: endpoint.sent,
            3: endpoint.received,
        }
        if what in simple:
            return str(simple[what])
        if what == 4:
            address, port = endpoint.remote or ("0.0.0.0", 0)
            return f'"{address}",{port}'
        if what in (10, 11) and isinstance(endpoint, TcpEndpoint):
            return str(endpoint.state if what == 10 else endpoint.unacked)
        raise CommandError(BAD_PARAMETERS if what not in (10, 11) else NOT_ALLOWED)

    @command("+USOER")
    def last_error_query(self, cmd: Command) -> Reply:
        """The last socket error of all sockets."""
        if cmd.form is Form.TEST:
            return None
        return f"+USOER: {self._table.last_error}"
