"""Reads of what was, and what is, presented of a product."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.reads import Found, Reads, every
from compliance.presentations.domain import Presentation, present
from compliance.presentations.tables import presentations
from compliance.products.queries import PRODUCTS, SCRIPTS
from compliance.rulebook.footage_facts import PresentedFacts
from compliance.tariff.queries import LINKS, PRICES, charging

#: What was presented for the cases ``case_ids``.
KEPT = every(Presentation, presentations.c.case_id, "case_ids")
#: What holds of the products ``product_ids``.
PRESENT = (PRODUCTS, SCRIPTS, LINKS, PRICES)

_PRESENT = Reads(*PRESENT)


async def presented(session: AsyncSession, product_id: UUID, at: datetime) -> PresentedFacts | None:
    """What holds of the product at ``at``, None for one outside the registry. Locks nothing."""
    return presented_now(await _PRESENT.read(session, product_ids=[product_id]), product_id, at)


def presented_now(found: Found, product_id: UUID, at: datetime) -> PresentedFacts | None:
    """What holds of the product at ``at``, of what :data:`PRESENT` found; None: not in the registry."""
    product = found.one(PRODUCTS, product_id)
    if product is None:
        return None
    announced = [found.of(PRICES, service_id) for service_id in charging(found, product_id)]
    return present(product, found.of(SCRIPTS, product_id), announced, at)


def kept_for(found: Found, case_id: UUID) -> dict[UUID, PresentedFacts]:
    """What was presented for a case, by what began then: a recording, or the case itself."""
    return {one.subject_id: one.content for one in found.of(KEPT, case_id)}
