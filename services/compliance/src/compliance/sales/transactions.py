"""What is logged without a sale: rollovers, redemptions, successions. Records for good (D1).

The matrix says which kinds rest on no recording; they go through the same gate and leave the same decision.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Conflict
from compliance.cases.domain import SaleCase, Transaction
from compliance.rulebook.decisions import Decision
from compliance.sales.events import TransactionLogged


class CaseIsNoSale(Conflict):
    """What is not recorded is logged as what it is."""

    code = "CASE_IS_NO_SALE"
    zh = "该销售单不是销售;请按交易登记(/transaction)。"
    en = "The case is no sale; log it as a transaction (/transaction)."


class CaseIsASale(Conflict):
    """A sale needs its recording."""

    code = "CASE_IS_A_SALE"
    zh = "该销售单是销售,须凭录音录像登记;请按销售登记(/sale)。"
    en = "The case is a sale and needs its recording; log it as a sale (/sale)."


@dataclass(kw_only=True)
class Transacted:
    """A logged transaction. ``source_product_id``: what a rollover comes from. It never changes."""

    id: UUID
    case_id: UUID
    decision_id: UUID
    kind: Transaction
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    customer_id: UUID
    source_product_id: UUID | None
    amount_minor: int
    currency: str
    logged_at: datetime


def log_transaction(
    case: SaleCase, decision: Decision, *, transaction_id: UUID, decision_id: UUID
) -> tuple[Transacted, TransactionLogged]:
    """The transaction that a passing decision allows; ends the case. Raises as its ``log``."""
    if not decision.passed:
        raise ValueError(f"decision {decision_id} allows no transaction")
    case.log(transaction_id, decision.decided_at)
    done = Transacted(
        id=transaction_id,
        case_id=case.id,
        decision_id=decision_id,
        kind=case.transaction,
        outlet_id=case.outlet_id,
        seller_id=case.seller_id,
        product_id=case.product_id,
        customer_id=case.customer_id,
        source_product_id=case.source_product_id,
        amount_minor=case.amount_minor,
        currency=case.currency,
        logged_at=decision.decided_at,
    )
    fact = TransactionLogged(
        version=1,
        occurred_at=done.logged_at,
        transaction_id=done.id,
        kind=done.kind.value,
        case_id=done.case_id,
        decision_id=done.decision_id,
        decision=decision.digest,
        outlet_id=done.outlet_id,
        seller_id=done.seller_id,
        product_id=done.product_id,
        customer_id=done.customer_id,
        source_product_id=done.source_product_id,
        amount_minor=done.amount_minor,
        currency=done.currency,
    )
    return done, fact
