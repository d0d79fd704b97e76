"""Facts about sales, opaque ids only: a logged sale is keyed by itself, a refusal by its attempt.

What is logged without being a sale has a topic of its own: who counts sales does not count it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.events import Example, Fact

TOPIC = "compliance.sales.v1"
TRANSACTIONS = "compliance.transactions.v1"


@dataclass(frozen=True, kw_only=True)
class SaleLogged(Fact, type="compliance.sale.logged.v1", topic=TOPIC, key="sale_id"):
    """The gate has passed and the sale stands. ``amount_minor`` in minor units of ``currency`` (ISO 4217).

    ``decision`` is the SHA-256 of the decision that it rests on, ``business_date`` that of the outlet.
    """

    sale_id: UUID
    case_id: UUID
    decision_id: UUID
    decision: str
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    customer_id: UUID
    recording_id: UUID
    amount_minor: int
    currency: Annotated[str, Example("CNY")]
    business_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class BrokenRule:
    """One reason of a refusal: the rule's id, the code of what was found, the rule's source."""

    rule: Annotated[str, Example("SUI-03")]
    code: Annotated[str, Example("RISK_LEVEL_MISMATCH")]
    citation: str


@dataclass(frozen=True, kw_only=True)
class SaleRefused(Fact, type="compliance.sale.refused.v1", topic=TOPIC, key="attempt_id"):
    """An attempt to log a sale was refused; ``rules`` are the ids of all broken rules, sorted.

    ``broken`` gives every reason, ``decision`` is the SHA-256 of the decision that refused.
    """

    attempt_id: UUID
    case_id: UUID
    decision_id: UUID
    decision: str
    outlet_id: UUID
    rules: tuple[Annotated[str, Example("SUI-03")], ...]
    broken: tuple[BrokenRule, ...]


@dataclass(frozen=True, kw_only=True)
class TransactionLogged(
    Fact, type="compliance.transaction.logged.v1", topic=TRANSACTIONS, key="transaction_id"
):
    """The gate has passed and a transaction that is no sale stands: ROLLOVER, REDEMPTION or SUCCESSION.

    ``source_product_id``: what a rollover comes from. ``decision`` is the SHA-256 of its decision.
    """

    transaction_id: UUID
    kind: Annotated[str, Example("REDEMPTION")]
    case_id: UUID
    decision_id: UUID
    decision: str
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    customer_id: UUID
    source_product_id: UUID | None
    amount_minor: int
    currency: Annotated[str, Example("CNY")]
