"""The embedded store: written once, seen whole or not at all, removed by certificate, changes found."""

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.evidence.domain import DisposalCertificate, ObjectRef
from compliance.evidence.store import (
    BLOCK,
    CertificateMismatch,
    EvidenceAltered,
    EvidenceMissing,
    EvidenceStore,
    EvidenceStoreFailed,
    EvidenceTooLarge,
    Flaw,
)
from services.compliance.tests.unit.builders import NOW, an_id
from services.compliance.tests.unit.manifests import MANIFEST, PARTS

RECORDING, OTHER = an_id(9), an_id(265)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def path_of(store: EvidenceStore, name: str) -> Path:
    (found,) = Path(store._objects).glob(f"*/{RECORDING}/{name}")
    return found


def certificate(*objects: ObjectRef, **changes: Any) -> DisposalCertificate:
    made = DisposalCertificate(
        certificate_id=an_id(70),
        recording_id=RECORDING,
        authorised_at=NOW,
        authorised_by="officer-1",
        decision="d" * 64,
        release="e" * 64,
        rules=("REC-07", "REC-08"),
        retain_until=date(2026, 2, 28),
        manifest=MANIFEST.digest,
        objects=objects,
    )
    return replace(made, **changes)


def test_what_is_put_is_read_back(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, b"picture and sound")
    assert kept == ObjectRef(sha256=sha(b"picture and sound"), size=17)
    assert b"".join(store.read(RECORDING, kept.sha256)) == b"picture and sound"
    assert store.holds(RECORDING) == (kept.sha256,)
    assert list(store.recordings()) == [RECORDING]
    assert store.grade == "soft"


def test_a_stored_file_is_read_only(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, BytesIO(b"x" * (BLOCK + 1)))
    assert stat.S_IMODE(path_of(store, kept.sha256).stat().st_mode) == 0o444
    assert [len(block) for block in store.read(RECORDING, kept.sha256)] == [BLOCK, 1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.binary(max_size=3000), start=st.integers(0, 3500), length=st.none() | st.integers(0, 3500))
def test_ranges(store: EvidenceStore, data: bytes, start: int, length: int | None) -> None:
    kept = store.put(RECORDING, data)
    end = None if length is None else start + length
    assert b"".join(store.read(RECORDING, kept.sha256, start, end)) == data[start:end]


