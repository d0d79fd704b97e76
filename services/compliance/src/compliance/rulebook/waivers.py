"""The function behind the rule about relaxed acceptance: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, codes_of, fail

NOT_WAIVABLE, TOO_LONG = "RULE_NOT_WAIVABLE", "WAIVER_TOO_LONG"


@dataclass(frozen=True, kw_only=True)
class WaiverFacts:
    """Somebody wants a rule waived for a profile, from ``on`` through ``until``."""

    on: date
    profile: str
    rule: str
    until: date


@dataclass(frozen=True, kw_only=True)
class Waivable:
    """M063: the bank's own rules that may be waived, by profile, and for how many days at most."""

    profiles: Mapping[str, tuple[str, ...]]
    days: int


def waivable(facts: WaiverFacts, parameters: Waivable) -> Verdict:
    """M063: the profile may have this rule of the bank's own waived, and for that long."""
    if facts.rule not in parameters.profiles.get(facts.profile, ()):
        return fail(NOT_WAIVABLE)
    last = facts.on + timedelta(days=parameters.days)
    return fail(TOO_LONG, last=[last.isoformat()]) if facts.until > last else PASS


_CHECKS: tuple[Check[WaiverFacts], ...] = (
    PureCheck("conduct.waivable.v1", codes_of(NOT_WAIVABLE) | {TOO_LONG: ("last",)}, Waivable, waivable),
)

WAIVER_CHECKS: Mapping[str, Check[WaiverFacts]] = {check.name: check for check in _CHECKS}
