"""Announced prices: which one is published for a day, and on which day something would cost more (FEE-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.errors import Invalid
from compliance.rulebook.domain import Finding
from compliance.rulebook.tariffs import NOTICE_TOO_SHORT
from compliance.tariff.charges import Standard


class FeeNoticeTooShort(Invalid):
    """FEE-03: ``earliest`` is the first day on which the higher price may apply."""

    code = NOTICE_TOO_SHORT
    zh = "市场调节价服务提价的公示期不足;请将提价生效日定为 {earliest} 或以后。"
    en = "A price increase of a market-priced service needs longer notice; let it apply from {earliest} on."


def too_short(finding: Finding) -> FeeNoticeTooShort:
    """FEE-03: the refusal of a price, with the day from which it may rise."""
    (earliest,) = finding.details["earliest"]
    return FeeNoticeTooShort(earliest=earliest, pointer="/applies_from")


@dataclass(kw_only=True)
class Price:
    """One announcement, on record for good (D1), which made the service's version ``service_version``."""

    id: UUID
    service_id: UUID
    service_version: int
    applies_from: date
    rises_on: date | None
    standards: tuple[Standard, ...]
    announced_by: str
    announced_at: datetime

    def standard(self, step: str) -> Standard:
        """What the step costs; every price names every step."""
        return next(standard for standard in self.standards if standard.step == step)

    def higher_than(self, other: "Price") -> bool:
        """FEE-03: whether some step costs more, for some amount."""
        return any(one.higher_than(other.standard(one.step)) for one in self.standards)


def published(prices: Sequence[Price], day: date) -> Price | None:
    """The price that is announced for the day: of those that apply by then, the one announced last."""
    applying = [price for price in prices if price.applies_from <= day]
    return max(applying, key=lambda price: price.service_version, default=None)


def first_rise(price: Price, known: Sequence[Price]) -> date | None:
    """FEE-03: the first day on which the price is higher than what is published for it; None: on none.

    It replaces what was announced for its first day and later, so each of those days is looked at.
    """
    later = {one.applies_from for one in known if one.applies_from > price.applies_from}
    for day in (price.applies_from, *sorted(later)):
        before = published(known, day)
        if before is not None and price.higher_than(before):
            return day
    return None
