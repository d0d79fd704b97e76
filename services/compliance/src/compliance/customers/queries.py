"""Reads of customers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import Found, Reads, every, heads, last
from compliance.customers.domain import (
    Assessment,
    Customer,
    CustomerCheck,
    LevelConfirmation,
    ReportedChange,
    Standing,
    assessment_facts,
    standing,
)
from compliance.customers.tables import (
    assessments,
    customer_checks,
    customers,
    level_confirmations,
    reported_changes,
)
from compliance.rulebook.customer_facts import AssessmentFacts
from compliance.rulebook.facts import CheckFacts

ORDER = (customers.c.id,)
ASSESSMENT_ORDER = (assessments.c.customer_version,)

#: Of the customers ``customer_ids``: their heads to lock, and what a decision reads behind the locks (G1).
HEADS = heads(customers.c.id, "customer_ids")
CUSTOMERS = every(Customer, customers.c.id, "customer_ids")
#: Of two assessments at one instant the one that was recorded later counts.
ASSESSMENTS = every(
    Assessment,
    assessments.c.customer_id,
    "customer_ids",
    assessments.c.completed_at,
    assessments.c.customer_version,
)
CONFIRMATIONS = every(LevelConfirmation, level_confirmations.c.customer_id, "customer_ids")
REPORTED_CHANGES = every(ReportedChange, reported_changes.c.customer_id, "customer_ids")
CHECKS = last(CustomerCheck, customer_checks.c.customer_id, "customer_ids", customer_checks.c.sequence.desc())
ASSESSED = (ASSESSMENTS, CONFIRMATIONS, REPORTED_CHANGES)

_ASSESSED, _CHECKED, _REPORTED = Reads(*ASSESSED), Reads(CHECKS), Reads(REPORTED_CHANGES)


def listed(subject: str | None) -> Select[Any]:
    """The customer with this token subject, or all (None)."""
    statement = select(Customer)
    return statement if subject is None else statement.where(customers.c.subject == subject)


def assessments_of(customer_id: UUID) -> Select[Any]:
    """The assessments of a customer."""
    return select(Assessment).where(assessments.c.customer_id == customer_id)


async def customer(session: AsyncSession, customer_id: UUID) -> Customer:
    """One customer. Raises ``ObjectNotFound``."""
    return await load(session, Customer, customer_id)


async def subject_of(session: AsyncSession, customer_id: UUID) -> str | None:
    """The subject of the customer's token, None: he has no access of his own. Raises ``ObjectNotFound``."""
    return (await customer(session, customer_id)).subject


async def subjects_of(session: AsyncSession, customer_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The subjects of those customers' tokens, by id; who has no access, or is no customer, is left out."""
    statement = select(customers.c.id, customers.c.subject).where(
        customers.c.id.in_(customer_ids), customers.c.subject.is_not(None)
    )
    return {row.id: row.subject for row in await session.execute(statement)}


async def find_customer(session: AsyncSession, customer_id: UUID) -> Customer | None:
    """One customer, None where there is none."""
    return await session.scalar(select(Customer).where(customers.c.id == customer_id))


async def known(session: AsyncSession, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of the ids are those of customers."""
    return frozenset(await session.scalars(select(customers.c.id).where(customers.c.id.in_(ids))))


async def standing_of(session: AsyncSession, customer_id: UUID) -> Standing | None:
    """The assessment that counts, the one completed last, and how it stands."""
    return _standing(await _ASSESSED.read(session, customer_ids=[customer_id]), customer_id)


def _standing(found: Found, customer_id: UUID) -> Standing | None:
    confirmed = {one.assessment_id: one.confirmed_at for one in found.of(CONFIRMATIONS, customer_id)}
    return standing(found.of(ASSESSMENTS, customer_id), confirmed)


async def assessment_facts_of(session: AsyncSession, customer_id: UUID) -> AssessmentFacts | None:
    """The assessment that counts, as rules judge it; None: none. To rest on it, lock the head first (G1)."""
    return assessed(await _ASSESSED.read(session, customer_ids=[customer_id]), customer_id)


def assessed(found: Found, customer_id: UUID) -> AssessmentFacts | None:
    """The assessment that counts, of what :data:`ASSESSED` found; None: none."""
    return assessment_facts(_standing(found, customer_id), _reported_at(found, customer_id))


async def levels_between(
    session: AsyncSession, customer_id: UUID, start: datetime, end: datetime
) -> Sequence[int]:
    """The levels of the customer's assessments completed from ``start`` through ``end``, in their order."""
    statement = (
        select(assessments.c.level)
        .where(assessments.c.customer_id == customer_id, assessments.c.completed_at.between(start, end))
        .order_by(assessments.c.completed_at, assessments.c.customer_version)
    )
    return (await session.scalars(statement)).all()


def assessed_again_since(start: datetime, after: UUID) -> Select[Any]:
    """Ids of customers who were assessed more than once from ``start`` on, in order behind ``after``."""
    return (
        select(assessments.c.customer_id)
        .where(assessments.c.completed_at >= start, assessments.c.customer_id > after)
        .group_by(assessments.c.customer_id)
        .having(func.count() > 1)
        .order_by(assessments.c.customer_id)
    )


async def check_facts(session: AsyncSession, customer_id: UUID) -> CheckFacts:
    """AML-01: what the gate may rest on; where nothing was told, nothing stands. Lock the head first (G1)."""
    return checked(await _CHECKED.read(session, customer_ids=[customer_id]), customer_id)


def checked(found: Found, customer_id: UUID) -> CheckFacts:
    """AML-01: what :data:`CHECKS` found last; where nothing was told, nothing stands."""
    newest = found.one(CHECKS, customer_id)
    return CheckFacts(cleared_through=None) if newest is None else newest.facts()


async def last_reported_change(session: AsyncSession, customer_id: UUID) -> datetime | None:
    """When the customer last told of a change of circumstances."""
    return _reported_at(await _REPORTED.read(session, customer_ids=[customer_id]), customer_id)


def _reported_at(found: Found, customer_id: UUID) -> datetime | None:
    return max((one.reported_at for one in found.of(REPORTED_CHANGES, customer_id)), default=None)


async def completions(session: AsyncSession, customer_id: UUID) -> Sequence[datetime]:
    """When the customer completed his assessments, imported ones among them."""
    statement = select(assessments.c.completed_at).where(assessments.c.customer_id == customer_id)
    return (await session.scalars(statement)).all()
