"""The functions behind the gate's rules: pure, typed, named with a version.

A function whose meaning changes gets a new version beside the old one, because stored decisions are
replayed by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import pairwise

from compliance.evidence.domain import SegmentKind
from compliance.periods.domain import add_months, end_of, legal_date
from compliance.rulebook.domain import PASS, Check, Finding, PureCheck, Verdict, fail, unknown
from compliance.rulebook.facts import (
    ChecklistFacts,
    ProductFacts,
    ProductKind,
    ProductOrigin,
    ProductStatus,
    QualificationFacts,
    RecordingFacts,
    SaleFacts,
    SellerFacts,
    ZoneState,
)

#: Why a right to sell does not count, nearest to a valid one first: that is the reason which helps.
SELLER_FLAWS = ("suspended", "revoked", "expired", "early", "none")

ZONE_ITEMS = tuple(field.name for field in fields(ChecklistFacts) if field.name != "inspected_at")


@dataclass(frozen=True, kw_only=True)
class NoParameters:
    """For functions that have nothing to set."""


@dataclass(frozen=True, kw_only=True)
class SellingStates:
    """PRD-01: the states of a product that may be sold."""

    sells: tuple[ProductStatus, ...]


def product_listed(facts: SaleFacts, parameters: SellingStates) -> Verdict:
    """PRD-01: the product stands in the registry and is on sale."""
    code = "PRODUCT_NOT_LISTED"
    if facts.product is None:
        return unknown(code, "product")
    if facts.product.status is None:
        return unknown(code, "product.status")
    return (
        PASS
        if facts.product.status in parameters.sells
        else fail(code, "state", state=[facts.product.status])
    )


@dataclass(frozen=True, kw_only=True)
class RiskLevels:
    """PRD-07: the lowest and the highest level of the scale."""

    lowest: int
    highest: int


def product_graded(facts: SaleFacts, parameters: RiskLevels) -> Verdict:
    """PRD-07: a level of the scale by the bank, and for an agency product by its issuer too."""
    code = "PRODUCT_RISK_LEVEL_MISSING"
    product = facts.product
    if product is None:
        return unknown(code, "product")
    levels = {"product.bank_level": product.bank_level}
    if product.origin is ProductOrigin.AGENCY or product.issuer_level is not None:
        levels["product.issuer_level"] = product.issuer_level
    if missing := [path for path, level in levels.items() if level is None]:
        return unknown(code, *missing)
    outside = [
        str(n) for n in levels.values() if n is None or not parameters.lowest <= n <= parameters.highest
    ]
    return fail(code, "scale", levels=outside) if outside else PASS


@dataclass(frozen=True, kw_only=True)
class ZoneStates:
    """ZON-01: the states in which a place counts as a sales zone; ZON-03 asks whether it is ready."""

    counts: tuple[ZoneState, ...]


def inside_zone(facts: SaleFacts, parameters: ZoneStates) -> Verdict:
    """ZON-01: the sale happens in a zone of the seller's outlet."""
    code = "OUTSIDE_SALES_ZONE"
    if missing := [name for name in ("zone", "seller") if getattr(facts, name) is None]:
        return unknown(code, *missing)
    assert facts.zone is not None
    assert facts.seller is not None
    if facts.zone.outlet_id != facts.seller.outlet_id:
        return fail(code, "foreign")
    return PASS if facts.zone.state in parameters.counts else fail(code, "state", state=[facts.zone.state])


