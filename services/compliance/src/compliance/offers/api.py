"""Routes of offers: one department enters them, every colleague sees what is offered together (SAL-06)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
from chassis.http.routing import (
    Caller,
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
from compliance.offers import commands, queries
from compliance.offers.domain import Offer, Part, PartKind

router = routes("/v1/offers", "offers")

Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9-]+$")]


class PartBody(Input):
    """One part of the offer. ``mandatory``: the customer must take it to get the others."""

    kind: PartKind
    code: Code
    mandatory: bool


class NewOffer(Input):
    """Two or more things that are offered together."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=120)]
    parts: Annotated[list[PartBody], Field(min_length=2, max_length=20)]


class PartView(Output):
    """One part of an offer."""

    kind: PartKind
    code: str
    mandatory: bool


class OfferView(Output):
    """An offer; ``withdrawn_at`` null: it is offered."""

    id: UUID
    version: int
    code: str
    name: str
    parts: list[PartView]
    entered_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, offer: Offer) -> "OfferView":
        """The view of an offer."""
        return cls.model_validate(offer)


@router.post("", status_code=201)
@action("offer.enter")
async def enter_offer(
    body: NewOffer, session: Session, clock: Now, caller: Caller, response: Response
) -> OfferView:
    """Enter an offer of several things together; one with a mandatory part is refused (SAL-06)."""
    offer = await commands.enter_offer(
        session,
        clock,
        code=body.code,
        name=body.name,
        parts=tuple(Part(**part.model_dump()) for part in body.parts),
        by=caller.subject,
    )
    respond(response, version=offer.version, location=f"/v1/offers/{offer.id}")
    return OfferView.of(offer)


@router.get("")
@action("offer.list")
async def list_offers(session: ReadSession, page: PageQuery) -> Page[OfferView]:
    """List what is offered together now."""
    rows, cursor = await paginate(session, queries.listed(), page, order=queries.ORDER)
    return Page(items=[OfferView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{offer_id}")
@action("offer.read")
async def read_offer(offer_id: UUID, session: ReadSession, guard: Guard, response: Response) -> OfferView:
    """Read an offer, withdrawn ones too."""
    guard(outlet_id=None)
    offer = await queries.offer(session, offer_id)
    respond(response, version=offer.version)
    return OfferView.of(offer)


@router.post("/{offer_id}/withdrawal")
@action("offer.withdraw")
async def withdraw_offer(
    offer_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> OfferView:
    """End an offer for good."""
    guard(outlet_id=None)
    offer = await commands.withdraw_offer(session, clock, offer_id, if_match)
    respond(response, version=offer.version)
    return OfferView.of(offer)
