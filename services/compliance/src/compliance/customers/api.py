"""Routes of customers and their risk assessments. Nobody assesses on a customer's behalf (SUI-07)."""

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
from compliance.access import is_staff
from compliance.customers import commands, queries
from compliance.customers.domain import Customer, Setting
from compliance.rulebook.customer_facts import AssessmentPlace

router = routes("/v1/customers", "customers")

Subject = Annotated[str, Field(min_length=1, max_length=255)]
Source = Annotated[str, Field(min_length=1, max_length=120)]


class NewCustomer(Input):
    """A new customer. ``subject`` is that of his token, null where he has no access of his own."""

    subject: Subject | None


class SettingBody(Input):
    """Where it was done, and whether age and experience were looked at; null: not known (SUI-15)."""

    place: AssessmentPlace | None = None
    age_considered: bool | None = None

    def setting(self) -> Setting:
        """The setting as the domain has it."""
        return Setting(place=self.place, age_considered=self.age_considered)


class AssessmentBody(SettingBody):
    """The result of an assessment that the customer has just completed: 1 (C1) to 5 (C5)."""

    level: int


class ImportedAssessmentBody(SettingBody):
    """The result of an older assessment, when it was completed, and which system holds it."""

    level: int
    completed_at: datetime
    source: Source


class CustomerEntry(Output):
    """A customer in a list: an opaque id, and the subject of his token."""

    id: UUID
    version: int
    subject: str | None


class AssessmentView(Output):
    """One assessment: 1 (C1) to 5 (C5). ``source`` is the system that an imported one comes from."""

    id: UUID
    customer_version: int
    level: int
    completed_at: datetime
    imported: bool
    source: str | None
    recorded_at: datetime
    place: AssessmentPlace | None
    age_considered: bool | None


class CustomerView(CustomerEntry):
    """A customer with the assessment that counts, and when he last told of a change (SUI-12).

    ``awaits_confirmation``: the level differs from the one before, and he has not confirmed it yet (SUI-11).
    """

    assessment: AssessmentView | None
    awaits_confirmation: bool
    change_reported_at: datetime | None

    @classmethod
    async def of(cls, session: AsyncSession, customer: Customer) -> "CustomerView":
        """The view of a customer."""
        stands = await queries.standing_of(session, customer.id)
        return cls(
            id=customer.id,
            version=customer.version,
            subject=customer.subject,
            assessment=None if stands is None else AssessmentView.model_validate(stands.assessment),
            awaits_confirmation=stands is not None and stands.pending,
            change_reported_at=await queries.last_reported_change(session, customer.id),
        )


@router.post("", status_code=201)
@action("customer.register")
async def register_customer(
    body: NewCustomer, session: Session, clock: Now, caller: Caller, response: Response
) -> CustomerView:
    """Register a customer under an opaque id."""
    customer = await commands.register_customer(session, clock, subject=body.subject, by=caller.subject)
    respond(response, version=customer.version, location=f"/v1/customers/{customer.id}")
    return await CustomerView.of(session, customer)


@router.get("")
@action("customer.list")
async def list_customers(
    session: ReadSession, caller: Caller, page: PageQuery, subject: Subject | None = None
) -> Page[CustomerEntry]:
    """List customers; a customer finds himself."""
    wanted = subject if is_staff(caller, "customer.list") else caller.subject
    rows, cursor = await paginate(session, queries.listed(wanted), page, order=queries.ORDER)
    return Page(items=[CustomerEntry.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/{customer_id}")
@action("customer.read")
async def read_customer(
    customer_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> CustomerView:
    """Read a customer with the assessment that counts."""
    customer = await queries.customer(session, customer_id)
    guard(outlet_id=None, owner=customer.subject)
    respond(response, version=customer.version)
    return await CustomerView.of(session, customer)


@router.get("/{customer_id}/assessments")
@action("assessment.list")
async def list_assessments(
    customer_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[AssessmentView]:
    """List the assessments of a customer in the order in which they were recorded."""
    guard(outlet_id=None, owner=await queries.subject_of(session, customer_id))
    rows, cursor = await paginate(
        session, queries.assessments_of(customer_id), page, order=queries.ASSESSMENT_ORDER
    )
    return Page(items=[AssessmentView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/{customer_id}/assessments")
@action("assessment.complete")
async def complete_assessment(
    customer_id: UUID,
    body: AssessmentBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CustomerView:
    """Record the assessment that the customer himself has just completed."""
    guard(outlet_id=None, owner=await queries.subject_of(session, customer_id))
    customer, _ = await commands.complete_assessment(
        session, clock, customer_id, if_match, level=body.level, setting=body.setting(), by=caller.subject
    )
    respond(response, version=customer.version)
    return await CustomerView.of(session, customer)


@router.post("/{customer_id}/assessments/{assessment_id}/confirmation")
@action("assessment.confirm")
async def confirm_level(
    customer_id: UUID,
    assessment_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CustomerView:
    """Confirm, as the customer, a level that differs from the one before (SUI-11)."""
    guard(outlet_id=None, owner=await queries.subject_of(session, customer_id))
    customer, _ = await commands.confirm_level(
        session, clock, customer_id, if_match, assessment_id, by=caller.subject
    )
    respond(response, version=customer.version)
    return await CustomerView.of(session, customer)


@router.post("/{customer_id}/imported_assessments")
@action("assessment.import")
async def import_assessment(
    customer_id: UUID,
    body: ImportedAssessmentBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CustomerView:
    """Import an older assessment with its date, marked as imported."""
    guard(outlet_id=None)
    customer, _ = await commands.import_assessment(
        session,
        clock,
        customer_id,
        if_match,
        level=body.level,
        completed_at=body.completed_at,
        source=body.source,
        setting=body.setting(),
        by=caller.subject,
    )
    respond(response, version=customer.version)
    return await CustomerView.of(session, customer)


@router.post("/{customer_id}/reported_changes")
@action("customer_change.report")
async def report_customer_change(
    customer_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CustomerView:
    """Record that circumstances changed, not what: the customer is assessed again before the next sale."""
    guard(outlet_id=None, owner=await queries.subject_of(session, customer_id))
    customer, _ = await commands.report_change(session, clock, customer_id, if_match, by=caller.subject)
    respond(response, version=customer.version)
    return await CustomerView.of(session, customer)
