"""The way of a case to its sale, step by step, as a seller can repair what stands against it.

::

    INTENTION ▶ ASSESSMENT ▶ MATCHING ▶ DISCLOSURE ▶ RECORDING ▶ CONFIRMATION ▶ SALE

Every rule of the gate belongs to one step. The first step that something stands against is the next one:
what is wrong with the intention is not cured by recording it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import Violation
from compliance.rulebook.decisions import SATISFIED, Decision, RuleOutcome, State
from compliance.rulebook.domain import STOPPING, RuleRelease


class Step(StrEnum):
    """A step of the case; SALE: nothing stands against it, log the sale."""

    INTENTION = "INTENTION"
    ASSESSMENT = "ASSESSMENT"
    MATCHING = "MATCHING"
    DISCLOSURE = "DISCLOSURE"
    RECORDING = "RECORDING"
    CONFIRMATION = "CONFIRMATION"
    SALE = "SALE"


#: The functions of the gate's rules, without their version, by the step at which a seller repairs a failure.
FUNCTIONS: Mapping[Step, frozenset[str]] = {
    Step.INTENTION: frozenset(
        {
            "sale.amount_reached",
            "sale.authority_holds",
            "sale.company_bound",
            "sale.company_signed",
            "sale.high_risk_at_outlet",
            "sale.holding_is_his",
            "sale.holding_on_record",
            "sale.in_system",
            "sale.inside_zone",
            "sale.mandate_kept",
            "sale.outlet_open",
            "sale.own_staff",
            "sale.partner_licensed",
            "sale.partner_listed",
            "sale.presenters_qualified",
            "sale.presenters_trained",
            "sale.product_admitted",
            "sale.product_graded",
            "sale.product_listed",
            "sale.product_offered",
            "sale.rollover_no_riskier",
            "sale.seller_qualified",
            "sale.seller_trained",
            "sale.seller_unsuspected",
            "sale.sides_apart",
            "sale.terminal_recorded",
            "sale.terminal_unassisted",
            "sale.zone_ready",
        }
    ),
    Step.ASSESSMENT: frozenset(
        {
            "sale.assessed_by_the_bank",
            "sale.assessment_valid",
            "sale.company_classified",
            "sale.customer_acts",
            "sale.customer_assessed",
            "sale.customer_capable",
            "sale.customer_cleared",
            "sale.first_assessed_at_outlet",
            "sale.holders_agree",
            "sale.holders_suited",
            "sale.investor_qualified",
            "sale.level_confirmed",
            "sale.means_suffice",
        }
    ),
    Step.MATCHING: frozenset({"sale.level_suits", "sale.opinion_given", "sale.opinion_matches"}),
    Step.DISCLOSURE: frozenset({"sale.fee_disclosed", "sale.risks_disclosed"}),
    Step.RECORDING: frozenset(
        {
            "sale.assessed_first",
            "sale.key_points_current",
            "sale.recorder_working",
            "sale.recording_complete",
            "sale.recording_consented",
            "sale.recording_sealed",
            "sale.recording_whole",
            "sale.remote_enabled",
        }
    ),
    Step.CONFIRMATION: frozenset(
        {
            "sale.assisted",
            "sale.cooled_off",
            "sale.elderly_cared_for",
            "sale.fee_confirmed",
            "sale.heir_identified",
            "sale.large_amount_approved",
            "sale.old_age_reviewed",
            "sale.premium_declared",
            "sale.rollover_consented",
        }
    ),
}

_STEP_OF = {function: step for step, functions in FUNCTIONS.items() for function in functions}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A step of one case: what stands against it, what is not on record, which rules wait for that."""

    step: Step
    violations: tuple[Violation, ...]
    missing: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether nothing stands against the step."""
        return not (self.violations or self.undecided)


def step_of(function: str) -> Step:
    """The step of a function of the rulebook, by its name with a version; what keeps nothing is no product's.

    Raises ``KeyError`` for a function of the gate that has no step.
    """
    if not function.startswith("sale."):
        return Step.INTENTION
    return _STEP_OF[function.rsplit(".", 1)[0]]


def walk(decision: Decision, release: RuleRelease) -> tuple[Stage, ...]:
    """Every step before the sale, in order, with what the decision says about it."""
    found: dict[Step, list[RuleOutcome]] = {step: [] for step in FUNCTIONS}
    for outcome in decision.outcomes:
        if outcome.severity in STOPPING and outcome.state not in SATISFIED:
            code = outcome.findings[0].code
            rule = release.find(outcome.rule, outcome.effective_from, decision.subject, code)
            found[step_of(rule.function)].append(outcome)
    return tuple(_stage(step, outcomes, decision, release) for step, outcomes in found.items())


def next_step(stages: tuple[Stage, ...]) -> Step:
    """The first step that something stands against; SALE: none."""
    return next((stage.step for stage in stages if not stage.done), Step.SALE)


def _stage(step: Step, outcomes: list[RuleOutcome], decision: Decision, release: RuleRelease) -> Stage:
    failed = [outcome for outcome in outcomes if outcome.state is State.FAILED]
    return Stage(
        step=step,
        violations=tuple(
            release.violation(
                release.find(outcome.rule, outcome.effective_from, decision.subject, finding.code), finding
            )
            for outcome in failed
            for finding in outcome.findings
        ),
        missing=tuple(
            sorted({path for outcome in outcomes for finding in outcome.findings for path in finding.missing})
        ),
        undecided=tuple(sorted({outcome.rule for outcome in outcomes if outcome.state is State.UNDECIDED})),
    )
