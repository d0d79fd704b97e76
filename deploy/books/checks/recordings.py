"""Recordings: seals worked out again, files of evidence hashed again, nothing gone early."""

import hashlib
import json

from deploy.books.canonical import canonical, digest
from deploy.books.model import Books, Check, Evidence, Findings, Row

SEALED = "compliance.recording.sealed.v1"
TOPIC = "compliance.recordings.v1"


def seals_are_whole(books: Books, found: Findings) -> int:
    """I5: each seal is the SHA-256 of its canonical manifest, speaks of its recording, and was told once."""
    rows = {row["id"]: row for row in books.rows("compliance", "recordings")}
    told: dict[str, list[str]] = {}
    for fact in books.of_type(SEALED):
        told.setdefault(fact.data["recording_id"], []).append(fact.data["manifest"])
    seals = books.rows("compliance", "recording_seals")
    for seal in seals:
        key, content = seal["recording_id"], bytes(seal["manifest_bytes"])
        manifest = json.loads(content)
        if hashlib.sha256(content).hexdigest() != seal["digest"]:
            found.add(key, "the seal is not the digest of its manifest")
        if canonical(manifest) != content:
            found.add(key, "the manifest is not canonical")
        for name in ("session_id", "customer_id", "seller_id", "outlet_id", "zone_id"):
            found.expect_equal(key, manifest[name], rows[key][name], f"{name}, manifest and recording")
        found.expect_equal(key, manifest["recording_id"], key, "recording, manifest and seal")
        if TOPIC not in books.trimmed:
            found.expect_equal(key, told.get(key, []), [seal["digest"]], "seals, told and stored")
    for key in sorted(told.keys() - {seal["recording_id"] for seal in seals}):
        found.add(key, "told as sealed, no seal stands")
    for key, row in rows.items():
        sealed = row["state"] in {"SEALED", "DISPOSING", "DISPOSED"}
        if sealed != any(seal["recording_id"] == key for seal in seals):
            found.add(key, f"state {row['state']}, seal {'missing' if sealed else 'present'}")
    return len(seals)


def evidence_is_on_disk(books: Books, found: Findings) -> int:
    """I5: each sealed recording's files are there, hash to their names, and together to the manifest."""
    evidence = _evidence(books, found)
    states = {row["id"]: row["state"] for row in books.rows("compliance", "recordings")}
    examined = 0
    for seal in books.rows("compliance", "recording_seals"):
        key = seal["recording_id"]
        if evidence is None or states.get(key) != "SEALED":
            continue
        examined += 1
        manifest = json.loads(bytes(seal["manifest_bytes"]))
        wanted = {chunk["sha256"]: chunk["size"] for chunk in manifest["chunks"]}
        wanted[seal["digest"]] = len(seal["manifest_bytes"])
        held = evidence.objects.get(key, {})
        for name, size in wanted.items():
            if name not in held:
                found.add(key, f"file {name[:12]}… is gone")
            elif (held[name].sha256, held[name].size) != (name, size):
                found.add(key, f"file {name[:12]}… was altered")
        if wanted.keys() <= held.keys() and evidence.wholes.get(key) != manifest["sha256"]:
            found.add(key, "the files together are not the file of the manifest")
        if sum(chunk["size"] for chunk in manifest["chunks"]) != manifest["size"]:
            found.add(key, "the chunks are not as long as the whole")
    return examined


def no_stray_evidence(books: Books, found: Findings) -> int:
    """I4: every file of evidence belongs to a recording that received it."""
    evidence = _evidence(books, found)
    if evidence is None:
        return 0
    uploads = {row["id"]: row["recording_id"] for row in books.rows("compliance", "recording_uploads")}
    known: dict[str, set[str]] = {row["id"]: set() for row in books.rows("compliance", "recordings")}
    for chunk in books.rows("compliance", "recording_chunks"):
        known[uploads[chunk["upload_id"]]].add(chunk["sha256"])
    sealed = {row["recording_id"] for row in books.rows("compliance", "recording_seals")}
    for row in books.rows("compliance", "recording_seals"):
        known[row["recording_id"]].add(row["digest"])
    for key, files in evidence.objects.items():
        for name in sorted(files.keys() - known.get(key, set())):
            # A manifest that no seal names yet is what a crash between the two leaves behind.
            if key in sealed or key not in known:
                found.add(key, f"file {name[:12]}… belongs to nothing")
    return sum(map(len, evidence.objects.values()))


