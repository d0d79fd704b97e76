"""Use cases of fees. Locked in the order of the gate: customer, service, quote; the clock is read behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import ObjectNotFound, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.customers.commands import lock_customer
from compliance.customers.queries import find_customer
from compliance.fees import queries
from compliance.fees.domain import (
    FeeNotDisclosed,
    PriceMissing,
    Quote,
    QuoteCustomerUnknown,
    QuoteServiceUnknown,
    Request,
    ServiceRecord,
    offered,
)
from compliance.outlets.queries import open_outlet
from compliance.periods.domain import legal_date
from compliance.rulebook.fee_facts import FeeFacts
from compliance.tariff.commands import share_service
from compliance.tariff.domain import Charge, ChargeableService
from compliance.tariff.prices import Price, published
from compliance.tariff.queries import prices, waivers
from compliance.tariff.terms import CustomerGroup


async def quote_fee(
    session: AsyncSession, clock: Clock, request: Request, group: CustomerGroup | None, *, by: str
) -> Quote:
    """FEE-01: tells what the service costs the customer today.

    Raises ``OutletUnknown``, ``OutletIsClosed``, ``QuoteCustomerUnknown``, ``QuoteServiceUnknown``,
    ``PriceMissing``.
    """
    await open_outlet(session, request.outlet_id)
    if await find_customer(session, request.customer_id) is None:
        raise QuoteCustomerUnknown(pointer="/customer_id")
    service = await _service(session, request.service_id)
    at = clock.now()
    found = await _charges(session, service, request.amount_minor, group, at)
    if found is None:
        raise PriceMissing
    price, charges = found
    quote = Quote.tell(
        new_id(),
        request,
        price=price,
        charges=charges,
        currency=service.currency,
        group=group,
        by=by,
        at=at,
    )
    session.add(quote)
    return quote


async def confirm_quote(
    session: AsyncSession, clock: Clock, quote_id: UUID, expected_version: int, *, by: str
) -> Quote:
    """FEE-02: the customer confirms a quote; his head is bumped, so that no decision overlooks it (G1).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``QuoteIsUsed``, ``QuoteIsConfirmed``, ``QuoteExpired``,
    ``QuoteOutdated``.
    """
    # The ids of a quote never change; what does is read again behind the lock.
    told = await queries.quote(session, quote_id)
    customer = await lock_customer(session, told.customer_id)
    service = await share_service(session, told.service_id)
    quote = await lock(session, Quote, quote_id)
    check_version(quote.version, expected_version)
    at = clock.now()
    quote.confirm(
        await _present(session, service, quote, at), customer_version=customer.touch(), by=by, at=at
    )
    return quote


async def render_service(
    session: AsyncSession, clock: Clock, request: Request, quote_id: UUID | None, *, by: str
) -> ServiceRecord:
    """FEE-01, FEE-02: records a service that is rendered now, on its own confirmed quote.

    Raises ``OutletUnknown``, ``OutletIsClosed``, ``QuoteServiceUnknown``, ``FeeNotDisclosed``,
    ``QuoteIsUsed``, ``QuoteExpired``, ``QuoteOutdated``, ``FeeNotConfirmed``.
    """
    await open_outlet(session, request.outlet_id)
    if await find_customer(session, request.customer_id) is None:
        raise FeeNotDisclosed(pointer="/quote_id")
    await lock_customer(session, request.customer_id, share=True)
    service = await _service(session, request.service_id)
    quote = await _told(session, quote_id)
    at = clock.now()
    rendered, fact = quote.render(
        new_id(), request, await _present(session, service, quote, at), by=by, at=at
    )
    session.add(rendered)
    await record(session, fact)
    return rendered


@dataclass(frozen=True, kw_only=True)
class HeldFee:
    """A service that a sale is charged for by, and the unused quotes that it may rest on, all locked."""

    service: ChargeableService
    quotes: Sequence[Quote]


async def hold_fees(
    session: AsyncSession,
    service_ids: Sequence[UUID],
    *,
    customer_id: UUID,
    outlet_id: UUID,
    amount_minor: int,
    currency: str,
    share: bool,
) -> list[HeldFee]:
    """G1: the services that charge a sale, in their order; ``share`` False keeps its quotes to us."""
    held = []
    for service_id in service_ids:
        service = await share_service(session, service_id)
        wanted = queries.unused(service_id, customer_id, outlet_id, amount_minor, currency)
        found = await session.scalars(
            wanted.with_for_update(read=share, of=Quote), execution_options={"populate_existing": True}
        )
        held.append(HeldFee(service=service, quotes=found.all()))
    return held


async def fee_facts(
    session: AsyncSession, service_ids: Sequence[UUID], held: Sequence[HeldFee], at: datetime
) -> tuple[FeeFacts, ...]:
    """FEE-01, FEE-02: what the gate may rest on at ``at``, of the services that charge the sale by then.

    What charges it only since the services were held is not held: nothing counts as told about it.
    """
    fees = {fee.service.id: fee for fee in held}
    return tuple([await _fee_facts(session, one, fees.get(one), at) for one in service_ids])


async def _fee_facts(session: AsyncSession, service_id: UUID, fee: HeldFee | None, at: datetime) -> FeeFacts:
    quote = None if fee is None else offered(fee.quotes, at)
    if fee is None or quote is None:
        return FeeFacts(service_id=service_id, quote=None)
    return FeeFacts(service_id=service_id, quote=quote.facts(await _present(session, fee.service, quote, at)))


async def use_quotes(session: AsyncSession, fees: Sequence[FeeFacts], *, by: str, at: datetime) -> None:
    """FEE-01: the sale that the gate lets through is the service that its quotes were made for."""
    for fee in fees:
        # FEE-01 has passed: each has its quote, which is held and says what the tariff says.
        assert fee.quote is not None
        quote = await queries.quote(session, fee.quote.quote_id)
        rendered, fact = quote.render(new_id(), quote.request, quote.charges, by=by, at=at)
        session.add(rendered)
        await record(session, fact)


async def _service(session: AsyncSession, service_id: UUID) -> ChargeableService:
    try:
        return await share_service(session, service_id)
    except ObjectNotFound:
        raise QuoteServiceUnknown(pointer="/service_id") from None


async def _told(session: AsyncSession, quote_id: UUID | None) -> Quote:
    if quote_id is None:
        raise FeeNotDisclosed(pointer="/quote_id")
    try:
        return await lock(session, Quote, quote_id)
    except ObjectNotFound:
        raise FeeNotDisclosed(pointer="/quote_id") from None


async def _present(
    session: AsyncSession, service: ChargeableService, quote: Quote, at: datetime
) -> tuple[Charge, ...] | None:
    """What the tariff says at ``at`` about what was quoted; None without a price."""
    found = await _charges(session, service, quote.amount_minor, quote.customer_group, at)
    return None if found is None else found[1]


async def _charges(
    session: AsyncSession,
    service: ChargeableService,
    amount_minor: int,
    group: CustomerGroup | None,
    at: datetime,
) -> tuple[Price, tuple[Charge, ...]] | None:
    on = legal_date(at)
    price = published(await prices(session, [service.id]), on)
    if price is None:
        return None
    granted = await waivers(session, [service.id])
    return price, service.charges(price, granted, amount_minor=amount_minor, group=group, on=on)
