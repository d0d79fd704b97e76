"""Routes of customers' requests about their data (PRI-06)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from chassis.auth import action
from chassis.http.edge import edge_of
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
    refused,
    respond,
    routes,
)
from compliance.data_requests import commands, queries
from compliance.data_requests.domain import (
    DataRequest,
    DeletionRefused,
    RejectionReason,
    RequestKind,
    RequestState,
)
from compliance.personal_data.domain import PersonalField
from compliance.personal_data.sealing import keyring
from compliance.privacy.queries import answering
from compliance.rulebook.registers import data_request_due_at, data_request_violations

router = routes("/v1/data_requests", "data_requests")
customer_router = routes("/v1/customers/{customer_id}/data_requests", "data_requests")

Fields = Annotated[list[PersonalField], Field(max_length=len(PersonalField))]


class DataRequestBody(Input):
    """What the customer asks for; ``fields`` of a correction: which are wrong."""

    customer_id: UUID
    kind: RequestKind
    fields: Fields = Field(default_factory=list)


class RejectionBody(Input):
    """Why a correction is not made."""

    reason: RejectionReason


class AnswerRuleView(Output):
    """A rule that a deletion yields to, or that a late answer breaks."""

    rule: str
    code: str
    citation: str
    messages: dict[str, str]


class DataRequestView(Output):
    """A request and its answer; ``kept_until`` of a refused deletion: the last day, null: no end known.

    ``due_at``: the first instant at which the answer is late (REQ-01), ``flags``: once it is.
    """

    id: UUID
    version: int
    customer_id: UUID
    kind: RequestKind
    fields: list[PersonalField]
    state: RequestState
    requested_at: datetime
    due_at: datetime | None
    flags: list[AnswerRuleView]
    answered_at: datetime | None
    reason: RejectionReason | None
    violations: list[AnswerRuleView]
    kept_until: date | None

    @classmethod
    def of(cls, request: DataRequest, at: datetime) -> "DataRequestView":
        """The view of a request at ``at``."""
        answer = request.answer
        rules = () if answer is None else answer.violations
        return cls(
            id=request.id,
            version=request.version,
            customer_id=request.customer_id,
            kind=request.kind,
            fields=list(request.fields),
            state=request.state,
            requested_at=request.requested_at,
            due_at=data_request_due_at(request.requested_at),
            flags=[AnswerRuleView.model_validate(one) for one in data_request_violations(request.waited(at))],
            answered_at=None if answer is None else answer.answered_at,
            reason=None if answer is None else answer.reason,
            violations=[AnswerRuleView.model_validate(one) for one in rules],
            kept_until=None if answer is None else answer.kept_until,
        )


class EvidenceView(Output):
    """A recording of the customer that is kept through ``last_day``; null: no end known yet."""

    recording_id: UUID
    last_day: date | None


class DataCopyView(Output):
    """Personal fields, masked but for a COPY to the customer himself, and the evidence that is kept."""

    request_id: UUID
    fields: dict[PersonalField, str]
    evidence: list[EvidenceView]


@router.post("", status_code=201)
@action("data_request.open")
async def open_data_request(
    body: DataRequestBody, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> DataRequestView:
    """Ask, as the customer or as who answers for him, to see, copy, correct or delete his data."""
    owner, _ = await answering(session, body.customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    request = await commands.open_request(
        session,
        clock,
        customer_id=body.customer_id,
        kind=body.kind,
        fields=body.fields,
        by=caller.subject,
    )
    respond(response, version=request.version, location=f"/v1/data_requests/{request.id}")
    return DataRequestView.of(request, clock.now())


@router.get("")
@action("data_request.list")
async def list_data_requests(
    session: ReadSession,
    clock: Now,
    page: PageQuery,
    unanswered: Annotated[bool, Query(description="only those that wait for an answer")] = False,
) -> Page[DataRequestView]:
    """List the requests of all customers, oldest first: of those that wait, the first is due first."""
    wanted = queries.requests(unanswered=unanswered)
    rows, cursor = await paginate(session, wanted, page, order=queries.ORDER)
    return Page(items=[DataRequestView.of(row, clock.now()) for row in rows], next_cursor=cursor)


@customer_router.get("")
@action("data_request.read")
async def list_customer_data_requests(
    customer_id: UUID, session: ReadSession, clock: Now, guard: Guard, caller: Caller, page: PageQuery
) -> Page[DataRequestView]:
    """List the requests of a customer, oldest first."""
    owner, _ = await answering(session, customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    rows, cursor = await paginate(session, queries.requests_of(customer_id), page, order=queries.ORDER)
    return Page(items=[DataRequestView.of(row, clock.now()) for row in rows], next_cursor=cursor)


@router.get("/{data_request_id}")
@action("data_request.read")
async def read_data_request(
    data_request_id: UUID,
    session: ReadSession,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> DataRequestView:
    """Read a request and its answer."""
    request = await queries.request(session, data_request_id)
    owner, _ = await answering(session, request.customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    respond(response, version=request.version)
    return DataRequestView.of(request, clock.now())


@router.post("/{data_request_id}/completion", response_model=DataRequestView)
@action("data_request.answer")
async def complete_data_request(
    data_request_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> DataRequestView | Response:
    """Complete a correction that was made, or decide a deletion: done (200), or kept by law (422)."""
    guard(outlet_id=None)
    request = await queries.request(session, data_request_id)
    await commands.complete_request(session, clock, request, if_match, by=caller.subject)
    view = DataRequestView.of(request, clock.now())
    if request.answer is not None and request.answer.violations:
        return refused(
            DeletionRefused,
            request.answer.violations,
            body=view,
            version=request.version,
            location=f"/v1/data_requests/{request.id}",
        )
    respond(response, version=request.version)
    return view


@router.post("/{data_request_id}/rejection")
@action("data_request.answer")
async def reject_data_request(
    data_request_id: UUID,
    body: RejectionBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> DataRequestView:
    """Answer that a correction is not made, and why."""
    guard(outlet_id=None)
    request = await queries.request(session, data_request_id)
    await commands.reject_request(session, clock, request, if_match, body.reason, by=caller.subject)
    respond(response, version=request.version)
    return DataRequestView.of(request, clock.now())


@router.post("/{data_request_id}/copies")
@action("data_request.copy", idempotent=False)
async def copy_personal_data(
    data_request_id: UUID, http: Request, session: Session, clock: Now, guard: Guard, caller: Caller
) -> DataCopyView:
    """Get the personal fields that are held; in clear for the customer himself alone, on record (PRI-10)."""
    request = await queries.request(session, data_request_id)
    owner, guardian_id = await answering(session, request.customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    keys = keyring(edge_of(http).settings)
    copied = await commands.copy_data(
        session, clock, keys, request, in_clear=guardian_id is None, by=caller.subject
    )
    return DataCopyView(
        request_id=request.id,
        fields=copied.fields,
        evidence=[EvidenceView.model_validate(one) for one in copied.evidence],
    )
