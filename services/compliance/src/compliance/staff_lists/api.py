"""Routes of published lists: the outlet's head publishes, all read, what differs is flagged (ZON-04)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from chassis.auth import action
from chassis.events import to_json
from chassis.http.edge import edge_of
from chassis.http.problems import BrokenRule
from chassis.http.routing import (
    Caller,
    Guard,
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
from compliance.staff_lists import commands, queries
from compliance.staff_lists.domain import StaffList

router = routes("/v1/outlets", "staff lists")
public_router = routes("/v1/public/outlets", "public staff lists")

SELLERS_MAX = 500


class NewStaffList(Input):
    """The sellers whose authorisation is published at the outlet: all of them, each time."""

    seller_ids: Annotated[list[UUID], Field(max_length=SELLERS_MAX)]


class ListedView(Output):
    """One seller of a list."""

    seller_id: UUID
    staff_number: str


class StaffListView(Output):
    """One publication; the newest of an outlet is the one that hangs there."""

    id: UUID
    outlet_id: UUID
    entries: list[ListedView]
    published_by: str
    published_at: datetime


class StaffListStandingView(Output):
    """What hangs at the outlet, and how it differs from its active, qualified sellers now (ZON-04).

    ``absent``: qualified, not on the list; ``outdated``: on the list, no longer qualified.
    """

    outlet_id: UUID
    checked_at: datetime
    published: StaffListView | None
    absent: list[UUID]
    outdated: list[UUID]
    flags: list[BrokenRule]


class PublicStaffListView(Output):
    """The list as everybody may see it: staff numbers, no names."""

    outlet_id: UUID
    staff_numbers: list[str]
    published_at: datetime


@router.post("/{outlet_id}/staff_lists", status_code=201)
@action("staff_list.publish")
async def publish_staff_list(
    outlet_id: UUID,
    body: NewStaffList,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> StaffListView:
    """Publish who may sell at the outlet; somebody who is not qualified cannot be named."""
    guard(outlet_id=outlet_id)
    published = await commands.publish_staff_list(
        session, clock, edge_of(request).settings, outlet_id, body.seller_ids, by=caller.subject
    )
    respond(response, version=1, location=f"/v1/outlets/{outlet_id}/staff_lists")
    return StaffListView.model_validate(published)


@router.get("/{outlet_id}/staff_lists")
@action("staff_list.read")
async def list_staff_lists(
    outlet_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[StaffListView]:
    """List what the outlet has published, oldest first."""
    guard(outlet_id=outlet_id)
    rows, cursor = await paginate(session, queries.listed(outlet_id), page, order=queries.ORDER)
    return Page(items=[StaffListView.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/{outlet_id}/staff_list")
@action("staff_list.read")
async def read_staff_list(
    outlet_id: UUID, request: Request, session: ReadSession, clock: Now, guard: Guard
) -> StaffListStandingView:
    """Read the list that hangs at the outlet, and whether it is that of its qualified sellers now."""
    guard(outlet_id=outlet_id)
    now = clock.now()
    found = await queries.standing(session, outlet_id, now, edge_of(request).settings)
    return StaffListStandingView(
        outlet_id=outlet_id,
        checked_at=now,
        published=None if found.published is None else StaffListView.model_validate(found.published),
        absent=[UUID(one) for one in found.absent],
        outdated=[UUID(one) for one in found.outdated],
        flags=[BrokenRule.model_validate(to_json(flag)) for flag in found.flags],
    )


@public_router.get("/{outlet_id}/staff_list")
@action("staff_list.query", public=True)
async def query_staff_list(outlet_id: UUID, session: ReadSession) -> PublicStaffListView:
    """See who is authorised to sell at the outlet, by staff number."""
    return _public(await queries.published(session, outlet_id))


def _public(found: StaffList) -> PublicStaffListView:
    numbers = [entry.staff_number for entry in found.entries]
    return PublicStaffListView(
        outlet_id=found.outlet_id, staff_numbers=numbers, published_at=found.published_at
    )
