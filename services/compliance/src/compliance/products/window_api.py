"""Routes of the window of instants in which a product is offered (PRD-01)."""

from datetime import datetime
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime

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
from compliance.access import check_hq_only
from compliance.products import commands, queries

router = routes("/v1/products", "product windows")


class WindowBody(Input):
    """From when on, and until before when, the product is offered; null: without that end."""

    offered_from: AwareDatetime | None
    offered_until: AwareDatetime | None


class WindowView(Output):
    """A window; it made the product's version ``product_version``. The last one of a product holds."""

    product_id: UUID
    product_version: int
    offered_from: datetime | None
    offered_until: datetime | None
    set_at: datetime


@router.post("/{product_id}/offering_windows")
@action("product.schedule")
async def set_offering_window(
    product_id: UUID,
    body: WindowBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> WindowView:
    """Set when the product is offered; outside it the gate refuses, and no listing is changed."""
    guard(outlet_id=None)
    check_hq_only(caller)
    window = await commands.schedule_product(
        session, clock, product_id, if_match, body.offered_from, body.offered_until, by=caller.subject
    )
    respond(response, version=window.product_version)
    return WindowView.model_validate(window)


@router.get("/{product_id}/offering_windows")
@action("product.read")
async def list_offering_windows(
    product_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[WindowView]:
    """List the windows of a product, those of before included, oldest first."""
    guard(outlet_id=None)
    await queries.product(session, product_id)
    rows, cursor = await paginate(session, queries.windows_of(product_id), page, order=queries.WINDOW_ORDER)
    return Page(items=[WindowView.model_validate(row) for row in rows], next_cursor=cursor)
