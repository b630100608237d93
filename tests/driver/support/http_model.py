"""The smallest module with an HTTP client, for the matrix: one answer for every request."""

from __future__ import annotations

from driver.support.files_model import FilesModel, fields
from driver.support.socket_model import ok

HEAD = b"HTTP/1.1 200 OK\r\nServer: m\r\nContent-Length: 19\r\n\r\n"
BODY = b'ar"\r\nOK\r\n+CME\r\n,>9"'
ANSWER = HEAD + BODY
POST_LINK = "7"


class HttpModel(FilesModel):
    """`answer`: what the server says, `posted`: what it was told, `result`: of the next request,
    `told`: class and code of +UHTTPER."""

    def __init__(self, module: str) -> None:
        super().__init__(module)
        self.answer = ANSWER
        self.posted: list[bytes] = []
        self.result = 1
        self.told = (0, 0)
        self.settings: dict[str, list[str]] = {}
        self.silent = False

    def forget(self) -> None:
        """What it waits for: it has restarted."""
        self._need = 0
        self._into = None

    def _command(self, text: bytes) -> bytes:
        name, _, rest = text.partition(b"=")
        values = fields(rest.decode("latin-1"))
        if name == b"+UHTTP":
            return self._set(values)
        if name == b"+UHTTPER":
            return ok(b"+UHTTPER: %s,%d,%d" % (values[0].encode(), *self.told))
        if name == b"+UHTTPC":
            return self._run(values)
        return super()._command(text)

    def _set(self, values: list[str]) -> bytes:
        if len(values) == 1:
            self.settings.clear()
        else:
            self.settings[values[1]] = values[2:]
        return ok()

    def _run(self, values: list[str]) -> bytes:
        if len(values) < 4 or values[0] != "0":
            return self._error(50)
        urc = b"\r\n+UUHTTPCR: 0,%s,%d\r\n" % (values[1].encode(), self.result)
        if self.silent:
            urc = b""
        if self.settings.get("10") == ["1"]:
            return self._link(values, urc)
        if values[1] in ("3", "4"):
            self.posted.append(bytes(self.files[values[4]]))
        elif values[1] == "5":
            self.posted.append(values[4].encode())
        if self.result:
            self.files[values[3]] = bytearray(self.answer)
        return ok() + urc

    def _link(self, values: list[str], urc: bytes) -> bytes:
        back = (self.answer if self.result else b"") + b"\r\nDISCONNECT\r\n" + ok() + urc

        def done(data: bytes) -> bytes:
            self.posted.append(data)
            return back

        if values[1] != POST_LINK:
            return b"\r\nCONNECT\r\n" + back
        return self._take(int(values[5]), b"\r\nCONNECT\r\n", done)