def test_the_same_bytes_again_change_nothing(store: EvidenceStore) -> None:
    first = store.put(RECORDING, b"x")
    before = path_of(store, first.sha256).stat()
    assert store.put(RECORDING, b"x") == first
    after = path_of(store, first.sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert store.holds(RECORDING) == (first.sha256,)


def test_other_bytes_than_announced_are_not_kept(store: EvidenceStore) -> None:
    with pytest.raises(EvidenceAltered):
        store.put(RECORDING, b"x", expected=sha(b"y"))
    assert store.holds(RECORDING) == ()
    assert store.clear_parts() == 0


def test_more_than_the_limit_is_not_kept(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path, object_bytes_max=10)
    store.put(RECORDING, b"x" * 10)
    with pytest.raises(EvidenceTooLarge):
        store.put(RECORDING, BytesIO(b"y" * 11))
    assert store.holds(RECORDING) == (sha(b"x" * 10),)
    assert store.clear_parts() == 0


def test_a_damaged_file_is_never_taken_for_what_it_was(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, b"true")
    path = path_of(store, kept.sha256)
    path.chmod(0o644)
    path.write_bytes(b"fake")
    with pytest.raises(EvidenceAltered):
        list(store.read(RECORDING, kept.sha256))
    with pytest.raises(EvidenceAltered):
        store.put(RECORDING, b"true")
    assert path.read_bytes() == b"fake"


def test_what_is_not_there_has_a_name(store: EvidenceStore) -> None:
    with pytest.raises(EvidenceMissing):
        list(store.read(RECORDING, "0" * 64))
    assert store.holds(RECORDING) == ()
    assert list(store.recordings()) == []


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
def test_a_full_disk_leaves_nothing_behind(
    store: EvidenceStore, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store.put(RECORDING, b"before")
    monkeypatch.setattr(os, call, full_disk)
    with pytest.raises(EvidenceStoreFailed):
        store.put(RECORDING, b"after")
    monkeypatch.undo()
    assert store.holds(RECORDING) == (sha(b"before"),)
    assert store.clear_parts() == 0


def test_what_a_crash_left_is_invisible_and_cleared(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, b"x")
    (path_of(store, kept.sha256).parent / ".part-0123").write_bytes(b"half")
    assert store.holds(RECORDING) == (kept.sha256,)
    assert store.verify(RECORDING, [kept]) == []
    assert store.clear_parts() == 1


def test_many_writers_of_the_same_bytes(store: EvidenceStore) -> None:
    data = os.urandom(200_000)
    failures: list[BaseException] = []

    def write() -> None:
        try:
            store.put(RECORDING, data)
        except BaseException as failed:
            failures.append(failed)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert store.holds(RECORDING) == (sha(data),)
    assert store.clear_parts() == 0


def removed(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])


def one_bit(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


def replaced(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


@pytest.mark.rule("REC-10")
@pytest.mark.parametrize(
    ("spoil", "flaw"),
    [(removed, Flaw.MISSING), (cut, Flaw.ALTERED), (one_bit, Flaw.ALTERED), (replaced, Flaw.MISSING)],
)
def test_what_root_did_is_found(store: EvidenceStore, spoil: Callable[[Path], None], flaw: Flaw) -> None:
    objects = [store.put(RECORDING, part) for part in (*PARTS, MANIFEST.bytes)]
    assert [item.sha256 for item in objects] == [item.sha256 for item in MANIFEST.objects]
    assert store.verify(RECORDING, MANIFEST.objects) == []
    spoil(path_of(store, objects[1].sha256))
    (damage,) = store.verify(RECORDING, MANIFEST.objects)
    assert (damage.recording_id, damage.name, damage.flaw) == (RECORDING, objects[1].sha256, flaw)


@pytest.mark.rule("REC-10")
def test_a_stranger_is_found(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, b"x")
    path_of(store, kept.sha256).with_name("note.txt").write_text("x")
    assert [(damage.name, damage.flaw) for damage in store.verify(RECORDING, [kept])] == [
        ("note.txt", Flaw.UNEXPECTED)
    ]


def test_a_certificate_removes_this_recording_and_no_other(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, b"alike")
    assert store.put(OTHER, b"alike") == kept
    store.delete(certificate(kept))
    assert store.holds(RECORDING) == ()
    assert store.holds(OTHER) == (kept.sha256,)
    assert list(store.recordings()) == [OTHER]
    assert store.certificate(RECORDING) == certificate(kept).bytes
    assert store.certificate(OTHER) is None


def test_a_removal_may_be_repeated(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, b"x")
    store.delete(certificate(kept))
    store.delete(certificate(kept))
    assert store.holds(RECORDING) == ()


def test_a_certificate_must_name_everything(store: EvidenceStore) -> None:
    kept, other = store.put(RECORDING, b"x"), store.put(RECORDING, b"y")
    with pytest.raises(CertificateMismatch):
        store.delete(certificate(kept))
    assert set(store.holds(RECORDING)) == {kept.sha256, other.sha256}
    assert store.certificate(RECORDING) is None


def test_a_certificate_is_not_replaced(store: EvidenceStore) -> None:
    kept = store.put(RECORDING, b"x")
    store.delete(certificate(kept))
    with pytest.raises(CertificateMismatch):
        store.delete(certificate(kept, authorised_by="somebody else"))
    assert store.certificate(RECORDING) == certificate(kept).bytes


def test_the_certificate_is_on_disk_before_the_first_byte_goes(
    store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store.put(RECORDING, b"x")
    unlink = Path.unlink

    def unlink_objects(path: Path, missing_ok: bool = False) -> None:
        if path.name == kept.sha256:
            full_disk()
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink_objects)
    with pytest.raises(EvidenceStoreFailed):
        store.delete(certificate(kept))
    monkeypatch.undo()
    assert store.holds(RECORDING) == (kept.sha256,)
    assert store.certificate(RECORDING) == certificate(kept).bytes
    store.delete(certificate(kept))
    assert store.holds(RECORDING) == ()
