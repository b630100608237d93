"""The smallest module with an FTP client, for the matrix."""

from __future__ import annotations

import hashlib

from driver.support.files_model import FilesModel, fields
from driver.support.socket_model import ok

ROW = b"-rw-r--r--   1 ftp      ftp      %8d Aug  5 09:45 %s\r\n"


class FtpModel(FilesModel):
    """`remote`: the files of the server; `reason`: class and code of +UFTPER; it is logged in if
    `inside`. A link ends with `+++`, whenever that comes."""

    def __init__(self) -> None:
        super().__init__("sara-r5")
        self.remote: dict[str, bytes] = {}
        self.reason = (0, 0)
        self.inside = False
        self.link: tuple[str, str] | None = None
        self.passed = bytearray()

    def forget(self) -> None:
        """It has restarted."""
        self._need = 0
        self._into = None
        self.inside = False
        self.link = None
        self.cmee = 0

    def _byte(self, byte: int) -> bytes:
        if self.link is None:
            return super()._byte(byte)
        self.passed.append(byte)
        return self._left() if self.passed.endswith(b"+++") else b""

    def _left(self) -> bytes:
        assert self.link is not None
        (op, name), self.link = self.link, None
        if op == "7":
            self.remote[name] = bytes(self.passed[:-3])
        return b"\r\nDISCONNECT\r\n" + ok() + self._result(op, self.remote[name])

    def _result(self, op: str, data: bytes | None = None) -> bytes:
        md5 = "" if data is None else f',"{hashlib.md5(data).hexdigest()}"'
        return f"\r\n+UUFTPCR: {op},1{md5}\r\n".encode()

    def _command(self, text: bytes) -> bytes:
        name, _, rest = text.partition(b"=")
        values = fields(rest.decode("latin-1"))
        if name == b"+UFTP":
            changes = values[:1] not in (["5"], ["6"])
            return self._error(3) if self.inside and changes else ok()
        if name == b"+UFTPER":
            return ok(b"+UFTPER: %d,%d" % self.reason)
        if name == b"+UFTPC":
            return self._run(values)
        return super()._command(text)

    def _run(self, values: list[str]) -> bytes:
        op, names = values[0], values[1:]
        if op == "1" and not self.inside:
            self.inside = True
        elif not self.inside:
            self.reason = (1, 33)
            return ok() + b"\r\n+UUFTPCR: %s,0\r\n" % op.encode()
        elif op == "0":
            self.inside = False
        elif op == "13":
            rows = b"".join(ROW % (len(v), k.encode()) for k, v in self.remote.items())
            urc = b'\r\n+UUFTPCD: 13,%d,"%s"\r\n' % (len(rows), rows)
            return ok() + urc + self._result(op)
        elif op == "4" and names[0] in self.remote:
            self.files[names[1]] = bytearray(self.remote[names[0]])
        elif op in ("6", "7") and names:
            self.link = op, names[0]
            self.passed.clear()
            if op == "7":
                return b"\r\nCONNECT\r\n"
            if names[0] not in self.remote:
                self.link = None
                return self._error(3)
            return b"\r\nCONNECT\r\n" + self.remote[names[0]]
        elif op not in ("8", "10"):
            return self._error(50)
        return ok() + self._result(op)
