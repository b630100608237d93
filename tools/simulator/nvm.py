"""What survives power-off, kept in memory or in a JSON file."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any


class Nvm:
    """A dictionary of settings. Services write to it only what the real module keeps.

    With a path the content is read at start and written, atomically, on every change.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = Path(path) if path else None
        self._values: dict[str, Any] = {}
        if self._path is not None and self._path.exists():
            self._values = json.loads(self._path.read_text(encoding="utf-8"))

    def get(self, key: str, default: Any) -> Any:
        """A copy of the stored value, or `default` (the factory value)."""
        return copy.deepcopy(self._values.get(key, default))

    def put(self, key: str, value: Any) -> None:
        """Store a JSON-able value."""
        self._values[key] = copy.deepcopy(value)
        self._save()

    def erase(self) -> None:
        """Back to factory values (+UFACTORY)."""
        self._values.clear()
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        scratch = self._path.with_name(self._path.name + ".tmp")
        scratch.write_text(json.dumps(self._values, indent=1, sort_keys=True), encoding="utf-8")
        scratch.replace(self._path)
