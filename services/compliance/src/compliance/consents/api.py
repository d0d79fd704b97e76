"""Routes of consents: asked with a case, answered by the customer himself (REC-04)."""

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
from compliance.cases.queries import case as case_of
from compliance.consents import commands, queries
from compliance.consents.domain import Consent, Purpose
from compliance.customers.queries import subject_of

router = routes("/v1/consents", "consents")
case_router = routes("/v1/cases/{case_id}/consents", "consents")

NoticeVersion = Annotated[str, Field(min_length=1, max_length=64)]


class ConsentBody(Input):
    """The customer's answer, and which version of the notice he was shown."""

    case_id: UUID
    purpose: Purpose
    given: bool
    notice_version: NoticeVersion


class ConsentView(Output):
    """A consent as it stands; it covers the customer's session, and all of its cases."""

    id: UUID
    version: int
    customer_id: UUID
    case_id: UUID
    session_id: UUID
    purpose: Purpose
    given: bool
    notice_version: str
    answered_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, consent: Consent) -> "ConsentView":
        """The view of a consent."""
        return cls.model_validate(consent)


@router.post("", status_code=201)
@action("consent.answer")
async def answer_consent(
    body: ConsentBody, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> ConsentView:
    """Answer, as the customer, whether the session of a case may be recorded."""
    case = await case_of(session, body.case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    consent = await commands.answer_consent(
        session,
        clock,
        case,
        purpose=body.purpose,
        given=body.given,
        notice_version=body.notice_version,
        by=caller.subject,
    )
    respond(response, version=consent.version, location=f"/v1/consents/{consent.id}")
    return ConsentView.of(consent)


@router.get("/{consent_id}")
@action("consent.read")
async def read_consent(
    consent_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ConsentView:
    """Read a consent."""
    consent = await queries.consent(session, consent_id)
    case = await case_of(session, consent.case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    respond(response, version=consent.version)
    return ConsentView.of(consent)


@router.post("/{consent_id}/withdrawal")
@action("consent.withdraw")
async def withdraw_consent(
    consent_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ConsentView:
    """Take a consent back, as the customer; no reason is asked for."""
    consent = await queries.consent(session, consent_id)
    case = await case_of(session, consent.case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    await commands.withdraw_consent(session, clock, consent, if_match, by=caller.subject)
    respond(response, version=consent.version)
    return ConsentView.of(consent)


@case_router.get("")
@action("consent.list")
async def list_consents(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ConsentView]:
    """List the consents that were asked for with a case."""
    case = await case_of(session, case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    rows, cursor = await paginate(session, queries.of_case(case_id), page, order=queries.ORDER)
    return Page(items=[ConsentView.of(row) for row in rows], next_cursor=cursor)
