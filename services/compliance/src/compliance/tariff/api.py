"""Routes of the tariff: one department writes it, the bank's staff reads it."""

from datetime import date, datetime
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
from compliance.tariff import commands, queries
from compliance.tariff.domain import Pricing
from compliance.tariff.views import (
    STEPS_MAX,
    Code,
    Name,
    PriceView,
    ServiceView,
    StandardBody,
    StepBody,
    TermsBody,
    TermsView,
)

router = routes("/v1/fee-services", "tariff")

Medium = Annotated[str, Field(min_length=1, max_length=120)]


class NewService(Input):
    """A new chargeable service; code, pricing, currency (ISO 4217) and steps stay for good."""

    code: Code
    name_zh: Name
    name_en: Name
    pricing: Pricing
    currency: str
    steps: Annotated[list[StepBody], Field(min_length=1, max_length=STEPS_MAX)]


class NewPrice(Input):
    """A price for every step from a day on, in place of what was announced for that day and later."""

    applies_from: date
    standards: Annotated[list[StandardBody], Field(min_length=1, max_length=STEPS_MAX)]


class PublicityBody(TermsBody):
    """What a piece of publicity promises, and where it is shown."""

    medium: Medium


class ProductLinkBody(Input):
    """Whether the sale of a product is charged for by the service."""

    product_id: UUID
    charged: bool


class WaiverView(Output):
    """A granted reduction."""

    id: UUID
    service_version: int
    terms: TermsView
    granted_at: datetime


class PublicityView(Output):
    """Publicity that was held against the tariff and found right."""

    id: UUID
    service_version: int
    medium: str
    terms: TermsView
    checked_at: datetime


class ProductLinkView(Output):
    """The sale of a product is charged for, or no longer is, from then on."""

    service_version: int
    product_id: UUID
    charged: bool
    linked_at: datetime


@router.post("", status_code=201)
@action("fee_service.introduce")
async def introduce_service(
    body: NewService, session: Session, clock: Now, caller: Caller, response: Response
) -> ServiceView:
    """Enter a chargeable service; it has no price yet."""
    service = await commands.introduce_service(
        session,
        clock,
        code=body.code,
        names=(body.name_zh, body.name_en),
        pricing=body.pricing,
        currency=body.currency,
        steps=tuple(step.step() for step in body.steps),
        by=caller.subject,
    )
    respond(response, version=service.version, location=f"/v1/fee-services/{service.id}")
    return ServiceView.of(service)


@router.get("")
@action("fee_service.list")
async def list_services(session: ReadSession, page: PageQuery) -> Page[ServiceView]:
    """List the chargeable services by code."""
    rows, cursor = await paginate(session, queries.listed(), page, order=queries.ORDER)
    return Page(items=[ServiceView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{service_id}")
@action("fee_service.read")
async def read_service(
    service_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ServiceView:
    """Read a chargeable service."""
    guard(outlet_id=None)
    service = await queries.service(session, service_id)
    respond(response, version=service.version)
    return ServiceView.of(service)


@router.post("/{service_id}/prices")
@action("fee_price.announce")
async def announce_price(
    service_id: UUID,
    body: NewPrice,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PriceView:
    """Announce a price; an increase of a market-priced service needs its notice (FEE-03)."""
    guard(outlet_id=None)
    service, price = await commands.announce_price(
        session,
        clock,
        service_id,
        if_match,
        standards=tuple(standard.standard() for standard in body.standards),
        applies_from=body.applies_from,
        by=caller.subject,
    )
    respond(response, version=service.version)
    return PriceView.of(price)


@router.get("/{service_id}/prices")
@action("fee_service.read")
async def list_prices(
    service_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[PriceView]:
    """List the announced prices of a service, oldest announcement first."""
    guard(outlet_id=None)
    await queries.service(session, service_id)
    rows, cursor = await paginate(session, queries.prices_of(service_id), page, order=queries.PRICE_ORDER)
    return Page(items=[PriceView.of(row) for row in rows], next_cursor=cursor)


@router.post("/{service_id}/waivers")
@action("fee_waiver.grant")
async def grant_waiver(
    service_id: UUID,
    body: TermsBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> WaiverView:
    """Grant a reduction from today or later on; it is not shortened (M130, M159)."""
    guard(outlet_id=None)
    service, waiver = await commands.grant_waiver(
        session, clock, service_id, if_match, body.terms(), by=caller.subject
    )
    respond(response, version=service.version)
    return WaiverView.model_validate(waiver)


@router.get("/{service_id}/waivers")
@action("fee_service.read")
async def list_waivers(
    service_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[WaiverView]:
    """List the reductions of a service, past ones included."""
    guard(outlet_id=None)
    await queries.service(session, service_id)
    rows, cursor = await paginate(session, queries.waivers_of(service_id), page, order=queries.WAIVER_ORDER)
    return Page(items=[WaiverView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/{service_id}/publicity")
@action("fee_publicity.check")
async def check_publicity(
    service_id: UUID,
    body: PublicityBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PublicityView:
    """Record publicity about a reduction; refused where it differs from the tariff on any of its days."""
    guard(outlet_id=None)
    service, publicity = await commands.check_publicity(
        session, clock, service_id, if_match, medium=body.medium, terms=body.terms(), by=caller.subject
    )
    respond(response, version=service.version)
    return PublicityView.model_validate(publicity)


@router.get("/{service_id}/publicity")
@action("fee_service.read")
async def list_publicity(
    service_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[PublicityView]:
    """List the publicity about a service that was found right."""
    guard(outlet_id=None)
    await queries.service(session, service_id)
    statement = queries.publicity_of(service_id)
    rows, cursor = await paginate(session, statement, page, order=queries.PUBLICITY_ORDER)
    return Page(items=[PublicityView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/{service_id}/products")
@action("fee_service.link")
async def link_product(
    service_id: UUID,
    body: ProductLinkBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ProductLinkView:
    """Say that the sale of a product is charged for by the service, or no longer is."""
    guard(outlet_id=None)
    service, link = await commands.link_product(
        session,
        clock,
        service_id,
        if_match,
        product_id=body.product_id,
        charged=body.charged,
        by=caller.subject,
    )
    respond(response, version=service.version)
    return ProductLinkView.model_validate(link)


@router.get("/{service_id}/products")
@action("fee_service.read")
async def list_product_links(
    service_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ProductLinkView]:
    """List which product was linked, or no longer was, in that order."""
    guard(outlet_id=None)
    await queries.service(session, service_id)
    rows, cursor = await paginate(session, queries.links_of(service_id), page, order=queries.LINK_ORDER)
    return Page(items=[ProductLinkView.model_validate(row) for row in rows], next_cursor=cursor)
