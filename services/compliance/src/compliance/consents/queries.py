"""Reads of consents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.consents.domain import Consent, deciding
from compliance.consents.tables import consents
from compliance.rulebook.facts import ConsentFacts

ORDER = (consents.c.id,)


def of_case(case_id: UUID) -> Select[Any]:
    """The consents that were asked for with a case."""
    return select(Consent).where(consents.c.case_id == case_id)


async def consent(session: AsyncSession, consent_id: UUID) -> Consent:
    """One consent. Raises ``ObjectNotFound``."""
    return await load(session, Consent, consent_id)


async def answered_by(session: AsyncSession, consent_id: UUID) -> str:
    """The token subject that answered (SAL-08). Raises ``ObjectNotFound``."""
    return (await consent(session, consent_id)).answered_by


async def of_session(session: AsyncSession, customer_id: UUID, session_id: UUID) -> Sequence[Consent]:
    """The consents of a customer's session as they stand now, oldest first."""
    statement = (
        select(Consent)
        .where(consents.c.customer_id == customer_id, consents.c.session_id == session_id)
        .order_by(consents.c.customer_version)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def consent_facts(
    session: AsyncSession, customer_id: UUID, session_id: UUID, started_at: datetime | None
) -> ConsentFacts | None:
    """What the gate may rest on (REC-04), for a recording that began at ``started_at``; None: never asked.

    Lock the customer's head first (G1): every consent and every withdrawal bumps it.
    """
    found = deciding(await of_session(session, customer_id, session_id), started_at)
    return None if found is None else found.facts()
