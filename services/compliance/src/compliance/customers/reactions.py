"""What we do about facts on ``crm.customers.v1``, accepted from another bank system (AML-01).

A status says whether something stands about a customer's identity, never what: an expired document, a freeze
and a hit on a list look the same here, and to the seller.
"""

from datetime import date
from uuid import UUID

from pydantic import StrictBool, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Poison, Reaction, Received, Subscription
from compliance.customers import commands
from compliance.customers.domain import CustomerCheck


class CustomerChecked(Consumed):
    """The state of the customer's check; ``cleared_until`` is the last day on which it holds, null: open."""

    customer_id: UUID
    cleared: StrictBool
    cleared_until: date | None

    @model_validator(mode="after")
    def _one_state(self) -> "CustomerChecked":
        if not self.cleared and self.cleared_until is not None:
            raise ValueError("cleared until a day, and not cleared")
        return self


async def on_checked(session: AsyncSession, clock: Clock, fact: Received[CustomerChecked]) -> None:
    """The newest status counts, whatever the order in which they come."""
    if fact.sequence < 1:
        raise Poison("no version of the customer: which status is newer is unknown")
    check = CustomerCheck(
        customer_id=fact.data.customer_id,
        sequence=fact.sequence,
        cleared=fact.data.cleared,
        cleared_until=fact.data.cleared_until,
        told_at=clock.now(),
    )
    await commands.take_check(session, check)


checks = Subscription(
    topic="crm.customers.v1",
    reactions={"crm.customer.checked.v1": Reaction(CustomerChecked, on_checked)},
    accepted=True,
)
