"""Routes of customers' files (M065): written with consent, read for a purpose and on record."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from chassis.auth import action
from chassis.errors import ObjectNotFound
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
    respond,
    routes,
)
from compliance.customers.queries import customer as customer_of
from compliance.customers.queries import subject_of
from compliance.personal_data.domain import UsePurpose
from compliance.personal_data.sealing import keyring
from compliance.profiles import commands, queries
from compliance.profiles.domain import EndReason, Finances, Need, ProfileContent, ProfileKind

router = routes("/v1/customers/{customer_id}/profile", "profiles")

AMOUNT_MAX = 10**15
COUNT_MAX = 100_000

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
Count = Annotated[int, Field(ge=0, le=COUNT_MAX)]
Matter = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:/-]+$")]


class FinancesBody(Input):
    """Yearly income and debts in minor units, land in mu."""

    yearly_income_minor: Amount | None
    debts_minor: Amount | None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    land_mu: Count | None = None

    def finances(self) -> Finances:
        """The finances as the domain has them."""
        return Finances(**self.model_dump())


class ProfileBody(Input):
    """What the file holds; the consent has to cover FINANCES where they are given."""

    kind: ProfileKind
    needs: Annotated[list[Need], Field(max_length=len(Need))]
    household_members: Count | None = None
    finances: FinancesBody | None = None
    note: Annotated[str, Field(min_length=1, max_length=2000)] | None = None

    def content(self) -> ProfileContent:
        """The content as the domain has it."""
        return ProfileContent(
            kind=self.kind,
            needs=tuple(sorted(set(self.needs))),
            household_members=self.household_members,
            finances=None if self.finances is None else self.finances.finances(),
            note=self.note,
        )


class ReadingBody(Input):
    """What the file is read for."""

    purpose: UsePurpose
    matter_id: Matter | None = None


class ProfileEntry(Output):
    """That there is a file, on which consent it rests, and until when; not what it says."""

    customer_id: UUID
    consent_id: UUID
    retain_until: date
    written_by: str
    written_at: datetime


class FinancesView(Output):
    """Yearly income and debts in minor units, land in mu."""

    yearly_income_minor: int | None
    debts_minor: int | None
    currency: str
    land_mu: int | None


class ProfileView(ProfileEntry):
    """The file with what stands in it."""

    kind: ProfileKind
    needs: list[Need]
    household_members: int | None
    finances: FinancesView | None
    note: str | None


class ProfileEndingView(Output):
    """A file was removed: why and when."""

    id: UUID
    consent_id: UUID
    reason: EndReason
    ended_at: datetime


@router.put("")
@action("profile.write")
async def write_profile(
    customer_id: UUID,
    body: ProfileBody,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ProfileEntry:
    """Write a customer's file, at the customer's version; it needs his consent and has a last day (M065)."""
    guard(outlet_id=None)
    customer, profile = await commands.write_profile(
        session,
        clock,
        keyring(edge_of(request).settings),
        customer_id,
        if_match,
        body.content(),
        by=caller.subject,
    )
    respond(response, version=customer.version)
    return ProfileEntry.model_validate(profile)


@router.get("")
@action("profile.look")
async def look_for_profile(customer_id: UUID, session: ReadSession, guard: Guard) -> ProfileEntry:
    """See whether there is a file on a customer, and until when."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    profile = await queries.find_profile(session, customer_id)
    if profile is None:
        raise ObjectNotFound
    return ProfileEntry.model_validate(profile)


@router.post("/readings")
@action("profile.read", idempotent=False)
async def read_profile(
    customer_id: UUID,
    body: ReadingBody,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
) -> ProfileView:
    """Read a customer's file for a purpose; every reading is on record (PRI-10)."""
    guard(outlet_id=None)
    profile, content = await commands.read_profile(
        session,
        clock,
        keyring(edge_of(request).settings),
        customer_id,
        body.purpose,
        matter_id=body.matter_id,
        roles=caller.roles,
        by=caller.subject,
    )
    finances = None if content.finances is None else FinancesView.model_validate(content.finances)
    return ProfileView(
        **ProfileEntry.model_validate(profile).model_dump(),
        kind=content.kind,
        needs=list(content.needs),
        household_members=content.household_members,
        finances=finances,
        note=content.note,
    )


@router.get("/endings")
@action("profile.audit")
async def list_profile_endings(
    customer_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ProfileEndingView]:
    """List the removals of a customer's files, oldest first."""
    guard(outlet_id=None)
    await customer_of(session, customer_id)
    rows, cursor = await paginate(session, queries.endings(customer_id), page, order=queries.ENDING_ORDER)
    return Page(items=[ProfileEndingView.model_validate(row) for row in rows], next_cursor=cursor)
