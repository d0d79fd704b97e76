"""Reads of circumstances."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.reads import Found, Reads, every
from compliance.circumstances.domain import (
    GuardianConsent,
    Statement,
    Told,
    consent_that_counts,
    customer_facts,
    standing,
)
from compliance.circumstances.tables import guardian_consents, stated_circumstances
from compliance.rulebook.customer_facts import CustomerFacts

STATEMENT_ORDER = (stated_circumstances.c.customer_version,)
CONSENT_ORDER = (guardian_consents.c.customer_version,)

#: What was stated about the customers ``customer_ids``, and what their representatives answered. To decide on
#: it, lock their heads (G1): every statement bumps one.
STATEMENTS = every(Statement, stated_circumstances.c.customer_id, "customer_ids", *STATEMENT_ORDER)
GUARDIAN_CONSENTS = every(GuardianConsent, guardian_consents.c.customer_id, "customer_ids", *CONSENT_ORDER)
STATED = (STATEMENTS, GUARDIAN_CONSENTS)

_STATED, _STATEMENTS = Reads(*STATED), Reads(STATEMENTS)


def statements_of(customer_id: UUID) -> Select[Any]:
    """What was stated about a customer."""
    return select(Statement).where(stated_circumstances.c.customer_id == customer_id)


def consents_of(customer_id: UUID) -> Select[Any]:
    """What a customer's legal representative answered."""
    return select(GuardianConsent).where(guardian_consents.c.customer_id == customer_id)


async def circumstances(session: AsyncSession, customer_id: UUID) -> Told:
    """What holds about a customer now; nothing of it known where nobody stated it."""
    found = await _STATEMENTS.read(session, customer_ids=[customer_id])
    return standing(found.of(STATEMENTS, customer_id))


async def circumstance_facts(
    session: AsyncSession,
    customer_id: UUID,
    product_id: UUID,
    case_id: UUID,
    at: datetime,
    *,
    sold_wealth: bool,
) -> CustomerFacts:
    """What the gate may rest on. Lock the customer's head first (G1)."""
    found = await _STATED.read(session, customer_ids=[customer_id])
    return stated(found, customer_id, product_id, case_id, at, sold_wealth=sold_wealth)


def stated(
    found: Found, customer_id: UUID, product_id: UUID, case_id: UUID, at: datetime, *, sold_wealth: bool
) -> CustomerFacts:
    """What the gate may rest on, of what :data:`STATED` found."""
    consent = consent_that_counts(found.of(GUARDIAN_CONSENTS, customer_id), product_id, case_id)
    held = standing(found.of(STATEMENTS, customer_id))
    return customer_facts(held, consent, at, sold_wealth=sold_wealth)
