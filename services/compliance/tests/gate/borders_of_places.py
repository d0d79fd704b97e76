"""Borders of the rules about where it is sold, who sells, and the recording (ZON, REC, SAL, AML)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from compliance.evidence.domain import SegmentKind
from compliance.rulebook.facts import (
    Hand,
    ProductKind,
    RecorderFacts,
    SaleFacts,
    ZoneState,
)
from compliance.rulebook.seller_facts import AlertFacts, AlertKind
from compliance.rulebook.zone_rules import ZONE_ITEMS
from services.compliance.tests.gate.changes import (
    FOREIGN,
    FROM_AFAR,
    INSURED,
    INVESTED,
    MOMENT,
    NEVER,
    Border,
    Change,
    after,
    before_and_at,
    begun,
    decided,
    each,
    of_kind,
    on_day,
    part,
    together,
    whole,
)
from services.compliance.tests.unit.builders import NOW, RECORDER, RECORDING, SEGMENTS, an_id

SIGN_OF_LIFE = timedelta(seconds=300)
DEAF = replace(RECORDER, recorder_id=an_id(42), began_at=None, heard_at=None, offset_ms=None)
#: Kinds that may be sold by those who may sell wealth products, and by some others.
OWN_RIGHTS = (ProductKind.GOV_BOND, ProductKind.PHYSICAL_METAL)
UNRECORDED = together(FROM_AFAR, whole(recordings=()))


def segment(number: int, **changes: Any) -> Change:
    """One segment of the good recording changed."""
    parts = list(SEGMENTS)
    parts[number] = replace(parts[number], **changes)
    return part("recordings", segments=tuple(parts))


def one_more(facts: SaleFacts) -> tuple[RecorderFacts, ...]:
    """The zone's recorders, and one that was never heard of."""
    return (DEAF, *((facts.zone and facts.zone.recorders) or ()))


def suspected(*kinds: AlertKind) -> Change:
    """Alerts of these kinds are open about the seller."""
    return whole(alerts=tuple(AlertFacts(alert_id=an_id(70), kind=kind, raised_at=NOW) for kind in kinds))


