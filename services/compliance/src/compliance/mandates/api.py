"""Routes of standing mandates: core banking states them, the outlet sees whom it has to ask."""

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
from compliance.customers.queries import subject_of
from compliance.mandates import commands, queries
from compliance.mandates.domain import JointAccount, Mandate

router = routes("/v1/joint_accounts", "mandates")
customer_router = routes("/v1/customers/{customer_id}", "mandates")

Currency = Annotated[str, Field(min_length=3, max_length=3)]


class NewJointAccount(Input):
    """An account of several customers. ``required``: how many of them decide, with SOME alone."""

    holders: Annotated[list[UUID], Field(max_length=50)]
    mandate: Mandate
    required: int | None = None


class TermsBody(Input):
    """Who decides from now on. ``closed``: nothing is bought with the account any more."""

    mandate: Mandate
    required: int | None = None
    closed: bool


class ResolutionBody(Input):
    """What a company's board has resolved: who signs, through which day, for how much in all.

    Stated again it replaces what was stated about the same document.
    """

    document_id: UUID
    signatory_id: UUID
    resolved_on: date
    valid_until: date
    limit_minor: int
    currency: Currency


class JointAccountView(Output):
    """A joint account; ``required`` of SOME alone."""

    id: UUID
    version: int
    holders: list[UUID]
    mandate: Mandate
    required: int | None
    closed: bool

    @classmethod
    async def of(cls, session: AsyncSession, account: JointAccount) -> "JointAccountView":
        """The view of an account with the terms that count."""
        terms = await queries.terms_now(session, account.id)
        return cls(
            id=account.id,
            version=account.version,
            holders=list(await queries.holders_of(session, account.id)),
            mandate=terms.mandate,
            required=terms.required,
            closed=terms.closed,
        )


class TermsView(Output):
    """The terms that made the account's version ``account_version``."""

    account_version: int
    mandate: Mandate
    required: int | None
    closed: bool
    stated_at: datetime


class ResolutionView(Output):
    """One statement about a resolution, and the version of the customer that it made."""

    id: UUID
    customer_version: int
    document_id: UUID
    signatory_id: UUID
    resolved_on: date
    valid_until: date
    limit_minor: int
    currency: str
    stated_at: datetime


@router.post("", status_code=201)
@action("joint_account.state")
async def open_joint_account(
    body: NewJointAccount, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> JointAccountView:
    """Register an account that several customers hold, and who of them decides."""
    guard(outlet_id=None)
    account = await commands.open_joint_account(
        session, clock, holders=body.holders, mandate=body.mandate, required=body.required, by=caller.subject
    )
    await session.flush()
    respond(response, version=account.version, location=f"/v1/joint_accounts/{account.id}")
    return await JointAccountView.of(session, account)


@router.get("/{account_id}")
@action("joint_account.read")
async def read_joint_account(
    account_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> JointAccountView:
    """Read an account and who decides about it."""
    guard(outlet_id=None)
    account = await queries.account(session, account_id)
    respond(response, version=account.version)
    return await JointAccountView.of(session, account)


@router.post("/{account_id}/terms")
@action("joint_account.state")
async def state_joint_terms(
    account_id: UUID,
    body: TermsBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> JointAccountView:
    """State who decides about an account from now on, or that it is closed."""
    guard(outlet_id=None)
    account = await commands.state_terms(
        session,
        clock,
        account_id,
        if_match,
        mandate=body.mandate,
        required=body.required,
        closed=body.closed,
        by=caller.subject,
    )
    await session.flush()
    respond(response, version=account.version)
    return await JointAccountView.of(session, account)


@router.get("/{account_id}/terms")
@action("joint_account.read")
async def list_joint_terms(
    account_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[TermsView]:
    """List the terms that an account has had, in their order."""
    guard(outlet_id=None)
    await queries.account(session, account_id)
    rows, cursor = await paginate(session, queries.terms_of(account_id), page, order=queries.TERMS_ORDER)
    return Page(items=[TermsView.model_validate(row) for row in rows], next_cursor=cursor)


@customer_router.get("/joint_accounts")
@action("joint_account.list")
async def list_joint_accounts(
    customer_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[JointAccountView]:
    """List the joint accounts of a customer, closed ones too."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    rows, cursor = await paginate(
        session, queries.accounts_of(customer_id), page, order=queries.ACCOUNT_ORDER
    )
    return Page(items=[await JointAccountView.of(session, row) for row in rows], next_cursor=cursor)


@customer_router.post("/resolutions")
@action("resolution.state")
async def state_resolution(
    customer_id: UUID,
    body: ResolutionBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ResolutionView:
    """State what a company's board has resolved about buying."""
    guard(outlet_id=None)
    customer, resolution = await commands.state_resolution(
        session,
        clock,
        customer_id,
        if_match,
        document_id=body.document_id,
        signatory_id=body.signatory_id,
        resolved_on=body.resolved_on,
        valid_until=body.valid_until,
        limit_minor=body.limit_minor,
        currency=body.currency,
        by=caller.subject,
    )
    respond(response, version=customer.version)
    return ResolutionView.model_validate(resolution)


@customer_router.get("/resolutions")
@action("resolution.list")
async def list_resolutions(
    customer_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ResolutionView]:
    """List what was stated about a company's resolutions, in its order."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    rows, cursor = await paginate(
        session, queries.resolutions_of(customer_id), page, order=queries.RESOLUTION_ORDER
    )
    return Page(items=[ResolutionView.model_validate(row) for row in rows], next_cursor=cursor)
