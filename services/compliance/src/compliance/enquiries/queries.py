"""Reads of what was asked about products."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from compliance.enquiries.tables import product_enquiries

_LOG = product_enquiries.c

ORDER = (_LOG.asked_on, _LOG.product_code, _LOG.channel, _LOG.answer)


def counts(first_day: date | None, last_day: date | None, product_code: str | None) -> Select[Any]:
    """How often each product was asked about on each legal day, by channel and answer; None: no bound."""
    statement = select(*ORDER, func.count().label("enquiries")).group_by(*ORDER)
    if first_day is not None:
        statement = statement.where(_LOG.asked_on >= first_day)
    if last_day is not None:
        statement = statement.where(_LOG.asked_on <= last_day)
    return statement if product_code is None else statement.where(_LOG.product_code == product_code)
