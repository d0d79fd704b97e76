"""What the routes of the rulebook answer."""

from datetime import date
from typing import Any

from pydantic import Field

from chassis.http.models import Output
from compliance.rulebook.domain import Rule, RuleRelease, Severity
from compliance.rules.domain import ChangedRule, Comparison


class RuleVersionView(Output):
    """One version of a rule."""

    id: str
    subject: str = Field(description="what it judges: sale, retention, assessment; more kinds follow")
    effective_from: date
    effective_to: date | None
    severity: Severity
    citation: str
    requirement_zh: str
    requirement_en: str

    @classmethod
    def of(cls, rule: Rule) -> "RuleVersionView":
        """The view of a version."""
        return cls(
            id=rule.id,
            subject=rule.subject,
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
            severity=rule.severity,
            citation=rule.citation,
            requirement_zh=rule.requirement.zh,
            requirement_en=rule.requirement.en,
        )


class MemberChangeView(Output):
    """One member of a rule before and after; of parameters and wordings only what differs."""

    member: str = Field(description="effective_from, severity, parameters, citations, wording; more follow")
    before: Any
    after: Any


class ChangedRuleView(Output):
    """A rule that holds on both days in two versions."""

    id: str
    before: RuleVersionView
    after: RuleVersionView
    changes: list[MemberChangeView]

    @classmethod
    def of(cls, changed: ChangedRule) -> "ChangedRuleView":
        """The view of a changed rule."""
        return cls(
            id=changed.after.id,
            before=RuleVersionView.of(changed.before),
            after=RuleVersionView.of(changed.after),
            changes=[
                MemberChangeView(member=one.member, before=one.before, after=one.after)
                for one in changed.changes
            ],
        )


class RuleChangesView(Output):
    """What changes from one legal day to another under the release that decides now."""

    release: str
    first: date
    second: date
    new: list[RuleVersionView]
    ended: list[RuleVersionView]
    changed: list[ChangedRuleView]

    @classmethod
    def of(cls, release: RuleRelease, first: date, second: date, found: Comparison) -> "RuleChangesView":
        """The view of a comparison."""
        return cls(
            release=release.digest,
            first=first,
            second=second,
            new=[RuleVersionView.of(rule) for rule in found.new],
            ended=[RuleVersionView.of(rule) for rule in found.ended],
            changed=[ChangedRuleView.of(changed) for changed in found.changed],
        )
