"""Reductions of a charge: for whom, how much, from which day through which, and what may be said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import Invalid

ONE_DAY = timedelta(days=1)


class CustomerGroup(StrEnum):
    """For whom a reduction is: special consumer groups (M130), and groups of the bank's own."""

    ELDERLY = "ELDERLY"
    DISABLED = "DISABLED"
    LOW_INCOME = "LOW_INCOME"
    STUDENT = "STUDENT"
    MIGRANT_WORKER = "MIGRANT_WORKER"
    SMALL_BUSINESS = "SMALL_BUSINESS"
    PAYROLL = "PAYROLL"
    VIP = "VIP"


#: M130: groups whose reductions are relief.
SPECIAL_GROUPS = frozenset(
    {
        CustomerGroup.ELDERLY,
        CustomerGroup.DISABLED,
        CustomerGroup.LOW_INCOME,
        CustomerGroup.STUDENT,
        CustomerGroup.MIGRANT_WORKER,
    }
)


class DatesInvalid(Invalid):
    """What applies from a past day would change what was published for it."""

    code = "FEE_DATES_INVALID"
    zh = "日期无效;生效日不得早于今日,截止日不得早于起始日。"
    en = "The dates do not fit; begin today or later, and end no earlier than that."


class PublicityMismatch(Invalid):
    """M159: ``day`` is the first day on which the tariff says something else."""

    code = "FEE_PUBLICITY_MISMATCH"
    zh = "宣传内容与价目不符(自 {day} 起);请按价目更正宣传,或先登记优惠。"
    en = "The publicity differs from the tariff from {day} on; correct it, or grant the reduction first."


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A reduction as the customer reads it: for whom (None: everybody), how much, first and last day."""

    name_zh: str
    name_en: str
    customer_group: CustomerGroup | None
    steps: tuple[str, ...]
    discount_bp: int
    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if not self.starts_on <= self.ends_on:
            raise DatesInvalid(pointer="/ends_on")

    def reaches(self, group: CustomerGroup | None, step: str, on: date) -> bool:
        """Whether a customer of the group gets it for the step on the day."""
        return self.runs(on) and step in self.steps and self.customer_group in (None, group)

    def runs(self, on: date) -> bool:
        """Whether the day lies between the first and the last, both included."""
        return self.starts_on <= on <= self.ends_on

    @property
    def relief(self) -> bool:
        """M130: whether it is for a special consumer group."""
        return self.customer_group in SPECIAL_GROUPS


@dataclass(kw_only=True)
class Waiver:
    """One reduction, on record for good (D1), which made the service's version ``service_version``."""

    id: UUID
    service_id: UUID
    service_version: int
    terms: Terms
    granted_by: str
    granted_at: datetime


def best_terms(waivers: Sequence[Waiver], group: CustomerGroup | None, step: str, on: date) -> Terms | None:
    """The largest reduction of the step for the group; reductions do not add up. None: there is none."""
    reaching = [waiver.terms for waiver in waivers if waiver.terms.reaches(group, step, on)]
    return max(reaching, key=lambda terms: (terms.discount_bp, terms.ends_on), default=None)


def first_mismatch(claimed: Terms, waivers: Sequence[Waiver]) -> date | None:
    """M159: the first day of the claim on which the group gets another reduction than it says; None: none.

    What a group gets changes with the first day of a reduction and after its last day only.
    """
    borders = {day for waiver in waivers for day in (waiver.terms.starts_on, waiver.terms.ends_on + ONE_DAY)}
    days = {claimed.starts_on} | {day for day in borders if claimed.starts_on < day <= claimed.ends_on}
    for day in sorted(days):
        for step in claimed.steps:
            granted = best_terms(waivers, claimed.customer_group, step, day)
            if granted is None or granted.discount_bp != claimed.discount_bp:
                return day
    return None
