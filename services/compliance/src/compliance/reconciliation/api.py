"""Routes of the reconciliation: what does not fit, and which days were gone through."""

from datetime import date, datetime
from uuid import UUID

from chassis.auth import action
from chassis.http.routing import Output, Page, PageQuery, ReadSession, paginate, routes
from compliance.reconciliation import queries
from compliance.reconciliation.domain import DifferenceKind

router = routes("/v1/reconciliations", "reconciliation")
difference_router = routes("/v1/reconciliation_differences", "reconciliation")


class ReconciliationView(Output):
    """A legal day that was gone through; ``found``: how many differences came to light on it."""

    id: UUID
    day: date
    found: int
    completed_at: datetime


class DifferenceView(Output):
    """A difference, found on the legal day ``day``; ``settled_at`` null: it stands. In minor units."""

    id: UUID
    kind: DifferenceKind
    day: date
    outlet_id: UUID | None
    sale_id: UUID | None
    permit_id: UUID | None
    order_id: str | None
    expected_minor: int | None
    found_minor: int | None
    noted_at: datetime
    settled_at: datetime | None


@router.get("")
@action("reconciliation.read")
async def list_reconciliations(session: ReadSession, page: PageQuery) -> Page[ReconciliationView]:
    """List the days that were gone through, the earliest first."""
    rows, cursor = await paginate(session, queries.days(), page, order=queries.DAY_ORDER)
    return Page(items=[ReconciliationView.model_validate(row) for row in rows], next_cursor=cursor)


@difference_router.get("")
@action("reconciliation.read")
async def list_differences(
    session: ReadSession,
    page: PageQuery,
    kind: DifferenceKind | None = None,
    day: date | None = None,
    standing: bool = False,
) -> Page[DifferenceView]:
    """List differences by kind and day, all or those that stand, in the order in which they were found."""
    statement = queries.differences(kind=kind, day=day, open_=standing)
    rows, cursor = await paginate(session, statement, page, order=queries.DIFFERENCE_ORDER)
    settled = await queries.settlements(session, list(rows))
    return Page(
        items=[
            DifferenceView(
                id=row.id,
                kind=row.kind,
                day=row.day,
                outlet_id=row.outlet_id,
                sale_id=row.sale_id,
                permit_id=row.permit_id,
                order_id=row.order_id,
                expected_minor=row.expected_minor,
                found_minor=row.found_minor,
                noted_at=row.noted_at,
                settled_at=settled[row.id].settled_at if row.id in settled else None,
            )
            for row in rows
        ],
        next_cursor=cursor,
    )
