"""The fact that a legal day was reconciled: numbers only; who wants the differences reads them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.events import Fact


@dataclass(frozen=True, kw_only=True)
class DayReconciled(
    Fact,
    type="compliance.reconciliation.completed.v1",
    topic="compliance.reconciliations.v1",
    key="reconciliation_id",
):
    """Sales, permits, orders and confirmations of ``day`` (Asia/Shanghai) were held against each other.

    What came to light that day, by kind; ``open``: how many differences stand now, of all days.
    """

    reconciliation_id: UUID
    day: date
    sales_without_permit: int
    permits_unused: int
    orders_unconfirmed: int
    confirmed_otherwise: int
    orders_without_permit: int
    open: int
