"""Use cases of regular plans.

A debit is judged by the gate's own rules that the matrix asks of a DEBIT, on facts of one moment: the heads
that it rests on are locked in the gate's order, the plan in the place of the case (G1).
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Violation, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.cases.commands import lock_case
from compliance.cases.domain import Money, SaleCase
from compliance.cases.queries import case as case_of
from compliance.circumstances.queries import circumstance_facts
from compliance.customers.commands import customer_facts
from compliance.customers.queries import check_facts
from compliance.partners.commands import partner_facts
from compliance.plans.domain import Debit, DebitAllowedAlready, Plan, PlanCaseInvalid, PlanState, Terms
from compliance.plans.queries import is_allowed, is_taken, resting_on
from compliance.plans.queries import plan as plan_of
from compliance.products.commands import product_facts
from compliance.retention.commands import LOCK_SALE
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.customer_facts import AssessmentFacts
from compliance.rulebook.decisions import decide
from compliance.rulebook.facts import PartnerFacts, ProductFacts, SaleFacts
from compliance.rulebook.transaction_facts import TransactionFacts, TransactionKind
from compliance.sales.commands import keep_decisions
from compliance.sales.queries import is_reversed, sold_wealth

DEBIT = TransactionFacts(kind=TransactionKind.DEBIT, holding=None, rollover_consent=None, heir=None)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A debit, the plan as it stands after it, and what the debit breaks."""

    plan: Plan
    debit: Debit
    violations: list[Violation]


async def set_up_plan(session: AsyncSession, clock: Clock, case_id: UUID, terms: Terms, *, by: str) -> Plan:
    """Sets up the plan that a case's logged sale is about.

    Raises ``ObjectNotFound``, ``PlanCaseInvalid``, ``PlanDatesInvalid``.
    """
    case = await _unused(session, case_id)
    plan, taken, fact = Plan.set_up(new_id(), case, terms, by=by, at=clock.now())
    session.add(plan)
    await session.flush()
    session.add(taken)
    await record(session, fact)
    return plan


async def renew_plan(
    session: AsyncSession, clock: Clock, plan_id: UUID, expected_version: int, *, case_id: UUID, by: str
) -> Plan:
    """Goes on with a plan by a new sale: what was suspended is debited again, and by the new amount.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``PlanCaseInvalid``, ``PlanHasEnded``.
    """
    case = await _unused(session, case_id)
    plan = await lock(session, Plan, plan_id)
    check_version(plan.version, expected_version)
    taken, fact = plan.renew(case, by=by, at=clock.now())
    session.add(taken)
    await record(session, fact)
    return plan


async def end_plan(session: AsyncSession, clock: Clock, plan_id: UUID, expected_version: int) -> Plan:
    """Ends a plan on its customer's word. Raises ``ObjectNotFound``, ``StaleVersion``, ``PlanHasEnded``."""
    plan = await lock(session, Plan, plan_id)
    check_version(plan.version, expected_version)
    await record(session, plan.end(clock.now()))
    return plan


async def end_reversed_plan(session: AsyncSession, case_id: UUID, at: datetime) -> None:
    """Ends the plan that rests on a sale which is reversed, if any; lock the sale, then its customer (G1).

    One that a later sale has renewed goes on.
    """
    plan_id = await resting_on(session, case_id)
    if plan_id is None:
        return
    plan = await lock(session, Plan, plan_id)
    if plan.case_id == case_id and plan.state is not PlanState.ENDED:
        await record(session, plan.end_reversed(at))


async def judge_debit(
    session: AsyncSession, clock: Clock, plan_id: UUID, *, due_on: date, money: Money, by: str
) -> Judged:
    """Judges a debit before it is made: allows it, or suspends the plan on record (T1: both commit).

    Raises ``ObjectNotFound``, ``PlanNotActive``, ``PlanAmountIncreased``, ``DebitNotDue``,
    ``DebitAllowedAlready``.
    """
    # Customer and product of a plan never change.
    wanted = await plan_of(session, plan_id)
    assessment = await customer_facts(session, wanted.customer_id)
    product = await product_facts(session, wanted.product_id)
    supplier = None if product is None else product.partner_id
    partner = None if supplier is None else await partner_facts(session, supplier)
    plan = await lock(session, Plan, plan_id)
    at = clock.now()
    period = plan.period_of(due_on, money, at)
    if await is_allowed(session, plan_id, period):
        raise DebitAllowedAlready(pointer="/due_on")
    case = await case_of(session, plan.case_id)
    facts = await _facts(session, case, money, at, assessment=assessment, product=product, partner=partner)
    release = shipped_release()
    decision = decide(release, SALE_CHECKS, facts)
    (decision_id,) = await keep_decisions(session, (case.id, decision))
    debit = Debit(
        id=facts.attempt_id,
        plan_id=plan.id,
        plan_version=plan.version + 1,
        case_id=case.id,
        decision_id=decision_id,
        decision_result=decision.result.value,
        period=period,
        due_on=due_on,
        amount_minor=money.amount_minor,
        currency=money.currency,
        allowed=decision.passed,
        announced_by=by,
        announced_at=at,
    )
    session.add(debit)
    violations = decision.violations(release)
    fact = plan.allow(debit, decision) if debit.allowed else plan.suspend(debit, decision, violations)
    await session.flush()
    await record(session, fact)
    return Judged(plan=plan, debit=debit, violations=violations)


async def _unused(session: AsyncSession, case_id: UUID) -> SaleCase:
    sale_id = (await case_of(session, case_id)).sale_id
    if sale_id is None:
        raise PlanCaseInvalid(pointer="/case_id")
    # Before any head: a reversal of this sale takes it, then its customer and the plan.
    await session.execute(LOCK_SALE, {"sale_id": str(sale_id)})
    case = await lock_case(session, case_id)
    if await is_reversed(session, sale_id) or await is_taken(session, case_id):
        raise PlanCaseInvalid(pointer="/case_id")
    return case


async def _facts(
    session: AsyncSession,
    case: SaleCase,
    money: Money,
    at: datetime,
    *,
    assessment: AssessmentFacts | None,
    product: ProductFacts | None,
    partner: PartnerFacts | None,
) -> SaleFacts:
    """What the rules of a debit look at; what nobody asks of it is not looked up."""
    sold = await sold_wealth(session, case.customer_id)
    return SaleFacts(
        attempt_id=new_id(),
        session_id=case.session_id,
        customer_id=case.customer_id,
        decided_at=at,
        channel=case.channel.value,
        amount_minor=money.amount_minor,
        currency=money.currency,
        staffing_fresh=None,
        product=product,
        seller=None,
        zone=None,
        assessment=assessment,
        consent=None,
        recordings=(),
        check=await check_facts(session, case.customer_id),
        partner=partner,
        entry_mode=case.entry_mode,
        customer=await circumstance_facts(
            session, case.customer_id, case.product_id, case.id, at, sold_wealth=sold
        ),
        transaction=DEBIT,
    )
