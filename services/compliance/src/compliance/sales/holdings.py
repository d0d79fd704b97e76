"""What the gate knows of the transaction: the holding behind it, what entitles to it."""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.reads import Found
from compliance.cases.domain import SaleCase
from compliance.entitlements.domain import consent_facts, heir_facts
from compliance.entitlements.queries import ENTITLEMENTS
from compliance.rulebook.facts import ProductFacts
from compliance.rulebook.transaction_facts import HoldingFacts, TransactionFacts, TransactionKind
from compliance.sales.queries import find_logged, logged_here


async def transaction_facts(
    session: AsyncSession, case: SaleCase, found: Found, held: ProductFacts | None
) -> TransactionFacts:
    """What the gate may rest on, found behind the locks of customer, products and case (G1)."""
    entitlements = found.of(ENTITLEMENTS, case.id)
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
