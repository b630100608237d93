"""+USECMNG: import, list and remove certificates and keys (at-commands 4.1, A5 3.1, A10 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import (
    BAD_PARAMETERS,
    CME_TEXT,
    FILE_NOT_FOUND,
    FILE_UNKNOWN,
    NOT_ALLOWED,
    CommandError,
)
from ...line.parser import Command, Form
from ...service import Reply, Service, command
from ...tls.certificates import NOT_THERE, Item

if TYPE_CHECKING:
    from ...tls.certificates import CertificateStore

SIZE_LIMIT, NAME_LIMIT, PASSWORD_LIMIT = 8192, 200, 128
INPUT_GUARD_MS = 20_000
LAST_KIND = 5
TIMED_OUT, TOO_LARGE = 1910, 1911

CME_TEXT.update(
    {
        TIMED_OUT: "USECMNG import timeout error (no input for > 20s)",
        TOO_LARGE: "USECMNG file size exceeds limit",
        1912: "USECMNG no memory available",
        1913: "USECMNG invalid certificate/key format",
        1914: "USECMNG database full",
        1915: "USECMNG database internal error",
        NOT_THERE: "USECMNG certificate/key internal name not found",
        1918: "USECMNG private key format error",
        1920: "USECMNG conversion from PEM to DER failed",
    }
)


class CertificateCommands(Service):
    """The command for `certificates`, which the whole service creates."""

    certificates: CertificateStore

    @command("+USECMNG")
    async def manage(self, cmd: Command) -> Reply:
        """Op-codes 0 to 4."""
        if cmd.form is Form.TEST:
            return f"+USECMNG: (0-4),(0-{LAST_KIND})"
        if cmd.form is not Form.SET:
            raise CommandError(NOT_ALLOWED)
        op = cmd.number(0, 0, 4)
        if op == 0:
            return await self._import_serial(cmd)
        if op == 1:
            return self._import_file(cmd)
        if op == 2:
            return self._remove(cmd)
        return self._list(cmd) if op == 3 else self._md5(cmd)

    def _which(self, cmd: Command) -> tuple[int, str]:
        kind = cmd.number(1, 0, LAST_KIND)
        name = cmd.string(2, NAME_LIMIT)
        if not name:
            raise CommandError(BAD_PARAMETERS)
        return kind, name

    async def _import_serial(self, cmd: Command) -> Reply:
        cmd.at_most(5)
        kind, name = self._which(cmd)
        size = cmd.number(3, 1, 10**9)
        password = cmd.string(4, PASSWORD_LIMIT, "")
        if size > SIZE_LIMIT:
            raise CommandError(TOO_LARGE)
        data = await self.module.interface.prompt(">", size, silence_ms=INPUT_GUARD_MS)
        if len(data) < size:
            raise CommandError(TIMED_OUT)  # received data is dropped
        item = self.certificates.add(kind, name, data, password)
        # The manual's syntax line has op-code 0, its worked example and both seeds 1.
        shown = 1 if "usecmng-import-1" in self.module.options.variants else 0
        return self._digest(shown, item)

    def _import_file(self, cmd: Command) -> Reply:
        cmd.at_most(5)
        kind, name = self._which(cmd)
        file = cmd.string(3, self.module.spec.file_name)
        password = cmd.string(4, PASSWORD_LIMIT, "")
        try:
            data = self.module.files.load(file)
        except KeyError:
            unknown = "file-missing-1624" in self.module.options.variants
            raise CommandError(FILE_UNKNOWN if unknown else FILE_NOT_FOUND) from None
        if len(data) > SIZE_LIMIT:
            raise CommandError(TOO_LARGE)
        return self._digest(1, self.certificates.add(kind, name, data, password))

    def _remove(self, cmd: Command) -> Reply:
        cmd.at_most(3)
        self.certificates.remove(*self._which(cmd))
        return None

    def _list(self, cmd: Command) -> Reply:
        cmd.at_most(2)
        only = cmd.number(1, 0, LAST_KIND) if cmd.has(1) else None
        quote = "" if "usecmng-list-plain" in self.module.options.variants else '"'
        items = sorted(self.certificates, key=lambda item: item.kind)
        return [item.listed(quote) for item in items if only is None or item.kind == only]

    def _md5(self, cmd: Command) -> Reply:
        cmd.at_most(3)
        return self._digest(4, self.certificates.find(*self._which(cmd)))

    @staticmethod
    def _digest(op: int, item: Item) -> str:
        return f'+USECMNG: {op},{item.kind},"{item.name}","{item.md5}"'
