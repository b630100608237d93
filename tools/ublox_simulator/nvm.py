"""State that survives power-off, kept in memory or in a JSON file."""

from __future__ import annotations

import base64
import copy
import json
import os
from pathlib import Path
from typing import Any

FILES = "files"
"""Key of the file system in the JSON file, in base64."""


class Nvm:
    """A dictionary of settings. Services write to it only what the real module keeps.

    With a path the content is read at start and written, atomically, on every change; files when
    their store requests it.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = Path(path) if path else None
        self._values: dict[str, Any] = {}
        self._encoded: dict[str, str] = {}
        self._stale: set[str] = set()
        if self._path is not None and self._path.exists():
            self._values = json.loads(self._path.read_text(encoding="utf-8"))
            self._encoded = self._values.pop(FILES, {})
        self.files = {k: bytearray(base64.b64decode(v)) for k, v in self._encoded.items()}
        """Contents of the file system; FileStore looks after it."""

    @property
    def on_disk(self) -> bool:
        """Whether the content is stored in a file."""
        return self._path is not None

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

    def file_changed(self, key: str) -> None:
        """Mark `files` as changed since the last write to the disk."""
        self._stale.add(key)

    def flush_files(self) -> None:
        """Write the files that changed."""
        if self._stale:
            self._save()

    def _encode_files(self) -> None:
        for key in self._stale:
            if key in self.files:
                self._encoded[key] = base64.b64encode(self.files[key]).decode()
            else:
                self._encoded.pop(key, None)
        self._stale.clear()

    def _save(self) -> None:
        if self._path is None:
            return
        self._encode_files()
        content = {**self._values, FILES: self._encoded} if self._encoded else self._values
        scratch = self._path.with_name(self._path.name + ".tmp")
        scratch.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
        scratch.replace(self._path)
