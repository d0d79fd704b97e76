"""Reads of duties to tell holders."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.risk_notices.domain import NoticeState, RiskNotice
from compliance.risk_notices.tables import risk_notices

ORDER = (risk_notices.c.id,)


def listed(state: NoticeState | None, product_id: UUID | None) -> Select[Any]:
    """The duties of one state and of one product; None: all."""
    statement = select(RiskNotice)
    if product_id is not None:
        statement = statement.where(risk_notices.c.product_id == product_id)
    match state:
        case NoticeState.TOLD:
            return statement.where(risk_notices.c.told_at.is_not(None))
        case NoticeState.OVERDUE:
            return statement.where(risk_notices.c.told_at.is_(None), risk_notices.c.overdue_at.is_not(None))
        case NoticeState.OPEN:
            return statement.where(risk_notices.c.told_at.is_(None), risk_notices.c.overdue_at.is_(None))
    return statement


async def risk_notice(session: AsyncSession, notice_id: UUID) -> RiskNotice:
    """One duty. Raises ``ObjectNotFound``."""
    return await load(session, RiskNotice, notice_id)
