"""A proposal to do something new, and the review of its risks (M116)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Invalid
from compliance.reviews.domain import Reviewed, ReviewState


class ResidualRisk(StrEnum):
    """What remains of the risks under their controls, as the reviewer finds."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class RiskUncontrolled(Invalid):
    """A risk without a control is not under control."""

    code = "INNOVATION_RISK_UNCONTROLLED"
    zh = "风险“{risk}”没有控制措施;请补充后重新提交。"
    en = 'The risk "{risk}" has no control; say how it is controlled and submit the proposal again.'


class RiskNotControllable(Invalid):
    """M116: innovation only under controllable risk."""

    code = "INNOVATION_RISK_TOO_HIGH"
    zh = "剩余风险评为 {level},不得批准;请驳回,或要求补充控制措施后重新提交。"
    en = "The remaining risk is {level} and cannot be approved; reject it, or ask for more controls."


class RulesWaived(Invalid):
    """A trial is no exemption from the rules."""

    code = "INNOVATION_WAIVES_RULES"
    zh = "创新方案不得免除规则 {rules};请修改方案。"
    en = "A proposal waives no rule ({rules}); change it."


@dataclass(frozen=True, kw_only=True)
class ControlledRisk:
    """One risk of the proposal and how it is controlled."""

    risk: str
    control: str | None


@dataclass(frozen=True, kw_only=True)
class InnovationPlan:
    """What is to be tried, and what could go wrong. ``waives``: rules that it would set aside."""

    title: str
    description: str
    risks: tuple[ControlledRisk, ...]
    waives: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.waives:
            raise RulesWaived(rules=", ".join(self.waives), pointer="/waives")
        for number, one in enumerate(self.risks):
            if one.control is None:
                raise RiskUncontrolled(risk=one.risk, pointer=f"/risks/{number}/control")


@dataclass(kw_only=True)
class Innovation(Reviewed):
    """The aggregate; ``residual`` None until it was approved, ``outlet_id`` None: of the whole bank."""

    outlet_id: UUID | None
    plan: InnovationPlan
    residual: ResidualRisk | None

    @classmethod
    def propose(
        cls, innovation_id: UUID, plan: InnovationPlan, *, outlet_id: UUID | None, by: str, at: datetime
    ) -> "Innovation":
        """A proposal that waits for its risk review, at version 1."""
        return cls(
            id=innovation_id,
            version=1,
            state=ReviewState.PENDING,
            submitted_by=by,
            submitted_at=at,
            reviewed_by=None,
            reviewed_at=None,
            review_note=None,
            outlet_id=outlet_id,
            plan=plan,
            residual=None,
        )

    def approve_risk(self, residual: ResidualRisk, *, note: str | None, by: str, at: datetime) -> None:
        """It may be tried: what remains is controllable.

        Raises :class:`RiskNotControllable`, ``ReviewIsOver``, ``ReviewerIsAuthor``.
        """
        self.must_be_reviewable(by)
        if residual is ResidualRisk.HIGH:
            raise RiskNotControllable(level=residual.value, pointer="/residual")
        self.residual = residual
        self.approve(note=note, by=by, at=at)
