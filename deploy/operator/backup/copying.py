"""Files copied with their hashes: what arrived is read again and compared with what was read."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from deploy.operator import OperatorError
from deploy.operator.backup.manifest import BLOCK, Advance, HashedFile, hashed

PRIVATE = 0o600


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below the folder, by its path in it; drafts that are not finished are left out."""
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.startswith("."):
                yield (Path(root) / name).relative_to(folder)


def copy_new(source: Path, target: Path, advance: Advance) -> dict[Path, HashedFile]:
    """Copies what ``target`` does not have yet (stored files never change); answers the hashes of the copies.

    A file that its owner removes meanwhile is left out. Raises :class:`OperatorError` where a copy differs.
    """
    copied = {}
    for path in files_below(source):
        here, there = source / path, target / path
        try:
            if there.exists() and there.stat().st_size == here.stat().st_size:
                continue
            copied[path] = copy(here, there, advance)
        except FileNotFoundError:
            continue
    return copied


def copy(source: Path, target: Path, advance: Advance) -> HashedFile:
    """One file: written beside its place, synced, read again, compared, then put in place with mode 0600."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    digest, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as here, draft.open("wb") as there:
            os.fchmod(there.fileno(), PRIVATE)
            while block := here.read(BLOCK):
                there.write(block)
                digest.update(block)
                size += len(block)
            there.flush()
            os.fsync(there.fileno())
        arrived = hashed(draft, advance)
        if arrived != HashedFile(size, digest.hexdigest()):
            raise OperatorError(f"{target}: what was written is not what was read; check this disk")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return arrived


def free_bytes(folder: Path) -> int:
    """Free space of the disk that the folder stands (or will stand) on."""
    present = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(present).free


def empty(folder: Path) -> None:
    """Removes everything in the folder, not the folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def must_be_empty(folder: Path) -> None:
    """Makes the folder (0700), or finds it empty; raises :class:`OperatorError` when it holds anything."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OperatorError(f"{folder} is not empty: name a new folder, nothing is overwritten")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
