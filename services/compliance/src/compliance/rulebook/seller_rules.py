"""Rules of the gate about the right to sell (SAL)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.periods.domain import add_months, legal_date
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
from compliance.rulebook.seller_facts import (
    TRAINING_MONTHS_MAX,
    AlertKind,
    PreparationFacts,
    QualificationFacts,
    SellerFacts,
)

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


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """SAL-10: what who sells ``kinds`` needs: so many ``minutes`` of these ``courses`` within ``months``.

    ``experience_months`` None: no experience is asked. ``clean_record``: no incident about him was confirmed.
    """

    kinds: tuple[str, ...]
    courses: tuple[str, ...]
    minutes: int
    months: int
    experience_months: int | None
    clean_record: bool

    def __post_init__(self) -> None:
        """Raises ``ValueError`` where the rule would look back further than the facts reach."""
        if self.months > TRAINING_MONTHS_MAX:
            raise ValueError(f"trainings are known for {TRAINING_MONTHS_MAX} months")


@dataclass(frozen=True, kw_only=True)
class Preparations:
    """SAL-10: a row for each group of kinds; what stands in none of them asks for nothing."""

    by_kind: tuple[Preparation, ...]


def seller_trained(facts: SaleFacts, parameters: Preparations) -> Verdict:
    """SAL-10: the seller has the training, experience and record that the kind of product asks for."""
    code = "TRAINING_SHORTFALL"
    if missing := [name for name in ("seller", "product") if getattr(facts, name) is None]:
        return unknown(code, *missing)
    assert facts.seller is not None
    assert facts.product is not None
    known = facts.seller.preparation
    if known is None:
        return unknown(code, "seller.preparation")
    on, kind = legal_date(facts.decided_at), facts.product.kind
    needs = [row for row in parameters.by_kind if kind in row.kinds]
    return Verdict(tuple(finding for row in needs for finding in _shortfalls(code, known, row, on)))


def _shortfalls(code: str, known: PreparationFacts, needs: Preparation, on: date) -> Iterable[Finding]:
    done = sum(
        one.minutes
        for one in known.trainings
        if one.kind in needs.courses and one.completed_on <= on <= add_months(one.completed_on, needs.months)
    )
    if done < needs.minutes:
        yield Finding(
            code=code,
            reason="hours",
            details={
                "done": (f"{done // 60}:{done % 60:02d}",),
                "needed": (f"{needs.minutes // 60}:{needs.minutes % 60:02d}",),
            },
        )
    if needs.experience_months is not None:
        if known.selling_since is None:
            yield Finding(code=code, missing=("seller.preparation.selling_since",))
        elif on <= (last := add_months(known.selling_since, needs.experience_months)):
            yield Finding(
                code=code,
                reason="experience",
                details={"earliest": ((last + timedelta(days=1)).isoformat(),)},
            )
    if needs.clean_record and known.bad_records:
        yield Finding(code=code, reason="record")


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
        "sale.seller_trained.v1",
        codes_of("TRAINING_SHORTFALL", "record", hours=("done", "needed"), experience=("earliest",)),
        Preparations,
        seller_trained,
    ),
    PureCheck(
        "sale.seller_unsuspected.v1",
        codes_of("OFF_BOOK_SALE_SUSPECTED", "fundraising"),
        NoParameters,
        seller_unsuspected,
    ),
)
