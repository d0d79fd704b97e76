"""Rules of the gate about several recordings of one sale: interrupted (REC-01), outdated (REC-02)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from compliance.evidence.domain import Segment, SegmentKind
from compliance.rulebook.domain import (
    PASS,
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
from compliance.rulebook.footage_facts import PresentedFacts, RecordingChannel, TakeFacts, TakeKind

INTERRUPTED, OUTDATED, REMOTE = (
    "RECORDING_INTERRUPTED",
    "KEY_POINTS_OUTDATED",
    "REMOTE_RECORDING_NOT_ENABLED",
)


@dataclass(frozen=True, kw_only=True)
class ResumeLimits:
    """REC-01: within how many minutes a recording goes on whose recorder has failed."""

    resume_within_minutes: int

    def allows(self, broke_at: datetime, resumed_at: datetime) -> bool:
        """Exactly so many minutes later still counts."""
        return resumed_at - broke_at <= timedelta(minutes=self.resume_within_minutes)


@dataclass(frozen=True, kw_only=True)
class ConcernedKeyPoints:
    """REC-02: which key points speak of the risk, of the terms, of the fee; a script concerns its own."""

    on_risk: tuple[SegmentKind, ...]
    on_terms: tuple[SegmentKind, ...]
    on_fee: tuple[SegmentKind, ...]


def cut_off(segments: Sequence[Segment], broke_ms: int) -> tuple[SegmentKind, ...]:
    """The key points that were going on when the recording broke off."""
    return tuple(one.kind for one in segments if one.starts_ms < broke_ms <= one.ends_ms)


def recording_whole(facts: SaleFacts, parameters: ResumeLimits) -> Verdict:
    """REC-01: what was interrupted went on in time, outside key points, with the same people and device."""
    if not facts.recordings:
        # There is nothing that could have been interrupted.
        return PASS
    if facts.footage is None or not facts.footage.takes:
        return unknown(INTERRUPTED, "footage")
    return Verdict(tuple(_interruptions(facts.footage.takes, parameters)))


def _interruptions(takes: Sequence[TakeFacts], limits: ResumeLimits) -> Iterator[Finding]:
    people = {(take.customer_id, take.session_id, take.seller_id) for take in takes}
    if len(people) > 1:
        yield Finding(code=INTERRUPTED, reason="people")
    for before, after in pairwise([take for take in takes if take.kind is not TakeKind.SUPPLEMENT]):
        if after.device_id is None or before.device_id != after.device_id:
            yield Finding(code=INTERRUPTED, reason="device")
        if not limits.allows(
            before.started_at + timedelta(milliseconds=before.duration_ms), after.started_at
        ):
            minutes = (str(limits.resume_within_minutes),)
            yield Finding(code=INTERRUPTED, reason="late", details={"minutes": minutes})
        if cut := cut_off(before.segments, before.duration_ms):
            yield Finding(code=INTERRUPTED, reason="key_point", details={"segments": cut})


def remote_enabled(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """REC-01: a remote recording began when it was enabled for the product in the outlet's region."""
    if not facts.recordings:
        # There is nothing that could have been recorded remotely.
        return PASS
    takes = () if facts.footage is None else facts.footage.takes
    if not takes or any(take.channel is None for take in takes):
        return unknown(REMOTE, "footage")
    remote = [take for take in takes if take.channel is not RecordingChannel.ON_SITE]
    return PASS if all(take.remote_enabled is True for take in remote) else fail(REMOTE)


def key_points_current(facts: SaleFacts, parameters: ConcernedKeyPoints) -> Verdict:
    """REC-02: each key point, as it was recorded last, speaks of what holds at the sale."""
    if not facts.recordings:
        return unknown(OUTDATED, "recording")
    if facts.footage is None:
        return unknown(OUTDATED, "footage")
    now = facts.footage.presented
    if now is None:
        return unknown(OUTDATED, "product")
    last = {segment.kind: take.presented for take in facts.footage.takes for segment in take.segments}
    then = {kind: presented for kind, presented in last.items() if presented is not None}
    if len(then) < len(last):
        return unknown(OUTDATED, "footage.presented")
    return Verdict(tuple(_changes(then, now, parameters)))


def _changes(
    then: dict[SegmentKind, PresentedFacts], now: PresentedFacts, concerned: ConcernedKeyPoints
) -> Iterator[Finding]:
    recorded = [kind for kind in SegmentKind if kind in then and then[kind] != now]
    found = {
        "risk": [k for k in recorded if k in concerned.on_risk and then[k].risk_level != now.risk_level],
        "terms": [k for k in recorded if k in concerned.on_terms and then[k].terms != now.terms],
        "fee": [k for k in recorded if k in concerned.on_fee and then[k].prices != now.prices],
        "script": [k for k in recorded if then[k].script(k) != now.script(k)],
    }
    for reason, kinds in found.items():
        if kinds:
            yield Finding(code=OUTDATED, reason=reason, details={"segments": tuple(kinds)})


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.recording_whole.v1",
        codes_of(INTERRUPTED, "people", "device", late=("minutes",), key_point=("segments",)),
        ResumeLimits,
        recording_whole,
    ),
    PureCheck("sale.remote_enabled.v1", codes_of(REMOTE), NoParameters, remote_enabled),
    PureCheck(
        "sale.key_points_current.v1",
        codes_of(OUTDATED, risk=("segments",), terms=("segments",), fee=("segments",), script=("segments",)),
        ConcernedKeyPoints,
        key_points_current,
    ),
)
