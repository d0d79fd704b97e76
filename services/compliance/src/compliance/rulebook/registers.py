"""The rules that registers keep by themselves, before anything is sold: assessing, naming."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TypeVar

from compliance.rulebook.assessments import ASSESSMENT_CHECKS, AttemptFacts
from compliance.rulebook.domain import Check, Finding, RuleRelease, Subject
from compliance.rulebook.loading import Functions, load_release
from compliance.rulebook.names import NAME_CHECKS, NameFacts

F = TypeVar("F")

REGISTER_FUNCTIONS: Functions = {Subject.ASSESSMENT: ASSESSMENT_CHECKS, Subject.NAME: NAME_CHECKS}


@cache
def register_rules() -> RuleRelease:
    """Those rules of our files; raises ``RulebookInvalid``, as the whole release does at start-up."""
    return load_release(REGISTER_FUNCTIONS, subjects=REGISTER_FUNCTIONS)


def assessment_finding(facts: AttemptFacts, on: date) -> Finding | None:
    """SUI-10: what the rules of the legal day ``on`` find against one more assessment; None: nothing."""
    return _first(Subject.ASSESSMENT, ASSESSMENT_CHECKS, facts, on)


def name_finding(facts: NameFacts, on: date) -> Finding | None:
    """PRD-04: what the rules of the legal day ``on`` find against a product's name; None: nothing."""
    return _first(Subject.NAME, NAME_CHECKS, facts, on)


def _first(subject: Subject, checks: Mapping[str, Check[F]], facts: F, on: date) -> Finding | None:
    verdicts = (
        checks[rule.function].judge(facts, rule.parameters) for rule in register_rules().in_force(subject, on)
    )
    return next((finding for verdict in verdicts for finding in verdict.findings), None)
