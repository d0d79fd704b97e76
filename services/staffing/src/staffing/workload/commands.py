"""Use cases of workload."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from staffing.workload.domain import ServedTicket
from staffing.workload.tables import served_tickets


async def count(session: AsyncSession, served: Sequence[ServedTicket]) -> None:
    """Counts each served ticket once, whatever may arrive about it again.

    Rows of their own instead of counters: transactions of different partitions never wait for one another.
    """
    await session.execute(
        insert(served_tickets).on_conflict_do_nothing(), [vars(ticket) for ticket in served]
    )
