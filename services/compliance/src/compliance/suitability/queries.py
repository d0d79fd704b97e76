"""Reads of opinions and disclosures."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import Found, Read, among, complete, last
from compliance.rulebook.customer_facts import DisclosureFacts, OpinionFacts
from compliance.suitability.domain import Acknowledgement, MatchingOpinion, RiskDisclosure
from compliance.suitability.tables import acknowledgements, matching_opinions, risk_disclosures

OPINION_ORDER = (matching_opinions.c.id,)
DISCLOSURE_ORDER = (risk_disclosures.c.id,)

#: What was told last in the cases ``case_ids``, and who saw it. To decide on it, lock the cases (G1):
#: whoever tells the customer, and his acknowledgement, holds the case.
OPINIONS = last(
    MatchingOpinion,
    matching_opinions.c.case_id,
    "case_ids",
    matching_opinions.c.given_at.desc(),
    matching_opinions.c.id.desc(),
)
SEEN_OPINIONS = Read(
    Acknowledgement,
    select(acknowledgements)
    .join(matching_opinions, matching_opinions.c.id == acknowledgements.c.opinion_id)
    .where(among(matching_opinions.c.case_id, "case_ids")),
    by="opinion_id",
)
DISCLOSURES = last(
    RiskDisclosure,
    risk_disclosures.c.case_id,
    "case_ids",
    risk_disclosures.c.shown_at.desc(),
    risk_disclosures.c.id.desc(),
)
SEEN_DISCLOSURES = Read(
    Acknowledgement,
    select(acknowledgements)
    .join(risk_disclosures, risk_disclosures.c.id == acknowledgements.c.disclosure_id)
    .where(among(risk_disclosures.c.case_id, "case_ids")),
    by="disclosure_id",
)
TOLD = (OPINIONS, SEEN_OPINIONS, DISCLOSURES, SEEN_DISCLOSURES)


def told(found: Found, case_id: UUID) -> tuple[OpinionFacts | None, DisclosureFacts | None]:
    """What the gate may rest on, of what :data:`TOLD` found: of each kind the last, None: there is none."""
    opinion, disclosure = found.one(OPINIONS, case_id), found.one(DISCLOSURES, case_id)
    if opinion is not None:
        complete(opinion, acknowledgement=found.one(SEEN_OPINIONS, opinion.id))
    if disclosure is not None:
        complete(disclosure, acknowledgement=found.one(SEEN_DISCLOSURES, disclosure.id))
    return None if opinion is None else opinion.facts(), None if disclosure is None else disclosure.facts()


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
