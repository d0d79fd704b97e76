"""Borders of what several recordings of a sale show (REC-01, REC-02), and of offering windows (PRD-01)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from compliance.evidence.domain import Segment, SegmentKind
from compliance.rulebook.facts import SaleFacts, WindowFacts
from compliance.rulebook.footage_facts import RecordingChannel, ScriptFacts, TakeFacts, TakeKind
from services.compliance.tests.gate.changes import (
    FOREIGN,
    MOMENT,
    NEVER,
    Border,
    Change,
    decided,
    each,
    part,
    together,
    whole,
)
from services.compliance.tests.unit.builders import PRESENTED, SEGMENTS, an_id

Shot = Callable[[TakeFacts], TakeFacts]
LIMIT, BROKE_MS = timedelta(minutes=10), 3500


def shot(*shots: Shot) -> Change:
    """Recordings made from the good one."""

    def change(facts: SaleFacts) -> SaleFacts:
        if facts.footage is None or not facts.footage.takes:
            return facts
        takes = tuple(one(facts.footage.takes[0]) for one in shots)
        return replace(facts, footage=replace(facts.footage, takes=takes))

    return change


def broke_off(duration_ms: int = BROKE_MS, *segments: Segment, **changes: Any) -> Shot:
    """Its recorder failed, after the third key point unless others are given."""
    shown = segments or SEGMENTS[:3]
    return lambda take: replace(take, duration_ms=duration_ms, segments=shown, **changes)


def went_on(after: timedelta, **changes: Any) -> Shot:
    """It went on so long later with the rest."""
    broke = timedelta(milliseconds=BROKE_MS)

    def made(take: TakeFacts) -> TakeFacts:
        later = replace(take, kind=TakeKind.RESUMED, started_at=take.started_at + broke + after)
        return replace(later, segments=SEGMENTS[3:], **changes)

    return made


def again(*kinds: SegmentKind, **changes: Any) -> Shot:
    """Key points recorded again much later."""
    shown = tuple(Segment(kind=kind, starts_ms=0, ends_ms=100) for kind in kinds)

    def made(take: TakeFacts) -> TakeFacts:
        later = replace(take, kind=TakeKind.SUPPLEMENT, started_at=take.started_at + 2 * LIMIT)
        return replace(later, **{"segments": shown} | changes)

    return made


def same(take: TakeFacts) -> TakeFacts:
    """The good one as it is."""
    return take


def now(**changes: Any) -> Change:
    """What is presented of the product has changed since."""
    return part("footage.presented", **changes)


def spoken(kind: SegmentKind) -> dict[str, Any]:
    """Another script for a key point."""
    return {"scripts": (ScriptFacts(segment=kind, sha256="3" * 64),)}


#: What may change, and the key points that speak of it.
ASPECTS: Sequence[tuple[dict[str, Any], tuple[SegmentKind, ...]]] = (
    ({"risk_level": 4}, (SegmentKind.RISK_DISCLOSURE, SegmentKind.CONFIRMATION, SegmentKind.FEEDBACK)),
    (
        {"terms": "2" * 64},
        (SegmentKind.PITCH, SegmentKind.KEY_INFO, SegmentKind.CONFIRMATION, SegmentKind.FEEDBACK),
    ),
    ({"prices": (an_id(7),)}, (SegmentKind.KEY_INFO, SegmentKind.CONFIRMATION)),
    *((spoken(kind), (kind,)) for kind in SegmentKind),
)


def rerecorded(changes: dict[str, Any], kinds: Sequence[SegmentKind]) -> Change:
    """Something has changed, and these key points were recorded again since."""
    return together(now(**changes), shot(same, again(*kinds, presented=replace(PRESENTED, **changes))))


def offered(begins: timedelta | None, ends: timedelta | None) -> Change:
    """The product is offered between two instants around the sale."""

    def window(facts: SaleFacts) -> WindowFacts:
        def instant(by: timedelta | None) -> datetime | None:
            return None if by is None else decided(by)(facts)

        return WindowFacts(offered_from=instant(begins), offered_until=instant(ends))

    return part("product", window=window)


FAILED = broke_off()
THIRD = SEGMENTS[2]

BORDERS: Mapping[str, Sequence[Border]] = {
    "PRD-01": (
        Border(
            held=(offered(None, None), offered(-MOMENT, MOMENT), offered(NEVER, None)),
            broken=(offered(MOMENT, None), offered(None, NEVER), offered(None, -MOMENT)),
        ),
    ),
    "REC-01": (
        Border(
            held=tuple(shot(FAILED, went_on(by)) for by in (NEVER, LIMIT - MOMENT, LIMIT)),
            broken=(shot(FAILED, went_on(LIMIT + MOMENT)),),
        ),
        Border(
            held=(
                shot(broke_off(THIRD.ends_ms + 1), went_on(NEVER)),
                shot(broke_off(THIRD.starts_ms, THIRD), went_on(NEVER)),
            ),
            broken=(
                shot(broke_off(THIRD.ends_ms), went_on(NEVER)),
                shot(broke_off(THIRD.starts_ms + 1, THIRD), went_on(NEVER)),
            ),
        ),
        Border(
            held=(shot(same, again(SegmentKind.PITCH, device_id="recorder-2")),),
            broken=(
                shot(FAILED, went_on(NEVER, device_id="recorder-2")),
                shot(broke_off(device_id=None), went_on(NEVER, device_id=None)),
                *(
                    shot(FAILED, went_on(NEVER, **{name: FOREIGN}))
                    for name in ("customer_id", "session_id", "seller_id")
                ),
                shot(same, again(SegmentKind.PITCH, seller_id=FOREIGN)),
                shot(),
            ),
            among=(whole(footage=None),),
        ),
        Border(
            held=(
                part("footage.takes", channel=RecordingChannel.REMOTE, remote_enabled=True),
                *each("footage.takes", "remote_enabled", True, None),
            ),
            broken=(
                *each("footage.takes", "channel", RecordingChannel.REMOTE, None),
                part("footage.takes", channel=RecordingChannel.REMOTE, remote_enabled=None),
                shot(same, again(SegmentKind.PITCH, channel=RecordingChannel.REMOTE)),
            ),
        ),
    ),
    "REC-02": (
        Border(
            held=(
                now(product_version=9),
                *(rerecorded(changes, kinds) for changes, kinds in ASPECTS),
                *(together(now(**to), part("footage.takes.presented", **to)) for to, _ in ASPECTS),
            ),
            broken=(
                *(now(**changes) for changes, _ in ASPECTS),
                now(risk_level=None),
                *(
                    rerecorded(changes, [kind for kind in kinds if kind is not left])
                    for changes, kinds in ASPECTS
                    for left in kinds
                ),
                *(
                    shot(same, again(*kinds, presented=replace(PRESENTED, **changes)))
                    for changes, kinds in ASPECTS
                ),
                part("footage.takes", presented=None),
                part("footage", presented=None),
            ),
            among=(whole(footage=None),),
        ),
    ),
}
