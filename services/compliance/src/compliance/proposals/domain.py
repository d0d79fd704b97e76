"""A proposal: what is recommended to one customer together, why, and until when it stands (SUI-08, M156)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.periods.domain import add_months, legal_date
from compliance.products.domain import Product
from compliance.rulebook.customer_facts import AssessmentFacts
from compliance.rulebook.facts import ProductStatus
from compliance.rulebook.recommendations import OVER_RISK, RecommendationFacts, RecommendedFacts

#: Ours: terms and prices move, so that a proposal is made anew after a month.
STANDS = timedelta(days=30)


class OverRiskRecommendation(Invalid):
    """SUI-08; ``zh_why`` and ``en_why`` are the rule's own words."""

    code = OVER_RISK
    zh = "推介被拒绝;{zh_why}"
    en = "The recommendation was refused; {en_why}"


class ProposalProductTwice(Invalid):
    """A product is recommended once."""

    code = "PROPOSAL_PRODUCT_TWICE"
    zh = "组合中产品 {product} 出现多次;每个产品只列一次。"
    en = "The proposal names the product {product} more than once; list each product once."


class ProposalProductUnknown(Invalid):
    """PRD-01: only what the registry has is recommended."""

    code = "PROPOSAL_PRODUCT_UNKNOWN"
    zh = "产品信息查询平台没有产品 {product};请核对编号。"
    en = "The product registry has no product {product}; check its id."


class ProposalProductNotSold(Conflict):
    """PRD-01: what is no longer sold is not recommended."""

    code = "PROPOSAL_PRODUCT_NOT_SOLD"
    zh = "产品 {product} 已不在售;请更换在售产品。"
    en = "Product {product} is not on sale; choose one that is."


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A product that is to be recommended, and why it is for this customer."""

    product_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class Recommended:
    """One part: the product as it was matched; ``product_level`` None: of a kind that carries none."""

    product_id: UUID
    product_version: int
    code: str
    product_level: int | None
    reason: str


@dataclass(kw_only=True)
class Proposal:
    """On record for good (D1). ``valid_through`` is its last day; ``assessment_id`` None: none was needed."""

    id: UUID
    customer_id: UUID
    assessment_id: UUID | None
    customer_level: int | None
    parts: tuple[Recommended, ...]
    made_by: str
    made_at: datetime
    valid_through: date


@dataclass(frozen=True, kw_only=True)
class Footing:
    """The assessment that a recommendation may rest on: its level, and the last day on which it is valid."""

    assessment_id: UUID
    level: int
    last_day: date


def footing(assessment: AssessmentFacts | None, valid_months: int, at: datetime) -> Footing | None:
    """SUI-11, SUI-12: what counts at ``at``; None: none, over, overtaken, or not confirmed."""
    if assessment is None or assessment.level is None:
        return None
    last_day = add_months(legal_date(assessment.completed_at), valid_months)
    told = assessment.change_reported_at
    changed = told is not None and told >= assessment.completed_at
    unconfirmed = (
        assessment.level_before not in (None, assessment.level) and assessment.level_confirmed_at is None
    )
    if changed or unconfirmed or legal_date(at) > last_day:
        return None
    return Footing(assessment_id=assessment.assessment_id, level=assessment.level, last_day=last_day)


def recommendation(stands: Footing | None, products: Sequence[Product]) -> RecommendationFacts:
    """What the rule of recommendations judges."""
    return RecommendationFacts(
        level=None if stands is None else stands.level,
        products=tuple(
            RecommendedFacts(code=one.code, kind=one.kind, level=one.levels.effective) for one in products
        ),
    )


def propose(
    proposal_id: UUID,
    customer_id: UUID,
    stands: Footing | None,
    matched: Sequence[tuple[Wish, Product]],
    *,
    by: str,
    at: datetime,
) -> Proposal:
    """A proposal of products that the rule let pass. Raises :class:`ProposalProductNotSold`."""
    for n, (_, product) in enumerate(matched):
        if product.status is not ProductStatus.ON_SALE:
            raise ProposalProductNotSold(product=product.code, pointer=f"/parts/{n}/product_id")
    last_day = legal_date(at + STANDS)
    return Proposal(
        id=proposal_id,
        customer_id=customer_id,
        assessment_id=None if stands is None else stands.assessment_id,
        customer_level=None if stands is None else stands.level,
        parts=tuple(
            Recommended(
                product_id=product.id,
                product_version=product.version,
                code=product.code,
                product_level=product.levels.effective,
                reason=wish.reason,
            )
            for wish, product in matched
        ),
        made_by=by,
        made_at=at,
        valid_through=last_day if stands is None else min(last_day, stands.last_day),
    )
