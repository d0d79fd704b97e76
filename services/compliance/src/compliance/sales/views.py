"""What the routes of the gate answer."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Row

from chassis.errors import Violation
from chassis.events import to_json
from chassis.http.models import Output
from chassis.http.problems import BrokenRule
from compliance.cases.domain import SaleCase
from compliance.rulebook.decisions import Decision, Result, State
from compliance.rulebook.domain import Rule, RuleRelease, Severity
from compliance.rulebook.shadow import Foreseen
from compliance.sales.domain import RefusedAttempt, Sale, missing_facts, rules_in
from compliance.sales.walk import Stage, Step, next_step, walk


class SaleView(Output):
    """A logged sale. ``amount_minor`` in minor units; ``business_date``: the outlet's, null where unknown."""

    id: UUID
    case_id: UUID
    decision_id: UUID
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    customer_id: UUID
    zone_id: UUID
    recording_id: UUID
    amount_minor: int
    currency: str
    business_date: date | None
    logged_at: datetime

    @classmethod
    def of(cls, sale: Sale) -> "SaleView":
        """The view of a sale."""
        return cls.model_validate(sale)


class AttemptView(Output):
    """A refused attempt to sell: over for good, while the case stays open. Its decision says why."""

    id: UUID
    case_id: UUID
    decision_id: UUID
    outlet_id: UUID
    refused_at: datetime

    @classmethod
    def of(cls, attempt: RefusedAttempt) -> "AttemptView":
        """The view of an attempt."""
        return cls.model_validate(attempt)


class RefusalView(Output):
    """What was recorded about a refusal, and what the case needs before another attempt.

    ``missing``: dotted paths of what is not on record; ``undecided``: rules that wait for it.
    """

    attempt_id: UUID
    decision_id: UUID
    case_id: UUID
    case_version: int
    refused_at: datetime
    undecided: list[str]
    missing: list[str]

    @classmethod
    def of(cls, attempt: RefusedAttempt, case: SaleCase, decision: Decision) -> "RefusalView":
        """The view of an attempt that was refused just now."""
        return cls(
            attempt_id=attempt.id,
            decision_id=attempt.decision_id,
            case_id=case.id,
            case_version=case.version,
            refused_at=attempt.refused_at,
            undecided=list(rules_in(decision, State.UNDECIDED)),
            missing=list(missing_facts(decision)),
        )


