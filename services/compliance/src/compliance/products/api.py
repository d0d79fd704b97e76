"""Routes of the product registry: anyone may query it, one department writes it (PRD-02)."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
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
from compliance.access import check_hq_only
from compliance.partners.domain import Partner
from compliance.partners.queries import named
from compliance.products import commands, queries
from compliance.products.bodies import CODE_PATTERN, LevelsBody, NewProduct, TermsBody
from compliance.products.domain import Product
from compliance.products.sorting import check_sort
from compliance.rulebook.facts import (
    AssetClass,
    ProductForm,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    ProductStatus,
)

router = routes("/v1/products", "products")
public_router = routes("/v1/public/products", "public products")

Reason = Annotated[str, Field(min_length=1, max_length=500)]
CodePath = Annotated[str, Path(min_length=1, max_length=32, pattern=CODE_PATTERN)]
Sort = Annotated[
    str, Query(max_length=32, description="code or name; nothing ranks by benchmark or past return (PRD-09)")
]
Text = Annotated[str | None, Query(alias="q", max_length=120, description="part of the code or the name")]


Level = Annotated[int | None, Query(ge=1, le=5, description="the higher of issuer's and bank's (PRD-08)")]


class Grading(LevelsBody):
    """New risk levels, and why."""

    reason: Reason


class ProductWithdrawal(Input):
    """The end of the sale: EXISTING while the product still runs, ENDED once it is over."""

    status: Literal["EXISTING", "ENDED"]
    reason: Reason


class SupplierView(Output):
    """The partner that supplies an agency product."""

    code: str
    name: str


Suppliers = Mapping[UUID, Partner]


class PublicProductView(Output):
    """A product as everybody may see it. ``risk_level``: the higher of issuer's and bank's, or null.

    ``partner``: who supplies an agency product, null while nobody is named.
    """

    code: str
    name: str
    issuer: str
    origin: ProductOrigin
    kind: ProductKind
    form: ProductForm
    offering: ProductOffering
    term_months: int | None
    risk_level: int | None
    status: ProductStatus
    partner: SupplierView | None

    @classmethod
    def of(cls, product: Product, suppliers: Suppliers) -> "PublicProductView":
        """The view of a product; ``suppliers`` by id."""
        partner = None if product.partner_id is None else suppliers[product.partner_id]
        return cls(
            code=product.code,
            name=product.name,
            issuer=product.issuer,
            origin=product.origin,
            kind=product.kind,
            form=product.form,
            offering=product.offering,
            term_months=product.term_months,
            risk_level=product.levels.effective,
            status=product.status,
            partner=None if partner is None else SupplierView.model_validate(partner),
        )


class ProductView(PublicProductView):
    """A product as the bank sees it."""

    id: UUID
    version: int
    issuer_risk_level: int | None
    bank_risk_level: int | None
    partner_id: UUID | None
    asset_class: AssetClass | None
    instalment: bool | None
    payment_years: int | None
    benefit_certain: bool | None

    @classmethod
    def of(cls, product: Product, suppliers: Suppliers) -> "ProductView":
        """The view of a product; ``suppliers`` by id."""
        return cls(
            id=product.id,
            version=product.version,
            issuer_risk_level=product.issuer_risk_level,
            bank_risk_level=product.bank_risk_level,
            partner_id=product.partner_id,
            asset_class=product.asset_class,
            instalment=product.instalment,
            payment_years=product.payment_years,
            benefit_certain=product.benefit_certain,
            **PublicProductView.of(product, suppliers).model_dump(),
        )


async def suppliers_of(session: AsyncSession, products: Iterable[Product]) -> Suppliers:
    """The partners of these products, by id."""
    return await named(session, {one.partner_id for one in products if one.partner_id is not None})


@public_router.get("")
@action("product.query", public=True)
async def query_products(
    session: ReadSession,
    page: PageQuery,
    q: Text = None,
    origin: ProductOrigin | None = None,
    kind: ProductKind | None = None,
    risk_level: Level = None,
    status: ProductStatus | None = None,
    sort: Sort = "code",
) -> Page[PublicProductView]:
    """Query the registry; without a status, all that have not ended. Private offerings need their code."""
    order = queries.ORDERS[check_sort(sort)]
    found = queries.advertised(
        queries.listed(text=q, origin=origin, kind=kind, risk_level=risk_level, status=status)
    )
    rows, cursor = await paginate(session, found, page, order=order)
    suppliers = await suppliers_of(session, rows)
    return Page(items=[PublicProductView.of(row, suppliers) for row in rows], next_cursor=cursor)


@public_router.get("/{code}")
@action("product.query", public=True)
async def query_product(code: CodePath, session: ReadSession, response: Response) -> PublicProductView:
    """Check a product by its code: what is not found here must not be sold (PRD-01)."""
    product = await queries.product_by_code(session, code)
    respond(response, version=product.version)
    return PublicProductView.of(product, await suppliers_of(session, [product]))


@router.get("")
@action("product.list")
async def list_products(
    session: ReadSession,
    page: PageQuery,
    q: Text = None,
    origin: ProductOrigin | None = None,
    kind: ProductKind | None = None,
    risk_level: Level = None,
    status: ProductStatus | None = None,
) -> Page[ProductView]:
    """List products by code, private offerings included; without a status, all that have not ended."""
    found = queries.listed(text=q, origin=origin, kind=kind, risk_level=risk_level, status=status)
    rows, cursor = await paginate(session, found, page, order=queries.ORDER)
    suppliers = await suppliers_of(session, rows)
    return Page(items=[ProductView.of(row, suppliers) for row in rows], next_cursor=cursor)


@router.get("/{product_id}")
@action("product.read")
async def read_product(
    product_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ProductView:
    """Read a product."""
    guard(outlet_id=None)
    product = await queries.product(session, product_id)
    respond(response, version=product.version)
    return ProductView.of(product, await suppliers_of(session, [product]))


@router.post("", status_code=201)
@action("product.enter")
async def enter_product(
    body: NewProduct, session: Session, clock: Now, caller: Caller, response: Response
) -> ProductView:
    """List a product as on sale; its partner is named by head office only (AGY-02)."""
    if body.partner_id is not None:
        check_hq_only(caller)
    product = await commands.enter_product(session, clock, body.listing())
    respond(response, version=product.version, location=f"/v1/products/{product.id}")
    return ProductView.of(product, await suppliers_of(session, [product]))


@router.put("/{product_id}")
@action("product.change")
async def change_product(
    product_id: UUID,
    body: TermsBody,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> ProductView:
    """Correct what describes a product."""
    guard(outlet_id=None)
    product = await commands.change_product(session, clock, product_id, if_match, body.terms())
    respond(response, version=product.version)
    return ProductView.of(product, await suppliers_of(session, [product]))


@router.post("/{product_id}/risk_levels")
@action("product.grade")
async def grade_product(
    product_id: UUID,
    body: Grading,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> ProductView:
    """Grade a product anew."""
    guard(outlet_id=None)
    product = await commands.grade_product(
        session, clock, product_id, if_match, body.levels(), reason=body.reason
    )
    respond(response, version=product.version)
    return ProductView.of(product, await suppliers_of(session, [product]))


@router.post("/{product_id}/withdrawal")
@action("product.withdraw")
async def withdraw_product(
    product_id: UUID,
    body: ProductWithdrawal,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> ProductView:
    """End the sale of a product."""
    guard(outlet_id=None)
    product = await commands.withdraw_product(
        session, clock, product_id, if_match, ended=body.status == "ENDED", reason=body.reason
    )
    respond(response, version=product.version)
    return ProductView.of(product, await suppliers_of(session, [product]))
