"""Certificates and keys looked at before they are sent: PEM or DER, whole, and of the right kind.

Fed piece by piece, so that a file never is in memory as a whole. What is found is the MD5 of the
DER, by which the module names what it has stored (at-commands 4.1), and where the block of PEM is
in the text that tools write around it (RFC 7468 section 2). No error shows a part of a key.
"""

from binascii import a2b_base64, hexlify

from .buffers import check_data, moved
from .compat import const

LONGEST = const(8192)  # bytes of a certificate or key (at-commands 4.1)
TOO_LONG = "1 to 8192 bytes wanted"
_HEAD = const(64)  # bytes of the DER that are looked at
_PIECE = const(128)  # of a body that is one long line; BEGIN lines are shorter

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BEGIN = b"-----BEGIN "
_LABEL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "  # characters of a label
_LONGEST_LABEL = const(40)
_PARAMETERS = b"EC PARAMETERS"  # of a curve: `openssl ecparam -genkey` writes them before a key
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

# Kind, and what PEM may call it; all others are certificates.
_LABELS = (
    b"|PK PRIVATE KEY|PK RSA PRIVATE KEY|PK EC PRIVATE KEY|PK ENCRYPTED PRIVATE KEY"
    b"|PU PUBLIC KEY|PU RSA PUBLIC KEY|CERTIFICATE|"
)

# Where in a PEM we are.
_BEFORE = const(0)
_BODY = const(1)
_BEHIND = const(2)

# Tags of DER.
_INTEGER = const(2)
_OBJECT = const(6)
_SEQUENCE = const(0x30)
_VERSION = const(0xA0)


