"""Routes of the product registry: anyone may query it, one department writes it (PRD-02)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from chassis.auth import action
from chassis.http.routing import (
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
from compliance.products import commands, queries
from compliance.products.domain import Product, ProductOffering, ProductTerms, RiskLevels, check_sort
from compliance.rulebook.facts import ProductForm, ProductKind, ProductOrigin, ProductStatus

router = routes("/v1/products", "products")
public_router = routes("/v1/public/products", "public products")

CODE_PATTERN = r"^[A-Za-z0-9._-]+$"

Name = Annotated[str, Field(min_length=1, max_length=120)]
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=CODE_PATTERN)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
CodePath = Annotated[str, Path(min_length=1, max_length=32, pattern=CODE_PATTERN)]
Sort = Annotated[
    str, Query(max_length=32, description="code or name; nothing ranks by benchmark or past return (PRD-09)")
]
Text = Annotated[str | None, Query(alias="q", max_length=120, description="part of the code or the name")]


class TermsBody(Input):
    """What describes a product and may be corrected. ``term_months`` null: open, or not known."""

    name: Name
    issuer: Name
    offering: ProductOffering
    term_months: int | None

    def terms(self) -> ProductTerms:
        """The terms as the domain has them."""
        return ProductTerms(
            name=self.name, issuer=self.issuer, offering=self.offering, term_months=self.term_months
        )


class LevelsBody(Input):
    """Risk levels, 1 (R1) to 5 (R5), null while not graded. Of both the higher counts (PRD-08)."""

    issuer_risk_level: int | None
    bank_risk_level: int | None

    def levels(self) -> RiskLevels:
        """The levels as the domain has them."""
        return RiskLevels(issuer=self.issuer_risk_level, bank=self.bank_risk_level)


class NewProduct(TermsBody, LevelsBody):
    """A new product; code, origin, kind and form stay for good."""

    code: Code
    origin: ProductOrigin
    kind: ProductKind
    form: ProductForm


class Grading(LevelsBody):
    """New risk levels, and why."""

    reason: Reason


class ProductWithdrawal(Input):
    """The end of the sale: EXISTING while the product still runs, ENDED once it is over."""

    status: Literal["EXISTING", "ENDED"]
    reason: Reason


class PublicProductView(Output):
    """A product as everybody may see it. ``risk_level``: the higher of issuer's and bank's, or null."""

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

    @classmethod
    def of(cls, product: Product) -> "PublicProductView":
        """The view of a product."""
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
        )


class ProductView(PublicProductView):
    """A product as the bank sees it."""

    id: UUID
    version: int
    issuer_risk_level: int | None
    bank_risk_level: int | None

    @classmethod
    def of(cls, product: Product) -> "ProductView":
        """The view of a product."""
        return cls(
            id=product.id,
            version=product.version,
            issuer_risk_level=product.issuer_risk_level,
            bank_risk_level=product.bank_risk_level,
            **PublicProductView.of(product).model_dump(),
        )


@public_router.get("")
@action("product.query", public=True)
async def query_products(
    session: ReadSession,
    page: PageQuery,
    q: Text = None,
    origin: ProductOrigin | None = None,
    status: ProductStatus | None = None,
    sort: Sort = "code",
) -> Page[PublicProductView]:
    """Query the registry; without a status, all that have not ended. Private offerings need their code."""
    order = queries.ORDERS[check_sort(sort)]
    found = queries.advertised(queries.listed(text=q, origin=origin, status=status))
    rows, cursor = await paginate(session, found, page, order=order)
    return Page(items=[PublicProductView.of(row) for row in rows], next_cursor=cursor)


@public_router.get("/{code}")
@action("product.query", public=True)
async def query_product(code: CodePath, session: ReadSession, response: Response) -> PublicProductView:
    """Check a product by its code: what is not found here must not be sold (PRD-01)."""
    product = await queries.product_by_code(session, code)
    respond(response, version=product.version)
    return PublicProductView.of(product)


@router.get("")
@action("product.list")
async def list_products(
    session: ReadSession,
    page: PageQuery,
    q: Text = None,
    origin: ProductOrigin | None = None,
    status: ProductStatus | None = None,
) -> Page[ProductView]:
    """List products by code, private offerings included; without a status, all that have not ended."""
    found = queries.listed(text=q, origin=origin, status=status)
    rows, cursor = await paginate(session, found, page, order=queries.ORDER)
    return Page(items=[ProductView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{product_id}")
@action("product.read")
async def read_product(
    product_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ProductView:
    """Read a product."""
    guard(outlet_id=None)
    product = await queries.product(session, product_id)
    respond(response, version=product.version)
    return ProductView.of(product)


@router.post("", status_code=201)
@action("product.enter")
async def enter_product(body: NewProduct, session: Session, clock: Now, response: Response) -> ProductView:
    """List a product as on sale."""
    product = await commands.enter_product(
        session,
        clock,
        code=body.code,
        origin=body.origin,
        kind=body.kind,
        form=body.form,
        terms=body.terms(),
        levels=body.levels(),
    )
    respond(response, version=product.version, location=f"/v1/products/{product.id}")
    return ProductView.of(product)


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
    return ProductView.of(product)


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
    return ProductView.of(product)


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
    return ProductView.of(product)
