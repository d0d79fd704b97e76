"""Matching opinions and risk disclosures of a case, and the customer's acknowledgement (SUI-02, SUI-05).

The bank says whether the product suits the customer, and shows him its key attributes and risks; only he
himself says that he has seen it. Each is on record for good (D1); what changes is told again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from chassis.errors import Conflict, Forbidden
from compliance.cases.domain import SaleCase
from compliance.rulebook.customer_facts import AssessmentFacts, DisclosureFacts, OpinionFacts
from compliance.rulebook.facts import ProductFacts


class MatchingNotPossible(Conflict):
    """There is nothing to compare yet; ``zh_what`` and ``en_what`` say what is lacking."""

    code = "MATCHING_NOT_POSSIBLE"
    zh = "暂不能出具适当性匹配意见:缺少{zh_what};请先补齐。"
    en = "No matching opinion can be given yet: {en_what} is lacking; complete it first."


class ToldInForeignName(Forbidden):
    """The seller of the case tells his customer."""

    code = "TOLD_IN_FOREIGN_NAME"
    zh = "只能由建立该销售单的销售人员告知客户;请核对销售单。"
    en = "Only the seller who opened the case tells its customer; check the case."


class AlreadyAcknowledged(Conflict):
    """What was seen was seen."""

    code = "ALREADY_ACKNOWLEDGED"
    zh = "客户已确认知悉;无需重复确认。"
    en = "The customer has acknowledged it already; there is nothing left to do."


class Fit(StrEnum):
    """What the opinion says: the product's level is not above the customer's, or it is."""

    SUITABLE = "SUITABLE"
    UNSUITABLE = "UNSUITABLE"


@dataclass(kw_only=True)
class Acknowledgement:
    """The customer has seen an opinion, or a disclosure: exactly one of the two."""

    id: UUID
    opinion_id: UUID | None
    disclosure_id: UUID | None
    acknowledged_by: str
    acknowledged_at: datetime


@dataclass(kw_only=True)
class MatchingOpinion:
    """Whether the product suits the customer, by the levels of the moment: 1 (R1, C1) to 5 (R5, C5)."""

    id: UUID
    case_id: UUID
    customer_id: UUID
    product_id: UUID
    assessment_id: UUID
    product_level: int
    customer_level: int
    fit: Fit
    given_by: str
    given_at: datetime
    acknowledgement: Acknowledgement | None = None

    @property
    def version(self) -> int:
        """1, or 2 once the customer has acknowledged it."""
        return 1 if self.acknowledgement is None else 2

    def acknowledge(self, acknowledgement_id: UUID, *, by: str, at: datetime) -> None:
        """The customer has seen it. Raises :class:`AlreadyAcknowledged`."""
        _must_be_new(self)
        self.acknowledgement = Acknowledgement(
            id=acknowledgement_id,
            opinion_id=self.id,
            disclosure_id=None,
            acknowledged_by=by,
            acknowledged_at=at,
        )

    def facts(self) -> OpinionFacts:
        """What the gate may rest on."""
        return OpinionFacts(
            opinion_id=self.id,
            assessment_id=self.assessment_id,
            product_level=self.product_level,
            customer_level=self.customer_level,
            given_at=self.given_at,
            acknowledged_at=acknowledged_at(self),
        )


@dataclass(kw_only=True)
class RiskDisclosure:
    """The document with the product's key attributes and risks that was shown, by its SHA-256."""

    id: UUID
    case_id: UUID
    customer_id: UUID
    product_id: UUID
    document: str
    sha256: str
    shown_by: str
    shown_at: datetime
    acknowledgement: Acknowledgement | None = None

    @property
    def version(self) -> int:
        """1, or 2 once the customer has acknowledged it."""
        return 1 if self.acknowledgement is None else 2

    def acknowledge(self, acknowledgement_id: UUID, *, by: str, at: datetime) -> None:
        """The customer clearly knows. Raises :class:`AlreadyAcknowledged`."""
        _must_be_new(self)
        self.acknowledgement = Acknowledgement(
            id=acknowledgement_id,
            opinion_id=None,
            disclosure_id=self.id,
            acknowledged_by=by,
            acknowledged_at=at,
        )

    def facts(self) -> DisclosureFacts:
        """What the gate may rest on."""
        return DisclosureFacts(
            disclosure_id=self.id, shown_at=self.shown_at, acknowledged_at=acknowledged_at(self)
        )


Told = TypeVar("Told", MatchingOpinion, RiskDisclosure)


def acknowledged_at(told: MatchingOpinion | RiskDisclosure) -> datetime | None:
    """When the customer acknowledged it; None: not yet."""
    return None if told.acknowledgement is None else told.acknowledgement.acknowledged_at


def _must_be_new(told: MatchingOpinion | RiskDisclosure) -> None:
    if told.acknowledgement is not None:
        raise AlreadyAcknowledged


def check_seller(case: SaleCase, by: str, at: datetime) -> None:
    """Raises :class:`ToldInForeignName` unless ``by`` opened the case, and when it is over at ``at``."""
    if case.opened_by != by:
        raise ToldInForeignName
    case.must_be_open(at)


def give_opinion(
    opinion_id: UUID,
    case: SaleCase,
    product: ProductFacts | None,
    assessment: AssessmentFacts | None,
    *,
    by: str,
    at: datetime,
) -> MatchingOpinion:
    """SUI-05: the opinion on the levels of this moment. Raises :class:`MatchingNotPossible`."""
    level = None if product is None else product.effective_level
    if level is None:
        raise MatchingNotPossible(zh_what="产品风险等级", en_what="the product's risk level")
    if assessment is None or assessment.level is None:
        raise MatchingNotPossible(
            zh_what="客户的风险承受能力评估", en_what="an assessment of the customer's tolerance"
        )
    return MatchingOpinion(
        id=opinion_id,
        case_id=case.id,
        customer_id=case.customer_id,
        product_id=case.product_id,
        assessment_id=assessment.assessment_id,
        product_level=level,
        customer_level=assessment.level,
        fit=Fit.SUITABLE if level <= assessment.level else Fit.UNSUITABLE,
        given_by=by,
        given_at=at,
    )
