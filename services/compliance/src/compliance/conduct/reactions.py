"""What we do about facts on ``corebanking.conduct.v1``, accepted from another bank system (SAL-02, SAL-03).

It says what it noticed; whether that is out of the ordinary is for the dated thresholds of the rulebook. A
product that was named and is not in the registry is an off-book sale, and stops the seller.
"""

from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Reaction, Received, Subscription
from compliance.cases.domain import CaseState
from compliance.cases.queries import last_visit
from compliance.conduct.commands import open_incident
from compliance.conduct.detectors import Noticed, judge, pointers
from compliance.conduct.domain import IncidentKind, Suspicion
from compliance.conduct.queries import has_finding
from compliance.products.queries import stands_in_registry
from compliance.rulebook.behaviour import BehaviourFacts, Signal


class ProductNamed(Consumed):
    """In a transcript somebody offered this product, by code or name."""

    observation_id: UUID
    employee_id: UUID
    recording_id: UUID | None
    product_named: str = Field(min_length=1, max_length=120, examples=["WM-0001"])


class PurchaseMade(Consumed):
    """A customer bought something by himself, in an app of the bank or elsewhere."""

    purchase_id: UUID
    customer_id: UUID
    purchased_at: AwareDatetime


class TransfersObserved(Consumed):
    """Transfers of an employee over a span that the other system chose: how many, and how much in all."""

    observation_id: UUID
    employee_id: UUID
    transfers: int = Field(ge=1)
    amount_minor: int = Field(ge=1)
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["CNY"])


async def on_product_named(session: AsyncSession, clock: Clock, fact: Received[ProductNamed]) -> None:
    """SAL-02: a product that the registry does not have."""
    data = fact.data
    finding = f"UNLISTED_PRODUCT_NAMED:{data.observation_id}"
    if await stands_in_registry(session, data.product_named) or await has_finding(session, finding):
        return
    suspicion = Suspicion(
        kind=IncidentKind.OFF_BOOK_SALE_SUSPECTED,
        seller_id=data.employee_id,
        outlet_id=None,
        product_named=data.product_named,
        about=() if data.recording_id is None else pointers(recording=data.recording_id),
        account=None,
        finding=finding,
    )
    await open_incident(session, clock, suspicion)


async def on_purchase_made(session: AsyncSession, clock: Clock, fact: Received[PurchaseMade]) -> None:
    """SAL-03: soon after a visit that ended without a sale."""
    data = fact.data
    visit = await last_visit(session, data.customer_id, data.purchased_at)
    if visit is None or visit.state is CaseState.LOGGED:
        return
    noticed = Noticed(
        facts=BehaviourFacts(at=data.purchased_at, signal=Signal.BOUGHT_AFTER_VISIT, since=visit.opened_at),
        subject=data.purchase_id,
        seller_id=visit.seller_id,
        outlet_id=visit.outlet_id,
        about=pointers(case=visit.id, customer=data.customer_id),
    )
    await judge(session, clock, noticed)


async def on_transfers(session: AsyncSession, clock: Clock, fact: Received[TransfersObserved]) -> None:
    """SAL-03: so many and so large."""
    data = fact.data
    noticed = Noticed(
        facts=BehaviourFacts(
            at=clock.now(),
            signal=Signal.LARGE_TRANSFERS,
            transfers=data.transfers,
            amount_minor=data.amount_minor,
            currency=data.currency,
        ),
        subject=data.observation_id,
        seller_id=data.employee_id,
        outlet_id=None,
        about=(),
    )
    await judge(session, clock, noticed)


observations = Subscription(
    topic="corebanking.conduct.v1",
    reactions={
        "corebanking.conduct.product_named.v1": Reaction(ProductNamed, on_product_named),
        "corebanking.conduct.purchase_made.v1": Reaction(PurchaseMade, on_purchase_made),
        "corebanking.conduct.transfers_observed.v1": Reaction(TransfersObserved, on_transfers),
    },
    accepted=True,
)
