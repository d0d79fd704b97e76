"""The seal: one value, one digest, and no manifest of parts that do not fit."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from compliance.evidence.domain import Chunk, Manifest, ManifestInvalid, SegmentKind, from_plain, to_plain
from services.compliance.tests.unit.manifests import MANIFEST, STARTED, a_manifest


def test_the_seal_is_the_hash_of_the_canonical_text() -> None:
    assert hashlib.sha256(MANIFEST.bytes).hexdigest() == MANIFEST.digest
    assert from_plain(Manifest, json.loads(MANIFEST.bytes)) == MANIFEST


def test_the_seal_moves_with_every_part() -> None:
    assert MANIFEST.consent is not None
    others = [
        a_manifest(sealed_at=STARTED + timedelta(minutes=2)),
        a_manifest(consent=replace(MANIFEST.consent, at=STARTED - timedelta(seconds=1))),
        a_manifest(segments=MANIFEST.segments[:4]),
        a_manifest(sha256="0" * 64),
        a_manifest(media=replace(MANIFEST.media, frames=24)),
    ]
    assert len({MANIFEST.digest, *(other.digest for other in others)}) == 1 + len(others)


def test_its_objects_are_the_chunks_and_the_manifest() -> None:
    assert [item.sha256 for item in MANIFEST.objects] == [
        *(chunk.sha256 for chunk in MANIFEST.chunks),
        MANIFEST.digest,
    ]
    same = Chunk(offset=500, size=500, sha256="1" * 64)
    twice = a_manifest(chunks=(replace(same, offset=0), same))
    assert len(twice.objects) == 2


FIRST, SECOND = MANIFEST.chunks


@pytest.mark.parametrize(
    "changes",
    [
        {"chunks": ()},
        {"chunks": (FIRST,)},
        {"chunks": (SECOND, FIRST)},
        {"chunks": (FIRST, replace(SECOND, offset=601))},
        {"chunks": (FIRST, replace(SECOND, offset=599))},
        {"chunks": (FIRST, replace(SECOND, size=0), replace(SECOND, offset=600))},
        {"size": 999},
        {"sha256": "A" * 64},
        {"sha256": "a" * 63},
        {"chunks": (FIRST, replace(SECOND, sha256="g" * 64))},
        {"ended_at": STARTED},
        {"sealed_at": STARTED},
        {"segments": (replace(MANIFEST.segments[0], ends_ms=5001),)},
        {"segments": (replace(MANIFEST.segments[0], starts_ms=-1),)},
        {"segments": (replace(MANIFEST.segments[0], starts_ms=1000),)},
        {"format": "wangdian.recording-manifest.v2"},
    ],
)
def test_parts_that_do_not_fit_make_no_manifest(changes: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        a_manifest(**changes)


def test_a_stored_manifest_is_read_strictly() -> None:
    plain: Any = to_plain(MANIFEST)
    with pytest.raises(ValueError, match="unknown"):
        from_plain(Manifest, {**plain, "note": "x"})
    assert [segment.kind for segment in from_plain(Manifest, plain).segments] == list(SegmentKind)
