"""A reversal of a logged sale: asked for by one officer, approved or rejected by another.

::

    PENDING ──approve──▶ APPROVED: the sale is reversed
       └─────reject────▶ REJECTED

Request, rejection and reversal are rows for good (D1); the sale is not touched.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict
from compliance.reversals.events import SaleReversed
from compliance.reviews.domain import ReviewerIsAuthor, ReviewIsOver, ReviewState
from compliance.sales.domain import Sale


class SaleIsReversed(Conflict):
    """A sale is reversed once."""

    code = "SALE_REVERSED"
    zh = "该销售已冲正;如需成交请重新办理销售。"
    en = "The sale was reversed already; to sell after all, begin anew."


class ReversalPending(Conflict):
    """One request at a time."""

    code = "REVERSAL_PENDING"
    zh = "该销售已有待审批的冲正申请;请先审批该申请。"
    en = "A reversal of this sale is waiting for its approval; decide on that first."


class OrderNotCancelled(Conflict):
    """What was ordered is undone first."""

    code = "ORDER_NOT_CANCELLED"
    zh = "该销售的订单 {order_id} 尚未撤销;请待核心系统回报撤销后再审批。"
    en = "Order {order_id} of this sale is not cancelled; approve once core banking has reported that it is."


class ReversalReason(StrEnum):
    """Why a sale is reversed."""

    CUSTOMER_CANCELLED = "CUSTOMER_CANCELLED"
    ENTERED_WRONGLY = "ENTERED_WRONGLY"
    ORDER_FAILED = "ORDER_FAILED"
    PERMIT_EXPIRED = "PERMIT_EXPIRED"
    MISCONDUCT = "MISCONDUCT"


@dataclass(kw_only=True)
class ReversalRequest:
    """One officer wants a sale reversed."""

    id: UUID
    sale_id: UUID
    outlet_id: UUID
    reason: ReversalReason
    requested_by: str
    requested_at: datetime


@dataclass(kw_only=True)
class ReversalRejection:
    """Another officer does not."""

    request_id: UUID
    requested_by: str
    rejected_by: str
    rejected_at: datetime


@dataclass(kw_only=True)
class SaleReversal:
    """The sale taken back: linked to it, with its amount negated. It never changes either."""

    id: UUID
    sale_id: UUID
    request_id: UUID
    outlet_id: UUID
    reason: ReversalReason
    amount_minor: int
    currency: str
    order_id: str | None
    requested_by: str
    approved_by: str
    reversed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReversalCase:
    """A request with what became of it."""

    request: ReversalRequest
    rejection: ReversalRejection | None
    reversal: SaleReversal | None

    @property
    def version(self) -> int:
        """Grows with the decision."""
        return 1 if self.state is ReviewState.PENDING else 2

    @property
    def state(self) -> ReviewState:
        """How far it has come."""
        if self.reversal is not None:
            return ReviewState.APPROVED
        return ReviewState.PENDING if self.rejection is None else ReviewState.REJECTED

    def must_be_decidable(self, by: str) -> None:
        """Four eyes. Raises ``ReviewIsOver``, ``ReviewerIsAuthor``."""
        if self.state is not ReviewState.PENDING:
            raise ReviewIsOver(state=self.state.value)
        if by == self.request.requested_by:
            raise ReviewerIsAuthor

    def reject(self, *, by: str, at: datetime) -> ReversalRejection:
        """The sale stands. Raises as :meth:`must_be_decidable`."""
        self.must_be_decidable(by)
        return ReversalRejection(
            request_id=self.request.id,
            requested_by=self.request.requested_by,
            rejected_by=by,
            rejected_at=at,
        )

    def approve(
        self, reversal_id: UUID, sale: Sale, order_id: str | None, *, cancelled: bool, by: str, at: datetime
    ) -> tuple[SaleReversal, SaleReversed]:
        """The sale is reversed; ``order_id``: what was ordered on it, ``cancelled``: and undone.

        Raises as :meth:`must_be_decidable`, :class:`OrderNotCancelled`.
        """
        self.must_be_decidable(by)
        if order_id is not None and not cancelled:
            raise OrderNotCancelled(order_id=order_id)
        reversal = SaleReversal(
            id=reversal_id,
            sale_id=sale.id,
            request_id=self.request.id,
            outlet_id=sale.outlet_id,
            reason=self.request.reason,
            amount_minor=-sale.amount_minor,
            currency=sale.currency,
            order_id=order_id,
            requested_by=self.request.requested_by,
            approved_by=by,
            reversed_at=at,
        )
        fact = SaleReversed(
            version=2,
            occurred_at=at,
            sale_id=reversal.sale_id,
            reversal_id=reversal.id,
            request_id=reversal.request_id,
            outlet_id=reversal.outlet_id,
            reason=reversal.reason.value,
            amount_minor=reversal.amount_minor,
            currency=reversal.currency,
            order_id=reversal.order_id,
        )
        return reversal, fact
