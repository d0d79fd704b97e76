"""The embedded evidence store: files written once, named by their SHA-256, removed only by certificate.

::

    root/objects/ab/<recording id>/<sha256>    one object, mode 0444; "ab" is the end of the recording's id
    root/objects/ab/<recording id>/.part-…     being written, not visible under its name yet
    root/certificates/<recording id>.json      what stays of a recording that was disposed of

Each recording has a folder of its own, so that the disposal of one can never remove bytes of another that
happens to be alike. An object becomes visible by a hard link from a file that is on disk already (fsync):
it is there whole or not at all, and a link never overwrites. ``grade`` is honest: root can still remove
files here; :meth:`EvidenceStore.verify` finds out, nothing prevents it.

Every function blocks on the disk: call it with ``asyncio.to_thread``. Memory stays below a few blocks
whatever the size.
"""

import hashlib
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal
from uuid import UUID

from chassis.errors import ServiceError, TooLarge, Unavailable
from compliance.evidence.domain import DisposalCertificate, ObjectRef

BLOCK = 1024 * 1024
READ_ONLY = 0o444


class EvidenceAltered(ServiceError):
    """What the store holds is not what was written."""

    code = "EVIDENCE_ALTERED"
    zh = "证据文件与封存时不一致；请立即报告合规部门。"
    en = "A file of evidence is not what was sealed; report it to compliance at once."


class EvidenceMissing(ServiceError):
    """What should be in the store is not there."""

    code = "EVIDENCE_MISSING"
    zh = "证据文件不存在；请立即报告合规部门。"
    en = "A file of evidence is gone; report it to compliance at once."


class EvidenceTooLarge(TooLarge):
    """More bytes than may be kept in one object."""

    code = "EVIDENCE_TOO_LARGE"
    zh = "文件超过上限 {limit} 字节；请分段录制或降低码率。"
    en = "The file is larger than {limit} bytes; record in parts or at a lower rate."


class EvidenceStoreFailed(Unavailable):
    """The disk did not take it: full, read-only, gone."""

    code = "EVIDENCE_STORE_FAILED"
    zh = "证据存储暂不可用；请稍后重试。"
    en = "The evidence store cannot write now; try again later."


class CertificateMismatch(ServiceError):
    """A certificate that does not cover what the store holds; nothing was removed."""

    code = "CERTIFICATE_MISMATCH"
    zh = "销毁证明与所存证据不一致，未销毁任何文件；请报告管理员。"
    en = "The certificate does not cover what is stored and nothing was removed; tell the operator."


class Flaw(StrEnum):
    """What is wrong with an object."""

    MISSING = "missing"
    ALTERED = "altered"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, kw_only=True)
class Damage:
    """One object that is not as it should be, named by its SHA-256 (or, for a stranger, by its file name)."""

    recording_id: UUID
    name: str
    flaw: Flaw


