"""Use cases of the gate: one transaction holds decision, sale or refusal, keeping and fact (T1, G1)."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import Violation, check_version
from chassis.ids import new_id
from chassis.outbox import record
from chassis.settings import Settings
from compliance.cases.domain import Money, SaleCase
from compliance.fees.commands import use_quotes
from compliance.legacy_records.queries import imported
from compliance.permits.commands import new_permit
from compliance.permits.domain import Ordered
from compliance.retention.commands import LOCK_SALE, begin_retention
from compliance.retention.queries import kept_case
from compliance.retention.release import shipped_release
from compliance.rulebook.commands import keep_release
from compliance.rulebook.decisions import Decision
from compliance.sales.domain import (
    RefusedAttempt,
    Sale,
    SaleIdTaken,
    check_confirmed,
    check_own_case,
    log_sale,
    refuse,
)
from compliance.sales.gate import Judged, judge
from compliance.sales.tables import decisions
from compliance.sales.transactions import CaseIsASale, CaseIsNoSale, Transacted, log_transaction

T = TypeVar("T", Sale, Transacted)

KEEP = insert(decisions).values(decision=cast(bindparam("text", type_=Text), JSONB))


@dataclass(frozen=True, kw_only=True)
class Attempted(Generic[T]):
    """What came of an attempt: the case, the decision, its violations, what was logged or the refusal."""

    case: SaleCase
    decision: Decision
    violations: list[Violation]
    outcome: T | RefusedAttempt


async def attempt_sale(
    session: AsyncSession,
    clock: Clock,
    settings: Settings,
    case_id: UUID,
    expected_version: int,
    *,
    recording_id: UUID | None,
    sale_id: UUID | None,
    confirmed: Money | None,
    by: str,
) -> Attempted[Sale]:
    """Judges the case by all rules in force and logs the sale, or records the refusal (T1: both commit).

    ``sale_id`` is the id that the bank's systems know the sale by; a new one where none is given. Raises
    ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``, ``RecordingUnknown``,
    ``SaleInForeignName``, ``AmountNotConfirmed``, :class:`SaleIdTaken`, ``SealBroken``, ``CaseIsNoSale``.
    """
    if sale_id is not None:
        # Before any head: a report about this sale takes it, then the recording.
        await session.execute(LOCK_SALE, {"sale_id": str(sale_id)})
        if await session.get(Sale, sale_id) is not None or await imported(session, {sale_id}):
            raise SaleIdTaken(pointer="/sale_id")
    judged = await judge(session, clock, settings, case_id, recording_id, share=False)
    case, decision = judged.case, judged.decision
    check_own_case(case, by)
    check_version(case.version, expected_version)
    case.must_be_open(decision.decided_at)
    if not judged.recorded:
        raise CaseIsNoSale
    check_confirmed(case, confirmed)
    decision_id = await keep_decision(session, case.id, decision, known_release=judged.known_release)
    if not decision.passed:
        return await _refuse(session, judged, decision_id)
    sale = await _log(session, settings, judged, decision_id, sale_id)
    await use_quotes(session, judged.facts.fees or (), by=by, at=decision.decided_at)
    return Attempted(case=case, decision=decision, violations=[], outcome=sale)


async def attempt_transaction(
    session: AsyncSession,
    clock: Clock,
    settings: Settings,
    case_id: UUID,
    expected_version: int,
    *,
    confirmed: Money | None,
    by: str,
) -> Attempted[Transacted]:
    """Judges a case of a kind that rests on no recording, and logs the transaction or records the refusal.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``,
    ``SaleInForeignName``, ``AmountNotConfirmed``, ``CaseIsASale``.
    """
    judged = await judge(session, clock, settings, case_id, None, share=False)
    case, decision = judged.case, judged.decision
    check_own_case(case, by)
    check_version(case.version, expected_version)
    case.must_be_open(decision.decided_at)
    if judged.recorded:
        raise CaseIsASale
    check_confirmed(case, confirmed)
    decision_id = await keep_decision(session, case.id, decision, known_release=judged.known_release)
    if not decision.passed:
        return await _refuse(session, judged, decision_id)
    done, fact = log_transaction(case, decision, transaction_id=new_id(), decision_id=decision_id)
    session.add(done)
    await record(session, fact)
    if judged.asked("FEE-01"):
        await use_quotes(session, judged.facts.fees or (), by=by, at=decision.decided_at)
    return Attempted(case=case, decision=decision, violations=[], outcome=done)


async def check_gate(
    session: AsyncSession, clock: Clock, settings: Settings, case_id: UUID, recording_id: UUID | None
) -> Judged:
    """The verdicts that an attempt would get now; stores nothing.

    Raises ``ObjectNotFound``, ``CaseIsLogged``, ``CaseIsAbandoned``, ``RecordingUnknown``, ``SealBroken``.
    """
    judged = await judge(session, clock, settings, case_id, recording_id, share=True)
    judged.case.must_be_open(judged.decision.decided_at)
    return judged


async def _refuse(session: AsyncSession, judged: Judged, decision_id: UUID) -> Attempted[T]:
    case, decision = judged.case, judged.decision
    violations = decision.violations(shipped_release())
    attempt, refusal = refuse(
        case, decision, violations, attempt_id=judged.facts.attempt_id, decision_id=decision_id
    )
    session.add(attempt)
    await record(session, refusal)
    return Attempted(case=case, decision=decision, violations=violations, outcome=attempt)


async def keep_decision(
    session: AsyncSession, case_id: UUID, decision: Decision, *, known_release: bool = False
) -> UUID:
    """Stores a decision about the case, and its release unless that is known to be stored; answers its id."""
    if not known_release:
        await keep_release(session, decision.decided_at, shipped_release())
    decision_id = new_id()
    row = {
        "id": decision_id,
        "case_id": case_id,
        "result": decision.result,
        "digest": decision.digest,
        "release": decision.release,
        "text": decision.text,
        "decided_at": decision.decided_at,
    }
    await session.execute(KEEP, row)
    return decision_id


async def _log(
    session: AsyncSession, settings: Settings, judged: Judged, decision_id: UUID, given_id: UUID | None
) -> Sale:
    """The keeping first (REC-07): the database takes no sale that is not kept; then its permit."""
    grounds, product, sale_id = judged.grounds, judged.facts.product, given_id or new_id()
    recording = grounds.recording
    # PRD-01 and REC-01 have passed.
    assert product is not None
    assert recording is not None
    await begin_retention(
        session,
        judged.decision.decided_at,
        recording,
        kept_case(grounds.found, recording.id, recording.id),
        sale_id=sale_id,
        announced=given_id is not None,
        kind=product.kind,
        form=product.form,
        term_months=product.term_months,
    )
    outlet = judged.facts.outlet
    sale, fact = log_sale(
        judged.case,
        judged.decision,
        sale_id=sale_id,
        decision_id=decision_id,
        recording_id=recording.id,
        business_date=None if outlet is None else outlet.business_date,
    )
    about = Ordered(
        customer_id=sale.customer_id,
        product_id=sale.product_id,
        product_version=product.version,
        amount_minor=sale.amount_minor,
        currency=sale.currency,
    )
    permit = new_permit(settings, sale.logged_at, about, sale_id=sale.id, outlet_id=sale.outlet_id)
    session.add(sale)
    await session.flush()
    session.add(permit)
    await record(session, fact, permit.issued())
    return sale
