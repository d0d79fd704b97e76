"""Routes of the scope of zone and recording: compliance decides, oversight reads (ZON-07)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
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
from compliance.periods.domain import legal_date
from compliance.rulebook.facts import ProductKind
from compliance.scopes import commands, queries

router = routes("/v1/sales_scopes", "sales scope")
current_router = routes("/v1/sales_scope", "sales scope")


class NewSalesScope(Input):
    """The kinds that the bank leaves out from a legal day on; an empty list takes all of them in again."""

    excluded_kinds: Annotated[list[ProductKind], Field(max_length=len(ProductKind))]
    effective_from: date
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class SalesScopeView(Output):
    """One decision."""

    id: UUID
    excluded_kinds: list[ProductKind]
    effective_from: date
    reason: str
    decided_by: str
    decided_at: datetime


class ScopeInForceView(Output):
    """What is left out on a legal day. The gate asks for zone and recording all the same (ADR 19)."""

    on: date
    excluded_kinds: list[ProductKind]
    decision_id: UUID | None


@router.post("", status_code=201)
@action("sales_scope.decide")
async def decide_sales_scope(
    body: NewSalesScope, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> SalesScopeView:
    """Decide what zone and recording do not hold for; only what the law leaves to the bank."""
    guard()
    scope = await commands.decide_scope(
        session,
        clock,
        tuple(body.excluded_kinds),
        effective_from=body.effective_from,
        reason=body.reason,
        by=caller.subject,
    )
    respond(response, version=1, location="/v1/sales_scopes")
    return SalesScopeView.model_validate(scope)


@router.get("")
@action("sales_scope.read")
async def list_sales_scopes(session: ReadSession, page: PageQuery) -> Page[SalesScopeView]:
    """List the decisions, oldest first."""
    rows, cursor = await paginate(session, queries.listed(), page, order=queries.ORDER)
    return Page(items=[SalesScopeView.model_validate(row) for row in rows], next_cursor=cursor)


@current_router.get("")
@action("sales_scope.read")
async def read_sales_scope(session: ReadSession, clock: Now, on: date | None = None) -> ScopeInForceView:
    """Read what is left out on a legal day, today where none is given."""
    day = on or legal_date(clock.now())
    found = await queries.in_force(session, day)
    return ScopeInForceView(
        on=day,
        excluded_kinds=[] if found is None else list(found.excluded_kinds),
        decision_id=None if found is None else found.id,
    )
