"""What we do about facts on ``staffing.outlets.v1``."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock, known_zone
from chassis.inbox import Consumed, Reaction, Received, Subscription
from compliance.outlets import commands
from compliance.outlets.domain import OutletState
from compliance.outlets.hours import Hours, OpeningCalendar


class DayHours(Consumed):
    """Opening hours of one day, local time."""

    opens: time
    closes: time


class OutletBody(Consumed):
    """What we use of the outlet's state."""

    code: str
    name: str
    capabilities: frozenset[str]
    timezone: Annotated[str, AfterValidator(known_zone)]
    cutover_hour: Annotated[int, Field(ge=0, le=23)]
    week: Annotated[tuple[DayHours | None, ...], Field(min_length=7, max_length=7)]
    exceptions: dict[date, DayHours | None] = {}

    @property
    def calendar(self) -> OpeningCalendar:
        """When it is open."""
        return OpeningCalendar(
            timezone=self.timezone,
            cutover_hour=self.cutover_hour,
            week=tuple(_hours(day) for day in self.week),
            exceptions={day: _hours(hours) for day, hours in self.exceptions.items()},
        )


class OutletStated(Consumed):
    """An outlet was opened or changed."""

    outlet_id: UUID
    outlet: OutletBody


class OutletEnded(Consumed):
    """An outlet was closed for good."""

    outlet_id: UUID


async def on_stated(session: AsyncSession, clock: Clock, fact: Received[OutletStated]) -> None:
    """Keeps the newest state."""
    body = fact.data.outlet
    state = OutletState(body.code, body.name, body.capabilities, body.calendar)
    await commands.take_outlet(session, fact.data.outlet_id, fact.sequence, state)


async def on_closed(session: AsyncSession, clock: Clock, fact: Received[OutletEnded]) -> None:
    """Keeps the end."""
    await commands.close_outlet(session, fact.data.outlet_id)


def _hours(told: DayHours | None) -> Hours | None:
    return None if told is None else Hours(told.opens, told.closes)


subscription = Subscription(
    topic="staffing.outlets.v1",
    reactions={
        "staffing.outlet.opened.v1": Reaction(OutletStated, on_stated),
        "staffing.outlet.changed.v1": Reaction(OutletStated, on_stated),
        "staffing.outlet.closed.v1": Reaction(OutletEnded, on_closed),
    },
)
