"""The bytes of old recordings: looked at before anything is stored, stored before any row names them."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from compliance.evidence.store import BLOCK, EvidenceStore
from compliance.legacy_sales.rows import OldSales

Step = Callable[[int], None]


@dataclass(frozen=True)
class Found:
    """A file that was named in a list: where it lies, how long it is, whether its digest is the one given."""

    path: Path
    size: int
    sha256: str
    matches: bool


def look(given: OldSales, folder: Path | None, known: Collection[UUID], step: Step) -> dict[UUID, Found]:
    """The files that lie in ``folder``, each read once; recordings that are known already are passed by.

    ``step`` is told the bytes as they are read. Blocks on the disk.
    """
    found: dict[UUID, Found] = {}
    if folder is None:
        return found
    for row in given.rows.values():
        if row.recording_id is None or row.recording_file is None or row.recording_id in {*known, *found}:
            continue
        path = folder / row.recording_file
        if path.is_file() and not path.is_symlink():
            size, sha256 = _read(path, step)
            found[row.recording_id] = Found(path, size, sha256, sha256 == row.recording_sha256)
    return found


def size_of(given: OldSales, folder: Path | None) -> int:
    """How many bytes there are to read."""
    if folder is None:
        return 0
    names = {row.recording_file for row in given.rows.values() if row.recording_file is not None}
    return sum(path.stat().st_size for name in names if (path := folder / name).is_file())


def store_all(found: Mapping[UUID, Found], store: EvidenceStore, step: Step) -> None:
    """Puts those whose digest is the one given into the store, which reads them back.

    Blocks on the disk. Raises ``EvidenceAltered`` for a file that has changed since it was looked at,
    ``EvidenceStoreFailed``, ``EvidenceTooLarge``.
    """
    for recording_id, one in found.items():
        if one.matches:
            with one.path.open("rb") as source:
                store.put(recording_id, source, one.sha256)
            step(one.size)


def discard_all(found: Mapping[UUID, Found], named: Collection[UUID], store: EvidenceStore) -> None:
    """Removes what an import that failed had stored, but nothing that a row names."""
    for recording_id, one in found.items():
        if one.matches and recording_id not in named:
            store.discard_unsealed(recording_id, keep=())


def _read(path: Path, step: Step) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
            step(len(block))
    return size, digest.hexdigest()
