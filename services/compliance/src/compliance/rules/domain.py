"""What changes between two days of one release: rules that begin, end, or hold in another version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from compliance.evidence.domain import Plain, to_plain
from compliance.rulebook.domain import Rule, RuleRelease

#: What of a rule may differ between two versions, in the order in which it is shown.
MEMBERS = (
    "effective_from",
    "effective_to",
    "subject",
    "severity",
    "product_kinds",
    "function",
    "parameters",
    "citations",
    "requirement",
    "code",
    "wording",
    "presumes",
    "applies_to_existing",
    "confirmed_by",
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One member of a rule in both versions, as plain values."""

    member: str
    before: Plain
    after: Plain


@dataclass(frozen=True, kw_only=True)
class ChangedRule:
    """A rule that holds on both days, in two versions."""

    before: Rule
    after: Rule
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What holds on the second day and not on the first, the other way round, and in another version."""

    new: tuple[Rule, ...]
    ended: tuple[Rule, ...]
    changed: tuple[ChangedRule, ...]


def rules_on(release: RuleRelease, on: date) -> tuple[Rule, ...]:
    """All rules in force on the legal day, by id (which several subjects may have)."""
    return tuple(rule for rule in release.rules if rule.in_force(on))


def compare(release: RuleRelease, first: date, second: date) -> Comparison:
    """What the release changes from the first legal day to the second."""
    before = {(rule.id, rule.subject, rule.code): rule for rule in rules_on(release, first)}
    after = {(rule.id, rule.subject, rule.code): rule for rule in rules_on(release, second)}
    both = [(old, after[name]) for name, old in before.items() if after.get(name, old) != old]
    return Comparison(
        new=tuple(rule for name, rule in after.items() if name not in before),
        ended=tuple(rule for name, rule in before.items() if name not in after),
        changed=tuple(ChangedRule(before=old, after=now, changes=changes_of(old, now)) for old, now in both),
    )


def changes_of(before: Rule, after: Rule) -> tuple[Change, ...]:
    """The members in which two versions differ; of parameters and wordings only what differs in them."""
    found = []
    for member in MEMBERS:
        old, now = to_plain(getattr(before, member)), to_plain(getattr(after, member))
        if old == now:
            continue
        if isinstance(old, Mapping) and isinstance(now, Mapping):
            same = {key for key in old.keys() & now.keys() if old[key] == now[key]}
            old = {key: value for key, value in old.items() if key not in same}
            now = {key: value for key, value in now.items() if key not in same}
        found.append(Change(member=member, before=old, after=now))
    return tuple(found)
