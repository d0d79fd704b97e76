"""The rules that registers keep by themselves, before anything is sold: assessing, naming."""

from functools import cache

from compliance.rulebook.assessments import ASSESSMENT_CHECKS
from compliance.rulebook.domain import RuleRelease, Subject
from compliance.rulebook.loading import Functions, load_release
from compliance.rulebook.names import NAME_CHECKS

REGISTER_FUNCTIONS: Functions = {Subject.ASSESSMENT: ASSESSMENT_CHECKS, Subject.NAME: NAME_CHECKS}


@cache
def register_rules() -> RuleRelease:
    """Those rules of our files; raises ``RulebookInvalid``, as the whole release does at start-up."""
    return load_release(REGISTER_FUNCTIONS, subjects=REGISTER_FUNCTIONS)
