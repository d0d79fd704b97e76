"""What the routes of the rulebook answer."""

from datetime import date
from typing import Any

from pydantic import Field

from chassis.http.models import Output
from compliance.rulebook.domain import Rule, RuleRelease, Severity
from compliance.rules.domain import ChangedRule, Comparison
from compliance.rules.foreseeing import Foresight, Tally


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


class CodeCountView(Output):
    """How many sales would be refused with this code; a sale may be counted under several."""

    code: str
    count: int


class ForeseenRuleView(Output):
    """What a rule that is to come would have made of the sales: those of kinds that it concerns, those that
    would fail by code, and those of which it cannot say, as a fact that it needs was not kept yet.
    """

    rule: RuleVersionView
    days_ahead: int
    concerned: int
    failing: int
    unknown: int
    codes: list[CodeCountView]

    @classmethod
    def of(cls, rule: Rule, tally: Tally, on: date) -> "ForeseenRuleView":
        """The view of a tally."""
        return cls(
            rule=RuleVersionView.of(rule),
            days_ahead=(rule.effective_from - on).days,
            concerned=tally.concerned,
            failing=tally.failing,
            unknown=tally.unknown,
            codes=[CodeCountView(code=code, count=count) for code, count in sorted(tally.codes.items())],
        )


class ForesightView(Output):
    """Rules that begin within 90 days, tried on the sales of the last days. ``complete`` false: there were
    more sales than are looked at, the newest were.
    """

    release: str
    on: date
    days: int
    sales: int
    complete: bool
    rules: list[ForeseenRuleView]

    @classmethod
    def of(cls, release: RuleRelease, on: date, days: int, found: Foresight) -> "ForesightView":
        """The view of what was counted."""
        return cls(
            release=release.digest,
            on=on,
            days=days,
            sales=found.sales,
            complete=found.complete,
            rules=[ForeseenRuleView.of(rule, tally, on) for rule, tally in found.tallies],
        )
