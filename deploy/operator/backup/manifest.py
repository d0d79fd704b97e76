"""The manifest of a backup: what it holds, from when, and the SHA-256 of every file."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from deploy.operator import OperatorError
from deploy.private_files import write_private

FORMAT = "wangdian.backup.v1"
NAME = "manifest.json"
#: Grows after the backup was made; it has hashes of its own.
LOG = "wal"
BLOCK = 1024 * 1024

Method = Literal["base", "dump"]
#: Told how many bytes more are done.
Advance = Callable[[int], None]


@dataclass(frozen=True)
class DatabaseAt:
    """One service's database when the backup began: its schema, and the last ``seq`` of its archive."""

    schema: str
    last_fact: int


@dataclass(frozen=True)
class HashedFile:
    """One file of the backup: size in bytes and SHA-256 (hex)."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. ``began_at`` and ``consistent_at`` by the database's clock."""

    method: Method
    began_at: datetime
    #: From here on a restore to a point in time is possible.
    consistent_at: datetime
    databases: Mapping[str, DatabaseAt]
    files: Mapping[str, HashedFile]

    def write(self, folder: Path) -> None:
        """Writes it last: a backup without it is none."""
        content = asdict(self) | {
            "format": FORMAT,
            "began_at": self.began_at.isoformat(),
            "consistent_at": self.consistent_at.isoformat(),
        }
        write_private(folder / NAME, json.dumps(content, indent=1))

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Reads it; raises :class:`OperatorError` where there is none, or one of another format."""
        try:
            found: Any = json.loads((folder / NAME).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise OperatorError(f"{folder} holds no complete backup: {NAME} is missing") from error
        except ValueError as error:
            raise OperatorError(f"{folder / NAME} is damaged: {error}") from error
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise OperatorError(f"{folder / NAME} is not of the format {FORMAT}")
        return cls(
            found["method"],
            datetime.fromisoformat(found["began_at"]),
            datetime.fromisoformat(found["consistent_at"]),
            {name: DatabaseAt(**state) for name, state in found["databases"].items()},
            {path: HashedFile(**file) for path, file in found["files"].items()},
        )


def everything(folder: Path) -> Iterator[str]:
    """Every file that a manifest names: all below the folder but itself and the log that grows."""
    for root, folders, names in os.walk(folder):
        here = Path(root).relative_to(folder)
        if here == Path():
            folders[:] = [name for name in folders if name != LOG]
        for name in names:
            path = (here / name).as_posix()
            if path != NAME:
                yield path


def below(files: Mapping[str, HashedFile], folder: str) -> dict[str, HashedFile]:
    """The files below a folder, by their path in it."""
    return {
        path.removeprefix(f"{folder}/"): file for path, file in files.items() if path.startswith(f"{folder}/")
    }


def hashed(path: Path, advance: Advance) -> HashedFile:
    """Reads one file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
            size += len(block)
            advance(len(block))
    return HashedFile(size, digest.hexdigest())


def damages(folder: Path, files: Mapping[str, HashedFile], advance: Advance) -> list[str]:
    """Every one of the files (by path in the folder) that is missing or altered, with a word about it."""
    found = []
    for path, expected in sorted(files.items()):
        if not (folder / path).is_file():
            found.append(f"{path} is missing")
        elif hashed(folder / path, advance) != expected:
            found.append(f"{path} is altered")
    return found
