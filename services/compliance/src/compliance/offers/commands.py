"""Use cases of offers."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Invalid, ObjectNotFound, check_version
from chassis.ids import new_id
from compliance.offers.domain import Offer, OfferCodeTaken, Part, PartKind, tied
from compliance.offers.tables import offers
from compliance.periods.domain import legal_date
from compliance.products.queries import product_by_code
from compliance.rulebook.registers import offer_finding


class OfferProductUnknown(Invalid):
    """SAL-02, SAL-06: only what the registry has is offered."""

    code = "OFFER_PRODUCT_UNKNOWN"
    zh = "产品信息查询平台没有代码为 {product} 的产品;请核对代码。"
    en = "The product registry has no product {product}; check its code."


async def enter_offer(
    session: AsyncSession, clock: Clock, *, code: str, name: str, parts: tuple[Part, ...], by: str
) -> Offer:
    """SAL-06: enters an offer that ties nothing.

    Raises ``TyingForbidden``, ``OfferPartTwice``, ``OfferCodeTaken``, :class:`OfferProductUnknown`.
    """
    at = clock.now()
    offer = Offer.enter(new_id(), code=code, name=name, parts=parts, by=by, at=at)
    if (finding := offer_finding(offer.facts(), legal_date(at))) is not None:
        raise tied(finding)
    if await session.scalar(select(offers.c.id).where(offers.c.code == code)) is not None:
        raise OfferCodeTaken(taken=code, pointer="/code")
    for n, part in enumerate(parts):
        if part.kind is PartKind.PRODUCT:
            try:
                await product_by_code(session, part.code)
            except ObjectNotFound:
                raise OfferProductUnknown(product=part.code, pointer=f"/parts/{n}/code") from None
    session.add(offer)
    return offer


async def withdraw_offer(session: AsyncSession, clock: Clock, offer_id: UUID, expected_version: int) -> Offer:
    """Ends an offer. Raises ``ObjectNotFound``, ``StaleVersion``, ``OfferIsWithdrawn``."""
    offer = await lock(session, Offer, offer_id)
    check_version(offer.version, expected_version)
    offer.withdraw(at=clock.now())
    return offer
