"""What +UHTTPER means: every class and code of at-commands 9.3 as text, and as errno."""

from __future__ import annotations

import pytest

from ublox_cellular.core import service_texts
from ublox_cellular.core.service_errors import HttpTimeout, http_error

CLASSES = (1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15)
INTERNAL = {10, 13, 14, 19, 20, 21, *range(46, 73)}


@pytest.mark.parametrize("error_class", CLASSES)
def test_every_class_has_a_name(error_class: int) -> None:
    told = str(http_error(error_class, 999))
    assert f"class {error_class} " in told
    assert f"class {error_class} unknown" not in told


@pytest.mark.parametrize("error_class", [3, 10])
@pytest.mark.parametrize("code", range(1, 74))
def test_every_code_of_http_has_a_text(error_class: int, code: int) -> None:
    words = service_texts.http_text(error_class, code)
    assert words
    assert (words == "internal error") == (code in INTERNAL)
    assert words in str(http_error(error_class, code))


@pytest.mark.parametrize(
    ("error_class", "code", "errno"),
    [
        (3, 11, 103), (10, 22, 100), (3, 23, -2), (3, 28, 110), (10, 30, 16), (3, 44, 104),
        (3, 73, 5), (4, 14, 5), (5, 1, -2), (6, 111, 111), (7, 3, 12), (0, 0, 5),
    ],
)  # fmt: skip
def test_an_errno_says_what_kind_it_is(error_class: int, code: int, errno: int) -> None:
    error = http_error(error_class, code)
    assert isinstance(error, OSError)
    assert (error.errno, error.error_class, error.code) == (errno, error_class, code)


def test_what_nobody_knows_is_told_as_it_is() -> None:
    assert str(http_error(0, 0)) == "AT+UHTTPC failed, and the module gives no reason"
    assert "class 99 unknown, code 7" in str(http_error(99, 7))
    assert "4000 ms" in str(HttpTimeout(110, "AT+UHTTPC", 4000, 26000))
