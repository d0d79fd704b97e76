"""Reads of who takes part in a case."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.cases.queries import logged_minor
from compliance.mandates.domain import Resolution
from compliance.parties.domain import Assistance, CaseAccount, Party
from compliance.parties.tables import case_accounts, case_assistance, case_parties
from compliance.rulebook.party_facts import PartyRole

PARTY_ORDER = (case_parties.c.case_version,)
ACCOUNT_ORDER = (case_accounts.c.case_version,)
ASSISTANCE_ORDER = (case_assistance.c.case_version,)


def parties_of(case_id: UUID) -> Select[Any]:
    """Who was declared in a case."""
    return select(Party).where(case_parties.c.case_id == case_id)


def accounts_of(case_id: UUID) -> Select[Any]:
    """What was stated about whose money it is."""
    return select(CaseAccount).where(case_accounts.c.case_id == case_id)


def assistance_of(case_id: UUID) -> Select[Any]:
    """What was done in a case for a customer who needs it."""
    return select(Assistance).where(case_assistance.c.case_id == case_id)


async def declared_in(session: AsyncSession, case_id: UUID) -> Sequence[Party]:
    """Every declaration, in its order. To decide on them, lock the case (G1)."""
    return (await session.scalars(parties_of(case_id).order_by(*PARTY_ORDER))).all()


async def assistance_in(session: AsyncSession, case_id: UUID) -> Sequence[Assistance]:
    """Everything that was done, in its order. Lock the case first (G1)."""
    return (await session.scalars(assistance_of(case_id).order_by(*ASSISTANCE_ORDER))).all()


async def stated_account(session: AsyncSession, case_id: UUID) -> CaseAccount | None:
    """Whose money it is, as it was stated last; None: nobody has said. Lock the case first (G1)."""
    last = accounts_of(case_id).order_by(case_accounts.c.case_version.desc()).limit(1)
    found: CaseAccount | None = await session.scalar(last)
    return found


async def used_minor(session: AsyncSession, resolution: Resolution) -> int:
    """What the company's logged sales have used of a resolution: those of cases in which it was shown."""
    shown = select(case_parties.c.case_id).where(
        case_parties.c.role == PartyRole.SIGNATORY, case_parties.c.authority_id == resolution.document_id
    )
    cases = (await session.scalars(shown.distinct())).all()
    return await logged_minor(session, cases, resolution.customer_id, resolution.currency)
