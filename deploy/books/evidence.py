"""The evidence store as its files say: every byte read and hashed again, without the service's code."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.books.model import Evidence, StoredObject

MANIFEST_FORMAT = "wangdian.recording-manifest.v1"
MANIFEST_BYTES_MAX = 4 * 1024 * 1024
BLOCK = 1024 * 1024


def read(data_dir: Path) -> Evidence | None:
    """Everything under the data folder of compliance; None when there is no such folder here."""
    if not data_dir.is_dir():
        return None
    objects: dict[str, dict[str, StoredObject]] = {}
    wholes: dict[str, str] = {}
    certificates: dict[str, str] = {}
    for store in _stores(data_dir):
        for folder in sorted((store / "objects").glob("*/*")):
            files = [file for file in folder.iterdir() if not file.name.startswith(".part-")]
            objects[folder.name] = {file.name: _hash(file) for file in files}
            if whole := _whole(folder, files):
                wholes[folder.name] = whole
        for file in (store / "certificates").glob("*.json"):
            certificates[file.stem] = _hash(file).sha256
    return Evidence(objects=objects, wholes=wholes, certificates=certificates)


def _stores(data_dir: Path) -> Iterator[Path]:
    return (folder.parent for folder in data_dir.rglob("objects") if folder.is_dir())


def _hash(file: Path) -> StoredObject:
    whole, size = hashlib.sha256(), 0
    for block in _blocks(file):
        whole.update(block)
        size += len(block)
    return StoredObject(sha256=whole.hexdigest(), size=size)


def _whole(folder: Path, files: list[Path]) -> str | None:
    """SHA-256 over the chunks that the manifest in the folder names; None where one is gone."""
    manifest = next((found for file in files if (found := _manifest(file))), None)
    if manifest is None:
        return None
    whole = hashlib.sha256()
    for chunk in manifest["chunks"]:
        file = folder / chunk["sha256"]
        if not file.is_file():
            return None
        for block in _blocks(file):
            whole.update(block)
    return whole.hexdigest()


def _manifest(file: Path) -> Mapping[str, Any] | None:
    if file.stat().st_size > MANIFEST_BYTES_MAX:
        return None
    content = file.read_bytes()
    if not content.startswith(b"{"):
        return None
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("format") == MANIFEST_FORMAT else None


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while block := source.read(BLOCK):
            yield block
