"""Reads of partners."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import every, heads
from compliance.partners.domain import Partner, PartnerReview, PartnerStep
from compliance.partners.tables import partner_reviews, partner_steps, partners
from compliance.rulebook.facts import PartnerState, ProductKind
from compliance.rulebook.registers import review_interval

ORDER = (partners.c.code,)
REVIEW_ORDER = (partner_reviews.c.partner_version,)
STEP_ORDER = (partner_steps.c.partner_version,)

#: Of the partners ``partner_ids``: their heads to lock, and what a decision reads behind the locks (G1).
HEADS = heads(partners.c.id, "partner_ids")
PARTNERS = every(Partner, partners.c.id, "partner_ids")


def listed(
    *, text: str | None = None, kind: ProductKind | None = None, state: PartnerState | None = None
) -> Select[Any]:
    """Partners whose code or name contains ``text``, of a kind, in one state; None: all but the exited."""
    statement = select(Partner)
    if text:
        in_code = partners.c.code.icontains(text, autoescape=True)
        statement = statement.where(in_code | partners.c.name.icontains(text, autoescape=True))
    if kind is not None:
        statement = statement.where(partners.c.kinds.cast(JSONB).contains([kind.value]))
    wanted = partners.c.state != PartnerState.EXITED if state is None else partners.c.state == state
    return statement.where(wanted)


def overdue(statement: Select[Any], on: date) -> Select[Any]:
    """AGY-04: those whose next review was due before the legal day ``on``; nobody where no rule says when."""
    interval = review_interval(on)
    if interval is None:
        return statement.where(false())
    # PostgreSQL ends a period of months as the law does: same number, or the month's last day.
    due_on = partners.c.reviewed_on + func.make_interval(0, interval.months)
    return statement.where(partners.c.state != PartnerState.EXITED, due_on < on)


def reviews(partner_id: UUID) -> Select[Any]:
    """The reviews of a partner."""
    return select(PartnerReview).where(partner_reviews.c.partner_id == partner_id)


def steps(partner_id: UUID) -> Select[Any]:
    """The admissions and exits of a partner."""
    return select(PartnerStep).where(partner_steps.c.partner_id == partner_id)


async def partner(session: AsyncSession, partner_id: UUID) -> Partner:
    """One partner. Raises ``ObjectNotFound``."""
    return await load(session, Partner, partner_id)


async def named(session: AsyncSession, partner_ids: Collection[UUID]) -> dict[UUID, Partner]:
    """The partners with these ids, by id."""
    if not partner_ids:
        return {}
    found = (await session.scalars(select(Partner).where(partners.c.id.in_(partner_ids)))).all()
    return {partner.id: partner for partner in found}
