"""Routes of who takes part in a case: the outlet declares, and does what a customer needs."""

from datetime import date, datetime
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
from compliance.cases.domain import SaleCase
from compliance.cases.queries import case as case_of
from compliance.customers.queries import subject_of
from compliance.parties import commands, queries
from compliance.parties.domain import Assistance, AssistanceKind, Declaration
from compliance.rulebook.facts import ProductKind
from compliance.rulebook.party_facts import AuthorityFacts, Identification, PartyRole

router = routes("/v1/cases/{case_id}", "parties")

Kinds = Annotated[list[ProductKind], Field(min_length=1, max_length=len(ProductKind))]


class AuthorityBody(Input):
    """The paper by which somebody acts, through its last day; ``product_kinds`` null: for any product."""

    document_id: UUID
    product_kinds: Kinds | None = None
    valid_from: date
    valid_until: date

    def authority(self) -> AuthorityFacts:
        """The authority as the domain has it."""
        kinds = self.product_kinds
        return AuthorityFacts(
            document_id=self.document_id,
            product_kinds=None if kinds is None else tuple(sorted(set(kinds))),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class PartyBody(Input):
    """Somebody who takes part, identified now: a customer's id, an employee's, or another opaque one."""

    role: PartyRole
    person_id: UUID
    identified_by: Identification
    authority: AuthorityBody | None = None

    def declaration(self) -> Declaration:
        """The declaration as the domain has it."""
        return Declaration(
            role=self.role,
            person_id=self.person_id,
            identified_by=self.identified_by,
            authority=None if self.authority is None else self.authority.authority(),
        )


class AccountBody(Input):
    """Whose money it is: a joint account's of the customer, or his own (null)."""

    account_id: UUID | None


class ThumbprintBody(Input):
    """The image of the thumbprint in the bank's archive."""

    evidence_id: UUID


class CallBackBody(Input):
    """Whether the customer stood by his purchase."""

    confirmed: bool


class AuthorityView(Output):
    """The paper by which somebody acts."""

    document_id: UUID
    product_kinds: list[str] | None
    valid_from: date
    valid_until: date


class PartyView(Output):
    """One declaration, and the version of the case that it made."""

    id: UUID
    case_id: UUID
    case_version: int
    role: PartyRole
    person_id: UUID
    authority: AuthorityView | None
    identified_by: Identification
    identified_at: datetime


class PayingAccountView(Output):
    """Whose money it is; ``account_id`` null: the customer's own."""

    case_id: UUID
    case_version: int
    account_id: UUID | None
    stated_at: datetime


class AssistanceView(Output):
    """What was done; ``evidence_id`` of THUMBPRINT, ``confirmed`` of CALL_BACK alone."""

    id: UUID
    case_id: UUID
    case_version: int
    kind: AssistanceKind
    evidence_id: UUID | None
    confirmed: bool | None
    recorded_at: datetime


@router.post("/parties")
@action("party.declare")
async def declare_party(
    case_id: UUID,
    body: PartyBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PartyView:
    """Declare somebody who takes part; of one person in one role the last declaration counts."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    case, party = await commands.declare_party(
        session, clock, case_id, if_match, body.declaration(), by=caller.subject
    )
    respond(response, version=case.version)
    return PartyView.model_validate(party)


@router.get("/parties")
@action("party.list")
async def list_parties(case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery) -> Page[PartyView]:
    """List who was declared in a case, in its order."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id, owner=await _owner(session, case_id))
    rows, cursor = await paginate(session, queries.parties_of(case_id), page, order=queries.PARTY_ORDER)
    return Page(items=[PartyView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/paying_accounts")
@action("party.declare")
async def state_paying_account(
    case_id: UUID,
    body: AccountBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PayingAccountView:
    """State whose money it is; a customer who has a joint account says so in every case."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    case, stated = await commands.state_account(
        session, clock, case_id, if_match, body.account_id, by=caller.subject
    )
    respond(response, version=case.version)
    return PayingAccountView.model_validate(stated)


@router.get("/paying_accounts")
@action("party.list")
async def list_paying_accounts(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[PayingAccountView]:
    """List what was stated about whose money it is, in its order; the last counts."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id, owner=await _owner(session, case_id))
    rows, cursor = await paginate(session, queries.accounts_of(case_id), page, order=queries.ACCOUNT_ORDER)
    return Page(items=[PayingAccountView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/reading_aloud")
@action("assistance.record")
async def record_reading_aloud(
    case_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> AssistanceView:
    """Record that the documents were read aloud to a customer who cannot read."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    kind = AssistanceKind.READING_ALOUD
    case, done = await commands.assist(session, clock, case_id, if_match, kind, by=caller.subject)
    return _kept(response, case, done)


@router.post("/thumbprint")
@action("assistance.record")
async def record_thumbprint(
    case_id: UUID,
    body: ThumbprintBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> AssistanceView:
    """Record that a customer who cannot sign has given his thumbprint; its image is kept elsewhere."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    kind, evidence_id = AssistanceKind.THUMBPRINT, body.evidence_id
    case, done = await commands.assist(
        session, clock, case_id, if_match, kind, evidence_id=evidence_id, by=caller.subject
    )
    return _kept(response, case, done)


@router.post("/call_back")
@action("assistance.call_back")
async def record_call_back(
    case_id: UUID,
    body: CallBackBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> AssistanceView:
    """Record that one has called the customer back; by somebody who sold to him it does not count."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    kind, confirmed = AssistanceKind.CALL_BACK, body.confirmed
    case, done = await commands.assist(
        session, clock, case_id, if_match, kind, confirmed=confirmed, by=caller.subject
    )
    return _kept(response, case, done)


@router.get("/assistance")
@action("assistance.list")
async def list_assistance(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[AssistanceView]:
    """List what was done in a case for a customer who needs it, in its order."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id, owner=await _owner(session, case_id))
    rows, cursor = await paginate(
        session, queries.assistance_of(case_id), page, order=queries.ASSISTANCE_ORDER
    )
    return Page(items=[AssistanceView.model_validate(row) for row in rows], next_cursor=cursor)


async def _owner(session: AsyncSession, case_id: UUID) -> str | None:
    return await subject_of(session, (await case_of(session, case_id)).customer_id)


def _kept(response: Response, case: SaleCase, done: Assistance) -> AssistanceView:
    respond(response, version=case.version)
    return AssistanceView.model_validate(done)
