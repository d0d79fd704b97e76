"""Reads of what was, and what is, presented of a product."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.presentations.domain import Presentation, present
from compliance.presentations.tables import presentations
from compliance.products.domain import Product
from compliance.products.queries import present_scripts
from compliance.rulebook.footage_facts import PresentedFacts
from compliance.tariff.queries import prices, services_charging


async def presented(session: AsyncSession, product_id: UUID, at: datetime) -> PresentedFacts | None:
    """What holds of the product at ``at``, None for one outside the registry.

    Locks nothing: the gate holds the product and the services that its sale is charged by.
    """
    product = await session.get(Product, product_id)
    if product is None:
        return None
    services = await services_charging(session, product_id)
    announced = [await prices(session, [service_id]) for service_id in services]
    return present(product, await present_scripts(session, product_id), announced, at)


async def kept_for(session: AsyncSession, case_id: UUID) -> dict[UUID, PresentedFacts]:
    """What was presented for a case, by what began then: a recording, or the case itself."""
    found = await session.scalars(select(Presentation).where(presentations.c.case_id == case_id))
    return {one.subject_id: one.content for one in found}
