"""Rules of the gate about the right to sell (SAL)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from compliance.periods.domain import legal_date
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
from compliance.rulebook.seller_facts import AlertKind, QualificationFacts, SellerFacts

#: Why a right to sell does not count, nearest to a valid one first: that is the reason which helps.
SELLER_FLAWS = ("suspended", "revoked", "expired", "early", "none")


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
    flaws = [flaw(held, facts.decided_at) for held in _covering(facts.seller, covering)]
    if None in flaws:
        return PASS
    reason = next((reason for reason in SELLER_FLAWS if reason in flaws), "none")
    return fail(code, reason, kind=[facts.product.kind])


@dataclass(frozen=True, kw_only=True)
class OwnStaff:
    """ZON-05: the employer whose people may sell in the bank's outlets."""

    employer: str


def own_staff(facts: SaleFacts, parameters: OwnStaff) -> Verdict:
    """ZON-05: the seller is the bank's own; nobody else markets anything in its outlets."""
    code = "OUTSIDER_MARKETING"
    if facts.seller is None:
        return unknown(code, "seller")
    if facts.seller.employer is None:
        return unknown(code, "seller.employer")
    return PASS if facts.seller.employer == parameters.employer else fail(code, "employer")


def _covering(seller: SellerFacts, kinds: tuple[str, ...]) -> Iterable[QualificationFacts]:
    return (held for held in seller.qualifications if held.kind in kinds)


def flaw(held: QualificationFacts, at: datetime) -> str | None:
    """Why a right does not count at ``at``, by the names of :data:`SELLER_FLAWS`; None: it counts."""
    day = legal_date(at)
    if held.revoked_at is not None and held.revoked_at <= at:
        return "revoked"
    if held.suspended_at is not None and held.suspended_at <= at:
        return "suspended"
    if day < held.valid_from:
        return "early"
    return "expired" if held.valid_until is not None and day > held.valid_until else None


def seller_unsuspected(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SAL-02, M136: no alert about the seller's conduct is open."""
    code = "OFF_BOOK_SALE_SUSPECTED"
    if facts.alerts is None:
        return unknown(code, "alerts")
    kinds = {alert.kind for alert in facts.alerts}
    reasons = {AlertKind.OFF_BOOK_SALE_SUSPECTED: None, AlertKind.ILLEGAL_FUNDRAISING: "fundraising"}
    return Verdict(tuple(Finding(code=code, reason=reasons[kind]) for kind in AlertKind if kind in kinds))


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck("sale.own_staff.v1", codes_of("OUTSIDER_MARKETING", "employer"), OwnStaff, own_staff),
    PureCheck(
        "sale.seller_qualified.v1",
        codes_of("SALESPERSON_NOT_QUALIFIED", **dict.fromkeys(SELLER_FLAWS, ("kind",)))
        | codes_of("REGISTER_STALE"),
        Coverage,
        seller_qualified,
    ),
    PureCheck(
        "sale.seller_unsuspected.v1",
        codes_of("OFF_BOOK_SALE_SUSPECTED", "fundraising"),
        NoParameters,
        seller_unsuspected,
    ),
)
