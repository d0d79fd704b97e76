"""Reads of who takes part in a case."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.reads import Found, every, last
from compliance.cases.queries import logged_minor
from compliance.mandates.domain import Resolution
from compliance.parties.domain import Assistance, CaseAccount, Party, standing
from compliance.parties.tables import case_accounts, case_assistance, case_parties
from compliance.rulebook.party_facts import PartyRole

PARTY_ORDER = (case_parties.c.case_version,)
ACCOUNT_ORDER = (case_accounts.c.case_version,)
ASSISTANCE_ORDER = (case_assistance.c.case_version,)

#: Who takes part in the cases ``case_ids``; what was done for the customer. To decide on it, lock them (G1).
STATED_ACCOUNTS = last(CaseAccount, case_accounts.c.case_id, "case_ids", case_accounts.c.case_version.desc())
PARTIES = every(Party, case_parties.c.case_id, "case_ids", *PARTY_ORDER)
ASSISTANCE = every(Assistance, case_assistance.c.case_id, "case_ids", *ASSISTANCE_ORDER)
TAKING_PART = (STATED_ACCOUNTS, PARTIES)


def declared(found: Found, case_id: UUID) -> tuple[Party, ...]:
    """Who takes part, of what :data:`TAKING_PART` found: of one person in one role the last declaration."""
    return standing(found.of(PARTIES, case_id))


def parties_of(case_id: UUID) -> Select[Any]:
    """Who was declared in a case."""
    return select(Party).where(case_parties.c.case_id == case_id)


def accounts_of(case_id: UUID) -> Select[Any]:
    """What was stated about whose money it is."""
    return select(CaseAccount).where(case_accounts.c.case_id == case_id)


def assistance_of(case_id: UUID) -> Select[Any]:
    """What was done in a case for a customer who needs it."""
    return select(Assistance).where(case_assistance.c.case_id == case_id)


async def used_minor(session: AsyncSession, resolution: Resolution) -> int:
    """What the company's logged sales have used of a resolution: those of cases in which it was shown."""
    shown = select(case_parties.c.case_id).where(
        case_parties.c.role == PartyRole.SIGNATORY, case_parties.c.authority_id == resolution.document_id
    )
    cases = (await session.scalars(shown.distinct())).all()
    return await logged_minor(session, cases, resolution.customer_id, resolution.currency)