def disposals_are_lawful(books: Books, found: Findings) -> int:
    """I6: a disposal has a passing decision and a certificate, was under no hold, leaves no byte."""
    evidence = _evidence(books, found)
    certificates = {row["id"]: row for row in books.rows("compliance", "disposal_certificates")}
    attempts = {row["id"]: row for row in books.rows("compliance", "disposal_attempts")}
    for key, row in attempts.items():
        if digest(row["decision"]) != row["digest"] or row["decision"]["result"] != row["result"]:
            found.add(key, "the decision is not what its digest says")
    for key, row in certificates.items():
        _check_certificate(books, key, row, attempts.get(key), found)
    disposed = {
        row["recording_id"]: row["certificate_id"]
        for row in books.rows("compliance", "disposal_endings")
        if row["ending"] == "DISPOSED"
    }
    states = {row["id"]: row["state"] for row in books.rows("compliance", "recordings")}
    gone = {key for key, state in states.items() if state == "DISPOSED"}
    found.expect_same(
        disposed, gone, lost="ended as disposed, the head says otherwise", stray="disposed without an ending"
    )
    for recording, certificate in disposed.items():
        if evidence is not None:
            if evidence.objects.get(recording):
                found.add(recording, "disposed, but files are left")
            stored = certificates[certificate]["digest"]
            found.expect_equal(
                recording, evidence.certificates.get(recording), stored, "certificate, disk and row"
            )
    return len(attempts)


def refused_disposals_are_told(books: Books, found: Findings) -> int:
    """REC-07, REC-08: each refused disposal is told once, with every rule that stands against it."""
    told: dict[str, list[list[str]]] = {}
    for fact in books.of_type("compliance.disposal.refused.v1"):
        told.setdefault(fact.data["attempt_id"], []).append(sorted(fact.data["rules"]))
    rows = {
        row["id"]: sorted(
            outcome["rule"] for outcome in row["decision"]["outcomes"] if outcome["state"] != "passed"
        )
        for row in books.rows("compliance", "disposal_attempts")
        if row["result"] != "passed"
    }
    for key in sorted(told.keys() | rows.keys()):
        if TOPIC not in books.trimmed:
            found.expect_equal(
                key, told.get(key), [rows[key]] if key in rows else None, "rules, told and decided"
            )
    return len(rows)


def _check_certificate(books: Books, key: str, row: Row, attempt: Row | None, found: Findings) -> None:
    if attempt is None or attempt["result"] != "passed":
        found.add(key, "a certificate without a passing decision")
    if digest(row["certificate"]) != row["digest"]:
        found.add(key, "the certificate is not what its digest says")
    releases = {item["hold_id"]: item["released_at"] for item in books.rows("compliance", "hold_releases")}
    for hold in books.rows("compliance", "holds"):
        if hold["recording_id"] == row["recording_id"] and hold["placed_at"] <= row["authorised_at"]:
            released = releases.get(hold["id"])
            if released is None or released > row["authorised_at"]:
                found.add(key, f"authorised under the hold {hold['source']} {hold['matter_id']}")


def _evidence(books: Books, found: Findings) -> Evidence | None:
    if books.evidence is None and books.rows("compliance", "recordings"):
        found.add("store", "the evidence store cannot be read from here (no data_dir in stack.json)")
    return books.evidence


CHECKS: tuple[Check, ...] = (
    seals_are_whole,
    evidence_is_on_disk,
    no_stray_evidence,
    disposals_are_lawful,
    refused_disposals_are_told,
)
