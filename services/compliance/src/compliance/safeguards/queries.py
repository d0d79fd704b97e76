"""Reads of safeguards."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.rulebook.customer_facts import SafeguardFacts
from compliance.safeguards import domain
from compliance.safeguards.domain import Safeguard
from compliance.safeguards.tables import safeguards

ORDER = (safeguards.c.case_version,)


def of_case(case_id: UUID) -> Select[Any]:
    """The safeguards of a case."""
    return select(Safeguard).where(safeguards.c.case_id == case_id)


async def safeguard_facts(session: AsyncSession, case_id: UUID) -> SafeguardFacts:
    """What the gate may rest on. Lock the case first (G1): every safeguard bumps it."""
    return domain.safeguard_facts((await session.scalars(of_case(case_id).order_by(*ORDER))).all())
