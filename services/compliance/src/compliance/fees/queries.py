"""Reads of quotes and service records."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.fees.domain import Quote, QuoteState, ServiceRecord
from compliance.fees.tables import fee_quotes, service_records

QUOTE_ORDER = (fee_quotes.c.id,)
RECORD_ORDER = (service_records.c.id,)


def quotes(outlet_ids: Collection[UUID] | None, customer_id: UUID | None) -> Select[Any]:
    """The quotes of these outlets (None: of all), of one customer where one is named."""
    statement = select(Quote)
    if outlet_ids is not None:
        statement = statement.where(fee_quotes.c.outlet_id.in_(outlet_ids))
    return statement if customer_id is None else statement.where(fee_quotes.c.customer_id == customer_id)


def unused(
    service_id: UUID, customer_id: UUID, outlet_id: UUID, amount_minor: int, currency: str
) -> Select[Any]:
    """The quotes for this service, customer, outlet and amount that no service was rendered on."""
    return (
        select(Quote)
        .where(
            fee_quotes.c.customer_id == customer_id,
            fee_quotes.c.service_id == service_id,
            fee_quotes.c.outlet_id == outlet_id,
            fee_quotes.c.amount_minor == amount_minor,
            fee_quotes.c.currency == currency,
            fee_quotes.c.state != QuoteState.USED,
        )
        .order_by(fee_quotes.c.id)
    )


def records(outlet_ids: Collection[UUID] | None) -> Select[Any]:
    """The service records of these outlets, or of all (None)."""
    statement = select(ServiceRecord)
    return statement if outlet_ids is None else statement.where(service_records.c.outlet_id.in_(outlet_ids))


async def quote(session: AsyncSession, quote_id: UUID) -> Quote:
    """One quote. Raises ``ObjectNotFound``."""
    return await load(session, Quote, quote_id)


async def service_record(session: AsyncSession, record_id: UUID) -> ServiceRecord:
    """One service record. Raises ``ObjectNotFound``."""
    return await load(session, ServiceRecord, record_id)
