"""A sale against which nothing stands, and the shipped rulebook: tests change one thing at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from compliance.evidence.domain import Segment, SegmentKind
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.customer_facts import (
    AssessmentFacts,
    AssessmentPlace,
    CareFacts,
    CivilCapacity,
    CustomerFacts,
    DisclosureFacts,
    MeansFacts,
    OpinionFacts,
    SafeguardFacts,
)
from compliance.rulebook.decisions import Decision, Result, State, decide
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.facts import (
    AdmissionFacts,
    ApprovalLevel,
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
    RecorderFacts,
    SaleFacts,
    TerminalFacts,
    ZoneFacts,
    ZoneState,
)
from compliance.rulebook.footage_facts import (
    FootageFacts,
    PresentedFacts,
    RecordingChannel,
    RecordingFacts,
    TakeFacts,
    TakeKind,
)
from compliance.rulebook.party_facts import AssistanceFacts, PartiesFacts
from compliance.rulebook.seller_facts import (
    PreparationFacts,
    QualificationFacts,
    SellerFacts,
    TrainingFacts,
)
from services.compliance.tests.unit.hours import HOURS

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
    instalment=False,
)

QUALIFICATION = QualificationFacts(
    qualification_id=an_id(20),
    kind="WEALTH",
    valid_from=date(2024, 1, 1),
    valid_until=date(2026, 12, 31),
    suspended_at=None,
    revoked_at=None,
)

#: As much training as the law asks for, a month ago; in a selling post for two years.
TRAININGS = tuple(
    TrainingFacts(training_id=an_id(21 + n), kind=kind, minutes=minutes, completed_on=date(2026, 2, 1))
    for n, (kind, minutes) in enumerate({"WEALTH": 1200, "INVESTMENT_INSURANCE": 2400}.items())
)
PREPARATION = PreparationFacts(trainings=TRAININGS, selling_since=date(2024, 3, 1), bad_records=())

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

PRESENTED = PresentedFacts(product_version=3, terms="1" * 64, risk_level=3, prices=(), scripts=())

TAKE = TakeFacts(
    recording_id=RECORDING.recording_id,
    kind=TakeKind.MAIN,
    customer_id=CUSTOMER,
    session_id=SESSION,
    seller_id=SELLER,
    device_id="recorder-1",
    manifest=RECORDING.manifest,
    started_at=RECORDING.started_at,
    duration_ms=RECORDING.duration_ms,
    segments=SEGMENTS,
    presented=PRESENTED,
    channel=RecordingChannel.ON_SITE,
    remote_enabled=False,
)

RECORDER = RecorderFacts(
    recorder_id=an_id(41),
    began_at=NOW - timedelta(hours=2),
    heard_at=NOW - timedelta(seconds=30),
    offset_ms=-40,
)

ASSESSMENT = AssessmentFacts(
    assessment_id=an_id(50),
    customer_id=CUSTOMER,
    level=3,
    completed_at=NOW - timedelta(days=90),
    change_reported_at=None,
    imported=False,
    place=AssessmentPlace.OUTLET,
)

OPINION = OpinionFacts(
    opinion_id=an_id(70),
    assessment_id=ASSESSMENT.assessment_id,
    product_level=3,
    customer_level=3,
    given_at=NOW - timedelta(minutes=40),
    acknowledged_at=NOW - timedelta(minutes=35),
)

DISCLOSURE = DisclosureFacts(
    disclosure_id=an_id(80),
    shown_at=NOW - timedelta(minutes=40),
    acknowledged_at=NOW - timedelta(minutes=35),
)

MEANS = MeansFacts(annual_income_minor=100_000_000, liquid_assets_minor=1_000_000_000, currency="CNY")

BUYER = CustomerFacts(
    age=40,
    capacity=CivilCapacity.FULL,
    guardian_consent=None,
    investor=None,
    means=MEANS,
    bought_wealth_before=False,
)

CARE = CareFacts(
    care_id=an_id(70),
    at=NOW - timedelta(days=2),
    risks_explained=True,
    loss_understood=True,
    companion_offered=True,
    lower_risk_offered=True,
)

NOT_ASSISTED = AssistanceFacts(read_aloud_at=None, thumbprint_at=None, call_back=None)

#: The customer acts for himself, with his own money.
PARTIES = PartiesFacts(
    declared=(),
    presenters=(),
    on_both_sides=(),
    holds_jointly=False,
    account_stated=False,
    account_id=None,
    account=None,
    resolutions=(),
    assistance=NOT_ASSISTED,
)

SAFEGUARDS = SafeguardFacts(care=CARE, approved_at=None, agreed_off_outlet_at=None)

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
    seller=SellerFacts(
        seller_id=SELLER,
        outlet_id=OUTLET,
        qualifications=(QUALIFICATION,),
        employer="bank",
        preparation=PREPARATION,
    ),
    zone=ZoneFacts(
        zone_id=ZONE,
        outlet_id=OUTLET,
        state=ZoneState.ACTIVE,
        checklist=CHECKLIST,
        recorders=(RECORDER,),
    ),
    assessment=ASSESSMENT,
    consent=CONSENT,
    recordings=(RECORDING,),
    terminal=TerminalFacts(staff_assisted=None, risk_page_shown=None),
    alerts=(),
    check=CheckFacts(cleared_through=None),
    hands=HandsFacts(assessed=Hand.CUSTOMER, consented=Hand.CUSTOMER, buys_himself=False),
    fees=(),
    partner=PARTNER,
    entry_mode=EntryMode.SYSTEM,
    opinion=OPINION,
    disclosure=DISCLOSURE,
    customer=BUYER,
    safeguards=SAFEGUARDS,
    footage=FootageFacts(takes=(TAKE,), presented=PRESENTED),
    parties=PARTIES,
    outlet=HOURS,
)

NOTHING_KNOWN = replace(
    SALE,
    product=None,
    seller=None,
    zone=None,
    assessment=None,
    consent=None,
    recordings=(),
    customer=None,
    safeguards=None,
    opinion=None,
    disclosure=None,
)


def with_product(**changes: Any) -> SaleFacts:
    """The good sale with another product, of whose level the customer was told."""
    product = replace(PRODUCT, **changes)
    level = product.effective_level
    opinion = OPINION if level is None else replace(OPINION, product_level=level)
    return replace(SALE, product=product, opinion=opinion)


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


def with_preparation(**changes: Any) -> SaleFacts:
    """The good sale by a seller who is prepared otherwise."""
    assert SALE.seller is not None
    return replace(SALE, seller=replace(SALE.seller, preparation=replace(PREPARATION, **changes)))


def with_recording(**changes: Any) -> SaleFacts:
    """The good sale with another recording."""
    return replace(SALE, recordings=(replace(RECORDING, **changes),))


def with_recorder(**changes: Any) -> SaleFacts:
    """The good sale in a zone with another recorder."""
    return with_zone(recorders=(replace(RECORDER, **changes),))


def with_consent(**changes: Any) -> SaleFacts:
    """The good sale with another consent."""
    return replace(SALE, consent=replace(CONSENT, **changes))


def with_assessment(**changes: Any) -> SaleFacts:
    """The good sale with another assessment, on which the opinion rests."""
    assessment = replace(ASSESSMENT, **changes)
    level = OPINION.customer_level if assessment.level is None else assessment.level
    opinion = replace(OPINION, assessment_id=assessment.assessment_id, customer_level=level)
    return replace(SALE, assessment=assessment, opinion=opinion)


def passes(facts: SaleFacts) -> bool:
    """Whether the gate would log the sale."""
    return judge(facts).result is Result.PASSED


def only(facts: SaleFacts) -> tuple[str, str, str | None]:
    """The one finding of a refusal."""
    decision = judge(facts)
    assert decision.result is Result.REFUSED
    (finding,) = broken(decision)
    return finding


def with_buyer(**changes: Any) -> SaleFacts:
    """The good sale to another customer."""
    return replace(SALE, customer=replace(BUYER, **changes))
