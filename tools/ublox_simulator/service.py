"""Interface of a service: a class whose methods have the decorator `@command`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from .line.parser import Command

if TYPE_CHECKING:
    from .module import Module

Reply = None | str | bytes | list[str]
"""Result of a handler: nothing (just OK), one information line or several, then OK."""

Handler = Callable[[Any, Command], Reply | Awaitable[Reply]]
_H = TypeVar("_H", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rules:
    """Properties of a command that the interface needs before it runs it."""

    name: str
    alone: bool = False
    abortable: bool = False
    takes_ms: float = 0


@dataclass(frozen=True)
class Entry:
    """A registered command: its rules and its bound handler."""

    rules: Rules
    run: Callable[[Command], Reply | Awaitable[Reply]]


def command(
    *names: str, alone: bool = False, abortable: bool = False, takes_ms: float = 0
) -> Callable[[_H], _H]:
    """Register a method for the commands `names`.

    alone      may not share a line with other commands (at-commands 1.1)
    abortable  any character received meanwhile ends it
    takes_ms   execution time beyond the interface latency
    """

    def mark(handler: _H) -> _H:
        rules = [Rules(name.upper(), alone, abortable, takes_ms) for name in names]
        handler.at_rules = rules  # type: ignore[attr-defined]
        return handler

    return mark


class Service:
    """Base of all services. `reset` is called at every boot, before the module answers."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def reset(self) -> None:
        """Return to the state after a boot; sockets and sessions of the last run are lost."""

    def memory(self) -> Any:
        """State that this service keeps in PSM; passed to `restore` after the `reset` of
        waking."""
        return None

    def restore(self, memory: Any) -> None:
        """Wake-up from PSM with the kept `memory` (never None)."""

    def deep_slept(self, level: str) -> None:
        """Wake-up from sleep2 or hibernate: application profiles are lost (A10 5.10)."""

    def forget_settings(self) -> None:
        """The AT side has restarted after deep sleep: its settings are as after a boot."""

    def context_lost(self, cid: int, told: bool = True) -> None:
        """A PDP context went down; without `told` there is no URC."""

    def unread_by(self) -> Iterable[str]:
        """The commands that would read a message that waits."""
        return ()

    def close(self) -> None:
        """Release resources of the operating system (sockets, files)."""

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """The commands this service answers."""
        for attribute in dir(type(self)):
            handler = getattr(type(self), attribute)
            for rules in getattr(handler, "at_rules", ()):
                yield rules.name, Entry(rules, getattr(self, attribute))
