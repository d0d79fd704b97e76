"""Routes of personal data: written by staff, masked for everybody, revealed for a purpose and on record.

Clear values enter by PUT and leave by routes without an ``Idempotency-Key``: no answer of theirs is stored.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
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
    respond,
    routes,
)
from compliance.customers.queries import customer as customer_of
from compliance.personal_data import commands, queries
from compliance.personal_data.domain import (
    GRANT_HOURS_MAX,
    AccessKind,
    IdentityType,
    PersonalField,
    UsePurpose,
)
from compliance.personal_data.sealing import Keyring, keyring

router = routes("/v1/customers/{customer_id}/personal_data", "personal_data")
use_router = routes("/v1/personal_data", "personal_data")

Text = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=40)]
Subject = Annotated[str, Field(min_length=1, max_length=255)]
Matter = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:/-]+$")]
Fields = Annotated[list[PersonalField], Field(min_length=1, max_length=len(PersonalField))]


class PersonalDataBody(Input):
    """The fields to write; what is null stays as it is."""

    name: Text | None = None
    identity_type: IdentityType | None = None
    identity_number: Number | None = None
    identity_expires_on: date | None = None
    phone: Number | None = None
    address: Text | None = None
    birth_date: date | None = None

    def values(self) -> dict[PersonalField, str]:
        """What is to be written, by field."""
        given = {field: getattr(self, field.value.lower()) for field in PersonalField}
        return {field: str(value) for field, value in given.items() if value is not None}


class RevealBody(Input):
    """Which fields of which customer, and what for; ``matter_id`` names the case, complaint or request."""

    customer_id: UUID
    fields: Fields
    purpose: UsePurpose
    matter_id: Matter | None = None


class SearchBody(Input):
    """A whole phone or identity number; the identity number where both are given."""

    identity_number: Number | None = None
    phone: Number | None = None
    purpose: UsePurpose
    matter_id: Matter | None = None


class GrantBody(Input):
    """Who may see which fields for which purpose, for how long; ``customer_id`` null: of many customers."""

    grantee: Subject
    customer_id: UUID | None
    fields: Fields
    purpose: UsePurpose
    hours: Annotated[int, Field(ge=1, le=GRANT_HOURS_MAX)]


class FieldsView(Output):
    """Personal fields; null where there is nothing on record (or it was not asked for)."""

    name: str | None
    identity_type: str | None
    identity_number: str | None
    identity_expires_on: str | None
    phone: str | None
    address: str | None
    birth_date: str | None


class MaskedView(Output):
    """A customer's personal fields as everybody sees them."""

    customer_id: UUID
    fields: FieldsView


class RevealView(Output):
    """The fields that were asked for, in clear, and the record of it."""

    access_id: UUID
    customer_id: UUID
    fields: FieldsView


class SearchView(Output):
    """The customers that were found, masked."""

    items: list[MaskedView]


class GrantView(Output):
    """A grant; it ends at ``expires_at``."""

    id: UUID
    grantee: str
    customer_id: UUID | None
    fields: list[PersonalField]
    purpose: UsePurpose
    granted_by: str
    granted_at: datetime
    expires_at: datetime


class AccessView(Output):
    """One use of personal data: who, when, whose, which fields, what for, under which grant."""

    id: UUID
    kind: AccessKind
    customer_id: UUID | None
    accessed_by: str
    purpose: UsePurpose
    matter_id: str | None
    fields: list[PersonalField]
    grant_id: UUID | None
    accessed_at: datetime


def keys_of(request: Request) -> Keyring:
    """The keyring of the process."""
    return keyring(edge_of(request).settings)


def fields_view(values: Mapping[PersonalField, str]) -> FieldsView:
    """The view of fields, clear or masked."""
    return FieldsView.model_validate({field.value.lower(): values.get(field) for field in PersonalField})


