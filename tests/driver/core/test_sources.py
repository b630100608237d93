"""Where certificates come from, when that goes wrong: what raises in the middle, gives more than
it was asked for, nothing, or something else. Nothing is stored then, and the channel works.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driver.support import credentials
from driver.support.certificate_model import Vault
from driver.support.serial_script import FLAVOURS, Bench

from ublox_cellular.core.pem import Source

CERT = credentials.certificate().public_bytes(credentials.PEM)


class Reader:
    """Gives pieces, then what `end` does. It cannot seek: nobody looks ahead."""

    def __init__(self, end: Callable[[Any], Any], whole: int = 1) -> None:
        self.end = end
        self.whole = whole
        self.at = 0

    def readinto(self, buf: Any) -> Any:
        if not self.whole:
            return self.end(buf)
        self.whole -= 1
        n = min(len(buf), 100)
        buf[:n] = CERT[self.at : self.at + n]
        self.at += n
        return n


class Teller:
    """The same with `read(n)`."""

    def __init__(self, end: Callable[[Any], Any]) -> None:
        self.end = end
        self.whole = 1

    def read(self, n: int) -> Any:
        self.whole -= 1
        return CERT[:100] if self.whole >= 0 else self.end(n)


def breaks(_: Any) -> Any:
    raise OSError(5, "the card was pulled out")


def stops(_: Any) -> Any:
    raise KeyboardInterrupt


BAD: dict[str, tuple[Callable[[], Any], type[BaseException]]] = {
    "raises": (lambda: Reader(breaks), OSError),
    "raises at once": (lambda: Reader(breaks, 0), OSError),
    "is interrupted": (lambda: Reader(stops), KeyboardInterrupt),
    "has no memory": (lambda: Reader(lambda buf: bytearray(1 << 62)), (MemoryError)),
    "gives nothing": (lambda: Reader(lambda buf: None), OSError),
    "ends": (lambda: Reader(lambda buf: 0), OSError),
    "gives more": (lambda: Reader(lambda buf: len(buf) + 1), ValueError),
    "gives less than nothing": (lambda: Reader(lambda buf: -1), ValueError),
    "gives words": (lambda: Reader(lambda buf: "100"), ValueError),
    "reads and raises": (lambda: Teller(breaks), OSError),
    "reads more": (lambda: Teller(lambda n: bytes(n + 1)), ValueError),
    "reads nothing": (lambda: Teller(lambda n: None), OSError),
    "reads words": (lambda: Teller(lambda n: "words"), TypeError),
    "reads a number": (lambda: Teller(lambda n: 5), TypeError),
}


@pytest.fixture(params=FLAVOURS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench(request.param, "sara-r5", Vault())
    yield made
    made.close()


@pytest.mark.parametrize("name", BAD)
def test_a_source_that_fails_midway_leaves_nothing_stored(name: str, bench: Bench) -> None:
    make, kind = BAD[name]
    vault: Any = bench.partner
    with pytest.raises(kind):
        bench.call(bench.modem.security.store, "CA", "root", make(), size=len(CERT))
    bench.pass_ms(2000)
    stored = bench.call(bench.modem.security.store, "CA", "next", CERT)
    assert len(stored) == 32
    if kind is KeyboardInterrupt:  # what stands for it is no certificate: the module refuses it
        vault.stored = {key: data for key, data in vault.stored.items() if data.strip()}
    assert [key for _, key in vault.stored] == ["next"]


@pytest.mark.parametrize(
    ("given", "size", "kind"),
    [
        (io.BytesIO(b"x"), "1", TypeError), (io.BytesIO(b"x"), -1, ValueError),
        (io.StringIO("x"), None, TypeError), (memoryview(b"abcd").cast("H"), None, TypeError),
        (Reader(breaks), None, ValueError), (5, None, TypeError), (None, None, TypeError),
    ],
)  # fmt: skip
def test_what_is_no_source_is_refused_at_once(
    given: Any, size: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        list(Source(given, size).pieces())


def test_a_file_that_was_opened_is_closed_if_it_cannot_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root").write_bytes(CERT)
    opened: list[Any] = []

    def measured(self: Source, size: Any) -> int:
        opened.append(self.file)
        raise MemoryError

    monkeypatch.setattr(Source, "_measure", measured)
    with pytest.raises(MemoryError):
        Source(str(tmp_path / "root"))
    assert opened[0].closed
