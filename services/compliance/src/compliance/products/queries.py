"""Reads of the product registry."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from chassis.db import load
from chassis.errors import ObjectNotFound
from chassis.reads import Found, Read, Reads, among, heads, last
from compliance.products.admissions import (
    AdmissionState,
    AdmissionStep,
    AdmissionStepKind,
    admission_facts,
    state_of,
)
from compliance.products.domain import Product
from compliance.products.scripts import ProductScript
from compliance.products.tables import (
    product_admission_steps,
    product_scripts,
    product_windows,
    products,
)
from compliance.products.windows import OfferingWindow
from compliance.rulebook.facts import ProductFacts, ProductKind, ProductOffering, ProductOrigin, ProductStatus
from compliance.rulebook.registers import admission_chain

#: PRD-09: by code or name, never by benchmark or past return.
ORDER = (products.c.code,)
ORDERS = {"code": ORDER, "name": (products.c.name, products.c.code)}
#: PRD-08; PostgreSQL passes over what is not known.
_effective = func.greatest(products.c.issuer_risk_level, products.c.bank_risk_level)
STEP_ORDER = (product_admission_steps.c.product_version,)
WINDOW_ORDER = (product_windows.c.product_version,)
SCRIPT_ORDER = (product_scripts.c.product_version,)

_last = aliased(product_admission_steps)

#: Of the products ``product_ids``: their heads to lock, and what a decision reads behind the locks (G1).
HEADS = heads(products.c.id, "product_ids")
#: Who supplies them: product and partner.
SUPPLIERS = Read[dict[str, UUID]](
    dict,
    select(products.c.id, products.c.partner_id).where(
        among(products.c.id, "product_ids"), products.c.partner_id.is_not(None)
    ),
    by="id",
)
PRODUCTS = Read(
    Product,
    select(*(column for column in products.c if column.key != "search_text")).where(
        among(products.c.id, "product_ids")
    ),
    by="id",
)
WINDOWS = last(
    OfferingWindow, product_windows.c.product_id, "product_ids", product_windows.c.product_version.desc()
)
#: The steps since the last due diligence of each, that one first.
ADMISSION_STEPS = Read(
    AdmissionStep,
    select(product_admission_steps)
    .where(
        among(product_admission_steps.c.product_id, "product_ids"),
        product_admission_steps.c.examination_id
        == select(_last.c.id)
        .where(
            _last.c.product_id == product_admission_steps.c.product_id,
            _last.c.kind == AdmissionStepKind.DILIGENCE,
        )
        .order_by(_last.c.product_version.desc())
        .limit(1)
        .scalar_subquery(),
    )
    .order_by(product_admission_steps.c.product_version),
    by="product_id",
)
#: The script of each key point that has one, by key point.
SCRIPTS = Read(
    ProductScript,
    select(product_scripts)
    .where(among(product_scripts.c.product_id, "product_ids"))
    .ext(distinct_on(product_scripts.c.product_id, product_scripts.c.segment))
    .order_by(
        product_scripts.c.product_id, product_scripts.c.segment, product_scripts.c.product_version.desc()
    ),
    by="product_id",
)
OFFERED = (PRODUCTS, WINDOWS, ADMISSION_STEPS)

_ADMISSION, _SCRIPTS = Reads(ADMISSION_STEPS), Reads(SCRIPTS)


def listed(
    *,
    text: str | None = None,
    origin: ProductOrigin | None = None,
    kind: ProductKind | None = None,
    risk_level: int | None = None,
    status: ProductStatus | None = None,
) -> Select[Any]:
    """Products whose code or name contains ``text``, of one origin, kind and status; None: all not ended.

    ``risk_level`` is the higher of issuer's and bank's (PRD-08).
    """
    statement = select(Product)
    if text:
        statement = statement.where(func.strpos(products.c.search_text, func.lower(text)) > 0)
    if origin is not None:
        statement = statement.where(products.c.origin == origin)
    if kind is not None:
        statement = statement.where(products.c.kind == kind)
    if risk_level is not None:
        statement = statement.where(_effective == risk_level)
    wanted = products.c.status != ProductStatus.ENDED if status is None else products.c.status == status
    return statement.where(wanted)


def graded_up_to(level: int) -> Select[Any]:
    """SUI-08: what is on sale with a risk level of ``level`` (1 to 5) at most; what has none is left out."""
    return listed(status=ProductStatus.ON_SALE).where(_effective <= level)


def advertised(statement: Select[Any]) -> Select[Any]:
    """SUI-17: without private offerings, which are never shown to the public unasked."""
    return statement.where(products.c.offering == ProductOffering.PUBLIC)


async def product(session: AsyncSession, product_id: UUID) -> Product:
    """One product. Raises ``ObjectNotFound``."""
    return await load(session, Product, product_id)


async def product_by_code(session: AsyncSession, code: str) -> Product:
    """The product with this code, private offerings too: they can be checked. Raises ``ObjectNotFound``."""
    found = await session.scalar(select(Product).where(products.c.code == code))
    if found is None:
        raise ObjectNotFound
    return found


async def stands_in_registry(session: AsyncSession, named: str) -> bool:
    """SAL-02: whether a product, of whatever status, has this code or name; case and outer blanks aside."""
    wanted = named.strip().lower()
    same = (func.lower(products.c.code) == wanted) | (func.lower(products.c.name) == wanted)
    return await session.scalar(select(select(products.c.id).where(same).exists())) is True


async def ids_by_code(session: AsyncSession, codes: Collection[str]) -> dict[str, UUID]:
    """The products with these codes, ended ones included."""
    statement = select(products.c.code, products.c.id).where(products.c.code.in_(codes))
    return {row.code: row.id for row in await session.execute(statement)}


async def codes_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The codes of these products, which stay for good."""
    statement = select(products.c.id, products.c.code).where(products.c.id.in_(ids))
    return {row.id: row.code for row in await session.execute(statement)}