class EvidenceStore:
    """Write-once, content-addressed files of recordings under one folder."""

    grade: ClassVar[Literal["soft", "hard"]] = "soft"

    def __init__(self, root: Path, *, object_bytes_max: int = 2**33) -> None:
        self._objects = root / "objects"
        self._certificates = root / "certificates"
        self._limit = object_bytes_max

    def put(self, recording_id: UUID, source: BinaryIO | bytes, expected: str | None = None) -> ObjectRef:
        """Keeps the bytes of ``source`` (read to its end); answers what was kept, read back from the disk.

        The same bytes again change nothing. ``expected``: the SHA-256 that they must have. Raises
        :class:`EvidenceTooLarge`, :class:`EvidenceAltered` (not the expected bytes, or the file that is
        there is damaged), :class:`EvidenceStoreFailed`; whatever is raised, nothing new is visible.
        """
        folder = self._folder(recording_id)
        part = folder / f".part-{secrets.token_hex(8)}"
        try:
            _make_folder(folder)
            try:
                kept = self._write(part, source)
                if expected is not None and kept.sha256 != expected:
                    raise EvidenceAltered
                _publish(part, folder / kept.sha256)
            finally:
                part.unlink(missing_ok=True)
            _sync_folder(folder)
        except OSError as failed:
            raise EvidenceStoreFailed from failed
        if _hash_file(folder / kept.sha256) != kept:
            raise EvidenceAltered
        return kept

    def read(
        self, recording_id: UUID, sha256: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """The bytes ``start`` to ``end`` (exclusive) in blocks; raises :class:`EvidenceMissing`.

        A whole read is checked against the name; :class:`EvidenceAltered` then comes after the last block.
        """
        whole = start == 0 and end is None
        digest = hashlib.sha256()
        try:
            with (self._folder(recording_id) / sha256).open("rb") as file:
                file.seek(start)
                left = None if end is None else max(end - start, 0)
                while block := file.read(BLOCK if left is None else min(BLOCK, left)):
                    left = None if left is None else left - len(block)
                    digest.update(block)
                    yield block
        except FileNotFoundError as gone:
            raise EvidenceMissing from gone
        if whole and digest.hexdigest() != sha256:
            raise EvidenceAltered

    def holds(self, recording_id: UUID) -> tuple[str, ...]:
        """The names of everything that is stored for the recording, sorted."""
        folder = self._folder(recording_id)
        if not folder.is_dir():
            return ()
        return tuple(sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(".part-")))

    def recordings(self) -> Iterator[UUID]:
        """Every recording that has objects here."""
        for folder in sorted(self._objects.glob("*/*")):
            if any(folder.iterdir()):
                yield UUID(folder.name)

    def verify(self, recording_id: UUID, expected: Sequence[ObjectRef]) -> list[Damage]:
        """Reads everything again: what is missing, altered, or nobody's; empty when all is as sealed."""
        folder = self._folder(recording_id)
        wanted = {item.sha256: item for item in expected}
        damages = []
        for item in wanted.values():
            path = folder / item.sha256
            if not path.is_file() or path.is_symlink():
                damages.append(Damage(recording_id=recording_id, name=item.sha256, flaw=Flaw.MISSING))
            elif _hash_file(path) != item:
                damages.append(Damage(recording_id=recording_id, name=item.sha256, flaw=Flaw.ALTERED))
        strangers = [name for name in self.holds(recording_id) if name not in wanted]
        damages += [Damage(recording_id=recording_id, name=name, flaw=Flaw.UNEXPECTED) for name in strangers]
        return damages

    def delete(self, certificate: DisposalCertificate) -> None:
        """Removes the objects of a recording, certificate first; may be repeated after a crash.

        The certificate is on disk before the first byte goes. Raises :class:`CertificateMismatch` when the
        store holds anything that the certificate does not name, or another certificate stands there
        already.
        """
        recording_id = certificate.recording_id
        folder = self._folder(recording_id)
        if set(self.holds(recording_id)) - {item.sha256 for item in certificate.objects}:
            raise CertificateMismatch
        try:
            self._keep_certificate(certificate)
            for item in certificate.objects:
                (folder / item.sha256).unlink(missing_ok=True)
            if folder.is_dir():
                _sync_folder(folder)
        except OSError as failed:
            raise EvidenceStoreFailed from failed
        if self.holds(recording_id):
            raise EvidenceStoreFailed

    def discard_unsealed(self, recording_id: UUID, keep: Collection[str]) -> None:
        """Removes what lies beside ``keep`` of a recording that is NOT sealed: the rest of a broken attempt.

        The caller holds the recording's head locked and has seen that there is no seal.
        """
        folder = self._folder(recording_id)
        try:
            for name in set(self.holds(recording_id)) - set(keep):
                (folder / name).unlink(missing_ok=True)
        except OSError as failed:
            raise EvidenceStoreFailed from failed

    def certificate(self, recording_id: UUID) -> bytes | None:
        """The certificate (canonical JSON) under which the recording was removed, if it was."""
        try:
            return self._certificate_path(recording_id).read_bytes()
        except FileNotFoundError:
            return None

    def clear_parts(self) -> int:
        """Removes what a crash left half written, while nobody writes (at start-up); answers how many."""
        parts = [*self._objects.glob("*/*/.part-*"), *self._certificates.glob(".part-*")]
        for part in parts:
            part.unlink(missing_ok=True)
        return len(parts)

    def _folder(self, recording_id: UUID) -> Path:
        # A UUIDv7 begins with its time: its random end spreads the folders evenly.
        return self._objects / recording_id.hex[-2:] / str(recording_id)

    def _certificate_path(self, recording_id: UUID) -> Path:
        return self._certificates / f"{recording_id}.json"

    def _write(self, part: Path, source: BinaryIO | bytes) -> ObjectRef:
        digest, size = hashlib.sha256(), 0
        with part.open("xb") as file:
            for block in _blocks(source):
                size += len(block)
                if size > self._limit:
                    raise EvidenceTooLarge(limit=self._limit)
                digest.update(block)
                file.write(block)
            file.flush()
            os.fchmod(file.fileno(), READ_ONLY)
            os.fsync(file.fileno())
        return ObjectRef(sha256=digest.hexdigest(), size=size)

    def _keep_certificate(self, certificate: DisposalCertificate) -> None:
        path = self._certificate_path(certificate.recording_id)
        _make_folder(self._certificates)
        part = self._certificates / f".part-{secrets.token_hex(8)}"
        try:
            self._write(part, certificate.bytes)
            _publish(part, path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(self._certificates)
        if path.read_bytes() != certificate.bytes:
            raise CertificateMismatch


def _blocks(source: BinaryIO | bytes) -> Iterable[bytes]:
    if isinstance(source, bytes):
        return (source[at : at + BLOCK] for at in range(0, len(source), BLOCK))
    return iter(lambda: source.read(BLOCK), b"")


def _publish(part: Path, path: Path) -> None:
    # link(2) fails where something stands already: a name, once given, keeps its bytes.
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return


def _make_folder(folder: Path) -> None:
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        _sync_folder(new.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _hash_file(path: Path) -> ObjectRef:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
    except FileNotFoundError as gone:
        raise EvidenceMissing from gone
    return ObjectRef(sha256=digest.hexdigest(), size=size)
