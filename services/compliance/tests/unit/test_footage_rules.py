"""REC-01, REC-02: recordings that belong together, each rule at its border."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from compliance.evidence.domain import Segment, SegmentKind
from compliance.recordings.takes import joined
from compliance.rulebook.decisions import SATISFIED
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.footage_facts import (
    FootageFacts,
    PresentedFacts,
    RecordingChannel,
    ScriptFacts,
    TakeFacts,
    TakeKind,
)
from services.compliance.tests.unit.builders import (
    PRESENTED,
    RECORDING,
    SALE,
    SEGMENTS,
    TAKE,
    an_id,
    broken,
    judge,
    only,
    passes,
)

LIMIT, MOMENT = timedelta(minutes=10), timedelta(microseconds=1)
BROKE_AT = TAKE.started_at + timedelta(milliseconds=3000)
#: The first three key points; the recorder fails half a second later.
BROKEN = replace(TAKE, segments=SEGMENTS[:3], duration_ms=3500)


def shown(*takes: TakeFacts, now: PresentedFacts | None = PRESENTED) -> SaleFacts:
    """The good sale with these recordings."""
    return replace(SALE, footage=FootageFacts(takes=takes, presented=now))


def resumed(after: timedelta, **changes: Any) -> TakeFacts:
    """What went on so long after the recorder had failed."""
    later = replace(
        TAKE,
        recording_id=an_id(42),
        kind=TakeKind.RESUMED,
        started_at=BROKE_AT + timedelta(milliseconds=500) + after,
        segments=SEGMENTS[3:],
    )
    return replace(later, **changes)


def supplemented(*kinds: SegmentKind, presented: PresentedFacts | None = PRESENTED) -> TakeFacts:
    """Key points recorded again."""
    segments = tuple(Segment(kind=kind, starts_ms=0, ends_ms=100) for kind in kinds)
    return replace(
        TAKE,
        recording_id=an_id(43),
        kind=TakeKind.SUPPLEMENT,
        started_at=TAKE.started_at + timedelta(minutes=20),
        segments=segments,
        presented=presented,
    )


@pytest.mark.rule("REC-01")
@pytest.mark.parametrize("after", [timedelta(0), LIMIT - MOMENT, LIMIT])
def test_it_goes_on_through_the_tenth_minute(after: timedelta) -> None:
    assert passes(shown(BROKEN, resumed(after)))


@pytest.mark.rule("REC-01")
@pytest.mark.parametrize(
    ("takes", "reason"),
    [
        ((BROKEN, resumed(LIMIT + MOMENT)), "late"),
        ((BROKEN, resumed(LIMIT, device_id="recorder-2")), "device"),
        ((replace(BROKEN, device_id=None), resumed(LIMIT, device_id=None)), "device"),
        ((BROKEN, resumed(LIMIT, seller_id=an_id(99))), "people"),
        ((BROKEN, resumed(LIMIT, customer_id=an_id(99))), "people"),
        ((BROKEN, resumed(LIMIT, session_id=an_id(99))), "people"),
        ((replace(BROKEN, duration_ms=3000), resumed(timedelta(0))), "key_point"),
    ],
)
def test_otherwise_it_begins_again(takes: tuple[TakeFacts, ...], reason: str | None) -> None:
    assert only(shown(*takes)) == ("REC-01", "RECORDING_INTERRUPTED", reason)


def test_a_third_part_is_measured_from_the_second() -> None:
    second = resumed(LIMIT, segments=SEGMENTS[3:4], duration_ms=4500)
    third = resumed(2 * LIMIT + timedelta(milliseconds=4500), segments=SEGMENTS[4:])
    assert passes(shown(BROKEN, second, third))
    late = replace(third, started_at=third.started_at + MOMENT)
    assert only(shown(BROKEN, second, late)) == ("REC-01", "RECORDING_INTERRUPTED", "late")


@pytest.mark.rule("REC-01")
def test_a_remote_recording_needs_what_enabled_it() -> None:
    remote = replace(TAKE, channel=RecordingChannel.REMOTE)
    assert passes(shown(replace(remote, remote_enabled=True)))
    for unknown in (False, None):
        found = only(shown(replace(remote, remote_enabled=unknown)))
        assert found == ("REC-01", "REMOTE_RECORDING_NOT_ENABLED", None)
    assert only(shown(replace(TAKE, channel=None))) == ("REC-01", "REMOTE_RECORDING_NOT_ENABLED", None)


RISKIER = replace(PRESENTED, risk_level=4)
OTHER_TERMS = replace(PRESENTED, terms="2" * 64)
DEARER = replace(PRESENTED, prices=(an_id(7),))
SCRIPTED = replace(PRESENTED, scripts=(ScriptFacts(segment=SegmentKind.KEY_INFO, sha256="3" * 64),))
KINDS = {
    "risk": (RISKIER, {"RISK_DISCLOSURE", "CONFIRMATION", "FEEDBACK"}),
    "terms": (OTHER_TERMS, {"PITCH", "KEY_INFO", "CONFIRMATION", "FEEDBACK"}),
    "fee": (DEARER, {"KEY_INFO", "CONFIRMATION"}),
    "script": (SCRIPTED, {"KEY_INFO"}),
}


@pytest.mark.rule("REC-02")
@pytest.mark.parametrize("reason", KINDS)
def test_a_change_names_the_key_points_that_speak_of_it(reason: str) -> None:
    now, kinds = KINDS[reason]
    decision = judge(shown(TAKE, now=now))
    assert broken(decision) == {("REC-02", "KEY_POINTS_OUTDATED", reason)}
    unmet = [outcome for outcome in decision.outcomes if outcome.state not in SATISFIED]
    (finding,) = [one for outcome in unmet for one in outcome.findings]
    assert set(finding.details["segments"]) == kinds
    concerned = [SegmentKind(kind) for kind in sorted(kinds)]
    assert passes(shown(TAKE, supplemented(*concerned, presented=now), now=now))
    for kind in concerned:
        others = [one for one in concerned if one is not kind]
        if others:
            assert not passes(shown(TAKE, supplemented(*others, presented=now), now=now))


@pytest.mark.rule("REC-02")
def test_the_last_recording_of_a_key_point_counts() -> None:
    again = supplemented(*KINDS_OF_RISK, presented=RISKIER)
    assert broken(judge(shown(TAKE, again))) == {("REC-02", "KEY_POINTS_OUTDATED", "risk")}


KINDS_OF_RISK = (SegmentKind.RISK_DISCLOSURE, SegmentKind.CONFIRMATION, SegmentKind.FEEDBACK)


@pytest.mark.rule("REC-02")
@pytest.mark.parametrize(
    "facts",
    [replace(SALE, footage=None), shown(replace(TAKE, presented=None)), shown(TAKE, now=None)],
    ids=["footage", "then", "now"],
)
def test_what_is_not_known_holds_the_sale(facts: SaleFacts) -> None:
    assert ("REC-02", "KEY_POINTS_OUTDATED", None) in broken(judge(facts))


def test_another_version_of_the_same_product_is_no_change() -> None:
    assert passes(shown(TAKE, now=replace(PRESENTED, product_version=9)))


def test_recordings_make_one_on_the_time_of_the_first() -> None:
    later = replace(
        RECORDING,
        recording_id=an_id(42),
        started_at=RECORDING.started_at + timedelta(seconds=10),
        sealed_at=RECORDING.sealed_at and RECORDING.sealed_at + MOMENT,
        segments=SEGMENTS[3:],
        has_sound=False,
    )
    first = replace(RECORDING, segments=SEGMENTS[:3])
    one = joined([first, later])
    assert (one.recording_id, one.manifest, one.started_at) == (
        first.recording_id,
        first.manifest,
        first.started_at,
    )
    assert [part.starts_ms for part in one.segments] == [0, 1000, 2000, 13000, 14000]
    assert (one.duration_ms, one.sealed_at) == (15000, later.sealed_at)
    assert (one.has_picture, one.has_sound) == (True, False)
    assert joined([first]) is first
    assert joined([replace(first, sealed_at=None), later]).sealed_at is None