@router.put("")
@action("personal_data.write")
async def write_personal_data(
    customer_id: UUID,
    body: PersonalDataBody,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> MaskedView:
    """Write personal fields of a customer, at the customer's version; the answer is masked."""
    guard(outlet_id=None)
    keys = keys_of(request)
    customer = await commands.write_personal_data(
        session, clock, keys, customer_id, if_match, body.values(), by=caller.subject
    )
    respond(response, version=customer.version)
    return await _masked(session, keys, customer_id)


@router.get("")
@action("personal_data.read")
async def read_personal_data(
    customer_id: UUID, request: Request, session: ReadSession, guard: Guard, response: Response
) -> MaskedView:
    """Read a customer's personal fields, masked (PRI-09)."""
    customer = await customer_of(session, customer_id)
    guard(outlet_id=None, owner=customer.subject)
    respond(response, version=customer.version)
    return await _masked(session, keys_of(request), customer_id)


@use_router.post("/reveals")
@action("personal_data.reveal", idempotent=False)
async def reveal_personal_data(
    body: RevealBody, request: Request, session: Session, clock: Now, caller: Caller
) -> RevealView:
    """See fields in clear, for a purpose of the caller's role; every call is on record (PRI-10)."""
    access, values = await commands.reveal(
        session,
        clock,
        keys_of(request),
        body.customer_id,
        body.fields,
        body.purpose,
        matter_id=body.matter_id,
        roles=caller.roles,
        by=caller.subject,
    )
    return RevealView(access_id=access.id, customer_id=body.customer_id, fields=fields_view(values))


@use_router.post("/searches")
@action("personal_data.search", idempotent=False)
async def search_personal_data(
    body: SearchBody, request: Request, session: Session, clock: Now, caller: Caller
) -> SearchView:
    """Find customers by a whole phone or identity number; the answer is masked, the search on record."""
    keys = keys_of(request)
    by_identity = body.identity_number is not None
    found = await commands.search(
        session,
        clock,
        keys,
        PersonalField.IDENTITY_NUMBER if by_identity else PersonalField.PHONE,
        (body.identity_number if by_identity else body.phone) or "",
        body.purpose,
        matter_id=body.matter_id,
        roles=caller.roles,
        by=caller.subject,
    )
    return SearchView(items=[await _masked(session, keys, customer_id) for customer_id in found])


@use_router.post("/grants", status_code=201)
@action("personal_data.grant")
async def grant_personal_data(body: GrantBody, session: Session, clock: Now, caller: Caller) -> GrantView:
    """Let another person see fields for a limited time (PRI-10)."""
    made = await commands.grant_access(
        session,
        clock,
        grantee=body.grantee,
        customer_id=body.customer_id,
        fields=body.fields,
        purpose=body.purpose,
        hours=body.hours,
        by=caller.subject,
    )
    return GrantView.model_validate(made)


@use_router.get("/grants")
@action("personal_data.audit")
async def list_personal_data_grants(session: ReadSession, page: PageQuery) -> Page[GrantView]:
    """List grants, oldest first."""
    rows, cursor = await paginate(session, queries.grants(), page, order=queries.GRANT_ORDER)
    return Page(items=[GrantView.model_validate(row) for row in rows], next_cursor=cursor)


@use_router.get("/accesses")
@action("personal_data.audit")
async def list_personal_data_accesses(
    session: ReadSession,
    page: PageQuery,
    customer_id: UUID | None = None,
    accessed_by: Subject | None = None,
) -> Page[AccessView]:
    """List who saw or searched personal data, when and what for, oldest first."""
    wanted = queries.accesses(customer_id, accessed_by)
    rows, cursor = await paginate(session, wanted, page, order=queries.ACCESS_ORDER)
    return Page(items=[AccessView.model_validate(row) for row in rows], next_cursor=cursor)


async def _masked(session: Session, keys: Keyring, customer_id: UUID) -> MaskedView:
    fields = await queries.masked_fields(session, keys, customer_id)
    return MaskedView(customer_id=customer_id, fields=fields_view(fields))
