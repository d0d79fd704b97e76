"""A second reading of the retention rules, written from their text and sharing no code with the service.

It answers one question a day: must the recording still be there on this day? It knows nothing of rule files,
rows or "latest dates": each sentence of the law is asked by itself, counting months on a calendar.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Told:
    """One message from the core bank: ``kind`` is "partial", "final" or "end"."""

    kind: str
    day: date
    heard: date


@dataclass
class Product:
    """A sold product: its kind, whether it is closed-end, and the insured months where there are any."""

    kind: str
    closed: bool
    months: int | None
    sold: date
    told: list[Told] = field(default_factory=list)


@dataclass
class Matter:
    """A dispute ("complaint", "court") or another reason to keep; None while it goes on."""

    source: str
    since: date
    over: date | None
    heard: date | None


@dataclass
class Intent:
    """A case of a recorded visit: its kind of product (None: nobody knows), whether it is over, and when."""

    kind: str | None
    over: bool
    since: date | None


def same_day_months_later(day: date, months: int) -> date:
    """Civil Code Art. 202."""
    total = day.year * 12 + day.month - 1 + months
    year, month = total // 12, total % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def believed(day: date, heard: date) -> date:
    """Whoever reports more than 31 days late is believed only that it happened by the day of the report."""
    return heard if heard > day + timedelta(days=31) else day


def possible(product: Product) -> list[Told]:
    """Nothing ends before it was sold, and nobody knows the future."""
    return [told for told in product.told if product.sold <= told.day <= told.heard]


def ended(product: Product) -> date | None:
    """The day from which the months count; None while the product, as far as we know, goes on."""
    final = any(told.kind == "final" for told in possible(product))
    payouts = [believed(told.day, told.heard) for told in possible(product) if told.kind != "end"]
    ends = [believed(told.day, told.heard) for told in possible(product) if told.kind == "end"]
    needs_payout = product.closed and product.kind in {"WEALTH", "TRUST", "GOV_BOND", "FUND", "SECURITIES"}
    if needs_payout and not final:
        return None
    if not needs_payout and not ends:
        return None
    return max(ends + (payouts if final else []))


def must_keep_product(product: Product, today: date) -> bool:
    """REC-07, REC-09, REC-15, each by itself."""
    end = ended(product)
    if end is None:
        return True
    if product.kind in {"FUND", "SECURITIES"}:
        return True
    if today <= same_day_months_later(end, 6):
        return True
    if product.kind in {"INSURANCE", "INVESTMENT_INSURANCE"}:
        if product.months is None:
            return True
        ends = [believed(told.day, told.heard) for told in possible(product) if told.kind == "end"]
        years = 5 if product.months <= 12 else 10
        return today <= same_day_months_later(max(ends), years * 12)
    return False


def must_keep_unsold(
    intents: Iterable[Intent],
    matters: Iterable[Matter],
    sold: Iterable[Product],
    their_matters: Iterable[Matter],
    today: date,
) -> bool:
    """ABN-01: whether a recording that proves nothing must still be there.

    ``sold``: what was sold in the visit on other recordings, ``their_matters`` what is open about those.
    """
    intents, sold = list(intents), list(sold)
    if not intents:
        return True
    for intent in intents:
        # While somebody may still buy, and where nobody knows what or when, it stays.
        if not intent.over or intent.since is None:
            return True
        if intent.kind is None or intent.kind in {"FUND", "SECURITIES"}:
            return True
        if today <= same_day_months_later(intent.since, 12):
            return True
    for matter in matters:
        if matter.over is None or matter.heard is None:
            return True
        over = max(believed(matter.over, matter.heard), matter.since)
        further = 24 if matter.source in {"complaint", "court"} else 0
        if today <= same_day_months_later(over, further):
            return True
    return bool(sold) and must_keep(sold, their_matters, today)


def must_keep(products: Iterable[Product], matters: Iterable[Matter], today: date) -> bool:
    """Whether the recording of these products must still be there on the day ``today``."""
    products, matters = list(products), list(matters)
    if not products:
        return True
    insured = any(product.kind in {"INSURANCE", "INVESTMENT_INSURANCE"} for product in products)
    for matter in matters:
        if matter.over is None or matter.heard is None:
            return True
        over = max(believed(matter.over, matter.heard), matter.since)
        if today <= over:
            return True
        dispute = matter.source in {"complaint", "court"}
        if dispute and insured and today <= same_day_months_later(over, 24):
            return True
    return any(must_keep_product(product, today) for product in products)
