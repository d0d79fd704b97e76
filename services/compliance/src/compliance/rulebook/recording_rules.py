"""Rules of the gate about the recording and the consent to it (REC)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from compliance.evidence.domain import SegmentKind
from compliance.rulebook.domain import (
    Check,
    Finding,
    NoParameters,
    PureCheck,
    Verdict,
    codes_of,
    fail,
    unknown,
)
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.footage_facts import RecordingFacts


def recording_sealed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """REC-01: exactly one recording of this session, with sound and picture, sealed before the sale."""
    code = "RECORDING_MISSING"
    if not facts.recordings:
        return unknown(code, "recording")
    if len(facts.recordings) > 1:
        return fail(code, "several")
    (recording,) = facts.recordings
    reasons = {
        "customer": recording.customer_id != facts.customer_id,
        "session": recording.session_id != facts.session_id,
        "unsealed": recording.sealed_at is None or recording.manifest is None,
        "late": recording.sealed_at is not None and recording.sealed_at >= facts.decided_at,
        "picture": not recording.has_picture,
        "sound": not recording.has_sound,
    }
    return Verdict(tuple(Finding(code=code, reason=reason) for reason, found in reasons.items() if found))


@dataclass(frozen=True, kw_only=True)
class RequiredSegments:
    """REC-02: the legal parts that a recording must show, in this order."""

    order: tuple[SegmentKind, ...]


def recording_complete(facts: SaleFacts, parameters: RequiredSegments) -> Verdict:
    """REC-02: every required segment is there, inside the recording, and they begin in the required order."""
    if not facts.recordings:
        return unknown("RECORDING_SEGMENT_MISSING", "recording")
    findings = [finding for recording in facts.recordings for finding in _segments(recording, parameters)]
    return Verdict(tuple(findings))


def _segments(recording: RecordingFacts, parameters: RequiredSegments) -> Iterable[Finding]:
    code = "RECORDING_SEGMENT_MISSING"
    starts: dict[SegmentKind, int] = {}
    for segment in recording.segments:
        if not 0 <= segment.starts_ms < segment.ends_ms <= recording.duration_ms:
            yield Finding(code=code, reason="outside", details={"segments": (segment.kind,)})
        starts[segment.kind] = min(segment.starts_ms, starts.get(segment.kind, segment.starts_ms))
    if absent := tuple(kind.value for kind in parameters.order if kind not in starts):
        yield Finding(code=code, reason="absent", details={"segments": absent})
    present = [starts[kind] for kind in parameters.order if kind in starts]
    if any(later <= earlier for earlier, later in pairwise(present)):
        order = tuple(kind.value for kind in parameters.order)
        yield Finding(code=code, reason="order", details={"segments": order})


def recording_consented(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """REC-04: the same customer agreed to this session's recording before it began, and stands by it."""
    code = "RECORDING_CONSENT_REFUSED"
    consent = facts.consent
    if missing := [
        name for name, known in (("consent", consent), ("recording", facts.recordings)) if not known
    ]:
        return unknown(code, *missing)
    assert consent is not None
    reasons = {
        "refused": not consent.given,
        "customer": consent.customer_id != facts.customer_id,
        "session": consent.session_id != facts.session_id,
        "late": any(consent.at > recording.started_at for recording in facts.recordings),
        "withdrawn": consent.withdrawn_at is not None and consent.withdrawn_at <= facts.decided_at,
    }
    return Verdict(tuple(Finding(code=code, reason=reason) for reason, found in reasons.items() if found))


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.recording_sealed.v1",
        codes_of(
            "RECORDING_MISSING", "several", "customer", "session", "unsealed", "late", "picture", "sound"
        ),
        NoParameters,
        recording_sealed,
    ),
    PureCheck(
        "sale.recording_complete.v1",
        codes_of(
            "RECORDING_SEGMENT_MISSING", absent=("segments",), outside=("segments",), order=("segments",)
        ),
        RequiredSegments,
        recording_complete,
    ),
    PureCheck(
        "sale.recording_consented.v1",
        codes_of("RECORDING_CONSENT_REFUSED", "refused", "customer", "session", "late", "withdrawn"),
        NoParameters,
        recording_consented,
    ),
)
