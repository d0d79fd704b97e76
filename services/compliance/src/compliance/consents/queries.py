"""Reads of consents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import Found, Read, Reads, among, complete
from compliance.consents.domain import Consent, Withdrawal, deciding
from compliance.consents.tables import consent_withdrawals, consents
from compliance.rulebook.facts import ConsentFacts

ORDER = (consents.c.id,)

#: What the customers ``customer_ids`` answered, oldest first, and took back. To decide on it, lock their
#: heads (G1): every consent and every withdrawal bumps one.
CONSENTS = Read(
    Consent,
    select(consents)
    .where(among(consents.c.customer_id, "customer_ids"), among(consents.c.session_id, "session_ids"))
    .order_by(consents.c.customer_version),
    by="customer_id",
)
WITHDRAWALS = Read(
    Withdrawal,
    select(consent_withdrawals)
    .join(consents, consents.c.id == consent_withdrawals.c.consent_id)
    .where(among(consents.c.customer_id, "customer_ids"), among(consents.c.session_id, "session_ids")),
    by="consent_id",
)
ANSWERED = (CONSENTS, WITHDRAWALS)

_ANSWERED = Reads(*ANSWERED)


def of_case(case_id: UUID) -> Select[Any]:
    """The consents that were asked for with a case."""
    return select(Consent).where(consents.c.case_id == case_id)


async def consent(session: AsyncSession, consent_id: UUID) -> Consent:
    """One consent. Raises ``ObjectNotFound``."""
    return await load(session, Consent, consent_id)


async def of_session(session: AsyncSession, customer_id: UUID, session_id: UUID) -> Sequence[Consent]:
    """The consents of a customer's session, oldest first, to be taken back."""
    statement = (
        select(Consent)
        .where(consents.c.customer_id == customer_id, consents.c.session_id == session_id)
        .order_by(consents.c.customer_version)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


def deciding_consent(
    found: Found, customer_id: UUID, session_id: UUID, started_at: datetime | None
) -> Consent | None:
    """REC-04: the consent on which a recording that began at ``started_at`` rests; None: never asked.

    Of what :data:`ANSWERED` found.
    """
    given = [one for one in found.of(CONSENTS, customer_id) if one.session_id == session_id]
    for one in given:
        complete(one, withdrawal=found.one(WITHDRAWALS, one.id))
    return deciding(given, started_at)


async def consent_facts(
    session: AsyncSession, customer_id: UUID, session_id: UUID, started_at: datetime | None
) -> ConsentFacts | None:
    """What the gate may rest on (REC-04), for a recording that began at ``started_at``; None: never asked.

    Lock the customer's head first (G1).
    """
    found = await _ANSWERED.read(session, customer_ids=[customer_id], session_ids=[session_id])
    decides = deciding_consent(found, customer_id, session_id, started_at)
    return None if decides is None else decides.facts()
