"""Routes of quotes and service records: told by the outlet, confirmed by the customer, then rendered."""

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
from compliance.access import outlets_of
from compliance.customers.queries import find_customer, subject_of
from compliance.fees import commands, queries
from compliance.fees.domain import Quote, QuoteState, Request, ServiceRecord
from compliance.tariff.charges import AMOUNT_MINOR_MAX
from compliance.tariff.domain import Charge
from compliance.tariff.terms import CustomerGroup
from compliance.tariff.views import StandardView, StepView, TermsView

router = routes("/v1/fee-quotes", "fees")
record_router = routes("/v1/service-records", "fees")

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)]


class RequestBody(Input):
    """What is to be rendered to whom and where; ``amount_minor``: what a rate is taken of, else 0."""

    service_id: UUID
    customer_id: UUID
    outlet_id: UUID
    amount_minor: Amount

    def request(self) -> Request:
        """The request as the domain has it."""
        return Request(
            service_id=self.service_id,
            customer_id=self.customer_id,
            outlet_id=self.outlet_id,
            amount_minor=self.amount_minor,
        )


class QuoteBody(RequestBody):
    """What the customer asks for; ``customer_group``: whose reductions he has a right to, where any."""

    customer_group: CustomerGroup | None


class ServiceRecordBody(RequestBody):
    """What is rendered now, on which quote; without its own confirmed one it is refused (FEE-01, FEE-02)."""

    quote_id: UUID | None


class ChargeView(Output):
    """What one step costs: its standard, the charge in full, the reduction, and the charge that is left."""

    step: StepView
    standard: StandardView
    full_minor: int
    terms: TermsView | None
    fee_minor: int

    @classmethod
    def of(cls, charge: Charge) -> "ChargeView":
        """The view of a charge."""
        return cls.model_validate(charge)


class QuoteView(Output):
    """A quote; ``charged``: whether a fee is charged at all. It is good before ``expires_at``."""

    id: UUID
    version: int
    service_id: UUID
    customer_id: UUID
    outlet_id: UUID
    amount_minor: int
    currency: str
    customer_group: CustomerGroup | None
    charged: bool
    charges: list[ChargeView]
    fee_minor: int
    state: QuoteState
    quoted_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None

    @classmethod
    def of(cls, quote: Quote) -> "QuoteView":
        """The view of a quote."""
        return cls.model_validate(quote)


class ServiceRecordView(Output):
    """A rendered service and what it cost."""

    id: UUID
    quote_id: UUID
    service_id: UUID
    customer_id: UUID
    outlet_id: UUID
    amount_minor: int
    fee_minor: int
    currency: str
    rendered_at: datetime

    @classmethod
    def of(cls, record: ServiceRecord) -> "ServiceRecordView":
        """The view of a record."""
        return cls.model_validate(record)


@router.post("", status_code=201)
@action("fee_quote.tell")
async def quote_fee(
    body: QuoteBody, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> QuoteView:
    """Tell whether a fee is charged, the standard of each step with reductions, and the amount."""
    customer = await find_customer(session, body.customer_id)
    guard(outlet_id=body.outlet_id, owner=None if customer is None else customer.subject)
    quote = await commands.quote_fee(session, clock, body.request(), body.customer_group, by=caller.subject)
    respond(response, version=quote.version, location=f"/v1/fee-quotes/{quote.id}")
    return QuoteView.of(quote)


@router.get("")
@action("fee_quote.list")
async def list_quotes(
    session: ReadSession, caller: Caller, page: PageQuery, customer_id: UUID | None = None
) -> Page[QuoteView]:
    """List the quotes of the caller's outlets."""
    statement = queries.quotes(outlets_of(caller), customer_id)
    rows, cursor = await paginate(session, statement, page, order=queries.QUOTE_ORDER)
    return Page(items=[QuoteView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{quote_id}")
@action("fee_quote.read")
async def read_quote(quote_id: UUID, session: ReadSession, guard: Guard, response: Response) -> QuoteView:
    """Read a quote; a customer reads his own."""
    quote = await queries.quote(session, quote_id)
    guard(outlet_id=quote.outlet_id, owner=await subject_of(session, quote.customer_id))
    respond(response, version=quote.version)
    return QuoteView.of(quote)


@router.post("/{quote_id}/confirmation")
@action("fee_quote.confirm")
async def confirm_quote(
    quote_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> QuoteView:
    """Confirm, as the customer, what the service will cost."""
    told = await queries.quote(session, quote_id)
    guard(outlet_id=told.outlet_id, owner=await subject_of(session, told.customer_id))
    quote = await commands.confirm_quote(session, clock, quote_id, if_match, by=caller.subject)
    respond(response, version=quote.version)
    return QuoteView.of(quote)


@record_router.post("", status_code=201)
@action("service_record.make")
async def render_service(
    body: ServiceRecordBody, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> ServiceRecordView:
    """Record a service that is rendered now, on its own quote that the customer has confirmed."""
    guard(outlet_id=body.outlet_id)
    record = await commands.render_service(session, clock, body.request(), body.quote_id, by=caller.subject)
    respond(response, version=1, location=f"/v1/service-records/{record.id}")
    return ServiceRecordView.of(record)


@record_router.get("")
@action("service_record.list")
async def list_service_records(
    session: ReadSession, caller: Caller, page: PageQuery
) -> Page[ServiceRecordView]:
    """List the services rendered at the caller's outlets."""
    statement = queries.records(outlets_of(caller))
    rows, cursor = await paginate(session, statement, page, order=queries.RECORD_ORDER)
    return Page(items=[ServiceRecordView.of(row) for row in rows], next_cursor=cursor)


@record_router.get("/{record_id}")
@action("service_record.read")
async def read_service_record(
    record_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ServiceRecordView:
    """Read a service record."""
    record = await queries.service_record(session, record_id)
    guard(outlet_id=record.outlet_id)
    respond(response, version=1)
    return ServiceRecordView.of(record)