async def kinds_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ProductKind]:
    """The kinds of those of the products that the registry knows, by their ids."""
    rows = await session.execute(select(products.c.id, products.c.kind).where(products.c.id.in_(ids)))
    return {row.id: row.kind for row in rows}


def admission_steps(product_id: UUID) -> Select[Any]:
    """Every step of a product's admissions."""
    return select(AdmissionStep).where(product_admission_steps.c.product_id == product_id)


def offered(found: Found, product_id: UUID) -> ProductFacts | None:
    """What the gate may rest on, of what :data:`OFFERED` found; None: not in the registry."""
    product = found.one(PRODUCTS, product_id)
    if product is None:
        return None
    steps = [] if product.partner_id is None else found.of(ADMISSION_STEPS, product_id)
    facts, window = product.facts(admission_facts(steps)), found.one(WINDOWS, product_id)
    return facts if window is None else replace(facts, window=window.facts)


async def present_round(session: AsyncSession, product_id: UUID) -> list[AdmissionStep]:
    """The steps since the product's last due diligence, that one first; empty: never examined."""
    return (await _ADMISSION.read(session, product_ids=[product_id])).of(ADMISSION_STEPS, product_id)


async def is_admitted(session: AsyncSession, product: Product, on: date) -> bool:
    """AGY-05: whether the product needs no admission, or has the one that the legal day ``on`` asks for."""
    steps = [] if product.partner_id is None else await present_round(session, product.id)
    state = state_of(product.facts(admission_facts(steps)), admission_chain(on))
    return state in (AdmissionState.NOT_NEEDED, AdmissionState.ADMITTED)


def is_own_wealth(product_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether that is a wealth product of the bank's own, which never changes.

    Of one value, so that the product is looked up and not searched for among all that are.
    """
    own = (products.c.kind == ProductKind.WEALTH) & (products.c.origin == ProductOrigin.OWN)
    return select(own).where(products.c.id == product_id).scalar_subquery()


def scripts_of(product_id: UUID) -> Select[Any]:
    """Every script of a product, those of before included."""
    return select(ProductScript).where(product_scripts.c.product_id == product_id)


async def present_scripts(session: AsyncSession, product_id: UUID) -> list[ProductScript]:
    """The script of each key point that has one, by key point."""
    return (await _SCRIPTS.read(session, product_ids=[product_id])).of(SCRIPTS, product_id)


def windows_of(product_id: UUID) -> Select[Any]:
    """Every window in which a product was or is offered."""
    return select(OfferingWindow).where(product_windows.c.product_id == product_id)
