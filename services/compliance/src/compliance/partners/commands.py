"""Use cases of partners."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Conflict, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.partners.domain import Partner, PartnerTerms, ReviewItems
from compliance.partners.tables import partners
from compliance.rulebook.facts import PartnerFacts


class PartnerCodeTaken(Conflict):
    """Codes of partners are unique, those that have left the list included."""

    code = "PARTNER_CODE_TAKEN"
    zh = "合作机构代码 {taken} 已登记;请核对代码,已退出的机构请重新准入。"
    en = "The partner code {taken} is taken; check it, or admit the partner that has it again."


async def admit_partner(
    session: AsyncSession, clock: Clock, *, code: str, terms: PartnerTerms, reason: str, by: str
) -> Partner:
    """Puts a new partner on the list (AGY-04). Raises :class:`PartnerCodeTaken`."""
    if await session.scalar(select(partners.c.id).where(partners.c.code == code)) is not None:
        raise PartnerCodeTaken(taken=code, pointer="/code")
    partner, step, fact = Partner.admit(
        new_id(), new_id(), code=code, terms=terms, reason=reason, by=by, at=clock.now()
    )
    session.add(partner)
    await session.flush()
    session.add(step)
    await record(session, fact)
    return partner


async def readmit_partner(
    session: AsyncSession, clock: Clock, partner_id: UUID, expected_version: int, *, reason: str, by: str
) -> Partner:
    """Puts a partner that has left back on the list.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``PartnerStillListed``.
    """
    partner = await _to_change(session, partner_id, expected_version)
    step, fact = partner.admit_again(new_id(), reason=reason, by=by, at=clock.now())
    session.add(step)
    await record(session, fact)
    return partner


async def change_partner(
    session: AsyncSession, clock: Clock, partner_id: UUID, expected_version: int, terms: PartnerTerms
) -> Partner:
    """Corrects what is known about a partner.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``PartnerIsExited``.
    """
    partner = await _to_change(session, partner_id, expected_version)
    await record(session, partner.change(terms, at=clock.now()))
    return partner


async def review_partner(
    session: AsyncSession,
    clock: Clock,
    partner_id: UUID,
    expected_version: int,
    items: ReviewItems,
    *,
    findings: str,
    by: str,
) -> Partner:
    """Records a review and what follows from it (AGY-04).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``PartnerIsExited``.
    """
    partner = await _to_change(session, partner_id, expected_version)
    review, fact = partner.review(new_id(), items, findings=findings, by=by, at=clock.now())
    session.add(review)
    await record(session, fact)
    return partner


async def let_partner_go(
    session: AsyncSession, clock: Clock, partner_id: UUID, expected_version: int, *, reason: str, by: str
) -> Partner:
    """Takes a partner off the list. Raises ``ObjectNotFound``, ``StaleVersion``, ``PartnerIsExited``."""
    partner = await _to_change(session, partner_id, expected_version)
    step, fact = partner.exit(new_id(), reason=reason, by=by, at=clock.now())
    session.add(step)
    await record(session, fact)
    return partner


async def partner_facts(session: AsyncSession, partner_id: UUID) -> PartnerFacts | None:
    """G1: what the gate may rest on, the head row locked for reading; None: no such partner."""
    statement = select(Partner).where(partners.c.id == partner_id).with_for_update(read=True)
    partner = await session.scalar(statement, execution_options={"populate_existing": True})
    return None if partner is None else partner.facts()


async def _to_change(session: AsyncSession, partner_id: UUID, expected_version: int) -> Partner:
    partner = await lock(session, Partner, partner_id)
    check_version(partner.version, expected_version)
    return partner
