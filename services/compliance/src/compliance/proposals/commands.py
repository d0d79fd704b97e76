"""Use cases of proposals. Customer and products are locked in the gate's order; then the clock is read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from compliance.customers.commands import customer_facts
from compliance.periods.domain import legal_date
from compliance.products.commands import share_product
from compliance.products.domain import Product
from compliance.proposals.domain import (
    OverRiskRecommendation,
    Proposal,
    ProposalProductTwice,
    ProposalProductUnknown,
    Wish,
    footing,
    propose,
    recommendation,
)
from compliance.rulebook.registers import assessment_months, recommendation_violation


async def make_proposal(
    session: AsyncSession, clock: Clock, customer_id: UUID, wishes: Sequence[Wish], *, by: str
) -> Proposal:
    """SUI-08, M156: recommends products to a customer, each of them matched with the level that counts now.

    Raises ``ObjectNotFound``, ``OverRiskRecommendation``, ``ProposalProductTwice``,
    ``ProposalProductUnknown``, ``ProposalProductNotSold``.
    """
    assessment = await customer_facts(session, customer_id)
    products = await _products(session, wishes)
    at = clock.now()
    on = legal_date(at)
    stands = footing(assessment, assessment_months(on), at)
    broken = recommendation_violation(recommendation(stands, products), on)
    if broken is not None:
        zh, en = broken.messages["zh-CN"], broken.messages["en"]
        raise OverRiskRecommendation(zh_why=zh, en_why=en, pointer="/parts")
    proposal = propose(new_id(), customer_id, stands, list(zip(wishes, products, strict=True)), by=by, at=at)
    session.add(proposal)
    return proposal


async def _products(session: AsyncSession, wishes: Sequence[Wish]) -> list[Product]:
    named: dict[UUID, Product] = {}
    # By id, so that two proposals never wait for each other.
    for n, wish in sorted(enumerate(wishes), key=lambda entry: entry[1].product_id):
        pointer = f"/parts/{n}/product_id"
        if wish.product_id in named:
            raise ProposalProductTwice(product=named[wish.product_id].code, pointer=pointer)
        product = await share_product(session, wish.product_id)
        if product is None:
            raise ProposalProductUnknown(product=str(wish.product_id), pointer=pointer)
        named[wish.product_id] = product
    return [named[wish.product_id] for wish in wishes]
