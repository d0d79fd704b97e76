"""Differences between sales, permits, orders and confirmations, and the days that were gone through.

A difference comes to light once and is a row for good; when what it names is settled later, a second row says
so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.reconciliation.events import DayReconciled


class DifferenceKind(StrEnum):
    """What does not fit; the comment names the difference's subject."""

    #: The sale: logged since there are permits, and none was issued.
    SALE_WITHOUT_PERMIT = "SALE_WITHOUT_PERMIT"
    #: The permit: it expired, and nothing was ordered on it.
    PERMIT_UNUSED = "PERMIT_UNUSED"
    #: The permit: it was used, and its order was not confirmed in time (PMT-01).
    ORDER_UNCONFIRMED = "ORDER_UNCONFIRMED"
    #: The report: it confirms another amount than the permit's.
    CONFIRMED_OTHERWISE = "CONFIRMED_OTHERWISE"
    #: The report: of an order that no permit was used for.
    ORDER_WITHOUT_PERMIT = "ORDER_WITHOUT_PERMIT"


@dataclass(kw_only=True)
class Difference:
    """One difference, found on ``day``; ``subject_id`` is that of its kind. Amounts in minor units."""

    id: UUID
    kind: DifferenceKind
    subject_id: UUID
    day: date
    outlet_id: UUID | None
    sale_id: UUID | None
    permit_id: UUID | None
    order_id: str | None
    expected_minor: int | None
    found_minor: int | None
    noted_at: datetime


@dataclass(kw_only=True)
class Settlement:
    """The difference stands no more."""

    difference_id: UUID
    settled_at: datetime


@dataclass(kw_only=True)
class Reconciliation:
    """A legal day that was gone through to its end."""

    id: UUID
    day: date
    found: int
    completed_at: datetime

    @classmethod
    def complete(
        cls,
        reconciliation_id: UUID,
        day: date,
        found: Mapping[DifferenceKind, int],
        *,
        open_: int,
        at: datetime,
    ) -> "tuple[Reconciliation, DayReconciled]":
        """The day is done: what came to light on it, and how many differences of all days stand."""
        done = cls(id=reconciliation_id, day=day, found=sum(found.values()), completed_at=at)
        fact = DayReconciled(
            version=1,
            occurred_at=at,
            reconciliation_id=reconciliation_id,
            day=day,
            sales_without_permit=found.get(DifferenceKind.SALE_WITHOUT_PERMIT, 0),
            permits_unused=found.get(DifferenceKind.PERMIT_UNUSED, 0),
            orders_unconfirmed=found.get(DifferenceKind.ORDER_UNCONFIRMED, 0),
            confirmed_otherwise=found.get(DifferenceKind.CONFIRMED_OTHERWISE, 0),
            orders_without_permit=found.get(DifferenceKind.ORDER_WITHOUT_PERMIT, 0),
            open=open_,
        )
        return done, fact
