"""Use cases of the gate: one transaction holds decision, sale or refusal, keeping and fact (T1, G1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import Violation
from chassis.events import Fact
from chassis.ids import new_id
from chassis.outbox import record
from chassis.settings import Settings
from compliance.cases.commands import write_logged
from compliance.cases.domain import Money, SaleCase
from compliance.fees.commands import use_quotes
from compliance.legacy_records.queries import imported
from compliance.permits.commands import new_permit
from compliance.permits.domain import Ordered, Permit
from compliance.recordings.commands import write_versions
from compliance.recordings.domain import Recording
from compliance.retention.commands import LOCK_SALE, Proof, begin_retention
from compliance.retention.queries import kept_case
from compliance.retention.release import shipped_release
from compliance.rulebook.commands import keep_release
from compliance.rulebook.decisions import Decision
from compliance.sales.domain import (
    RefusedAttempt,
    Sale,
    SaleIdTaken,
    check_attempt,
    check_confirmed,
    log_sale,
    refuse,
)
from compliance.sales.events import SaleLogged
from compliance.sales.gate import Judged, judge
from compliance.sales.tables import decisions
from compliance.sales.transactions import CaseIsASale, CaseIsNoSale, Transacted, log_transaction

T = TypeVar("T", Sale, Transacted)

KEEP = insert(decisions).values(decision=cast(bindparam("text", type_=Text), JSONB))


@dataclass(frozen=True, kw_only=True)
class Attempted(Generic[T]):
    """What came of an attempt: the case, the decision, its violations, what was logged or the refusal.

    ``facts``: in their order, for whoever attempted it to record (R1).
    """

    case: SaleCase
    decision: Decision
    violations: list[Violation]
    outcome: T | RefusedAttempt
    facts: tuple[Fact, ...]


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
    check_attempt(case, expected_version, by=by, at=decision.decided_at)
    if not judged.recorded:
        raise CaseIsNoSale
    check_confirmed(case, confirmed)
    (done,) = await settle_sales(session, settings, [judged], sale_id=sale_id)
    await record(session, *done.facts)
    if decision.passed:
        await use_quotes(session, judged.facts.fees or (), by=by, at=decision.decided_at)
    return done


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
    check_attempt(case, expected_version, by=by, at=decision.decided_at)
    if judged.recorded:
        raise CaseIsASale
    check_confirmed(case, confirmed)
    (decision_id,) = await keep_decisions(session, (case.id, decision), known_release=judged.known_release)
    if not decision.passed:
        refused: Attempted[Transacted] = _refuse(session, judged, decision_id)
        await record(session, *refused.facts)
        return refused
    done, fact = log_transaction(case, decision, transaction_id=new_id(), decision_id=decision_id)
    await write_logged(session, [case])
    session.add(done)
    await record(session, fact)
    if judged.asked("FEE-01"):
        await use_quotes(session, judged.facts.fees or (), by=by, at=decision.decided_at)
    return Attempted(case=case, decision=decision, violations=[], outcome=done, facts=(fact,))


async def check_gate(
    session: AsyncSession, clock: Clock, settings: Settings, case_id: UUID, recording_id: UUID | None
) -> Judged:
    """The verdicts that an attempt would get now; stores nothing.

    Raises ``ObjectNotFound``, ``CaseIsLogged``, ``CaseIsAbandoned``, ``RecordingUnknown``, ``SealBroken``.
    """
    judged = await judge(session, clock, settings, case_id, recording_id, share=True)
    judged.case.must_be_open(judged.decision.decided_at)
    return judged


def _refuse(session: AsyncSession, judged: Judged, decision_id: UUID) -> Attempted[T]:
    case, decision = judged.case, judged.decision
    violations = decision.violations(shipped_release())
    attempt, fact = refuse(
        case, decision, violations, attempt_id=judged.facts.attempt_id, decision_id=decision_id
    )
    session.add(attempt)
    return Attempted(case=case, decision=decision, violations=violations, outcome=attempt, facts=(fact,))


async def keep_decisions(
    session: AsyncSession, *about: tuple[UUID, Decision], known_release: bool = False
) -> list[UUID]:
    """Stores decisions about cases, and their release unless it is known to be stored; answers their ids."""
    if not known_release:
        await keep_release(session, about[0][1].decided_at, shipped_release())
    decision_ids = [new_id() for _ in about]
    rows = [
        {
            "id": decision_id,
            "case_id": case_id,
            "result": decision.result,
            "digest": decision.digest,
            "release": decision.release,
            "text": decision.text,
            "decided_at": decision.decided_at,
        }
        for decision_id, (case_id, decision) in zip(decision_ids, about, strict=True)
    ]
    await session.execute(KEEP, rows)
    return decision_ids


async def settle_sales(
    session: AsyncSession, settings: Settings, judged: Sequence[Judged], *, sale_id: UUID | None = None
) -> list[Attempted[Sale]]:
    """Logs the sales that decisions of one moment allow, and puts the others on record as refused.

    ``sale_id``: under which id a single one is known already. The facts are for the caller to record.
    """
    known = all(one.known_release for one in judged)
    about = [(one.case.id, one.decision) for one in judged]
    decision_ids = await keep_decisions(session, *about, known_release=known)
    decided = list(zip(judged, decision_ids, strict=True))
    passed = [(one, decision_id) for one, decision_id in decided if one.decision.passed]
    logged = await _log(session, settings, passed, sale_id) if passed else {}
    return [
        logged[decision_id] if decision_id in logged else _refuse(session, one, decision_id)
        for one, decision_id in decided
    ]


async def _log(
    session: AsyncSession, settings: Settings, passed: Sequence[tuple[Judged, UUID]], given_id: UUID | None
) -> dict[UUID, Attempted[Sale]]:
    """The keeping first (REC-07): the database takes no sale that is not kept; then the permits."""
    proofs = [_proof(judged, given_id) for judged, _ in passed]
    heads = [proof.head for proof in proofs if isinstance(proof.head, Recording)]
    before = {head.id: head.version for head in heads}
    begun = await begin_retention(session, passed[0][0].decision.decided_at, *proofs)
    logged, sales, permits = dict[UUID, Attempted[Sale]](), list[Sale](), list[Permit]()
    for (judged, decision_id), proof, kept in zip(passed, proofs, begun, strict=True):
        sale, fact = _sale(judged, decision_id, proof)
        permit = _permit(settings, judged, sale)
        sales.append(sale)
        permits.append(permit)
        logged[decision_id] = Attempted(
            case=judged.case,
            decision=judged.decision,
            violations=[],
            outcome=sale,
            facts=(*kept, fact, permit.issued()),
        )
    await write_versions(session, before, heads)
    await write_logged(session, [judged.case for judged, _ in passed])
    session.add_all(sales)
    await session.flush()
    session.add_all(permits)
    return logged


def _proof(judged: Judged, given_id: UUID | None) -> Proof:
    grounds, product = judged.grounds, judged.facts.product
    # PRD-01 and REC-01 have passed.
    assert product is not None
    assert grounds.recording is not None
    recording_id = grounds.recording.id
    return Proof(
        head=grounds.recording,
        case=kept_case(grounds.found, recording_id, recording_id),
        sale_id=given_id or new_id(),
        announced=given_id is not None,
        kind=product.kind,
        form=product.form,
        term_months=product.term_months,
    )


def _sale(judged: Judged, decision_id: UUID, proof: Proof) -> tuple[Sale, SaleLogged]:
    outlet = judged.facts.outlet
    return log_sale(
        judged.case,
        judged.decision,
        sale_id=proof.sale_id,
        decision_id=decision_id,
        recording_id=proof.head.id,
        business_date=None if outlet is None else outlet.business_date,
    )


def _permit(settings: Settings, judged: Judged, sale: Sale) -> Permit:
    assert judged.facts.product is not None
    about = Ordered(
        customer_id=sale.customer_id,
        product_id=sale.product_id,
        product_version=judged.facts.product.version,
        amount_minor=sale.amount_minor,
        currency=sale.currency,
    )
    return new_permit(settings, sale.logged_at, about, sale_id=sale.id, outlet_id=sale.outlet_id)
