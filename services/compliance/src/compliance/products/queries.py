"""Reads of the product registry."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.errors import ObjectNotFound
from compliance.products.domain import Product, ProductOffering
from compliance.products.tables import products
from compliance.rulebook.facts import ProductOrigin, ProductStatus

#: PRD-09: by code or name, never by benchmark or past return.
ORDER = (products.c.code,)
ORDERS = {"code": ORDER, "name": (products.c.name, products.c.code)}


def listed(
    *, text: str | None = None, origin: ProductOrigin | None = None, status: ProductStatus | None = None
) -> Select[Any]:
    """Products whose code or name contains ``text``, of one origin, of one status; None: all not ended."""
    statement = select(Product)
    if text:
        in_code = products.c.code.icontains(text, autoescape=True)
        statement = statement.where(in_code | products.c.name.icontains(text, autoescape=True))
    if origin is not None:
        statement = statement.where(products.c.origin == origin)
    wanted = products.c.status != ProductStatus.ENDED if status is None else products.c.status == status
    return statement.where(wanted)


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
