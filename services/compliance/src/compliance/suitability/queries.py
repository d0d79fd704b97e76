"""Reads of opinions and disclosures."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.rulebook.customer_facts import DisclosureFacts, OpinionFacts
from compliance.suitability.domain import MatchingOpinion, RiskDisclosure
from compliance.suitability.tables import matching_opinions, risk_disclosures

OPINION_ORDER = (matching_opinions.c.id,)
DISCLOSURE_ORDER = (risk_disclosures.c.id,)


def opinions_of(case_id: UUID) -> Select[Any]:
    """The opinions that were given about a case."""
    return select(MatchingOpinion).where(matching_opinions.c.case_id == case_id)


def disclosures_of(case_id: UUID) -> Select[Any]:
    """What was disclosed with a case."""
    return select(RiskDisclosure).where(risk_disclosures.c.case_id == case_id)


async def opinion(session: AsyncSession, opinion_id: UUID) -> MatchingOpinion:
    """One opinion. Raises ``ObjectNotFound``."""
    return await load(session, MatchingOpinion, opinion_id)


async def disclosure(session: AsyncSession, disclosure_id: UUID) -> RiskDisclosure:
    """One disclosure. Raises ``ObjectNotFound``."""
    return await load(session, RiskDisclosure, disclosure_id)


async def told_facts(
    session: AsyncSession, case_id: UUID
) -> tuple[OpinionFacts | None, DisclosureFacts | None]:
    """What the gate may rest on: of each kind the one given last, None where there is none.

    Lock the case first: whoever tells the customer, and his acknowledgement, holds it.
    """
    last = opinions_of(case_id).order_by(matching_opinions.c.given_at.desc(), matching_opinions.c.id.desc())
    shown = disclosures_of(case_id).order_by(risk_disclosures.c.shown_at.desc(), risk_disclosures.c.id.desc())
    given = await session.scalar(last.limit(1), execution_options={"populate_existing": True})
    told = await session.scalar(shown.limit(1), execution_options={"populate_existing": True})
    return None if given is None else given.facts(), None if told is None else told.facts()