class Checker:
    """`feed()` all of it, then `end()`. Both raise `ValueError` with the reason why the module
    would refuse it. `kind`: one of "CA CC PK SC VC PU"; `locked`: whether there is a password;
    `bare`: there may be no text around the block. `first`, `last`: where the block begins and
    ends among the bytes given."""

    def __init__(self, kind: str, locked: bool = False, bare: bool = False):
        self.kind = kind
        self.locked = locked
        self.bare = bare
        try:
            from hashlib import md5

            self.md5 = md5()
        except (ImportError, ValueError):  # ValueError: a CPython that may not
            from .md5 import Md5

            self.md5 = Md5()
        self.fed = self.count = 0  # bytes given; of these DER
        self.at = self.first = self.last = 0  # bytes of PEM that were looked at; see above
        self.long = self.skipping = False  # in a long line of text; in the parameters of a curve
        self.head = b""  # of the DER
        self.pem = False
        self.place = _BEFORE
        self.rest = self.odd = b""  # what is no whole line, no four characters yet
        self.padded = False

    def feed(self, data: bytes) -> None:
        if not self.fed and data:
            self.pem = data[0] != _SEQUENCE
        self.fed += len(data)
        if self.pem:
            self._text(data)
        else:
            self.last = self.fed
            self._der(data)

    def end(self) -> str:
        """The MD5 of the DER as 32 hexadecimal digits."""
        if self.pem:
            if self.rest:
                self._text(b"\n")
            if self.place == _BEFORE:
                raise ValueError("neither PEM nor DER: no BEGIN line of a certificate or key")
            if self.place == _BODY:
                raise ValueError("no END line: cut off?")
            self.last = min(self.last, self.fed)
        if self.last - self.first > LONGEST:
            raise ValueError(TOO_LONG)
        self._shape()
        return str(hexlify(self.md5.digest()), "utf-8")

    # ---- PEM ----------------------------------------------------------------------------------

    def _text(self, data: bytes) -> None:
        data = self.rest + data
        at = 0
        while True:
            stop = data.find(b"\n", at)
            if stop >= 0:
                if not self.long:
                    self._line(data[at : stop + 1], self.at + at)
                self.long = False
                at = stop + 1
            elif self.place == _BODY and len(data) - at > _PIECE and data[at] != 45:
                self._base64(data[at : at + _PIECE])
                at += _PIECE
            elif self.place != _BODY and len(data) - at > _PIECE:
                self._around(True)
                self.long = True
                at = len(data)
            else:
                break
        self.rest = data[at:]
        self.at += at

    def _line(self, text: bytes, at: int) -> None:
        """A line with its end; `at`: where it begins."""
        line = text.rstrip(b"\0 \t\r\n")
        if self.place == _BODY and line[:5] != b"-----":
            self._base64(line)
        elif self.place == _BODY:
            self._end(line)
            behind = text[len(line) :]
            self.last = at + len(line)
            if behind == b"\n" or behind == b"\r\n":
                self.last += len(behind)
        else:
            if not at and line[:3] == _BYTE_ORDER_MARK:
                line = line[3:]
                at = 3
            if line[:11] != _BEGIN:
                self._around(line)
            elif self.place == _BEHIND:
                raise ValueError("more after the END line: store each by itself")
            else:
                if at:
                    self._around(True)
                self.first = at
                self._begin(line)

    def _around(self, text) -> None:
        """Text around the block."""
        if text and self.bare:
            raise ValueError("text around the PEM: give it as bytes, or as a file that can seek")

    def _end(self, line: bytes) -> None:
        if line != self.ending:
            raise ValueError("END line of something else")
        if self.odd:
            raise ValueError("base64 text cut off")
        self.place = _BEFORE if self.skipping else _BEHIND
        self.skipping = False

    def _begin(self, line: bytes) -> None:
        label = line[11:-5]
        self.ending = b"-----END " + label + b"-----"
        odd = line[-5:] != b"-----" or label.strip(_LABEL) or len(label) > _LONGEST_LABEL
        if odd:  # what it is may be a key, and is not shown
            raise ValueError("BEGIN line that is none: each line of PEM must be one")
        if self.kind == "PK" and label == _PARAMETERS:
            self.skipping = True
            self.place = _BODY
            return
        kind = self.kind.encode() + b" " if self.kind in ("PK", "PU") else b""
        if not label or _LABELS.find(b"|" + kind + label + b"|") < 0:
            self._misfit(str(label, "utf-8"))
        self.place = _BODY

    def _misfit(self, what: str) -> None:
        raise ValueError("%s cannot be stored as %s" % (what, self.kind))

    def _base64(self, text: bytes) -> None:
        if self.skipping:
            return
        wrong = text.strip(_BASE64)  # of both ends, so what is left begins with the first one
        if wrong:
            if wrong.find(b":") >= 0:  # "Proc-Type: 4,ENCRYPTED"
                raise ValueError("PEM with headers: an encrypted key must be PKCS #8")
            raise ValueError("character %d in base64 text" % wrong[0])
        if self.padded and text:
            raise ValueError("padding in the middle")
        text = self.odd + text
        n = len(text) & ~3
        self.odd = text[n:]
        text = text[:n]
        pad = text.find(b"=")
        if pad >= 0:
            self.padded = True
            if pad < n - 2 or text[n - 1] != 61 or self.odd:
                raise ValueError("padding in the middle")
        self._der(a2b_base64(text))

    # ---- DER ----------------------------------------------------------------------------------

    def _der(self, data: bytes) -> None:
        if self.count > LONGEST:
            raise ValueError(TOO_LONG)
        if len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        self.count += len(data)
        self.md5.update(data)

    def _shape(self) -> None:
        """Whether the outermost elements are those of the kind."""
        tag, at, size = element(self.head, 0)
        if tag != _SEQUENCE or not size:
            raise ValueError("neither certificate nor key")
        if at + size != self.count:
            raise ValueError("DER of %d bytes, there are %d" % (at + size, self.count))
        tag, at, size = element(self.head, at)
        inner = element(self.head, at)[0]
        if self.kind == "PK":
            plain = tag == _INTEGER and size == 1
            fits = plain or (tag == _SEQUENCE and inner == _OBJECT)
            if fits and plain == self.locked:
                raise ValueError(
                    "password= wrong: the key is %sencrypted" % ("not " if plain else "")
                )
        elif self.kind == "PU":
            fits = (tag == _INTEGER and size > 1) or (tag == _SEQUENCE and inner == _OBJECT)
        else:
            fits = tag == _SEQUENCE and (inner == _VERSION or inner == _INTEGER)
        if not fits:
            self._misfit("this")


def element(data: bytes, at: int):
    """(tag, where its content begins, length) of the DER element at `at`; tag 0 if that is not
    in `data`, or is written as no such length can be."""
    if at + 6 > len(data):
        return 0, at, 0
    tag, size = data[at], data[at + 1]
    at += 2
    if size & 128:
        more = size & 127
        if not 0 < more < 4:
            return 0, at, 0
        size = 0
        for c in data[at : at + more]:
            size = size << 8 | c
        at += more
    return tag, at, size


# ---- where the bytes come from ------------------------------------------------------------------
#
# Where the bytes come from that a certificate or key is stored from, a piece at a time.

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_READ = const(256)
_LONGEST_SHOWN = const(64)  # characters of a path in an error
_ENOENT = const(2)
_NEITHER = "a string that is neither PEM nor the path of a file"


def is_text(given: str) -> bool:
    """Whether a string is PEM and not a path."""
    return "\n" in given or "\r" in given or "-----BEGIN" in given or given[:5] == "-----"


def _opened(path: str):
    try:
        return open(path, "rb")
    except (OSError, ValueError):  # ValueError: a NUL in it
        if len(path) <= _LONGEST_SHOWN or "." in path:
            raise
    raise OSError(_ENOENT, _NEITHER)  # what was given may be a key, so that it is not shown


