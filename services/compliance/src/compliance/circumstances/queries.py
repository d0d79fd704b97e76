"""Reads of circumstances."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

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


def statements_of(customer_id: UUID) -> Select[Any]:
    """What was stated about a customer."""
    return select(Statement).where(stated_circumstances.c.customer_id == customer_id)


def consents_of(customer_id: UUID) -> Select[Any]:
    """What a customer's legal representative answered."""
    return select(GuardianConsent).where(guardian_consents.c.customer_id == customer_id)


async def circumstances(session: AsyncSession, customer_id: UUID) -> Told:
    """What holds about a customer now; nothing of it known where nobody stated it."""
    return standing((await session.scalars(statements_of(customer_id).order_by(*STATEMENT_ORDER))).all())


async def circumstance_facts(
    session: AsyncSession,
    customer_id: UUID,
    product_id: UUID,
    case_id: UUID,
    at: datetime,
    *,
    sold_wealth: bool,
) -> CustomerFacts:
    """What the gate may rest on. Lock the customer's head first (G1): every statement bumps it."""
    consents = (await session.scalars(consents_of(customer_id).order_by(*CONSENT_ORDER))).all()
    consent = consent_that_counts(consents, product_id, case_id)
    return customer_facts(await circumstances(session, customer_id), consent, at, sold_wealth=sold_wealth)
