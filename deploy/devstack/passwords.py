"""Passwords of the stack: random, made at first use, kept in a private file. No default exists."""

import json
import secrets
from pathlib import Path

from deploy.private_files import write_private


class Passwords:
    """Passwords by name, from a JSON file with mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def get(self, name: str) -> str:
        """The password of that name, made now where there is none yet; letters and digits only."""
        if name not in self._known:
            self._known[name] = secrets.token_hex(24)
            write_private(self._path, json.dumps(self._known, indent=1))
        return self._known[name]
