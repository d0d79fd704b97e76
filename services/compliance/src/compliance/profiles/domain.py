"""A file on a customer (M065): what he needs and what he lives on, sealed, kept with consent and for a time.

It rests on a consent for CUSTOMER_FILE that covers its kinds of data. Withdrawn, or past its last day, it is
read by nobody and removed by the job; that it was, and why, stays on record.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Invalid
from compliance.periods.domain import add_months
from compliance.rulebook.privacy import DataKind


class ProfileKind(StrEnum):
    """Whose file it is."""

    FARMER = "FARMER"
    COMMUNITY = "COMMUNITY"
    HOUSEHOLD = "HOUSEHOLD"
    SMALL_BUSINESS = "SMALL_BUSINESS"


class Need(StrEnum):
    """What the customer told that he needs."""

    DEPOSIT = "DEPOSIT"
    PAYMENT = "PAYMENT"
    FARM_LOAN = "FARM_LOAN"
    BUSINESS_LOAN = "BUSINESS_LOAN"
    HOUSING_LOAN = "HOUSING_LOAN"
    INVESTMENT = "INVESTMENT"
    INSURANCE = "INSURANCE"
    PENSION = "PENSION"


class EndReason(StrEnum):
    """Why a file was removed."""

    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    ERASED = "ERASED"


class ProfileConsentMissing(Invalid):
    """M065: without a consent that covers it there is no file."""

    code = "PROFILE_CONSENT_MISSING"
    zh = "客户未同意建立包含这些内容的信息档案,或已撤回、已到期;请先取得同意。"
    en = "The customer has not agreed to such a file, has taken it back, or its time is over; ask him first."


@dataclass(frozen=True, kw_only=True)
class Finances:
    """What he lives on: yearly income and debts in minor units of ``currency``, and land in mu."""

    yearly_income_minor: int | None
    debts_minor: int | None
    currency: str
    land_mu: int | None


@dataclass(frozen=True, kw_only=True)
class ProfileContent:
    """What stands in the file."""

    kind: ProfileKind
    needs: tuple[Need, ...]
    household_members: int | None
    finances: Finances | None
    note: str | None

    @property
    def kinds(self) -> frozenset[DataKind]:
        """The kinds of data that the consent has to cover."""
        return frozenset({DataKind.NEEDS} | ({DataKind.FINANCES} if self.finances is not None else set()))


@dataclass(kw_only=True)
class CustomerProfile:
    """The file, sealed; ``retain_until`` is its last day, of the consent ``consent_id``."""

    customer_id: UUID
    customer_version: int
    consent_id: UUID
    retain_until: date
    key_id: str
    nonce: bytes
    sealed: bytes
    written_by: str
    written_at: datetime

    def over(self, on: date, *, consent_stands: bool) -> EndReason | None:
        """Why nobody may read it on the legal day ``on``; None: it may be read."""
        if not consent_stands:
            return EndReason.WITHDRAWN
        return EndReason.EXPIRED if on > self.retain_until else None


@dataclass(kw_only=True)
class ProfileEnding:
    """A file was removed, on record for good."""

    id: UUID
    customer_id: UUID
    consent_id: UUID
    reason: EndReason
    ended_at: datetime


def last_day(written_on: date, retention_months: int) -> date:
    """The last day on which the file is kept: that of the notice's period, from the day it was written."""
    return add_months(written_on, retention_months)