class Judgement(StrEnum):
    """How a rule that was asked came out."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


class OutcomeView(Output):
    """How one version of one rule came out."""

    rule: str
    effective_from: date
    severity: Severity
    state: Judgement


class NotAskedView(Output):
    """A rule that this kind of transaction is not asked, and why; ``reason`` is a term of the release."""

    rule: str
    effective_from: date
    reason: str
    messages: dict[str, str]


class UpcomingView(Output):
    """What a rule that begins within 90 days would object to; it does not count yet."""

    effective_from: date
    violation: BrokenRule


class StepView(Output):
    """A step of the case and what stands against it: broken rules, facts not on record, rules that wait."""

    step: Step
    done: bool
    violations: list[BrokenRule]
    missing: list[str]
    undecided: list[str]

    @classmethod
    def of(cls, stage: Stage) -> "StepView":
        """The view of a step."""
        return cls(
            step=stage.step,
            done=stage.done,
            violations=broken_rules(stage.violations),
            missing=list(stage.missing),
            undecided=list(stage.undecided),
        )


class GateCheckView(Output):
    """What the gate would say; nothing was recorded. ``upcoming``: what it would say under rules to come.

    ``steps`` in the order in which a seller repairs them, ``next_step`` the first that is not done; SALE:
    log the sale. ``violations``, ``undecided`` and ``missing`` are those of all steps, in that order.
    """

    case_id: UUID
    case_version: int
    decided_at: datetime
    result: Result
    release: str
    violations: list[BrokenRule]
    warnings: list[BrokenRule]
    upcoming: list[UpcomingView]
    undecided: list[str]
    missing: list[str]
    next_step: Step
    steps: list[StepView]
    not_asked: list[NotAskedView]

    @classmethod
    def of(
        cls, case: SaleCase, decision: Decision, foreseen: Iterable[Foreseen], release: RuleRelease
    ) -> "GateCheckView":
        """The view of a decision that nobody keeps."""
        stages = walk(decision, release)
        return cls(
            case_id=case.id,
            case_version=case.version,
            decided_at=decision.decided_at,
            result=decision.result,
            release=decision.release,
            violations=[broken for stage in stages for broken in broken_rules(stage.violations)],
            warnings=broken_rules(decision.warnings(release)),
            upcoming=[
                UpcomingView(effective_from=one.rule.effective_from, violation=violation)
                for one in foreseen
                for violation in broken_rules(
                    release.violation(one.rule, finding) for finding in one.verdict.findings
                )
            ],
            undecided=list(dict.fromkeys(rule for stage in stages for rule in stage.undecided)),
            missing=list(dict.fromkeys(path for stage in stages for path in stage.missing)),
            next_step=next_step(stages),
            steps=[StepView.of(stage) for stage in stages],
            not_asked=not_asked_views(decision, release),
        )


class DecisionView(Output):
    """A decision: what it rests on, under which release, and how each rule came out."""

    id: UUID
    case_id: UUID
    outlet_id: UUID
    result: Result
    decided_at: datetime
    on: date
    release: str
    digest: str
    inputs: dict[str, Any]
    outcomes: list[OutcomeView]
    violations: list[BrokenRule]
    undecided: list[str]
    missing: list[str]
    not_asked: list[NotAskedView]

    @classmethod
    def of(cls, row: Row[Any], case: SaleCase, decision: Decision, release: RuleRelease) -> "DecisionView":
        """The view of a stored decision, shown in the words of the release that made it."""
        return cls(
            id=row.id,
            case_id=row.case_id,
            outlet_id=case.outlet_id,
            result=row.result,
            decided_at=row.decided_at,
            on=decision.on,
            release=row.release,
            digest=row.digest,
            inputs=dict(decision.inputs),
            outcomes=outcome_views(decision),
            violations=broken_rules(decision.violations(release)),
            undecided=list(rules_in(decision, State.UNDECIDED)),
            missing=list(missing_facts(decision)),
            not_asked=not_asked_views(decision, release),
        )


class ReplayView(Output):
    """The same decision, made again. ``same``: its digest is the one that is kept."""

    decision_id: UUID
    release: str
    digest: str
    kept_digest: str
    same: bool
    result: Result
    outcomes: list[OutcomeView]
    not_asked: list[NotAskedView]

    @classmethod
    def of(cls, row: Row[Any], again: Decision, release: RuleRelease) -> "ReplayView":
        """The view of a replay beside what is kept."""
        return cls(
            decision_id=row.id,
            release=again.release,
            digest=again.digest,
            kept_digest=row.digest,
            same=again.digest == row.digest,
            result=again.result,
            outcomes=outcome_views(again),
            not_asked=not_asked_views(again, release),
        )


class RuleView(Output):
    """A rule in force, with its source and its words. ``confirmed`` false: blocks sales of its kinds."""

    id: str
    subject: str = Field(description="what it judges: sale, retention, assessment; more kinds follow")
    effective_from: date
    effective_to: date | None
    severity: Severity
    product_kinds: list[str] | None
    citation: str
    requirement_zh: str
    requirement_en: str
    code: str
    confirmed: bool

    @classmethod
    def of(cls, rule: Rule) -> "RuleView":
        """The view of a rule."""
        return cls(
            id=rule.id,
            subject=rule.subject,
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
            severity=rule.severity,
            product_kinds=None if rule.product_kinds is None else list(rule.product_kinds),
            citation=rule.citation,
            requirement_zh=rule.requirement.zh,
            requirement_en=rule.requirement.en,
            code=rule.code,
            confirmed=rule.confirmed,
        )


class RulesView(Output):
    """The rules that hold on a legal day, of the release that decides now."""

    on: date
    release: str
    rules: list[RuleView]


def broken_rules(violations: Iterable[Violation]) -> list[BrokenRule]:
    """Violations as answers show them."""
    return [BrokenRule.model_validate(to_json(violation)) for violation in violations]


def outcome_views(decision: Decision) -> list[OutcomeView]:
    """The outcomes of the rules that were asked, without their findings."""
    return [
        OutcomeView(
            rule=o.rule, effective_from=o.effective_from, severity=o.severity, state=Judgement(o.state.value)
        )
        for o in decision.outcomes
        if o.state is not State.NOT_ASKED
    ]


def not_asked_views(decision: Decision, release: RuleRelease) -> list[NotAskedView]:
    """The rules that the matrix did not ask, in the words of the release that decided."""
    found = [
        (outcome, finding.reason)
        for outcome in decision.outcomes
        if outcome.state is State.NOT_ASKED
        for finding in outcome.findings
        if finding.reason is not None
    ]
    return [
        NotAskedView(
            rule=outcome.rule,
            effective_from=outcome.effective_from,
            reason=reason,
            messages={"zh-CN": release.terms[reason].zh, "en": release.terms[reason].en},
        )
        for outcome, reason in found
    ]
