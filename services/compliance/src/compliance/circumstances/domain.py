"""A customer's circumstances: what other systems of the bank stated (SUI-04, SUI-13 to SUI-17, SUI-21).

A statement says some things and leaves others as they were; of each thing the newest statement counts. The
birth date is personal data: it stays here, and a decision keeps the years of age only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.errors import Invalid
from compliance.cases.domain import AMOUNT_MINOR_MAX, Money
from compliance.periods.domain import legal_date, years_of_age
from compliance.rulebook.customer_facts import (
    CivilCapacity,
    CustomerFacts,
    GuardianConsentFacts,
    InvestorClass,
    InvestorFacts,
    LegalForm,
    MeansFacts,
    Need,
)

YEARS_MAX = 130


class StatementEmpty(Invalid):
    """A statement states something."""

    code = "PROFILE_STATEMENT_EMPTY"
    zh = "没有任何陈述内容;请至少填写一项。"
    en = "Nothing is stated; give at least one item."


class BirthDateImplausible(Invalid):
    """Nobody is born tomorrow."""

    code = "BIRTH_DATE_IMPLAUSIBLE"
    zh = "出生日期不能晚于今天,也不能早于 {years} 年前;请核对。"
    en = "The birth date is after today or more than {years} years ago; check it."


class InvestorEvidenceMissing(Invalid):
    """SUI-17: whoever is more than an ordinary investor was found so, until some day."""

    code = "INVESTOR_EVIDENCE_MISSING"
    zh = "专业投资者和合格投资者须有有效期和证明材料编号,普通投资者不填;请更正。"
    en = "Any class but ORDINARY needs a last day and evidence, ORDINARY has neither; correct it."


class MeansInvalid(Invalid):
    """Amounts are whole minor units."""

    code = "MEANS_INVALID"
    zh = "收入和资产须为不小于零的整数(最小货币单位);请更正。"
    en = "Income and assets are whole minor units, zero or more; correct them."


class GuardianConsentUnclear(Invalid):
    """SUI-13: the legal representative agrees to one product or to one case."""

    code = "GUARDIAN_CONSENT_UNCLEAR"
    zh = "法定代理人的同意须针对一个产品或一个销售单;请填写其中一项。"
    en = "The legal representative agrees to a product or to a case; give exactly one of them."


def investor(
    investor_class: InvestorClass, *, valid_until: date | None, evidence_id: UUID | None
) -> InvestorFacts:
    """A class with what it needs. Raises :class:`InvestorEvidenceMissing`."""
    proven = investor_class is not InvestorClass.ORDINARY
    if proven != (valid_until is not None) or proven != (evidence_id is not None):
        raise InvestorEvidenceMissing(pointer="/investor")
    return InvestorFacts(investor_class=investor_class, valid_until=valid_until, evidence_id=evidence_id)


def means(annual_income_minor: int, liquid_assets_minor: int, currency: str) -> MeansFacts:
    """Stated means. Raises :class:`MeansInvalid`, ``AmountInvalid`` for a currency that is none."""
    for name, amount in (
        ("household_annual_income_minor", annual_income_minor),
        ("liquid_assets_minor", liquid_assets_minor),
    ):
        if not 0 <= amount <= AMOUNT_MINOR_MAX:
            raise MeansInvalid(pointer=f"/means/{name}")
    return MeansFacts(
        annual_income_minor=annual_income_minor,
        liquid_assets_minor=liquid_assets_minor,
        currency=Money(amount_minor=1, currency=currency).currency,
    )


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is stated; None: nothing is said about it."""

    birth_date: date | None
    capacity: CivilCapacity | None
    investor: InvestorFacts | None
    means: MeansFacts | None
    bought_wealth_before: bool | None
    legal_form: LegalForm | None = None
    needs: tuple[Need, ...] | None = None

    def check(self, at: datetime) -> None:
        """Raises :class:`StatementEmpty`, :class:`BirthDateImplausible`."""
        if self == NOTHING:
            raise StatementEmpty
        today = legal_date(at)
        born = self.birth_date
        if born is not None and (born > today or today.year - born.year > YEARS_MAX):
            raise BirthDateImplausible(years=YEARS_MAX, pointer="/birth_date")


NOTHING = Told(birth_date=None, capacity=None, investor=None, means=None, bought_wealth_before=None)


@dataclass(kw_only=True)
class Statement:
    """One statement, on record for good (D1), which made the customer's version ``customer_version``."""

    id: UUID
    customer_id: UUID
    customer_version: int
    birth_date: date | None
    capacity: CivilCapacity | None
    investor: InvestorFacts | None
    means: MeansFacts | None
    bought_wealth_before: bool | None
    legal_form: LegalForm | None
    needs: tuple[Need, ...] | None
    stated_by: str
    stated_at: datetime

    @classmethod
    def of(
        cls, statement_id: UUID, told: Told, *, customer_id: UUID, version: int, by: str, at: datetime
    ) -> "Statement":
        """The record of what was told."""
        return cls(
            id=statement_id,
            customer_id=customer_id,
            customer_version=version,
            birth_date=told.birth_date,
            capacity=told.capacity,
            investor=told.investor,
            means=told.means,
            bought_wealth_before=told.bought_wealth_before,
            legal_form=told.legal_form,
            needs=told.needs,
            stated_by=by,
            stated_at=at,
        )


@dataclass(kw_only=True)
class GuardianConsent:
    """The legal representative's answer about one product or one case, on record for good (SUI-13)."""

    id: UUID
    customer_id: UUID
    customer_version: int
    product_id: UUID | None
    case_id: UUID | None
    given: bool
    evidence_id: UUID
    stated_by: str
    stated_at: datetime


def check_scope(product_id: UUID | None, case_id: UUID | None) -> None:
    """Raises :class:`GuardianConsentUnclear` unless exactly one is given."""
    if (product_id is None) == (case_id is None):
        raise GuardianConsentUnclear


def standing(statements: Iterable[Statement]) -> Told:
    """What holds after the statements, oldest first: of each thing the newest."""
    held = NOTHING
    for one in statements:
        held = Told(
            birth_date=one.birth_date or held.birth_date,
            capacity=one.capacity or held.capacity,
            investor=one.investor or held.investor,
            means=one.means or held.means,
            bought_wealth_before=(
                held.bought_wealth_before if one.bought_wealth_before is None else one.bought_wealth_before
            ),
            legal_form=one.legal_form or held.legal_form,
            needs=held.needs if one.needs is None else one.needs,
        )
    return held


def consent_that_counts(
    consents: Iterable[GuardianConsent], product_id: UUID, case_id: UUID
) -> GuardianConsentFacts | None:
    """SUI-13: the last answer about this product or case, of some oldest first; None unless it agrees."""
    about = [one for one in consents if case_id == one.case_id or product_id == one.product_id]
    if not about or not about[-1].given:
        return None
    return GuardianConsentFacts(consent_id=about[-1].id, at=about[-1].stated_at)


def customer_facts(
    held: Told, consent: GuardianConsentFacts | None, at: datetime, *, sold_wealth: bool
) -> CustomerFacts:
    """What the gate may rest on at ``at``: the years of age of that legal day in place of the birth date.

    ``sold_wealth``: our own sales know him as a buyer. Whom nobody calls one buys for the first time.
    """
    return CustomerFacts(
        age=None if held.birth_date is None else years_of_age(held.birth_date, legal_date(at)),
        capacity=held.capacity,
        guardian_consent=consent,
        investor=held.investor,
        means=held.means,
        bought_wealth_before=sold_wealth or held.bought_wealth_before is True,
        legal_form=held.legal_form,
        needs=held.needs,
    )
