"""Routes of outlets: which business day it is there."""

from datetime import date, time
from uuid import UUID

from chassis.auth import action
from chassis.http.routing import Guard, Now, Output, ReadSession, routes
from ticketing.outlets import queries
from ticketing.outlets.domain import OutletStatus, business_date_of

router = routes("/v1/outlets/{outlet_id}", "outlets")


class BusinessDayView(Output):
    """The business day at an outlet. ``known`` is false as long as staffing has not told us about it:

    then the day is reckoned in Asia/Shanghai without a cut-over, and there are no hours.
    """

    outlet_id: UUID
    known: bool
    status: OutletStatus
    business_date: date
    opens: time | None
    closes: time | None


@router.get("/business-day")
@action("outlet.business_day")
async def read_business_day(
    outlet_id: UUID, session: ReadSession, clock: Now, guard: Guard
) -> BusinessDayView:
    """Read which business day it is at an outlet."""
    guard(outlet_id=outlet_id)
    outlet = await queries.known(session, outlet_id)
    day = business_date_of(outlet, clock.now())
    hours = None if outlet is None else outlet.hours_on(day)
    return BusinessDayView(
        outlet_id=outlet_id,
        known=outlet is not None,
        status=OutletStatus.OPEN if outlet is None else outlet.status,
        business_date=day,
        opens=None if hours is None else hours.opens,
        closes=None if hours is None else hours.closes,
    )
