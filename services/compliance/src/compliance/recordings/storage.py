"""Where uploaded bytes lie until they are evidence, and where evidence is kept, on this service's disk.

::

    <data_dir>/uploads/<upload id>/<offset>-<token>    one received chunk, on disk before its row is committed
    <data_dir>/uploads/<upload id>/whole-<token>       the file put together, while it is inspected
    <data_dir>/evidence/…                              see compliance.evidence.store

Memory stays below a few blocks whatever the size of an upload.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from chassis.settings import Settings
from compliance.evidence.store import (
    BLOCK,
    EvidenceAltered,
    EvidenceMissing,
    EvidenceStore,
    EvidenceStoreFailed,
)
from compliance.recordings.parts import ReceivedChunk
from compliance.recordings.uploads import ChunkDigest, UploadTooLarge


def evidence_store(settings: Settings) -> EvidenceStore:
    """The store in which this service keeps sealed recordings."""
    return EvidenceStore(settings.data_dir / "evidence")


@dataclass(frozen=True)
class Whole:
    """An upload put together: its file, and the SHA-256 of all of it."""

    path: Path
    sha256: str


class Staging:
    """The chunks of uploads that are not evidence yet."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.data_dir / "uploads"

    async def write(
        self, upload_id: UUID, offset: int, body: AsyncIterator[bytes], room: int, digest: ChunkDigest
    ) -> str:
        """Writes what ``body`` brings, at most ``room`` bytes; answers the file's name once it is on disk.

        Whatever goes wrong leaves no file. Raises ``UploadTooLarge``, ``EvidenceStoreFailed``, and what the
        body raises when its sender goes away.
        """
        folder = self._root / str(upload_id)
        path = folder / f"{offset}-{secrets.token_hex(8)}"
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            file = await asyncio.to_thread(path.open, "xb")
        except OSError as failed:
            raise EvidenceStoreFailed from failed
        try:
            with file:
                await _drain(body, file, room, digest)
            await asyncio.to_thread(_sync_folders, folder, self._root, self._root.parent)
        except OSError as failed:
            path.unlink(missing_ok=True)
            raise EvidenceStoreFailed from failed
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path.name

    def discard(self, upload_id: UUID, file: str) -> None:
        """Removes a chunk that no row names."""
        (self._root / str(upload_id) / file).unlink(missing_ok=True)

    @asynccontextmanager
    async def whole(self, upload_id: UUID, chunks: Sequence[ReceivedChunk]) -> AsyncIterator[Whole]:
        """The file of an upload, put together and every chunk hashed again; gone when the block ends.

        Raises ``EvidenceMissing``, ``EvidenceAltered`` for a chunk that is not what was received, and
        ``EvidenceStoreFailed``.
        """
        path = self._root / str(upload_id) / f"whole-{secrets.token_hex(8)}"
        try:
            yield await asyncio.to_thread(self._join, path, upload_id, chunks)
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _join(self, path: Path, upload_id: UUID, chunks: Sequence[ReceivedChunk]) -> Whole:
        whole = hashlib.sha256()
        try:
            with path.open("xb") as target:
                for chunk in chunks:
                    part = hashlib.sha256()
                    with (path.parent / chunk.file).open("rb") as source:
                        while block := source.read(BLOCK):
                            part.update(block)
                            whole.update(block)
                            target.write(block)
                    if part.hexdigest() != chunk.sha256:
                        raise EvidenceAltered
        except FileNotFoundError as gone:
            raise EvidenceMissing from gone
        except OSError as failed:
            raise EvidenceStoreFailed from failed
        return Whole(path, whole.hexdigest())

    def keep(
        self, recording_id: UUID, upload_id: UUID, chunks: Sequence[ReceivedChunk], store: EvidenceStore
    ) -> None:
        """Puts every chunk into the evidence store, which reads it back; those that are there are passed by.

        Blocks on the disk. Raises ``EvidenceMissing``, ``EvidenceAltered``, ``EvidenceStoreFailed``.
        """
        held = set(store.holds(recording_id))
        for chunk in chunks:
            if chunk.sha256 in held:
                continue
            try:
                source = (self._root / str(upload_id) / chunk.file).open("rb")
            except FileNotFoundError as gone:
                raise EvidenceMissing from gone
            with source:
                store.put(recording_id, source, chunk.sha256)
            held.add(chunk.sha256)

    def uploads(self) -> list[tuple[UUID, float]]:
        """Every upload that has a folder here, and when its folder was changed last (seconds since 1970)."""
        if not self._root.is_dir():
            return []
        return [(UUID(folder.name), folder.stat().st_mtime) for folder in self._root.glob("*-*-*-*-*")]

    def clear(self, upload_id: UUID) -> None:
        """Removes all that lies here of an upload."""
        shutil.rmtree(self._root / str(upload_id), ignore_errors=True)


async def _drain(body: AsyncIterator[bytes], file: BinaryIO, room: int, digest: ChunkDigest) -> None:
    pending = bytearray()
    async for piece in body:
        if digest.size + len(pending) + len(piece) > room:
            raise UploadTooLarge(limit=room)
        pending += piece
        if len(pending) >= BLOCK:
            await asyncio.to_thread(_append, file, bytes(pending), digest)
            pending.clear()
    await asyncio.to_thread(_append, file, bytes(pending), digest)
    await asyncio.to_thread(_sync_file, file)


def _append(file: BinaryIO, block: bytes, digest: ChunkDigest) -> None:
    digest.update(block)
    file.write(block)


def _sync_file(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folders(*folders: Path) -> None:
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
