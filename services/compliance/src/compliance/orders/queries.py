"""Reads of reports about orders."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.orders.domain import OrderStep
from compliance.orders.tables import order_reports


async def is_cancelled(session: AsyncSession, order_id: str) -> bool:
    """Whether core banking has reported that the order was cancelled."""
    report = order_reports.c
    cancelled = exists().where(report.order_id == order_id, report.step == OrderStep.CANCELLED)
    return bool(await session.scalar(select(cancelled)))