def zone_ready(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """ZON-03: the last inspection found all five items, before the sale, and the zone is not suspended."""
    code = "ZONE_NOT_READY"
    if facts.zone is None:
        return unknown(code, "zone")
    checklist = facts.zone.checklist
    if checklist is None or checklist.inspected_at > facts.decided_at:
        return unknown(code, "zone.checklist")
    items = {name: getattr(checklist, name) for name in ZONE_ITEMS}
    if missing := [f"zone.checklist.{name}" for name, found in items.items() if found is None]:
        return unknown(code, *missing)
    if absent := [name for name, found in items.items() if not found]:
        return fail(code, "items", items=absent)
    return fail(code, "suspended") if facts.zone.state is ZoneState.SUSPENDED else PASS


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


def customer_assessed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SUI-01: the customer himself was assessed before the sale, with a level as the result."""
    code = "ASSESSMENT_MISSING"
    assessment = facts.assessment
    if assessment is None:
        return unknown(code, "assessment")
    if assessment.level is None:
        return unknown(code, "assessment.level")
    reasons = {
        "customer": assessment.customer_id != facts.customer_id,
        "late": assessment.completed_at >= facts.decided_at,
    }
    return Verdict(tuple(Finding(code=code, reason=reason) for reason, found in reasons.items() if found))


@dataclass(frozen=True, kw_only=True)
class GradedKinds:
    """SUI-03: the kinds that always carry a risk level; any other is compared when it has one."""

    graded: tuple[ProductKind, ...]


def level_suits(facts: SaleFacts, parameters: GradedKinds) -> Verdict:
    """SUI-03: the higher of issuer's and bank's level is not above the customer's."""
    code = "RISK_LEVEL_MISMATCH"
    product, assessment = facts.product, facts.assessment
    if product is None:
        return unknown(code, "product")
    level = product.effective_level
    if level is None and product.kind not in parameters.graded:
        return PASS
    customer = None if assessment is None else assessment.level
    missing = [] if level is not None else [_level_path(product)]
    if customer is None:
        missing.append("assessment" if assessment is None else "assessment.level")
    if level is None or customer is None:
        return unknown(code, *missing)
    return (
        PASS if level <= customer else fail(code, "above", product=[f"R{level}"], customer=[f"C{customer}"])
    )


def _level_path(product: ProductFacts) -> str:
    return "product.issuer_level" if product.origin is ProductOrigin.AGENCY else "product.bank_level"


@dataclass(frozen=True, kw_only=True)
class ValidMonths:
    """SUI-12: how long an assessment is good for."""

    months: int


def assessment_valid(facts: SaleFacts, parameters: ValidMonths) -> Verdict:
    """SUI-12: the assessment's months are not over, and the customer reported no change since."""
    assessment, at = facts.assessment, facts.decided_at
    if assessment is None:
        return unknown("ASSESSMENT_EXPIRED", "assessment")
    findings = []
    last_day = add_months(legal_date(assessment.completed_at), parameters.months)
    if at >= end_of(last_day):
        findings.append(_expired(last_day))
    changed = assessment.change_reported_at
    if changed is not None and assessment.completed_at <= changed <= at:
        findings.append(Finding(code="REASSESSMENT_REQUIRED"))
    return Verdict(tuple(findings))


def _expired(last_day: date) -> Finding:
    return Finding(code="ASSESSMENT_EXPIRED", reason="over", details={"last_day": (last_day.isoformat(),)})


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """SAL-01: the kinds of qualification that cover each kind of product."""

    covers: Mapping[str, tuple[str, ...]]


def seller_qualified(facts: SaleFacts, parameters: Coverage) -> Verdict:
    """SAL-01: by a fresh register, the seller holds a right that covers the product at that instant."""
    code = "SALESPERSON_NOT_QUALIFIED"
    if facts.staffing_fresh is not True:
        return fail("REGISTER_STALE")
    if missing := [name for name in ("seller", "product") if getattr(facts, name) is None]:
        return unknown(code, *missing)
    assert facts.seller is not None
    assert facts.product is not None
    covering = parameters.covers.get(facts.product.kind, ())
    flaws = [_flaw(held, facts.decided_at) for held in _covering(facts.seller, covering)]
    if None in flaws:
        return PASS
    reason = next((reason for reason in SELLER_FLAWS if reason in flaws), "none")
    return fail(code, reason, kind=[facts.product.kind])


def _covering(seller: SellerFacts, kinds: tuple[str, ...]) -> Iterable[QualificationFacts]:
    return (held for held in seller.qualifications if held.kind in kinds)


def _flaw(held: QualificationFacts, at: datetime) -> str | None:
    day = legal_date(at)
    if held.revoked_at is not None and held.revoked_at <= at:
        return "revoked"
    if held.suspended_at is not None and held.suspended_at <= at:
        return "suspended"
    if day < held.valid_from:
        return "early"
    return "expired" if held.valid_until is not None and day > held.valid_until else None


def _codes(code: str, *reasons: str, **detailed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {code: ()} | {f"{code}/{reason}": detailed.get(reason, ()) for reason in (*reasons, *detailed)}


_CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.product_listed.v1",
        _codes("PRODUCT_NOT_LISTED", state=("state",)),
        SellingStates,
        product_listed,
    ),
    PureCheck(
        "sale.product_graded.v1",
        _codes("PRODUCT_RISK_LEVEL_MISSING", scale=("levels",)),
        RiskLevels,
        product_graded,
    ),
    PureCheck(
        "sale.inside_zone.v1",
        _codes("OUTSIDE_SALES_ZONE", "foreign", state=("state",)),
        ZoneStates,
        inside_zone,
    ),
    PureCheck(
        "sale.zone_ready.v1",
        _codes("ZONE_NOT_READY", "suspended", items=("items",)),
        NoParameters,
        zone_ready,
    ),
    PureCheck(
        "sale.recording_sealed.v1",
        _codes("RECORDING_MISSING", "several", "customer", "session", "unsealed", "late", "picture", "sound"),
        NoParameters,
        recording_sealed,
    ),
    PureCheck(
        "sale.recording_complete.v1",
        _codes("RECORDING_SEGMENT_MISSING", absent=("segments",), outside=("segments",), order=("segments",)),
        RequiredSegments,
        recording_complete,
    ),
    PureCheck(
        "sale.recording_consented.v1",
        _codes("RECORDING_CONSENT_REFUSED", "refused", "customer", "session", "late", "withdrawn"),
        NoParameters,
        recording_consented,
    ),
    PureCheck(
        "sale.customer_assessed.v1",
        _codes("ASSESSMENT_MISSING", "customer", "late"),
        NoParameters,
        customer_assessed,
    ),
    PureCheck(
        "sale.level_suits.v1",
        _codes("RISK_LEVEL_MISMATCH", above=("product", "customer")),
        GradedKinds,
        level_suits,
    ),
    PureCheck(
        "sale.assessment_valid.v1",
        _codes("ASSESSMENT_EXPIRED", over=("last_day",)) | _codes("REASSESSMENT_REQUIRED"),
        ValidMonths,
        assessment_valid,
    ),
    PureCheck(
        "sale.seller_qualified.v1",
        _codes("SALESPERSON_NOT_QUALIFIED", **dict.fromkeys(SELLER_FLAWS, ("kind",)))
        | _codes("REGISTER_STALE"),
        Coverage,
        seller_qualified,
    ),
)

SALE_CHECKS: Mapping[str, Check[SaleFacts]] = {check.name: check for check in _CHECKS}
