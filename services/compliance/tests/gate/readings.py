"""Two readings of the rules of a sale: the gate's own, and the books', which knows nothing of the service."""

from collections.abc import Mapping

from compliance.evidence.domain import Plain
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import SATISFIED, Decision, State, decide
from compliance.rulebook.domain import STOPPING, Finding
from compliance.rulebook.facts import SaleFacts
from deploy.books import gate
from services.compliance.tests.unit.builders import rulebook


def first(facts: SaleFacts) -> Decision:
    """The gate's decision."""
    return decide(rulebook(), SALE_CHECKS, facts)


def unsatisfied(decision: Decision) -> set[str]:
    """The rules that stand in the way: asked, and not passed."""
    return {
        outcome.rule
        for outcome in decision.outcomes
        if outcome.state not in SATISFIED and outcome.severity in STOPPING
    }


def failed(decision: Decision) -> set[str]:
    """The rules that are broken, without those that could not be judged for what others miss."""
    return {
        outcome.rule
        for outcome in decision.outcomes
        if outcome.state is State.FAILED and outcome.severity in STOPPING
    }


def again(inputs: Plain) -> set[str]:
    """The rules that the second reading finds broken or not to be judged, by inputs as they are stored."""
    assert isinstance(inputs, Mapping)
    return gate.broken(inputs)


def said(finding: Finding) -> str:
    """What a finding says: its code and reason, and the facts that it misses."""
    words = finding.code if finding.reason is None else f"{finding.code}/{finding.reason}"
    return " ".join([words, *finding.missing])
