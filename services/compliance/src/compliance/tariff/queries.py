"""Reads of the tariff."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.errors import ObjectNotFound
from chassis.reads import Found, Read, Reads, among
from compliance.tariff.domain import ChargeableService, ProductLink, Publicity
from compliance.tariff.notices import Notice, Publication
from compliance.tariff.prices import Price
from compliance.tariff.tables import (
    fee_notices,
    fee_prices,
    fee_product_links,
    fee_publicity,
    fee_services,
    fee_waivers,
)
from compliance.tariff.terms import Waiver

ORDER = (fee_services.c.code,)
PRICE_ORDER = (fee_prices.c.service_version,)
WAIVER_ORDER = (fee_waivers.c.service_version,)
PUBLICITY_ORDER = (fee_publicity.c.service_version,)
LINK_ORDER = (fee_product_links.c.service_version,)

#: Of the products ``product_ids``: by which services their sale is charged for, or was; what those cost.
LINKS = Read(
    ProductLink,
    select(fee_product_links)
    .where(among(fee_product_links.c.product_id, "product_ids"))
    .ext(distinct_on(fee_product_links.c.product_id, fee_product_links.c.service_id))
    .order_by(
        fee_product_links.c.product_id,
        fee_product_links.c.service_id,
        fee_product_links.c.service_version.desc(),
    ),
    by="product_id",
)
PRICES = Read(
    Price,
    select(fee_prices)
    .where(
        fee_prices.c.service_id.in_(
            select(fee_product_links.c.service_id).where(among(fee_product_links.c.product_id, "product_ids"))
        )
    )
    .order_by(*PRICE_ORDER),
    by="service_id",
)

_LINKS = Reads(LINKS)


def charging(found: Found, product_id: UUID) -> list[UUID]:
    """The services that the sale of the product is charged for by, in the order of their ids."""
    return [link.service_id for link in found.of(LINKS, product_id) if link.charged]


def listed() -> Select[Any]:
    """All chargeable services."""
    return select(ChargeableService)


def prices_of(service_id: UUID) -> Select[Any]:
    """The announced prices of a service."""
    return select(Price).where(fee_prices.c.service_id == service_id)


def waivers_of(service_id: UUID) -> Select[Any]:
    """The reductions of a service."""
    return select(Waiver).where(fee_waivers.c.service_id == service_id)


def publicity_of(service_id: UUID) -> Select[Any]:
    """The publicity that was checked about a service."""
    return select(Publicity).where(fee_publicity.c.service_id == service_id)


def links_of(service_id: UUID) -> Select[Any]:
    """When the sale of which product was linked to the service, or no longer was."""
    return select(ProductLink).where(fee_product_links.c.service_id == service_id)


async def service(session: AsyncSession, service_id: UUID) -> ChargeableService:
    """One service. Raises ``ObjectNotFound``."""
    return await load(session, ChargeableService, service_id)


async def service_by_code(session: AsyncSession, code: str) -> ChargeableService:
    """The service with this code. Raises ``ObjectNotFound``."""
    found = await session.scalar(select(ChargeableService).where(fee_services.c.code == code))
    if found is None:
        raise ObjectNotFound
    return found


async def prices(session: AsyncSession, service_ids: Collection[UUID]) -> Sequence[Price]:
    """All announced prices of these services."""
    statement = select(Price).where(fee_prices.c.service_id.in_(service_ids)).order_by(*PRICE_ORDER)
    return (await session.scalars(statement)).all()


async def waivers(session: AsyncSession, service_ids: Collection[UUID]) -> Sequence[Waiver]:
    """All reductions of these services."""
    statement = select(Waiver).where(fee_waivers.c.service_id.in_(service_ids)).order_by(*WAIVER_ORDER)
    return (await session.scalars(statement)).all()


async def is_charged(session: AsyncSession, service_id: UUID, product_id: UUID) -> bool:
    """Whether the sale of the product is charged for by the service: what the last link says."""
    return service_id in charging(await _LINKS.read(session, product_ids=[product_id]), product_id)


async def last_announcement(session: AsyncSession) -> datetime | None:
    """When a price was announced last."""
    found: datetime | None = await session.scalar(select(func.max(fee_prices.c.announced_at)))
    return found


async def publications(
    session: AsyncSession, outlet_ids: Collection[UUID | None]
) -> dict[UUID | None, Publication]:
    """FEE-04: what each of these outlets (None: the website) shows by its last notice."""
    announced_at = await last_announcement(session)
    newest = (
        select(Notice)
        .where(fee_notices.c.outlet_id.in_(outlet_ids) | fee_notices.c.outlet_id.is_(None))
        .ext(distinct_on(fee_notices.c.outlet_id))
        .order_by(fee_notices.c.outlet_id, fee_notices.c.id.desc())
    )
    shown = {notice.outlet_id: notice for notice in await session.scalars(newest)}
    return {
        outlet_id: Publication(outlet_id=outlet_id, notice=shown.get(outlet_id), announced_at=announced_at)
        for outlet_id in outlet_ids
    }
