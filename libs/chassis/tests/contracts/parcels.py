"""A small service with something of everything that a contract describes: parcels that are sent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal, Resource, Verdict, action
from chassis.clock import Clock
from chassis.db import new_registry
from chassis.events import Example, Fact
from chassis.http.routing import Guard, IfMatch, Input, Output, routes
from chassis.inbox import Consumed, Reaction, Received, Subscription
from chassis.service import Capability, Service

SENT = "shipping.parcel.sent.v1"
LOST = "shipping.parcel.lost.v1"


class Speed(StrEnum):
    SLOW = "slow"
    FAST = "fast"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing in a parcel."""

    name: str
    price_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ParcelSent(Fact, type=SENT, topic="shipping.parcels.v1", key="parcel_id"):
    """A parcel is on its way.

    More about it.
    """

    parcel_id: UUID
    speed: Speed
    items: tuple[Item, ...]
    fees: dict[str, int]
    opens: Annotated[str, Example("09:00")]
    weight: float
    due_on: date
    signed: bool
    sender: UUID | None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ParcelLost(Fact, type=LOST, topic="shipping.parcels.v1", key="parcel_id"):
    """Nobody knows where it is."""

    parcel_id: UUID


class Moved(Consumed):
    """What we read of a lorry's move."""

    lorry_id: UUID
    moved_at: AwareDatetime


class Posted(Consumed):
    """A stamp that the post sold."""

    stamp: Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]+$", examples=["CN42"])]
    value_minor: Annotated[int, Field(ge=10, lt=50)]
    colour: Annotated[str, Field(min_length=8, max_length=10)]


async def ignore(session: AsyncSession, clock: Clock, fact: Received[Any]) -> None:
    """Does nothing about a fact."""


class SendParcel(Input):
    speed: Speed


class ParcelView(Output):
    id: UUID
    sent_at: datetime


router = routes("/v1/parcels", "parcels")


@router.post("/{parcel_id}/dispatch")
@action("parcel.dispatch")
async def dispatch(parcel_id: UUID, body: SendParcel, guard: Guard, if_match: IfMatch) -> ParcelView:
    """Send a parcel."""
    guard()
    return ParcelView(id=parcel_id, sent_at=datetime.fromtimestamp(0, UTC))


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    return Verdict.ALLOWED


service = Service(
    name="shipping",
    title="Shipping",
    description="Parcels.",
    metadata=new_registry().metadata,
    migrations=Path(),
    access=allow,
    capabilities=(
        Capability(
            name="parcels",
            routers=(router,),
            facts=(ParcelSent, ParcelLost),
            subscriptions=(
                Subscription(
                    topic="traffic.lorries.v1",
                    reactions={"traffic.lorry.moved.v1": Reaction(Moved, ignore)},
                ),
                Subscription(
                    topic="post.stamps.v1",
                    reactions={"post.stamp.sold.v1": Reaction(Posted, ignore)},
                    accepted=True,
                ),
            ),
        ),
    ),
    registers=("shipping.parcels.v1",),
)
