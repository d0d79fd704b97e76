"""The functions behind the rules about the tariff: notice of a higher price, the published price list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.periods.domain import add_months
from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, codes_of, fail

NOTICE_TOO_SHORT = "FEE_NOTICE_TOO_SHORT"
NOT_PUBLISHED = "FEE_NOT_PUBLISHED"


@dataclass(frozen=True, kw_only=True)
class PriceFacts:
    """A price is about to be announced; ``rises_on``: the first day on which something costs more for it."""

    announced_on: date
    rises_on: date | None
    market_priced: bool


@dataclass(frozen=True, kw_only=True)
class NoticePeriod:
    """FEE-03: the whole months between the announcement and the first day of the higher price."""

    months: int


def notice_given(facts: PriceFacts, parameters: NoticePeriod) -> Verdict:
    """FEE-03: an increase of a market-priced service applies after the last day of the period."""
    if not facts.market_priced or facts.rises_on is None:
        return PASS
    earliest = add_months(facts.announced_on, parameters.months) + timedelta(days=1)
    return PASS if facts.rises_on >= earliest else fail(NOTICE_TOO_SHORT, earliest=[earliest.isoformat()])


@dataclass(frozen=True, kw_only=True)
class PublicationFacts:
    """What one outlet, or the website, shows: since when, None while it does not.

    ``announced_at``: the last announcement of a price, None before the first.
    """

    price_list_at: datetime | None
    complaint_phone_at: datetime | None
    announced_at: datetime | None


def price_list_shown(facts: PublicationFacts, parameters: NoParameters) -> Verdict:
    """FEE-04: the present price list and the fee complaint phone are shown."""
    reasons = []
    if facts.price_list_at is None:
        reasons.append("price_list")
    elif facts.announced_at is not None and facts.price_list_at < facts.announced_at:
        reasons.append("outdated")
    if facts.complaint_phone_at is None:
        reasons.append("complaint_phone")
    return Verdict(tuple(one for reason in reasons for one in fail(NOT_PUBLISHED, reason).findings))


_PRICE_CHECKS: tuple[Check[PriceFacts], ...] = (
    PureCheck("fee.notice_given.v1", {NOTICE_TOO_SHORT: ("earliest",)}, NoticePeriod, notice_given),
)
_PUBLICATION_CHECKS: tuple[Check[PublicationFacts], ...] = (
    PureCheck(
        "fee.price_list_shown.v1",
        codes_of(NOT_PUBLISHED, "price_list", "outdated", "complaint_phone"),
        NoParameters,
        price_list_shown,
    ),
)

PRICE_CHECKS: Mapping[str, Check[PriceFacts]] = {check.name: check for check in _PRICE_CHECKS}
PUBLICATION_CHECKS: Mapping[str, Check[PublicationFacts]] = {
    check.name: check for check in _PUBLICATION_CHECKS
}
