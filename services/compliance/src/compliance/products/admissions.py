"""How an agency product is admitted (AGY-05): due diligence, then the approvals that it needs.

A round begins with due diligence about the product and its partner; everybody takes one step in a round, so
that no two of them are one person's. A rejection ends the round, and a new due diligence begins another. A
round counts for the partner it was about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Forbidden
from compliance.products.domain import Product
from compliance.products.events import ProductApproved, ProductExamined, ProductRejected
from compliance.rulebook.agency_rules import ApprovalChain, admission_verdict
from compliance.rulebook.facts import AdmissionFacts, ApprovalLevel, ProductFacts, ProductOrigin


class AdmissionStepKind(StrEnum):
    """What is done in a round."""

    DILIGENCE = "DILIGENCE"
    APPROVAL = "APPROVAL"
    REJECTION = "REJECTION"


class AdmissionState(StrEnum):
    """Where an admission stands; an own product needs none."""

    NOT_NEEDED = "NOT_NEEDED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    ADMITTED = "ADMITTED"


class AdmissionNotNeeded(Conflict):
    """Own products are not admitted."""

    code = "ADMISSION_NOT_NEEDED"
    zh = "产品 {code} 为自有产品,无需代销准入;请核对产品。"
    en = "Product {code} is the bank's own and needs no admission; check the product."


class ProductWithoutPartner(Conflict):
    """What nobody supplies cannot be examined."""

    code = "PRODUCT_WITHOUT_PARTNER"
    zh = "产品 {code} 尚未登记合作机构;请先登记合作机构,再做尽职调查。"
    en = "Product {code} names no partner; name it first, then examine both."


class AdmissionNotExamined(Conflict):
    """Approval follows due diligence."""

    code = "ADMISSION_NOT_EXAMINED"
    zh = "产品 {code} 就现合作机构没有待审批的尽职调查;请先完成尽职调查。"
    en = "Product {code} has no due diligence about its present partner to decide on; examine it first."


class AdmissionDecided(Conflict):
    """Each approval is given once in a round."""

    code = "ADMISSION_DECIDED"
    zh = "产品 {code} 的该项审批已作出;如需变更,请重新尽职调查。"
    en = "This approval of product {code} was given already; to change it, examine the product anew."


class AdmissionSamePerson(Forbidden):
    """AGY-05: whoever took a step in the round leaves the next one to somebody else."""

    code = "ADMISSION_SAME_PERSON"
    zh = "您已参与产品 {code} 本轮准入;尽职调查与各项审批须由不同人员办理。"
    en = "You took part in this admission of product {code}; each step is taken by somebody else."


@dataclass(kw_only=True)
class AdmissionStep:
    """One step, on record for good (D1); it made the product's version ``product_version``.

    ``examination_id`` is the round's due diligence, ``resolution`` the number of the senior management's
    resolution.
    """

    id: UUID
    product_id: UUID
    product_version: int
    examination_id: UUID
    partner_id: UUID
    kind: AdmissionStepKind
    level: ApprovalLevel | None
    resolution: str | None
    opinion: str
    taken_by: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What an approver says; ``resolution`` is the senior management's alone."""

    level: ApprovalLevel
    approved: bool
    opinion: str
    resolution: str | None = None


def examine(
    product: Product, step_id: UUID, *, summary: str, by: str, at: datetime
) -> tuple[AdmissionStep, ProductExamined]:
    """Begins a round.

    Raises ``ProductIsEnded``, :class:`AdmissionNotNeeded`, :class:`ProductWithoutPartner`.
    """
    _must_need_admission(product)
    if product.partner_id is None:
        raise ProductWithoutPartner(code=product.code)
    product.version += 1
    step = AdmissionStep(
        id=step_id,
        product_id=product.id,
        product_version=product.version,
        examination_id=step_id,
        partner_id=product.partner_id,
        kind=AdmissionStepKind.DILIGENCE,
        level=None,
        resolution=None,
        opinion=summary,
        taken_by=by,
        taken_at=at,
    )
    return step, ProductExamined(
        version=product.version, occurred_at=at, product_id=product.id, partner_id=product.partner_id
    )


def decide(
    product: Product,
    steps: Sequence[AdmissionStep],
    step_id: UUID,
    said: Opinion,
    *,
    chain: ApprovalChain | None,
    by: str,
    at: datetime,
) -> tuple[AdmissionStep, ProductApproved | ProductRejected]:
    """An approval or a rejection in the present round, whose ``steps`` are given.

    Raises ``ProductIsEnded``, :class:`AdmissionNotNeeded`, :class:`AdmissionNotExamined`,
    :class:`AdmissionDecided`, :class:`AdmissionSamePerson`.
    """
    _must_need_admission(product)
    begun = admission_facts(steps)
    if begun is None or begun.rejected or begun.partner_id != product.partner_id:
        raise AdmissionNotExamined(code=product.code)
    if said.level in begun.approvals:
        raise AdmissionDecided(code=product.code)
    if by in {step.taken_by for step in steps}:
        raise AdmissionSamePerson(code=product.code)
    product.version += 1
    step = AdmissionStep(
        id=step_id,
        product_id=product.id,
        product_version=product.version,
        examination_id=steps[0].id,
        partner_id=begun.partner_id,
        kind=AdmissionStepKind.APPROVAL if said.approved else AdmissionStepKind.REJECTION,
        level=said.level,
        resolution=said.resolution,
        opinion=said.opinion,
        taken_by=by,
        taken_at=at,
    )
    if not said.approved:
        return step, ProductRejected(
            version=product.version, occurred_at=at, product_id=product.id, level=said.level.value
        )
    facts = product.facts(admission_facts([*steps, step]))
    return step, ProductApproved(
        version=product.version,
        occurred_at=at,
        product_id=product.id,
        level=said.level.value,
        admitted=state_of(facts, chain) is AdmissionState.ADMITTED,
    )


def admission_facts(steps: Sequence[AdmissionStep]) -> AdmissionFacts | None:
    """What the gate may rest on: a round's steps, its due diligence first; None: never examined."""
    if not steps:
        return None
    return AdmissionFacts(
        partner_id=steps[0].partner_id,
        examined_at=steps[0].taken_at,
        approvals=tuple(
            step.level for step in steps if step.kind is AdmissionStepKind.APPROVAL and step.level is not None
        ),
        rejected=any(step.kind is AdmissionStepKind.REJECTION for step in steps),
    )


def state_of(product: ProductFacts, chain: ApprovalChain | None) -> AdmissionState:
    """Where the product's admission stands by the chain of a day; nothing is admitted without one."""
    if product.origin is ProductOrigin.OWN:
        return AdmissionState.NOT_NEEDED
    if chain is None or product.partner_id is None:
        return AdmissionState.PENDING
    verdict = admission_verdict(product, chain)
    if verdict.passed:
        return AdmissionState.ADMITTED
    rejected = any(finding.reason == "rejected" for finding in verdict.findings)
    return AdmissionState.REJECTED if rejected else AdmissionState.PENDING


def _must_need_admission(product: Product) -> None:
    product.must_run()
    if product.origin is ProductOrigin.OWN:
        raise AdmissionNotNeeded(code=product.code)
