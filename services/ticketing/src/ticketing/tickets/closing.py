"""The end of a business day: no more numbers, and nobody waits for ever.

Idempotent: what is closed stays closed, and only what still waits (or was called and did not come) is ended.
Customers who are being served stay with their tellers.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import BANK_ZONE, Clock
from chassis.outbox import record
from chassis.service import Job
from chassis.settings import Settings
from ticketing.catalogue.queries import queue_ids
from ticketing.outlets.domain import FALLBACK_CUTOVER_HOUR, business_date_of
from ticketing.outlets.queries import known
from ticketing.tickets.domain import DayClosure, DayNotBegun, Ticket, TicketState
from ticketing.tickets.tables import number_series, tickets

#: Tickets that are ended with one flush.
TOGETHER_MAX = 500

PAST_DAY = text("""
SELECT s.outlet_id, s.business_date
FROM number_series s
LEFT JOIN outlets o ON o.id = s.outlet_id
WHERE NOT s.closed AND s.business_date < (
    (CAST(:now AS timestamptz) AT TIME ZONE coalesce(o.timezone, CAST(:zone AS text)))
        - make_interval(hours => coalesce(o.cutover_hour, CAST(:cutover_hour AS integer)))
)::date
ORDER BY s.business_date
LIMIT 1
""")


async def close_day(session: AsyncSession, now: datetime, outlet_id: UUID, business_date: date) -> DayClosure:
    """Closes a business day at an outlet. Raises :class:`DayNotBegun`.

    The series are closed first: a ticket issued before is seen and ended, one after it is refused.
    """
    today = business_date_of(await known(session, outlet_id), now)
    if business_date > today:
        raise DayNotBegun(business_date=business_date, today=today, pointer="/business_date")
    queues = await queue_ids(session, outlet_id)
    await _close_series(session, now, outlet_id, business_date, queues)
    expired = no_shows = 0
    while ended := await _end_some(session, now, queues, business_date):
        expired += sum(ticket.state is TicketState.EXPIRED for ticket in ended)
        no_shows += sum(ticket.state is TicketState.NO_SHOW for ticket in ended)
    return DayClosure(
        outlet_id=outlet_id,
        business_date=business_date,
        expired=expired,
        no_shows=no_shows,
        in_service=await _in_service(session, queues, business_date),
    )


async def close_past_day(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """Closes one day that is over by its outlet's own calendar and was not closed by hand.

    Answers whether there was one. One outlet a transaction: the series of two are never locked together.
    """
    now = clock.now()
    zone = {"zone": BANK_ZONE.key, "cutover_hour": FALLBACK_CUTOVER_HOUR}
    past = (await session.execute(PAST_DAY, {"now": now, **zone})).one_or_none()
    if past is None:
        return False
    await close_day(session, now, past.outlet_id, past.business_date)
    return True


async def _close_series(
    session: AsyncSession, now: datetime, outlet_id: UUID, business_date: date, queues: list[UUID]
) -> None:
    """Locks the series in the order of their queues, as issuing does, and closes them, begun or not."""
    for queue_id in queues:
        statement = insert(number_series).values(
            queue_id=queue_id,
            business_date=business_date,
            outlet_id=outlet_id,
            issued=0,
            last_at=now,
            closed=True,
        )
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["queue_id", "business_date"], set_={"closed": True}
            )
        )


async def _end_some(
    session: AsyncSession, now: datetime, queues: list[UUID], business_date: date
) -> list[Ticket]:
    statement = (
        select(Ticket)
        .where(
            tickets.c.queue_id.in_(queues),
            tickets.c.business_date == business_date,
            tickets.c.state.in_((TicketState.WAITING, TicketState.CALLED)),
        )
        .order_by(tickets.c.id)
        .limit(TOGETHER_MAX)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(await session.scalars(statement))
    facts = [
        ticket.expire(at=now) if ticket.state is TicketState.WAITING else ticket.no_show(at=now)
        for ticket in found
    ]
    if facts:
        await record(session, *facts)
    return found


async def _in_service(session: AsyncSession, queues: list[UUID], business_date: date) -> int:
    found = await session.scalar(
        select(func.count())
        .select_from(tickets)
        .where(
            tickets.c.queue_id.in_(queues),
            tickets.c.business_date == business_date,
            tickets.c.state == TicketState.SERVING,
        )
    )
    return found or 0


CLOSE_PAST_DAYS = Job(name="close_past_days", seconds=60, run=close_past_day)
