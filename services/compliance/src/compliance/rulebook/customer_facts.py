"""What the gate knows about the customer, and what was done for his protection in this case.

No birth date, no name: the years of age on the legal day, opaque ids, amounts in minor units.
None: not known.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.evidence.domain import gained


class CivilCapacity(StrEnum):
    """Capacity for civil acts (民事行为能力)."""

    FULL = "FULL"
    LIMITED = "LIMITED"
    NONE = "NONE"


class InvestorClass(StrEnum):
    """普通投资者, 专业投资者, 合格投资者. Without evidence everybody is ORDINARY."""

    ORDINARY = "ORDINARY"
    PROFESSIONAL = "PROFESSIONAL"
    QUALIFIED = "QUALIFIED"


class AssessmentPlace(StrEnum):
    """Where a customer was assessed: face to face at an outlet, or from afar (SUI-15)."""

    OUTLET = "OUTLET"
    REMOTE = "REMOTE"


class LegalForm(StrEnum):
    """自然人, or 法人及其他组织. Of whom nobody says otherwise is a natural person."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"


class Need(StrEnum):
    """What a customer needs who cannot read, cannot sign, cannot follow the language, or is easily misled."""

    READING_ALOUD = "READING_ALOUD"
    THUMBPRINT = "THUMBPRINT"
    INTERPRETER = "INTERPRETER"
    CALL_BACK = "CALL_BACK"


@dataclass(frozen=True, kw_only=True)
class InvestorFacts:
    """The class, its last day and the evidence for it; both None for ORDINARY."""

    investor_class: InvestorClass
    valid_until: date | None
    evidence_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class MeansFacts:
    """What the customer stated, in minor units of ``currency`` (ISO 4217); income of the household a year."""

    annual_income_minor: int
    liquid_assets_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class GuardianConsentFacts:
    """The legal representative agreed to this product or to this case."""

    consent_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CustomerFacts:
    """The customer on the legal day of the decision; ``age`` in completed years.

    ``bought_wealth_before``: a wealth product of this bank, by its own sales or by what was stated.
    ``needs`` None: nobody has stated any.
    """

    age: int | None
    capacity: CivilCapacity | None
    guardian_consent: GuardianConsentFacts | None
    investor: InvestorFacts | None
    means: MeansFacts | None
    bought_wealth_before: bool | None = gained()
    legal_form: LegalForm | None = gained()
    needs: tuple[Need, ...] | None = gained()

    @property
    def is_company(self) -> bool:
        """Whether it is no natural person: it has no age, and somebody signs for it."""
        return self.legal_form is LegalForm.COMPANY


@dataclass(frozen=True, kw_only=True)
class AssessmentFacts:
    """The customer's last risk assessment: level 1 to 5, and when he told of a change of circumstances.

    ``level_before`` is the level that counted before it (None: it is the first), ``level_confirmed_at`` when
    the customer confirmed the new one. An imported one comes from the system ``source``. ``age_considered``:
    his age and his experience were looked at.
    """

    assessment_id: UUID
    customer_id: UUID
    level: int | None
    completed_at: datetime
    change_reported_at: datetime | None
    level_before: int | None = gained()
    level_confirmed_at: datetime | None = gained()
    imported: bool | None = gained()
    source: str | None = gained()
    place: AssessmentPlace | None = gained()
    age_considered: bool | None = gained()


@dataclass(frozen=True, kw_only=True)
class CareFacts:
    """The special care for an old customer (SUI-14): four items, and when they were done."""

    care_id: UUID
    at: datetime
    risks_explained: bool
    loss_understood: bool
    companion_offered: bool
    lower_risk_offered: bool


@dataclass(frozen=True, kw_only=True)
class SafeguardFacts:
    """What stands on record in this case for the customer's protection; instants of the last of each kind.

    ``signed_at``: the contract, unless the customer has cancelled it since.
    """

    care: CareFacts | None
    approved_at: datetime | None
    agreed_off_outlet_at: datetime | None
    signed_at: datetime | None = gained()
    premium_declared_at: datetime | None = gained()
    insurer_accepted_at: datetime | None = gained()


@dataclass(frozen=True, kw_only=True)
class OpinionFacts:
    """The last matching opinion about the case, and when the customer acknowledged it (None: not yet)."""

    opinion_id: UUID
    assessment_id: UUID
    product_level: int
    customer_level: int
    given_at: datetime
    acknowledged_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DisclosureFacts:
    """The last risk disclosure of the case, and when the customer acknowledged it (None: not yet)."""

    disclosure_id: UUID
    shown_at: datetime
    acknowledged_at: datetime | None