class Source:
    """`given`: bytes-like, PEM as a string (see `is_text`), the path of a local file, or an object
    with `readinto(buf)` or `read(n)`, which does not wait: None and 0 both are its end. `size`:
    bytes of what cannot tell it by `seek` and `tell`. What gives more than it was asked for, or
    something else, is a `TypeError` or `ValueError`.

    `twice`: whether it can be read a second time. `data` and `refill` are what framing.feed
    wants. `failed`: the source did not give what it promised. `checker`, if set, gets what passes
    through `refill`, `md5` then what it finds.
    """

    if TYPE_CHECKING:
        data: Any
        file: Any
        refill: Any
        checker: Any
        start: Any

    def __init__(self, given, size=None):
        self.file = self.refill = self.checker = self.start = None
        self.owned = self.failed = False
        self.twice = True
        self.md5 = ""
        if size is not None and not isinstance(size, int):
            raise TypeError("size: an integer wanted")
        if size is not None and size < 0:
            raise ValueError("size: 0 or more wanted")
        if isinstance(given, str) and is_text(given):
            given = given.strip().encode()
        if isinstance(given, str):
            given = _opened(given)
            self.owned = True
        if isinstance(given, (bytes, bytearray, memoryview)):
            check_data(given)
            self.data = given
            self.size = len(given)
            return
        if not hasattr(given, "readinto") and not hasattr(given, "read"):
            raise TypeError("bytes, a path or a file object wanted")
        self.file = given
        self.data = bytearray(_READ)
        self.refill = self._refill
        try:
            self.size = self._measure(size)
        except BaseException:
            self.close()
            raise
        self.left = self.size

    def _measure(self, size) -> int:
        file = self.file
        try:
            self.start = file.tell()
            file.seek(0, 2)
            end = file.tell() - self.start
            self.rewind()
        except (AttributeError, OSError):
            self.twice = False
            if size is None:
                raise ValueError("size=… wanted: the file object cannot seek")
            return size
        return end if size is None else min(size, end)

    def narrow(self, first: int, last: int) -> None:
        """Only these bytes of it count."""
        if last - first == self.size:
            return
        self.size = self.left = last - first
        if self.file is None:
            self.data = memoryview(self.data)[first:last]
        else:
            self.start += first
            self.rewind()

    def rewind(self) -> None:
        if self.file is not None:
            self.file.seek(self.start)

    def close(self) -> None:
        if self.owned:
            self.file.close()

    def pieces(self):
        """All of it, for a look ahead."""
        if self.file is None:
            view = memoryview(self.data)
            for at in range(0, self.size, _READ):
                yield bytes(view[at : at + _READ])
            return
        left = self.size
        while left > 0:
            n = min(self._read(), left)
            if n <= 0:
                raise ValueError("the file ends %d bytes early" % left)
            left -= n
            yield bytes(memoryview(self.data)[:n])
        self.rewind()

    def _read(self) -> int:
        """The next bytes to `data`; how many, 0 at the end."""
        if hasattr(self.file, "readinto"):
            return moved(self.file.readinto(self.data), _READ)
        piece = self.file.read(_READ)
        if piece is None:
            return 0
        check_data(piece)
        n = moved(len(piece), _READ)
        self.data[:n] = piece
        return n

    def _refill(self, data) -> int:
        """The next bytes to `data`, which is ours; how many."""
        try:
            n = min(self._read(), self.left)
            self.left -= n
            if self.checker:
                self.checker.feed(bytes(memoryview(data)[:n]))
                if not self.left:
                    self.md5 = self.checker.end()
        except Exception:
            self.failed = True
            raise
        self.failed = n <= 0 < self.left
        return n


# ---- sizes of keys ------------------------------------------------------------------------------
#
# The size of a private key, as far as the beginning of its DER shows it.

_OCTETS = const(4)

RSA_BITS = const(1024)  # LEXI-R10 wants at least so many (A10 3.1)
EC_BITS = const(192)


def check(head: bytes) -> None:
    """`ValueError` for a key that LEXI-R10 cannot use. `head`: the first 64 bytes of its DER. A
    key whose size is not seen there is left to the module."""
    at = element(head, 0)[1]
    _, version, size = element(head, at)
    tag, at, size = element(head, version + size)
    if tag == _SEQUENCE:  # PKCS #8: after the algorithm, the key itself in OCTETS
        _, at, size = element(head, at + size)
        at = element(head, at)[1]
        _, version, size = element(head, at)
        tag, at, size = element(head, version + size)
    if tag == _INTEGER:  # the modulus, mostly with a zero byte in front
        bits, least, kind = (size - (head[at] == 0)) * 8, RSA_BITS, "RSA"
    elif tag == _OCTETS:
        bits, least, kind = size * 8, EC_BITS, "ECDSA"
    else:
        return
    if bits < least:
        raise ValueError("%s key of %d bits: LEXI-R10 wants at least %d" % (kind, bits, least))
