"""The dated limit of resumed recordings, for those who judge it when the recording goes on (REC-01)."""

from datetime import date
from functools import cache

from compliance.evidence.domain import from_plain
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import NoRulesInForce
from compliance.rulebook.domain import RuleRelease, Subject
from compliance.rulebook.footage_rules import INTERRUPTED, ResumeLimits
from compliance.rulebook.loading import load_release


@cache
def _sale_rules() -> RuleRelease:
    return load_release({Subject.SALE: SALE_CHECKS}, subjects={Subject.SALE})


def resume_limits(on: date) -> ResumeLimits:
    """The limit of the legal day ``on``; raises ``NoRulesInForce`` for a day before the first."""
    for rule in _sale_rules().in_force(Subject.SALE, on):
        if rule.code == INTERRUPTED:
            return from_plain(ResumeLimits, rule.parameters)
    raise NoRulesInForce(f"{INTERRUPTED} on {on}")
