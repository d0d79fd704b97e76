"""The rulebook as this service ships it: the functions that rules may name, the release of our files."""

from functools import cache

from compliance.retention.disposal import RETENTION_FUNCTIONS
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.domain import RuleRelease, Subject
from compliance.rulebook.loading import Functions, load_release
from compliance.rulebook.registers import REGISTER_FUNCTIONS

FUNCTIONS: Functions = {
    Subject.SALE: SALE_CHECKS,
    Subject.RETENTION: RETENTION_FUNCTIONS,
    **REGISTER_FUNCTIONS,
}


@cache
def shipped_release() -> RuleRelease:
    """The release of our files; raises ``RulebookInvalid``: called at start-up, a wrong file stops it."""
    return load_release(FUNCTIONS)
