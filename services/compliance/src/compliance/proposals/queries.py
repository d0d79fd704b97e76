"""Reads of proposals, and of what may be recommended to a customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.customers.queries import assessment_facts_of
from compliance.periods.domain import legal_date
from compliance.products.queries import advertised, graded_up_to
from compliance.proposals.domain import Proposal, footing
from compliance.proposals.tables import proposals
from compliance.rulebook.registers import assessment_months

ORDER = (proposals.c.id,)


def of_customer(customer_id: UUID) -> Select[Any]:
    """What was recommended to a customer."""
    return select(Proposal).where(proposals.c.customer_id == customer_id)


async def proposal(session: AsyncSession, proposal_id: UUID) -> Proposal:
    """One proposal. Raises ``ObjectNotFound``."""
    return await load(session, Proposal, proposal_id)


async def recommendable(session: AsyncSession, customer_id: UUID, at: datetime) -> Select[Any]:
    """SUI-08: what is on sale and may be shown to the customer unasked; nothing without a level."""
    assessment = await assessment_facts_of(session, customer_id)
    stands = footing(assessment, assessment_months(legal_date(at)), at)
    return advertised(graded_up_to(0 if stands is None else stands.level))
