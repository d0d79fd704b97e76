"""Routes of tickets."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal, action
from chassis.db import load
from chassis.events import Fact
from chassis.http.edge import Edge, edge_of, kept
from chassis.http.routing import (
    Caller,
    Gate,
    Guard,
    IfMatch,
    Input,
    Now,
    ReadSession,
    Session,
    respond,
    routes,
)
from ticketing.access import STAFF, Role
from ticketing.catalogue.views import ServiceCode
from ticketing.tickets import commands, queries
from ticketing.tickets.domain import Channel, Ticket
from ticketing.tickets.issuing import Desk
from ticketing.tickets.views import PositionView, PublicTicketView, SlipView, TicketView

outlet_tickets = routes("/v1/outlets/{outlet_id}/tickets", "tickets")
tickets = routes("/v1/tickets", "tickets")

#: From this many digits on, an id is a telephone or identity number, and no opaque id.
DIGITS_MAX = 6


def _opaque(visitor: str) -> str:
    if len(visitor) > DIGITS_MAX and visitor.rstrip("Xx").isdigit():
        chinese = "须为不透明的客户编号,不能是电话或证件号码。"
        raise PydanticCustomError(
            "visitor_not_opaque", "Give an opaque id, no telephone or identity number.", {"zh": chinese}
        )
    return visitor


Visitor = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$"), AfterValidator(_opaque)]


class NewTicket(Input):
    """What somebody comes for.

    ``queue_id``: a queue of choice among those that serve it; without one, the first by letter.
    ``visitor``: an opaque id of a customer who was recognised; who brings an own token is known by that.
    """

    service_code: ServiceCode
    queue_id: UUID | None = None
    visitor: Visitor | None = None


def channel_of(caller: Principal) -> Channel:
    """The channel follows from who issues, so that nobody can name another."""
    if Role.KIOSK in caller.roles:
        return Channel.KIOSK
    return Channel.LOBBY_MANAGER if Role.LOBBY_MANAGER in caller.roles else Channel.CUSTOMER


def new_desk(edge: Edge) -> Desk:
    """The issuing desk of an app."""
    return Desk(edge.engine, edge.clock)


@outlet_tickets.post("", status_code=201, response_model=SlipView)
@action("ticket.issue", grouped=True)
async def issue_ticket(outlet_id: UUID, body: NewTicket, request: Request, guard: Guard) -> Response:
    """Take a number."""
    guard(outlet_id=outlet_id)
    channel = channel_of(guard.principal)
    answer = await kept(request, Desk, new_desk).issue(
        request.state.idempotency,
        outlet_id=outlet_id,
        service_code=body.service_code,
        queue_id=body.queue_id,
        channel=channel,
        visitor=guard.principal.subject if channel is Channel.CUSTOMER else body.visitor,
    )
    if answer is None:
        edge = edge_of(request)
        async with edge.readers() as session, session.begin():
            await commands.explain_refusal(
                session, edge.clock.now(), outlet_id, body.service_code, body.queue_id
            )
    return answer


@tickets.get("/{ticket_id}")
@action("ticket.read")
async def read_ticket(
    ticket_id: UUID, session: ReadSession, guard: Guard, caller: Caller, response: Response
) -> TicketView | PublicTicketView:
    """Read a ticket; kiosks and customers see what concerns the one who holds it."""
    ticket = await load(session, Ticket, ticket_id)
    guard(outlet_id=ticket.outlet_id)
    respond(response, version=ticket.version)
    if caller.roles & STAFF and caller.sees(ticket.outlet_id):
        return TicketView.model_validate(ticket)
    return PublicTicketView.model_validate(ticket)


@tickets.get("/{ticket_id}/position")
@action("ticket.position")
async def read_position(ticket_id: UUID, session: ReadSession, guard: Guard) -> PositionView:
    """Read how many people wait before a ticket."""
    ticket = await load(session, Ticket, ticket_id)
    guard(outlet_id=ticket.outlet_id)
    return PositionView(
        ticket_id=ticket.id, state=ticket.state, people_ahead=await queries.people_ahead(session, ticket)
    )


@tickets.post("/{ticket_id}/recall")
@action("ticket.recall")
async def recall_ticket(
    ticket_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> TicketView:
    """Call the customer once more."""
    now = clock.now()
    return await _step(session, ticket_id, guard, if_match, response, lambda ticket: ticket.recall(at=now))


@tickets.post("/{ticket_id}/start")
@action("ticket.start")
async def start_ticket(
    ticket_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> TicketView:
    """Begin to serve the customer, who has come."""
    now = clock.now()
    return await _step(session, ticket_id, guard, if_match, response, lambda ticket: ticket.start(at=now))


@tickets.post("/{ticket_id}/no-show")
@action("ticket.no_show")
async def mark_no_show(
    ticket_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> TicketView:
    """Note that the customer has not come."""
    now = clock.now()
    return await _step(session, ticket_id, guard, if_match, response, lambda ticket: ticket.no_show(at=now))


@tickets.post("/{ticket_id}/completion")
@action("ticket.complete")
async def complete_ticket(
    ticket_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> TicketView:
    """Note that the customer has been served."""
    now = clock.now()
    return await _step(session, ticket_id, guard, if_match, response, lambda ticket: ticket.complete(at=now))


@tickets.post("/{ticket_id}/cancellation")
@action("ticket.cancel")
async def cancel_ticket(
    ticket_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> PublicTicketView:
    """Give the place up; customers cancel their own tickets, the lobby manager anybody's."""
    now = clock.now()
    await _step(session, ticket_id, guard, if_match, response, lambda ticket: ticket.cancel(at=now))
    return PublicTicketView.model_validate(await load(session, Ticket, ticket_id))


async def _step(
    session: AsyncSession,
    ticket_id: UUID,
    guard: Gate,
    if_match: int,
    response: Response,
    step: Callable[[Ticket], Fact],
) -> TicketView:
    """Asks the guard, then takes the step."""
    found = await load(session, Ticket, ticket_id)
    guard(outlet_id=found.outlet_id, owner=found.visitor)
    ticket = await commands.take_step(session, ticket_id, if_match, step)
    respond(response, version=ticket.version)
    return TicketView.model_validate(ticket)
