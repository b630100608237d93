"""The smallest module with a CoAP client and a server that keeps what it gets, for the matrix."""

from __future__ import annotations

from driver.support.files_model import FilesModel, fields
from driver.support.socket_model import Arrivals, ok

NOT_ALLOWED, INVALID = 3, 50
SERVER_MS = 20.0
NAMES = ("URI_STR", "OPT_MASK", "PROFILE_NUM", "STATUS_FLAG", "USECMNG PROFILE")


class CoapModel(FilesModel):
    """`requests`: (method, URI, payload, format, block) as the server got them; `answer`: what it
    says, as +UCOAPCD's parameters; `result` of +UCOAPCR, None: it does not come; `error`: class
    and code of +UCOAPER; `refuses`: a request is refused with this."""

    def __init__(self) -> None:
        super().__init__("sara-r5")
        self.profile: dict[str, str] = {}
        self.kept: dict[str, dict[str, str]] = {}
        self.requests: list[tuple[str, str, bytes, str, tuple[str, ...]]] = []
        self.answer: list[str] = ['2,0,"776F726C64",0']
        self.result: int | None = 1
        self.error = (15, 22)
        self.refuses = 0
        self.busy = False
        self.lines: list[bytes] = []
        self.urcs: list[bytes] = []

    def restart(self) -> None:
        """Whatever it waits for is forgotten, and its current profile."""
        self._need = 0
        self._into = None
        self.cmee = 0
        self.busy = False
        self.profile.clear()

    def feed(self, data: bytes) -> Arrivals:
        """What the server says comes a while after the OK."""
        found = super().feed(data)
        urcs, self.urcs = self.urcs, []
        for urc in urcs:
            self.answers.append(urc)
            found += self.tamper(urc) if self.tamper else [(SERVER_MS, urc)]
        return found

    def end(self, cmd: str = "1", result: int = 1) -> bytes:
        """A request that was under way is over; the URC."""
        self.busy = False
        return f"\r\n+UCOAPCR: {cmd},{result}\r\n".encode()

    def _command(self, text: bytes) -> bytes:
        name, _, rest = text.partition(b"=")
        values = fields(rest.decode("latin-1"))
        self.lines.append(text)
        if name == b"+UCOAP":
            return self._configure(values)
        if name == b"+UCOAP?":
            return self._shown(self.profile)
        if name == b"+UCOAPER":
            return ok(b"+UCOAPER: %d,%d" % self.error)
        if name == b"+UCOAPC":
            return self._request(values)
        return super()._command(text)

    def _shown(self, profile: dict[str, str]) -> bytes:
        values = (profile.get("1", ""), "7", profile.get("6", "0"), profile.get("4", "0"), "0")
        lines = [
            f'+UCOAP: "{name}",' + (f'"{value}"' if name == "URI_STR" else value)
            for name, value in zip(NAMES, values, strict=True)
        ]
        return b"\r\n" + "\r\n".join(lines).encode() + b"\r\n" + ok()

    def _configure(self, values: list[str]) -> bytes:
        if values[:1] == ["7"]:
            return ok(b"+UCOAP: INVALID PROFILE NUMBER 0")
        known = {"1": 2, "2": 3, "4": 2, "5": 2, "6": 2, "8": 2}
        if not values or known.get(values[0]) != len(values):
            return self._error(INVALID)
        if values[0] == "2":
            self.profile["2" + values[1]] = values[2]
        elif values[0] == "6":
            self.kept[values[1]] = dict(self.profile)
        elif values[0] == "5":
            if values[1] not in self.kept:
                return self._error(NOT_ALLOWED)
            self.profile = dict(self.kept[values[1]])
        else:
            self.profile[values[0]] = values[1]
        return ok()

    def _request(self, values: list[str]) -> bytes:
        if self.refuses:
            return self._error(self.refuses)
        method, *rest = values
        if method not in ("1", "2", "3", "4") or len(rest) not in ((0,), (2, 4))[method > "2"]:
            return self._error(INVALID)
        if self.busy or self.profile.get("4") != "1" or not self.profile.get("1"):
            if not self.busy:
                self.error = (15, 17)
            return self._error(NOT_ALLOWED)
        try:
            payload = bytes.fromhex(rest[0]) if rest else b""
        except ValueError:
            return self._error(INVALID)
        kind = rest[1] if rest else ""
        self.requests.append((method, self.profile["1"], payload, kind, tuple(rest[2:])))
        self.busy = True
        if self.result is not None:
            if self.result:
                self.urcs += [f"\r\n+UCOAPCD: {one}\r\n".encode() for one in self.answer]
            self.urcs.append(self.end(method, self.result))
        return ok()
