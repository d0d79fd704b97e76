"""Routes of sales zones: the outlet opens them, compliance inspects them (ZON-03)."""

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
from compliance.access import outlets_of
from compliance.rulebook.facts import ZoneState
from compliance.zones import commands, queries
from compliance.zones.domain import Checklist, OrderKind, Zone, ZoneArea, ZoneType

router = routes("/v1/zones", "zones")

Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9-]+$")]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class NewZone(Input):
    """A new zone; a FIXED_COUNTER needs the reason why there is no room for a zone (ZON-02).

    ``area``: the part of the outlet that it is; in EBANKING_DEMO nothing is sold (M040).
    """

    outlet_id: UUID
    code: Code
    zone_type: ZoneType
    type_reason: Reason | None = None
    area: ZoneArea = ZoneArea.SALES_ZONE


class ChecklistBody(Input):
    """The five readiness items, as found on the spot (ZON-03)."""

    zone_sign: bool
    product_check_reminder: bool
    risk_warning: bool
    report_hotline: bool
    product_list: bool

    def checklist(self) -> Checklist:
        """The checklist as the domain has it."""
        return Checklist(**self.model_dump())


class ZoneOrderBody(Input):
    """Why a zone is suspended or closed."""

    reason: Reason


class ZoneView(Output):
    """A sales zone. ``rules``: what a sale there must satisfy about the place (M040)."""

    id: UUID
    version: int
    outlet_id: UUID
    code: str
    zone_type: ZoneType
    type_reason: str | None
    area: ZoneArea
    rules: list[str]
    state: ZoneState
    opened_at: datetime

    @classmethod
    def of(cls, zone: Zone) -> "ZoneView":
        """The view of a zone."""
        return cls.model_validate(zone)


class ChecklistView(Output):
    """The five readiness items."""

    zone_sign: bool
    product_check_reminder: bool
    risk_warning: bool
    report_hotline: bool
    product_list: bool


class InspectionView(Output):
    """One inspection: what was found, by whom and when."""

    id: UUID
    zone_version: int
    checklist: ChecklistView
    passed: bool
    inspected_by: str
    inspected_at: datetime


class ZoneOrderView(Output):
    """One suspension, or the closure."""

    id: UUID
    zone_version: int
    kind: OrderKind
    reason: str
    ordered_by: str
    ordered_at: datetime


@router.post("", status_code=201)
@action("zone.open")
async def open_zone(
    body: NewZone, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> ZoneView:
    """Prepare a sales zone; it opens with its first passing inspection."""
    guard(outlet_id=body.outlet_id)
    zone = await commands.open_zone(
        session,
        clock,
        outlet_id=body.outlet_id,
        code=body.code,
        zone_type=body.zone_type,
        type_reason=body.type_reason,
        area=body.area,
        by=caller.subject,
    )
    respond(response, version=zone.version, location=f"/v1/zones/{zone.id}")
    return ZoneView.of(zone)


@router.get("")
@action("zone.list")
async def list_zones(session: ReadSession, caller: Caller, page: PageQuery) -> Page[ZoneView]:
    """List the zones of the caller's outlets."""
    rows, cursor = await paginate(session, queries.listed(outlets_of(caller)), page, order=queries.ORDER)
    return Page(items=[ZoneView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{zone_id}")
@action("zone.read")
async def read_zone(zone_id: UUID, session: ReadSession, guard: Guard, response: Response) -> ZoneView:
    """Read a zone."""
    zone = await queries.zone(session, zone_id)
    guard(outlet_id=zone.outlet_id)
    respond(response, version=zone.version)
    return ZoneView.of(zone)


@router.post("/{zone_id}/inspections")
@action("zone.inspect")
async def inspect_zone(
    zone_id: UUID,
    body: ChecklistBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ZoneView:
    """Record an inspection: all five items make the zone active, a missing one suspends it."""
    guard(outlet_id=(await queries.zone(session, zone_id)).outlet_id)
    zone, _ = await commands.inspect_zone(
        session, clock, zone_id, if_match, body.checklist(), by=caller.subject
    )
    respond(response, version=zone.version)
    return ZoneView.of(zone)


@router.get("/{zone_id}/inspections")
@action("zone.read")
async def list_zone_inspections(
    zone_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[InspectionView]:
    """List the inspections of a zone, oldest first."""
    guard(outlet_id=(await queries.zone(session, zone_id)).outlet_id)
    rows, cursor = await paginate(session, queries.inspections(zone_id), page, order=queries.INSPECTION_ORDER)
    return Page(items=[InspectionView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/{zone_id}/suspension")
@action("zone.suspend")
async def suspend_zone(
    zone_id: UUID,
    body: ZoneOrderBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ZoneView:
    """Stop selling in a zone until a later inspection passes."""
    guard(outlet_id=(await queries.zone(session, zone_id)).outlet_id)
    zone, _ = await commands.suspend_zone(
        session, clock, zone_id, if_match, reason=body.reason, by=caller.subject
    )
    respond(response, version=zone.version)
    return ZoneView.of(zone)


@router.post("/{zone_id}/closure")
@action("zone.close")
async def close_zone(
    zone_id: UUID,
    body: ZoneOrderBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ZoneView:
    """Close a zone for good."""
    guard(outlet_id=(await queries.zone(session, zone_id)).outlet_id)
    zone, _ = await commands.close_zone(
        session, clock, zone_id, if_match, reason=body.reason, by=caller.subject
    )
    respond(response, version=zone.version)
    return ZoneView.of(zone)


@router.get("/{zone_id}/orders")
@action("zone.read")
async def list_zone_orders(
    zone_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ZoneOrderView]:
    """List the suspensions of a zone, and its closure, oldest first."""
    guard(outlet_id=(await queries.zone(session, zone_id)).outlet_id)
    rows, cursor = await paginate(session, queries.orders(zone_id), page, order=queries.ZONE_ORDER_ORDER)
    return Page(items=[ZoneOrderView.model_validate(row) for row in rows], next_cursor=cursor)
