"""Use cases of customers. The clock is read behind the lock: what waited for a decision is dated after it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Conflict, check_version
from chassis.ids import new_id
from compliance.customers import queries
from compliance.customers.domain import (
    Assessment,
    Customer,
    CustomerCheck,
    LevelConfirmation,
    ReportedChange,
    Setting,
    no_room,
)
from compliance.customers.tables import customers
from compliance.periods.domain import legal_date
from compliance.rulebook.assessments import AttemptFacts
from compliance.rulebook.customer_facts import AssessmentFacts
from compliance.rulebook.registers import assessment_finding


class CustomerSubjectTaken(Conflict):
    """One token subject is one customer."""

    code = "CUSTOMER_SUBJECT_TAKEN"
    zh = "该登录主体已登记为另一客户;请先查询已有客户。"
    en = "This token subject belongs to a customer already; look that customer up."


async def register_customer(session: AsyncSession, clock: Clock, *, subject: str | None, by: str) -> Customer:
    """Registers a customer under an opaque id. Raises :class:`CustomerSubjectTaken`."""
    taken = select(customers.c.id).where(customers.c.subject == subject)
    if subject is not None and await session.scalar(taken) is not None:
        raise CustomerSubjectTaken(pointer="/subject")
    customer = Customer.register(new_id(), subject=subject, by=by, at=clock.now())
    session.add(customer)
    return customer


async def complete_assessment(
    session: AsyncSession,
    clock: Clock,
    customer_id: UUID,
    expected_version: int,
    *,
    level: int,
    setting: Setting,
    by: str,
) -> tuple[Customer, Assessment]:
    """Records an assessment that the customer has just completed (SUI-01, SUI-10).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``LevelOutOfRange``, ``AssessmentLimitDay``,
    ``AssessmentLimitYear``.
    """
    customer = await _to_change(session, customer_id, expected_version)
    at = clock.now()
    completed = await queries.completions(session, customer_id)
    attempt = AttemptFacts(decided_at=at, completed=tuple(completed))
    if (finding := assessment_finding(attempt, legal_date(at))) is not None:
        raise no_room(finding, at)
    assessment = customer.assess(new_id(), level=level, setting=setting, by=by, at=at)
    session.add(assessment)
    return customer, assessment


async def import_assessment(
    session: AsyncSession,
    clock: Clock,
    customer_id: UUID,
    expected_version: int,
    *,
    level: int,
    completed_at: datetime,
    source: str,
    setting: Setting,
    by: str,
) -> tuple[Customer, Assessment]:
    """Records an older assessment with its own date, marked as imported.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``LevelOutOfRange``, ``AssessmentInFuture``.
    """
    customer = await _to_change(session, customer_id, expected_version)
    assessment = customer.import_assessment(
        new_id(),
        level=level,
        completed_at=completed_at,
        source=source,
        setting=setting,
        by=by,
        at=clock.now(),
    )
    session.add(assessment)
    return customer, assessment


async def report_change(
    session: AsyncSession, clock: Clock, customer_id: UUID, expected_version: int, *, by: str
) -> tuple[Customer, ReportedChange]:
    """Records that circumstances changed (SUI-12). Raises ``ObjectNotFound``, ``StaleVersion``."""
    customer = await _to_change(session, customer_id, expected_version)
    report = customer.report_change(new_id(), by=by, at=clock.now())
    session.add(report)
    return customer, report


async def confirm_level(
    session: AsyncSession,
    clock: Clock,
    customer_id: UUID,
    expected_version: int,
    assessment_id: UUID,
    *,
    by: str,
) -> tuple[Customer, LevelConfirmation]:
    """Records that the customer stands by his new level (SUI-11).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ConfirmationNotNeeded``.
    """
    customer = await _to_change(session, customer_id, expected_version)
    stands = await queries.standing_of(session, customer_id)
    confirmation = customer.confirm_level(new_id(), assessment_id, stands, by=by, at=clock.now())
    session.add(confirmation)
    return customer, confirmation


async def take_check(session: AsyncSession, check: CustomerCheck) -> None:
    """AML-01: takes what another system told, in whatever order it comes; the newest counts (N1, N4)."""
    statement = select(Customer).where(customers.c.id == check.customer_id).with_for_update()
    customer = await session.scalar(statement, execution_options={"populate_existing": True})
    if await session.get(CustomerCheck, (check.customer_id, check.sequence)) is not None:
        return
    session.add(check)
    if customer is not None:
        customer.touch()


async def lock_customer(session: AsyncSession, customer_id: UUID, *, share: bool = False) -> Customer:
    """G1: the customer's head row, locked (FOR UPDATE, or FOR SHARE). Raises ``ObjectNotFound``."""
    return await lock(session, Customer, customer_id, share=share)


async def customer_facts(session: AsyncSession, customer_id: UUID) -> AssessmentFacts | None:
    """G1: the assessment that counts, the customer's head row locked for reading; None without one.

    Raises ``ObjectNotFound`` for a customer that does not exist.
    """
    await lock_customer(session, customer_id, share=True)
    return await queries.assessment_facts_of(session, customer_id)


async def _to_change(session: AsyncSession, customer_id: UUID, expected_version: int) -> Customer:
    customer = await lock_customer(session, customer_id)
    check_version(customer.version, expected_version)
    return customer
