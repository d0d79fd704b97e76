"""What the gate makes of a decision: a logged sale, or a refused attempt. Both are records for good (D1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid, Violation, check_version
from compliance.cases.domain import Money, SaleCase
from compliance.rulebook.decisions import Decision, State
from compliance.sales.events import BrokenRule, SaleLogged, SaleRefused


class RecordingUnknown(Invalid):
    """A recording that does not exist, or not at this outlet."""

    code = "SALE_RECORDING_UNKNOWN"
    zh = "没有这段录音录像；请核对 recording_id，尚未录制的请留空。"
    en = "There is no such recording; check recording_id, or leave it out where nothing was recorded."


class AmountNotConfirmed(Invalid):
    """What the seller confirms is what the case says; another amount is another case."""

    code = "AMOUNT_NOT_CONFIRMED"
    zh = "确认金额与销售单不符；请核对，金额有变须新建销售单。"
    en = "The confirmed amount is not that of the case; check it, and open a new case for another amount."


class SaleInForeignName(Forbidden):
    """A seller logs the sales of his own cases (ZON-05)."""

    code = "SALE_IN_FOREIGN_NAME"
    zh = "只能登记本人办理的销售单；请由建立销售单的销售人员登记。"
    en = "The case belongs to another seller; let the seller who opened it log its sale."


class SaleIdTaken(Conflict):
    """One id is one sale."""

    code = "SALE_ID_TAKEN"
    zh = "该销售编号已用于另一笔销售；请核对 sale_id。"
    en = "Another sale has this id already; check sale_id."


@dataclass(kw_only=True)
class Sale:
    """A logged sale (REC-01: exactly one sealed recording). It never changes.

    ``business_date``: the outlet's, by its cut-over; None: its calendar was not known.
    """

    id: UUID
    case_id: UUID
    decision_id: UUID
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    customer_id: UUID
    zone_id: UUID
    recording_id: UUID
    amount_minor: int
    currency: str
    business_date: date | None
    logged_at: datetime


@dataclass(kw_only=True)
class RefusedAttempt:
    """An attempt that the gate refused: terminal. The case stays open."""

    id: UUID
    case_id: UUID
    decision_id: UUID
    outlet_id: UUID
    refused_at: datetime


@dataclass(kw_only=True)
class InspectionExport:
    """Who exported the sales of a period, of one outlet or product (by code) or of all; never changes.

    ``manifest`` is the SHA-256 of the signed manifest, ``public_key`` (raw, base64) checks its signature.
    """

    id: UUID
    first_day: date
    last_day: date
    outlet_id: UUID | None
    product: str | None
    sales: int
    manifest: str
    public_key: str
    exported_by: str
    exported_at: datetime


def log_sale(
    case: SaleCase,
    decision: Decision,
    *,
    sale_id: UUID,
    decision_id: UUID,
    recording_id: UUID,
    business_date: date | None,
) -> tuple[Sale, SaleLogged]:
    """The sale that a passing decision allows; ends the case. Raises as its ``log``."""
    # ZON-01 has passed: there is a zone.
    if not decision.passed or case.zone_id is None:
        raise ValueError(f"decision {decision_id} allows no sale")
    case.log(sale_id, decision.decided_at)
    sale = Sale(
        id=sale_id,
        case_id=case.id,
        decision_id=decision_id,
        outlet_id=case.outlet_id,
        seller_id=case.seller_id,
        product_id=case.product_id,
        customer_id=case.customer_id,
        zone_id=case.zone_id,
        recording_id=recording_id,
        amount_minor=case.amount_minor,
        currency=case.currency,
        business_date=business_date,
        logged_at=decision.decided_at,
    )
    fact = SaleLogged(
        version=1,
        occurred_at=sale.logged_at,
        sale_id=sale.id,
        case_id=sale.case_id,
        decision_id=sale.decision_id,
        decision=decision.digest,
        outlet_id=sale.outlet_id,
        seller_id=sale.seller_id,
        product_id=sale.product_id,
        customer_id=sale.customer_id,
        recording_id=sale.recording_id,
        amount_minor=sale.amount_minor,
        currency=sale.currency,
        business_date=sale.business_date,
    )
    return sale, fact


def refuse(
    case: SaleCase,
    decision: Decision,
    violations: Iterable[Violation],
    *,
    attempt_id: UUID,
    decision_id: UUID,
) -> tuple[RefusedAttempt, SaleRefused]:
    """The record of a refusal, and its fact naming every broken rule; the case stays open."""
    if decision.passed:
        raise ValueError(f"decision {decision_id} refuses nothing")
    attempt = RefusedAttempt(
        id=attempt_id,
        case_id=case.id,
        decision_id=decision_id,
        outlet_id=case.outlet_id,
        refused_at=decision.decided_at,
    )
    fact = SaleRefused(
        version=1,
        occurred_at=attempt.refused_at,
        attempt_id=attempt.id,
        case_id=attempt.case_id,
        decision_id=attempt.decision_id,
        decision=decision.digest,
        outlet_id=attempt.outlet_id,
        rules=rules_in(decision, State.FAILED),
        broken=tuple(
            BrokenRule(rule=violation.rule, code=violation.code, citation=violation.citation)
            for violation in violations
        ),
    )
    return attempt, fact


def rules_in(decision: Decision, state: State) -> tuple[str, ...]:
    """The ids of the rules that came out so, each once, sorted."""
    return tuple(sorted({outcome.rule for outcome in decision.outcomes if outcome.state is state}))


def missing_facts(decision: Decision) -> tuple[str, ...]:
    """Dotted paths of what was not on record, each once, sorted."""
    found = {path for o in decision.outcomes for finding in o.findings for path in finding.missing}
    return tuple(sorted(found))


def check_attempt(case: SaleCase, expected_version: int, *, by: str, at: datetime) -> None:
    """Whether the token subject ``by`` may try to log the case, as he knows it, at that time.

    Raises :class:`SaleInForeignName`, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``.
    """
    if case.opened_by != by:
        raise SaleInForeignName
    check_version(case.version, expected_version)
    case.must_be_open(at)


def check_confirmed(case: SaleCase, confirmed: Money | None) -> None:
    """Raises :class:`AmountNotConfirmed` unless the amount, where one is given, is that of the case."""
    if confirmed not in (None, Money(amount_minor=case.amount_minor, currency=case.currency)):
        raise AmountNotConfirmed(pointer="/confirmed")
