"""The dated limits of recorders, for those who judge them before the gate does (ZON-06)."""

from datetime import date
from functools import cache

from compliance.evidence.domain import from_plain
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import NoRulesInForce
from compliance.rulebook.domain import RuleRelease, Subject
from compliance.rulebook.loading import load_release
from compliance.rulebook.recorder_rules import RecorderLimits

RULE = "ZON-06"


@cache
def _sale_rules() -> RuleRelease:
    return load_release({Subject.SALE: SALE_CHECKS}, subjects={Subject.SALE})


def recorder_limits(on: date) -> RecorderLimits:
    """The limits of the legal day ``on``; raises ``NoRulesInForce`` for a day before the first."""
    for rule in _sale_rules().in_force(Subject.SALE, on):
        if rule.id == RULE:
            return from_plain(RecorderLimits, rule.parameters)
    raise NoRulesInForce(f"{RULE} on {on}")
