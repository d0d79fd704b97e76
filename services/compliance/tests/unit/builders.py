"""A sale against which nothing stands, and the shipped rulebook: tests change one thing at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from compliance.evidence.domain import Segment, SegmentKind
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import Decision, State, decide
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.facts import (
    AdmissionFacts,
    ApprovalLevel,
    AssessmentFacts,
    Authority,
    CheckFacts,
    ChecklistFacts,
    ConsentFacts,
    EntryMode,
    Hand,
    HandsFacts,
    PartnerFacts,
    PartnerState,
    ProductFacts,
    ProductForm,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    ProductStatus,
    QualificationFacts,
    RecordingFacts,
    SaleFacts,
    SellerFacts,
    ZoneFacts,
    ZoneState,
)

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def an_id(n: int) -> UUID:
    """A readable id."""
    return UUID(int=n)


def rulebook() -> RuleRelease:
    """The release as it is shipped."""
    return shipped_release()


def judge(facts: SaleFacts) -> Decision:
    """The gate's decision under the shipped rulebook."""
    return decide(rulebook(), SALE_CHECKS, facts)


def broken(decision: Decision) -> set[tuple[str, str, str | None]]:
    """Every finding of a failed rule: rule, code, reason."""
    return {
        (outcome.rule, finding.code, finding.reason)
        for outcome in decision.outcomes
        if outcome.state is State.FAILED
        for finding in outcome.findings
    }


def undecided(decision: Decision) -> set[str]:
    """The rules that could not be judged."""
    return {outcome.rule for outcome in decision.outcomes if outcome.state is State.UNDECIDED}


CUSTOMER, SELLER, OUTLET, ZONE, SESSION = (an_id(n) for n in (1, 2, 3, 4, 5))

ADMISSION = AdmissionFacts(
    partner_id=an_id(11),
    examined_at=NOW - timedelta(days=60),
    approvals=tuple(ApprovalLevel),
    rejected=False,
)

PARTNER = PartnerFacts(
    partner_id=an_id(11),
    version=1,
    state=PartnerState.LISTED,
    kinds=tuple(ProductKind),
    authority=Authority.NFRA,
    licence_from=date(2020, 1, 1),
    licence_to=date(2028, 12, 31),
)

PRODUCT = ProductFacts(
    product_id=an_id(10),
    version=3,
    kind=ProductKind.WEALTH,
    form=ProductForm.CLOSED_END,
    origin=ProductOrigin.OWN,
    status=ProductStatus.ON_SALE,
    issuer_level=None,
    bank_level=3,
    term_months=12,
    offering=ProductOffering.PUBLIC,
    partner_id=an_id(11),
    admission=ADMISSION,
)

QUALIFICATION = QualificationFacts(
    qualification_id=an_id(20),
    kind="WEALTH",
    valid_from=date(2024, 1, 1),
    valid_until=date(2026, 12, 31),
    suspended_at=None,
    revoked_at=None,
)

CHECKLIST = ChecklistFacts(
    inspected_at=NOW - timedelta(days=30),
    zone_sign=True,
    product_check_reminder=True,
    risk_warning=True,
    report_hotline=True,
    product_list=True,
)

SEGMENTS = tuple(
    Segment(kind=kind, starts_ms=1000 * n, ends_ms=1000 * (n + 1)) for n, kind in enumerate(SegmentKind)
)

CONSENT = ConsentFacts(
    consent_id=an_id(30),
    customer_id=CUSTOMER,
    session_id=SESSION,
    given=True,
    at=NOW - timedelta(minutes=30),
    withdrawn_at=None,
)

RECORDING = RecordingFacts(
    recording_id=an_id(40),
    customer_id=CUSTOMER,
    session_id=SESSION,
    started_at=NOW - timedelta(minutes=29),
    sealed_at=NOW - timedelta(minutes=1),
    manifest="0" * 64,
    duration_ms=5000,
    has_picture=True,
    has_sound=True,
    segments=SEGMENTS,
)

ASSESSMENT = AssessmentFacts(
    assessment_id=an_id(50),
    customer_id=CUSTOMER,
    level=3,
    completed_at=NOW - timedelta(days=90),
    change_reported_at=None,
)

SALE = SaleFacts(
    attempt_id=an_id(60),
    session_id=SESSION,
    customer_id=CUSTOMER,
    decided_at=NOW,
    channel="OUTLET",
    amount_minor=5_000_000,
    currency="CNY",
    staffing_fresh=True,
    product=PRODUCT,
    seller=SellerFacts(seller_id=SELLER, outlet_id=OUTLET, qualifications=(QUALIFICATION,)),
    zone=ZoneFacts(zone_id=ZONE, outlet_id=OUTLET, state=ZoneState.ACTIVE, checklist=CHECKLIST),
    assessment=ASSESSMENT,
    consent=CONSENT,
    recordings=(RECORDING,),
    alerts=(),
    check=CheckFacts(cleared_through=None),
    hands=HandsFacts(assessed=Hand.CUSTOMER, consented=Hand.CUSTOMER, buys_himself=False),
    fees=(),
    partner=PARTNER,
    entry_mode=EntryMode.SYSTEM,
)


def with_product(**changes: Any) -> SaleFacts:
    """The good sale with another product."""
    return replace(SALE, product=replace(PRODUCT, **changes))


def with_agency(**changes: Any) -> SaleFacts:
    """The good sale of an agency product, admitted and supplied by a listed partner, with changes to it."""
    return with_product(**{"origin": ProductOrigin.AGENCY, "issuer_level": 3} | changes)


def with_zone(**changes: Any) -> SaleFacts:
    """The good sale with another zone."""
    assert SALE.zone is not None
    return replace(SALE, zone=replace(SALE.zone, **changes))


def with_qualification(**changes: Any) -> SaleFacts:
    """The good sale by a seller with another qualification."""
    assert SALE.seller is not None
    return replace(SALE, seller=replace(SALE.seller, qualifications=(replace(QUALIFICATION, **changes),)))


def with_recording(**changes: Any) -> SaleFacts:
    """The good sale with another recording."""
    return replace(SALE, recordings=(replace(RECORDING, **changes),))


def with_consent(**changes: Any) -> SaleFacts:
    """The good sale with another consent."""
    return replace(SALE, consent=replace(CONSENT, **changes))


def with_assessment(**changes: Any) -> SaleFacts:
    """The good sale with another assessment."""
    return replace(SALE, assessment=replace(ASSESSMENT, **changes))
