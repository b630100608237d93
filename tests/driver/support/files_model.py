"""The smallest module with a file system, for the matrix: both command sets on a dictionary."""

from __future__ import annotations

from collections.abc import Callable

from driver.support.socket_model import Model, ok

MISSING = 1612
ALREADY_OPEN = 1622
NO_HANDLE = 1627
OUT_OF_RANGE = 1630
ROOM = 5000


class FilesModel(Model):
    """`files` is what it holds; LEXI-R10's open files are in `handles`: name and position."""

    def __init__(self, module: str) -> None:
        super().__init__()
        self.lexi = module == "lexi-r10"
        self.files: dict[str, bytearray] = {}
        self.handles: dict[int, tuple[str, int]] = {}

    def _command(self, text: bytes) -> bytes:
        if text == b"+CGMM":
            return ok(b"LEXI-R10801D" if self.lexi else b"SARA-R510S")
        name, _, rest = text.partition(b"=")
        action = (LEXI if self.lexi else SARA).get(name.decode("latin-1"))
        if action is None:
            return super()._command(text)
        try:
            return action(self, *fields(rest.decode("latin-1")))
        except KeyError:
            return self._error(NO_HANDLE if self.lexi else MISSING)
        except (TypeError, ValueError):
            return self._error(50)

    def _take(self, n: int, head: bytes, sink: Callable[[bytes], bytes]) -> bytes:
        self._payload.clear()
        self._need = n
        self._into = sink
        return head

    def ulstfile(self, what: str = "0", name: str = "") -> bytes:
        if what == "0":
            return ok(b"+ULSTFILE: " + ",".join(f'"{one}"' for one in self.files).encode())
        if what == "1":
            return ok(b"+ULSTFILE: %d" % (ROOM - sum(map(len, self.files.values()))))
        if name not in self.files:
            return self._error(MISSING)
        return ok(b"+ULSTFILE: %d" % len(self.files[name]))

    def udelfile(self, name: str) -> bytes:
        del self.files[name]
        return ok()

    def udwnfile(self, name: str, size: str) -> bytes:
        def done(data: bytes) -> bytes:
            self.files.setdefault(name, bytearray()).extend(data)
            return ok()

        return self._take(int(size), b"\r\n>", done)

    def urdfile(self, name: str) -> bytes:
        return ok(b'+URDFILE: "%s",%d,"%s"' % (name.encode(), len(self.files[name]),
                                               self.files[name]))  # fmt: skip

    def urdblock(self, name: str, at: str, size: str) -> bytes:
        if int(at) > len(self.files[name]):
            return self._error(OUT_OF_RANGE)
        data = self.files[name][int(at) : int(at) + int(size)]
        return ok(b'+URDBLOCK: "%s",%d,"%s"' % (name.encode(), len(data), data))

    def fopen(self, name: str) -> bytes:
        if any(name == one for one, _ in self.handles.values()):
            return self._error(ALREADY_OPEN)
        self.files.setdefault(name, bytearray())
        handle = 1
        while handle in self.handles:
            handle += 1
        self.handles[handle] = name, 0
        return ok(b"+FOPEN: %d" % handle)

    def handles_open(self, rest: str = "") -> bytes:
        lines = [f'+FOPEN: "{name}",{handle},0' for handle, (name, _) in self.handles.items()]
        return ok("\r\n".join(lines).encode())

    def fclose(self, handle: str) -> bytes:
        del self.handles[int(handle)]
        return ok()

    def fdelete(self, handle: str) -> bytes:
        del self.files[self.handles.pop(int(handle))[0]]
        return ok()

    def fseek(self, handle: str, at: str) -> bytes:
        self.handles[int(handle)] = self.handles[int(handle)][0], int(at)
        return ok()

    def fread(self, handle: str, size: str = "100000") -> bytes:
        name, at = self.handles[int(handle)]
        data = self.files[name][at : at + int(size)]
        self.handles[int(handle)] = name, at + len(data)
        return b"\r\nCONNECT %d\r\n%s" % (len(data), data) + ok()

    def fwrite(self, handle: str, size: str) -> bytes:
        name, at = self.handles[int(handle)]

        def done(data: bytes) -> bytes:
            self.files[name][at : at + len(data)] = data
            self.handles[int(handle)] = name, at + len(data)
            return ok(b"+FWRITE: %d,%d" % (len(data), len(self.files[name])))

        return self._take(int(size), b"\r\nCONNECT\r\n", done)


def fields(rest: str) -> list[str]:
    return [field.strip('"') for field in rest.split(",")] if rest else []


Actions = dict[str, Callable[..., bytes]]
SARA: Actions = {
    "+ULSTFILE": FilesModel.ulstfile, "+UDELFILE": FilesModel.udelfile,
    "+UDWNFILE": FilesModel.udwnfile, "+URDFILE": FilesModel.urdfile,
    "+URDBLOCK": FilesModel.urdblock,
}  # fmt: skip
LEXI: Actions = {
    "+ULSTFILE": FilesModel.ulstfile, "+FOPEN": FilesModel.fopen,
    "+FOPEN?": FilesModel.handles_open,
    "+FCLOSE": FilesModel.fclose, "+FDELETE": FilesModel.fdelete, "+FSEEK": FilesModel.fseek,
    "+FREAD": FilesModel.fread, "+FWRITE": FilesModel.fwrite,
}  # fmt: skip
