"""Small files with secrets: written whole, readable by their owner alone, read again when they change."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


def write_private(path: Path, text: str) -> None:
    """Replaces ``path`` by ``text`` in one step, with mode 0600; makes a missing folder (0700)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)


class Watched(Generic[T]):
    """A file's parsed content, parsed again when the file was replaced. May be asked from several threads."""

    def __init__(self, path: Path, parse: Callable[[str], T]) -> None:
        self._path, self._parse = path, parse
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._content: T | None = None

    def get(self) -> T:
        """The present content; raises ``FileNotFoundError`` and whatever ``parse`` raises."""
        with self._lock:
            status = self._path.stat()
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
            if self._content is None or seen != self._seen:
                self._content = self._parse(self._path.read_text(encoding="utf-8"))
                self._seen = seen
            return self._content
