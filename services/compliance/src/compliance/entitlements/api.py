"""Routes of entitlements: the customer answers for himself (SAL-08), an outlet head identifies an heir."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

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
from compliance.cases.queries import case as case_of
from compliance.customers.queries import subject_of
from compliance.entitlements import commands, queries
from compliance.entitlements.domain import EntitlementKind

router = routes("/v1/cases/{case_id}", "entitlements")


class RolloverAnswer(Input):
    """The customer's word on his rollover, and the version of the notice that he has read."""

    given: bool
    notice_version: Annotated[str, Field(min_length=1, max_length=64)]


class HeirBody(Input):
    """Under which id the bank keeps the documents that name the heir."""

    evidence_id: UUID


class EntitlementView(Output):
    """One record, and the version of the case that it made."""

    id: UUID
    case_id: UUID
    case_version: int
    kind: EntitlementKind
    given: bool | None
    notice_version: str | None
    evidence_id: UUID | None
    recorded_at: datetime


@router.post("/rollover_consent")
@action("entitlement.consent")
async def answer_rollover(
    case_id: UUID,
    body: RolloverAnswer,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> EntitlementView:
    """Consent, as the customer, to the rollover of his holding, or refuse it (TXN-01)."""
    guard(outlet_id=None, owner=await _owner(session, case_id))
    case, record = await commands.answer_rollover(
        session,
        clock,
        case_id,
        if_match,
        given=body.given,
        notice_version=body.notice_version,
        by=caller.subject,
    )
    respond(response, version=case.version)
    return EntitlementView.model_validate(record)


@router.post("/heir")
@action("entitlement.identify")
async def identify_heir(
    case_id: UUID,
    body: HeirBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> EntitlementView:
    """Record that the case's customer is the heir, in a case that somebody else opened (TXN-04)."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    case, record = await commands.identify_heir(
        session, clock, case_id, if_match, evidence_id=body.evidence_id, by=caller.subject
    )
    respond(response, version=case.version)
    return EntitlementView.model_validate(record)


@router.get("/entitlements")
@action("entitlement.list")
async def list_entitlements(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[EntitlementView]:
    """List what entitles to the transaction of a case, in its order."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id, owner=await _owner(session, case_id))
    rows, cursor = await paginate(session, queries.of_case(case_id), page, order=queries.ORDER)
    return Page(items=[EntitlementView.model_validate(row) for row in rows], next_cursor=cursor)


async def _owner(session: AsyncSession, case_id: UUID) -> str | None:
    return await subject_of(session, (await case_of(session, case_id)).customer_id)
