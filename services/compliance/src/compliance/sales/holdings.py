"""What the gate knows of the transaction: its products, the holding behind it, what entitles to it."""

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.cases.domain import SaleCase
from compliance.entitlements.domain import consent_facts, heir_facts
from compliance.entitlements.queries import entitlements_of
from compliance.products.commands import product_facts
from compliance.rulebook.facts import ProductFacts
from compliance.rulebook.transaction_facts import HoldingFacts, TransactionFacts, TransactionKind
from compliance.sales.queries import find_logged, logged_here


async def lock_products(
    session: AsyncSession, case: SaleCase
) -> tuple[ProductFacts | None, ProductFacts | None]:
    """G1: the case's product and that of the holding it draws on, locked in the order of their ids."""
    wanted = {case.product_id, case.held_product_id} - {None}
    found = {each: await product_facts(session, each) for each in sorted(wanted, key=str) if each}
    held = case.held_product_id
    return found[case.product_id], None if held is None else found[held]


async def transaction_facts(
    session: AsyncSession, case: SaleCase, held: ProductFacts | None
) -> TransactionFacts:
    """What the gate may rest on. Lock customer, products and case first (G1)."""
    entitlements = await entitlements_of(session, case.id)
    return TransactionFacts(
        kind=TransactionKind(case.transaction.value),
        holding=None if held is None else await _holding(session, case, held),
        rollover_consent=consent_facts(entitlements),
        heir=heir_facts(entitlements),
    )


async def _holding(session: AsyncSession, case: SaleCase, held: ProductFacts) -> HoldingFacts:
    own = None
    if case.holding_sale_id is not None:
        origin = await find_logged(session, case.holding_sale_id)
        own = origin == (case.customer_id, held.product_id)
    return HoldingFacts(
        product_id=held.product_id,
        level=held.effective_level,
        sale_id=case.holding_sale_id,
        own=own,
        logged_here=await logged_here(session, case.customer_id, held.product_id),
    )
