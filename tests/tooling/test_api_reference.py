"""tools/docs: functions that are loaded at the first call become methods on the pages.

Whether the whole reference is built, complete and without warnings, is a step of tools/test.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from dev import api_reference, command_index, public_api


@pytest.fixture(scope="module")
def index() -> command_index.Index:
    return command_index.Index()


class Service:
    """A service."""


async def publish(service: Service, topic: str, *, qos: int = 0) -> int:
    """Publish a message."""
    return qos


def test_a_function_is_shown_as_a_method_of_its_class() -> None:
    method = api_reference._method(Service, "publish", publish)
    assert list(inspect.signature(method).parameters) == ["self", "topic", "qos"]
    assert method.__doc__ == "Publish a message."
    assert method.__qualname__ == "Service.publish"
    assert method.__module__ == Service.__module__
    assert inspect.iscoroutinefunction(method)


@pytest.mark.parametrize("kind", public_api.PUBLIC)
def test_every_method_of_the_table_has_a_function(kind: str, index: command_index.Index) -> None:
    _, names = public_api.PUBLIC[kind]
    assert [name for name in names.split() if not index.method(kind, name)] == []
    assert len(names.split()) == len(set(names.split()))


def test_a_method_that_no_page_shows_is_reported(
    tmp_path: Path, index: command_index.Index
) -> None:
    for flavour in api_reference.FLAVOURS:
        for kind in public_api.PUBLIC:
            file = index.places[kind].replace(".", "/")
            page = tmp_path / api_reference.PACKAGE / flavour / f"{file}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("")
    missing = list(api_reference._missing(tmp_path, index))
    assert "ublox_cellular/aio/modem.html does not show Modem.connect" in missing
