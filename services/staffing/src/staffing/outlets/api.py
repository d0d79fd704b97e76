"""Routes of outlets."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
from chassis.db import load
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
from staffing.access import visible_outlets
from staffing.outlets import commands, queries
from staffing.outlets.domain import (
    Hours,
    OpeningCalendar,
    Outlet,
    OutletCapability,
    OutletClass,
    OutletNotFound,
    OutletStatus,
)

router = routes("/v1/outlets", "outlets")

Name = Annotated[str, Field(min_length=1, max_length=120)]
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9-]+$")]


class HoursBody(Input):
    """Opening hours of one day, local time."""

    opens: time
    closes: time


class CalendarBody(Input):
    """Seven days, Monday first, and dated exceptions; null = closed."""

    timezone: str = "Asia/Shanghai"
    cutover_hour: int = 0
    week: Annotated[list[HoursBody | None], Field(min_length=7, max_length=7)]
    exceptions: Annotated[dict[date, HoursBody | None], Field(max_length=366)] = {}

    def value(self) -> OpeningCalendar:
        """The calendar as the domain has it."""
        return OpeningCalendar(
            self.timezone,
            self.cutover_hour,
            tuple(_hours(day) for day in self.week),
            {day: _hours(hours) for day, hours in self.exceptions.items()},
        )


class OutletBody(Input):
    """What describes an outlet."""

    name: Name
    outlet_class: OutletClass
    grade: int
    capabilities: frozenset[OutletCapability]
    calendar: CalendarBody


class NewOutlet(OutletBody):
    """A new outlet, with the code that it keeps."""

    code: Code


class Closure(Input):
    """Why an outlet is closed for good."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class HoursView(Output):
    """Opening hours of one day."""

    opens: time
    closes: time


class CalendarView(Output):
    """The opening calendar."""

    timezone: str
    cutover_hour: int
    week: list[HoursView | None]
    exceptions: dict[date, HoursView | None]


class OutletView(Output):
    """An outlet."""

    id: UUID
    version: int
    code: str
    name: str
    outlet_class: OutletClass
    grade: int
    capabilities: list[OutletCapability]
    calendar: CalendarView
    status: OutletStatus

    @classmethod
    def of(cls, outlet: Outlet) -> "OutletView":
        """The view of an aggregate."""
        calendar = outlet.calendar
        return cls(
            id=outlet.id,
            version=outlet.version,
            code=outlet.code,
            name=outlet.name,
            outlet_class=outlet.outlet_class,
            grade=outlet.grade,
            capabilities=sorted(outlet.capabilities),
            calendar=CalendarView(
                timezone=calendar.timezone,
                cutover_hour=calendar.cutover_hour,
                week=[_view(hours) for hours in calendar.week],
                exceptions={day: _view(hours) for day, hours in calendar.exceptions.items()},
            ),
            status=outlet.status,
        )


@router.post("", status_code=201)
@action("outlet.open")
async def open_outlet(
    body: NewOutlet, session: Session, clock: Now, guard: Guard, response: Response
) -> OutletView:
    """Open an outlet."""
    guard()
    outlet = await commands.open_outlet(
        session,
        clock.now(),
        code=body.code,
        name=body.name,
        outlet_class=body.outlet_class,
        grade=body.grade,
        capabilities=body.capabilities,
        calendar=body.calendar.value(),
    )
    respond(response, version=outlet.version, location=f"/v1/outlets/{outlet.id}")
    return OutletView.of(outlet)


@router.get("")
@action("outlet.list")
async def list_outlets(session: ReadSession, caller: Caller, page: PageQuery) -> Page[OutletView]:
    """List the caller's outlets by code."""
    statement = queries.listed(visible_outlets(caller))
    found, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[OutletView.of(outlet) for outlet in found], next_cursor=cursor)


@router.get("/{outlet_id}")
@action("outlet.read")
async def read_outlet(outlet_id: UUID, session: ReadSession, guard: Guard, response: Response) -> OutletView:
    """Read an outlet."""
    guard(outlet_id=outlet_id)
    outlet = await load(session, Outlet, outlet_id, OutletNotFound)
    respond(response, version=outlet.version)
    return OutletView.of(outlet)


@router.put("/{outlet_id}")
@action("outlet.change")
async def change_outlet(
    outlet_id: UUID,
    body: OutletBody,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> OutletView:
    """Replace what describes an outlet."""
    guard(outlet_id=outlet_id)
    outlet = await commands.change_outlet(
        session,
        clock.now(),
        outlet_id,
        if_match,
        name=body.name,
        outlet_class=body.outlet_class,
        grade=body.grade,
        capabilities=body.capabilities,
        calendar=body.calendar.value(),
    )
    respond(response, version=outlet.version)
    return OutletView.of(outlet)


@router.post("/{outlet_id}/closure")
@action("outlet.close")
async def close_outlet(
    outlet_id: UUID,
    body: Closure,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> OutletView:
    """Close an outlet for good."""
    guard(outlet_id=outlet_id)
    outlet = await commands.close_outlet(session, clock.now(), outlet_id, if_match, reason=body.reason)
    respond(response, version=outlet.version)
    return OutletView.of(outlet)


def _hours(body: HoursBody | None) -> Hours | None:
    return None if body is None else Hours(body.opens, body.closes)


def _view(hours: Hours | None) -> HoursView | None:
    return None if hours is None else HoursView(opens=hours.opens, closes=hours.closes)
