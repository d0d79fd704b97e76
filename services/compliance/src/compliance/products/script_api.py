"""Routes of the scripts by which the key points of a product's recordings are spoken (REC-02)."""

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
from compliance.access import check_hq_only
from compliance.evidence.domain import SegmentKind
from compliance.products import queries, scripting

router = routes("/v1/products", "product scripts")


class ScriptBody(Input):
    """The document by which a key point is spoken from now on: its name, and the SHA-256 of its bytes."""

    segment: SegmentKind
    document: Annotated[str, Field(min_length=1, max_length=120)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ScriptView(Output):
    """A script; it made the product's version ``product_version``. The last one of a key point holds."""

    product_id: UUID
    product_version: int
    segment: SegmentKind
    document: str
    sha256: str
    set_at: datetime


@router.post("/{product_id}/scripts")
@action("product.script")
async def set_product_script(
    product_id: UUID,
    body: ScriptBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ScriptView:
    """Set the script of a key point; whose recording has begun by then records that key point again."""
    guard(outlet_id=None)
    check_hq_only(caller)
    script = await scripting.script_product(
        session,
        clock,
        product_id,
        if_match,
        body.segment,
        document=body.document,
        sha256=body.sha256,
        by=caller.subject,
    )
    respond(response, version=script.product_version)
    return ScriptView.model_validate(script)


@router.get("/{product_id}/scripts")
@action("product.read")
async def list_product_scripts(
    product_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ScriptView]:
    """List the scripts of a product, those of before included, oldest first."""
    guard(outlet_id=None)
    await queries.product(session, product_id)
    rows, cursor = await paginate(session, queries.scripts_of(product_id), page, order=queries.SCRIPT_ORDER)
    return Page(items=[ScriptView.model_validate(row) for row in rows], next_cursor=cursor)
