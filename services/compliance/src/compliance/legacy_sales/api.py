"""Routes of old sales: import a list, see what it has brought and what is missing of it."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from chassis.auth import action
from chassis.http.routing import (
    Caller,
    Guard,
    Now,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from compliance.access import outlets_of
from compliance.legacy_records import queries
from compliance.legacy_records.domain import FileFormat, GapKind
from compliance.legacy_sales import commands
from compliance.legacy_sales.rows import COLUMNS, OldSale, read_list
from compliance.legacy_sales.views import BatchView, GapView, ImportedSaleEntry, ImportedSaleView

batch_router = routes("/v1/legacy_batches", "legacy_sales")
router = routes("/v1/legacy_sales", "legacy_sales")

CSV = "text/csv"
ROWS_MAX = 500
BODY_BYTES_MAX = 1 << 20
SECONDS_MAX = 60.0


def row_schema() -> dict[str, Any]:
    """A row, in words of OpenAPI; its enumerations stand in the document already."""
    schema = OldSale.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs")
    return schema


TAKEN = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["sales"],
                    "properties": {
                        "sales": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": ROWS_MAX,
                            "items": row_schema(),
                        }
                    },
                }
            },
            CSV: {
                "schema": {
                    "type": "string",
                    "description": f"UTF-8; the first line names the columns: {', '.join(COLUMNS.known)}",
                }
            },
        },
    }
}


@batch_router.post("", status_code=201, openapi_extra=TAKEN)
@action(
    "legacy.import",
    media_types=frozenset({"application/json", CSV}),
    body_bytes_max=BODY_BYTES_MAX,
    seconds_max=SECONDS_MAX,
)
async def import_legacy_sales(
    request: Request, session: Session, clock: Now, caller: Caller, guard: Guard, response: Response
) -> BatchView:
    """Import old sales, as JSON or CSV: all of them, or none with every error by row and field.

    The same bytes again answer the same batch. Bytes of recordings come by the command line.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    format_ = FileFormat.CSV if media_type == CSV else FileFormat.JSON
    given = read_list(await request.body(), format_, ROWS_MAX)
    for outlet_id in sorted({row.outlet_id for row in given.rows.values()}):
        guard(outlet_id=outlet_id)
    batch, _ = await commands.import_batch(session, clock, given, commands.GivenBytes(), by=caller.subject)
    respond(response, version=1, location=f"/v1/legacy_batches/{batch.id}")
    return BatchView.of(batch)


@batch_router.get("")
@action("legacy.look")
async def list_legacy_batches(session: ReadSession, page: PageQuery) -> Page[BatchView]:
    """List the imported files, oldest first."""
    rows, cursor = await paginate(session, queries.batches(), page, order=queries.BATCH_ORDER)
    return Page(items=[BatchView.of(row) for row in rows], next_cursor=cursor)


@batch_router.get("/{batch_id}")
@action("legacy.look")
async def read_legacy_batch(
    batch_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> BatchView:
    """Read an imported file: its digest, who imported it when, and how much it has brought."""
    batch = await queries.batch(session, batch_id)
    guard(outlet_id=None)
    respond(response, version=1)
    return BatchView.of(batch)


@batch_router.get("/{batch_id}/gaps")
@action("legacy.look")
async def list_legacy_gaps(
    batch_id: UUID, session: ReadSession, guard: Guard, page: PageQuery, kind: GapKind | None = None
) -> Page[GapView]:
    """List what was missing of a batch, by row."""
    await queries.batch(session, batch_id)
    guard(outlet_id=None)
    rows, cursor = await paginate(session, queries.gaps_of(batch_id, kind), page, order=queries.GAP_ORDER)
    return Page(items=[GapView.of(row) for row in rows], next_cursor=cursor)


@router.get("")
@action("legacy.list")
async def list_imported_sales(
    session: ReadSession,
    caller: Caller,
    guard: Guard,
    page: PageQuery,
    outlet_id: UUID | None = None,
    batch_id: UUID | None = None,
) -> Page[ImportedSaleEntry]:
    """List the old sales of the caller's outlets, or of one, of one batch or of all, by id."""
    within = outlets_of(caller)
    if outlet_id is not None:
        guard(outlet_id=outlet_id)
        within = frozenset({outlet_id})
    statement = queries.sales_of(within, batch_id=batch_id)
    rows, cursor = await paginate(session, statement, page, order=queries.SALE_ORDER)
    return Page(items=[ImportedSaleEntry.of(row) for row in rows], next_cursor=cursor)


@router.get("/{imported_sale_id}")
@action("legacy.read")
async def read_imported_sale(
    imported_sale_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ImportedSaleView:
    """Read an old sale, its recording and its gaps. It has no decision: nothing was judged."""
    sale = await queries.sale(session, imported_sale_id)
    guard(outlet_id=sale.outlet_id)
    recording = (
        None if sale.recording_id is None else await queries.find_recording(session, sale.recording_id)
    )
    respond(response, version=1)
    return ImportedSaleView.whole(sale, recording, await queries.gaps_in(session, sale.id))
