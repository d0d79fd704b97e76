"""Who exported what for an inspection. The files themselves are made and handed over by the command line."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Response

from chassis.auth import action
from chassis.http.routing import Guard, Output, Page, PageQuery, ReadSession, paginate, respond, routes
from compliance.sales import queries

router = routes("/v1/inspection_exports", "sales")


class InspectionExportView(Output):
    """One export: period, number of sales, SHA-256 of its manifest, the key that signed, who made it when."""

    id: UUID
    first_day: date
    last_day: date
    outlet_id: UUID | None
    product: str | None
    sales: int
    manifest: str
    public_key: str
    exported_by: str
    exported_at: datetime


@router.get("")
@action("export.read")
async def list_inspection_exports(session: ReadSession, page: PageQuery) -> Page[InspectionExportView]:
    """List the exports that were made, oldest first."""
    rows, cursor = await paginate(session, queries.exports(), page, order=queries.EXPORT_ORDER)
    return Page(items=[InspectionExportView.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/{export_id}")
@action("export.read")
async def read_inspection_export(
    export_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> InspectionExportView:
    """Read who made an export, when and of what."""
    found = await queries.inspection_export(session, export_id)
    guard(outlet_id=None)
    respond(response, version=1)
    return InspectionExportView.model_validate(found)
