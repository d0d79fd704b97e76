"""Routes of what happens around tickets: queues, calls, leaving a counter, the end of the day."""

from datetime import date
from uuid import UUID

from fastapi import Response

from chassis.auth import action
from chassis.db import load
from chassis.http.routing import (
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from ticketing.catalogue.queries import BY_LETTER, queues_of
from ticketing.counters.domain import CounterSession, CounterWindow
from ticketing.counters.views import SessionView
from ticketing.outlets.domain import business_date_of
from ticketing.outlets.queries import known
from ticketing.tickets import closing, commands, queries
from ticketing.tickets.views import TicketView

queues = routes("/v1/outlets/{outlet_id}/queues", "queues")
calls = routes("/v1/counters/{counter_id}/calls", "calls")
sessions = routes("/v1/sessions", "counters")
day_closures = routes("/v1/outlets/{outlet_id}/day-closures", "days")


class WaitingQueueView(Output):
    """A queue with the people who wait in it now. ``version`` is that of the queue's set-up."""

    id: UUID
    version: int
    letter: str
    name_zh: str
    name_en: str
    service_codes: list[str]
    accepting: bool
    business_date: date
    people_waiting: int


class NewDayClosure(Input):
    """The business day to close; one that lies ahead cannot be."""

    business_date: date


class DayClosureView(Output):
    """What closing the day did; ``in_service`` customers are still being served."""

    outlet_id: UUID
    business_date: date
    expired: int
    no_shows: int
    in_service: int


@queues.get("")
@action("queue.list")
async def list_queues(
    outlet_id: UUID, session: ReadSession, clock: Now, guard: Guard, page: PageQuery
) -> Page[WaitingQueueView]:
    """List the queues of an outlet by letter, with the people who wait."""
    guard(outlet_id=outlet_id)
    today = business_date_of(await known(session, outlet_id), clock.now())
    rows, cursor = await paginate(session, queues_of(outlet_id), page, order=BY_LETTER)
    waiting = await queries.waiting_by_queue(session, [row.id for row in rows], today)
    items = [
        WaitingQueueView(
            id=row.id,
            version=row.version,
            letter=row.letter,
            name_zh=row.name_zh,
            name_en=row.name_en,
            service_codes=sorted(row.service_codes),
            accepting=row.accepting,
            business_date=today,
            people_waiting=waiting.get(row.id, 0),
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=cursor)


@calls.post("", status_code=201)
@action("ticket.call_next")
async def call_next(
    counter_id: UUID, session: Session, clock: Now, guard: Guard, response: Response
) -> TicketView:
    """Call whoever has waited longest in the counter's queues."""
    guard(outlet_id=(await load(session, CounterWindow, counter_id)).outlet_id)
    ticket = await commands.call_next(session, clock.now(), counter_id)
    respond(response, version=ticket.version, location=f"/v1/tickets/{ticket.id}")
    return TicketView.model_validate(ticket)


@sessions.post("/{session_id}/closure")
@action("session.close")
async def close_session(
    session_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> SessionView:
    """Leave the counter; a ticket in hand forbids it."""
    guard(outlet_id=(await load(session, CounterSession, session_id)).outlet_id)
    seat = await commands.leave_counter(session, clock.now(), session_id, if_match)
    respond(response, version=seat.version)
    return SessionView.model_validate(seat)


@day_closures.post("")
@action("day.close")
async def close_day(
    outlet_id: UUID, body: NewDayClosure, session: Session, clock: Now, guard: Guard
) -> DayClosureView:
    """Close a business day: no more numbers; what waits expires; who was called and is away is a no-show."""
    guard(outlet_id=outlet_id)
    done = await closing.close_day(session, clock.now(), outlet_id, body.business_date)
    return DayClosureView.model_validate(done)