BORDERS: Mapping[str, Sequence[Border]] = {
    "ZON-01": (
        Border(
            held=each("zone", "state", ZoneState.ACTIVE),
            broken=(
                part("zone", outlet_id=FOREIGN),
                *each("zone", "state", ZoneState.PREPARING, ZoneState.CLOSED),
                whole(zone=None),
            ),
            among=(whole(seller=None),),
        ),
    ),
    "ZON-03": (
        before_and_at("zone.checklist", "inspected_at", decided),
        Border(
            broken=(
                part("zone", state=ZoneState.SUSPENDED),
                part("zone", checklist=None),
                *(part("zone.checklist", **{item: value}) for item in ZONE_ITEMS for value in (False, None)),
            ),
            among=(whole(zone=None),),
        ),
    ),
    "ZON-05": (
        Border(
            held=each("seller", "employer", "bank"),
            broken=each("seller", "employer", "insurer", None),
            among=(whole(seller=None),),
        ),
    ),
    "ZON-06": (
        before_and_at("zone.recorders", "began_at", begun),
        Border(
            held=each("zone.recorders", "heard_at", begun(-SIGN_OF_LIFE), begun(-SIGN_OF_LIFE + MOMENT)),
            broken=each("zone.recorders", "heard_at", begun(-SIGN_OF_LIFE - MOMENT)),
        ),
        Border(
            held=each("zone.recorders", "offset_ms", 5000, -5000, 4999),
            broken=each("zone.recorders", "offset_ms", 5001, -5001),
        ),
        Border(
            held=each("zone", "recorders", one_more),
            broken=(
                *each("zone", "recorders", (), None, (DEAF,)),
                *(part("zone.recorders", **{name: None}) for name in ("began_at", "heard_at", "offset_ms")),
            ),
            among=(whole(zone=None), whole(recordings=())),
        ),
    ),
    "ZON-08": (
        Border(
            held=(FROM_AFAR, *each("", "terminal", None), *each("terminal", "staff_assisted", True)),
            broken=(
                *after(FROM_AFAR, *each("terminal", "staff_assisted", True, None)),
                *after(FROM_AFAR, *each("terminal", "risk_page_shown", False, None)),
                *after(FROM_AFAR, whole(terminal=None)),
            ),
        ),
    ),
    "ZON-09": (
        Border(
            held=(
                *after(INSURED, *each("product", "term_months", 13, None)),
                *after(together(INSURED, FROM_AFAR), *each("product", "term_months", 12, 13, None)),
                *after(together(INVESTED, UNRECORDED), *each("product", "term_months", 11, 12)),
                together(INSURED, whole(recordings=()), part("product", term_months=13)),
                together(UNRECORDED, part("product", term_months=13)),
            ),
            broken=(
                *after(together(INSURED, UNRECORDED), *each("product", "term_months", 13, None)),
                *after(together(INVESTED, UNRECORDED), *each("product", "term_months", 13, None)),
            ),
            among=(together(UNRECORDED, whole(product=None)),),
        ),
    ),
    "REC-01": (
        Border(
            held=each("recordings", "sealed_at", decided(-MOMENT)),
            broken=each("recordings", "sealed_at", decided(NEVER), decided(MOMENT), None),
        ),
        Border(
            broken=(
                *(whole(recordings=lambda facts: facts.recordings * 2), whole(recordings=())),
                *(part("recordings", **{name: FOREIGN}) for name in ("customer_id", "session_id")),
                *each("recordings", "manifest", None),
                *(part("recordings", **{name: False}) for name in ("has_picture", "has_sound")),
            ),
        ),
    ),
    "REC-02": (
        Border(
            held=each("recordings", "duration_ms", RECORDING.duration_ms, RECORDING.duration_ms + 1),
            broken=each("recordings", "duration_ms", RECORDING.duration_ms - 1),
        ),
        Border(
            held=(segment(1, starts_ms=1), segment(0, starts_ms=999), segment(0, ends_ms=1)),
            broken=(
                segment(1, starts_ms=0),
                segment(0, starts_ms=1000, ends_ms=1001),
                segment(0, ends_ms=0),
                segment(0, starts_ms=-1),
            ),
        ),
        Border(
            held=(part("recordings", segments=(*SEGMENTS, SEGMENTS[0])),),
            broken=(
                *(part("recordings", segments=SEGMENTS[:n] + SEGMENTS[n + 1 :]) for n in range(5)),
                part("recordings", segments=(*SEGMENTS, replace(SEGMENTS[0], kind=SegmentKind.FEEDBACK))),
                part("recordings", segments=()),
            ),
            among=(whole(recordings=()),),
        ),
    ),
    "REC-04": (
        before_and_at("consent", "at", begun),
        Border(
            held=each("consent", "withdrawn_at", decided(MOMENT), None),
            broken=each("consent", "withdrawn_at", decided(-MOMENT), decided(NEVER)),
        ),
        Border(
            broken=(
                part("consent", given=False),
                part("consent", customer_id=FOREIGN),
                part("consent", session_id=FOREIGN),
                whole(consent=None),
            ),
            among=(whole(recordings=()),),
        ),
    ),
    "SAL-01": (
        Border(
            held=each("seller.qualifications", "valid_from", on_day(-1), on_day(0)),
            broken=each("seller.qualifications", "valid_from", on_day(1)),
        ),
        Border(
            held=each("seller.qualifications", "valid_until", on_day(0), on_day(1), None),
            broken=each("seller.qualifications", "valid_until", on_day(-1)),
        ),
        *(
            Border(
                held=each("seller.qualifications", name, decided(MOMENT), None),
                broken=each("seller.qualifications", name, decided(-MOMENT), decided(NEVER)),
            )
            for name in ("revoked_at", "suspended_at")
        ),
        Border(
            held=tuple(of_kind(kind, right) for kind in OWN_RIGHTS for right in ("WEALTH", kind)),
            broken=tuple(of_kind(kind, "AGENCY_FUND") for kind in OWN_RIGHTS),
        ),
        Border(
            broken=(
                *each("seller.qualifications", "kind", "AGENCY_FUND", "GOV_BOND"),
                *each("", "staffing_fresh", False, None),
                *(part("seller", qualifications=()), whole(seller=None)),
            ),
            among=(whole(product=None),),
        ),
    ),
    "SAL-02": (
        Border(
            held=each("", "alerts", ()),
            broken=(*(suspected(kind) for kind in AlertKind), suspected(*AlertKind), whole(alerts=None)),
        ),
    ),
    "SAL-08": (
        Border(
            held=(
                *each("hands", "assessed", Hand.CUSTOMER, Hand.SYSTEM, None),
                *each("hands", "consented", Hand.CUSTOMER, None),
            ),
            broken=(
                *each("hands", "assessed", Hand.SELLER, Hand.OTHER),
                *each("hands", "consented", Hand.SELLER, Hand.OTHER, Hand.SYSTEM),
                *each("hands", "buys_himself", True),
                whole(hands=None),
            ),
        ),
    ),
    "AML-01": (
        Border(
            held=each("check", "cleared_through", on_day(0), on_day(1), None),
            broken=(*each("check", "cleared_through", on_day(-1)), whole(check=None)),
        ),
    ),
}
