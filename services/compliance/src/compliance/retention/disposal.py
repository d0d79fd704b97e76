"""May this recording be disposed of? One decision over all retention rules, replayable like the gate's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from compliance.evidence.domain import Plain, from_plain, gained, to_plain
from compliance.periods.domain import legal_date
from compliance.retention.periods import (
    UNSOLD,
    Hold,
    RetentionParameters,
    RowResult,
    SoldProduct,
    evaluate,
    retain_until,
    rules_for,
)
from compliance.retention.unsold import (
    UnsoldParameters,
    UnsoldResult,
    Visit,
    evaluate_unsold,
    unsold_rules,
)
from compliance.rulebook.decisions import (
    Decision,
    NoRulesInForce,
    ReleaseUnknown,
    RuleOutcome,
    State,
    conclude,
    unconfirmed,
)
from compliance.rulebook.domain import Finding, Rule, RuleRelease, Subject

PAYOUT_PERIOD = "retention.payout_period.v1"
SECTOR_PERIOD = "retention.sector_period.v1"
DISPUTE = "retention.dispute.v1"


@dataclass(frozen=True, kw_only=True)
class DisposalFacts:
    """What a disposal is decided on; ``floor`` is the latest last day ever computed: nothing shortens it.

    ``clock_trusted`` and ``holds_fresh`` False or None: the clocks disagree, the register of disputes is
    stale (S1). ``visit``: of a recording of ours that proves no sale.
    """

    recording_id: UUID
    decided_at: datetime
    sales: tuple[SoldProduct, ...]
    holds: tuple[Hold, ...]
    floor: date | None
    clock_trusted: bool | None
    holds_fresh: bool | None
    visit: Visit | None = gained()


@dataclass(frozen=True)
class RetentionFunction:
    """A registered retention function: its codes with their details, and the shape of its parameters."""

    name: str
    codes: Mapping[str, tuple[str, ...]]
    parameters: type[RetentionParameters | UnsoldParameters] = field(default=RetentionParameters)

    def accept(self, parameters: Mapping[str, Plain]) -> None:
        """Raises ``ValueError`` for parameters that have another shape."""
        from_plain(self.parameters, parameters)


_PERIOD = {"RETENTION_NOT_EXPIRED": (), "RETENTION_NOT_EXPIRED/running": ("last_day",)}

RETENTION_FUNCTIONS: Mapping[str, RetentionFunction] = {
    function.name: function
    for function in (
        RetentionFunction(
            PAYOUT_PERIOD, {**_PERIOD, "RETENTION_NOT_EXPIRED/ratchet": ("last_day",), "CLOCK_UNTRUSTED": ()}
        ),
        RetentionFunction(SECTOR_PERIOD, {**_PERIOD, "RETENTION_NOT_EXPIRED/dispute": ()}),
        RetentionFunction(
            DISPUTE,
            {
                "LEGAL_HOLD": (),
                "LEGAL_HOLD/held": ("matters",),
                "LEGAL_HOLD/settled": ("last_day",),
                "REGISTER_STALE": (),
            },
        ),
        RetentionFunction(
            UNSOLD,
            {
                **_PERIOD,
                "RETENTION_NOT_EXPIRED/open": (),
                "RETENTION_NOT_EXPIRED/sold": (),
                "RETENTION_NOT_EXPIRED/dispute": (),
            },
            UnsoldParameters,
        ),
    )
}


def decide_disposal(release: RuleRelease, facts: DisposalFacts) -> Decision:
    """Whether the recording may be disposed of; passed only when nothing at all stands against it.

    Refused through the last day of every period, under any open hold, while a row is unconfirmed or a fact
    missing, and while clock or register cannot be trusted. Raises :class:`NoRulesInForce` when no rule says
    how long to keep.
    """
    on = legal_date(facts.decided_at)
    rules = {(rule.id, rule.effective_from): rule for rule in release.in_force(Subject.RETENTION, on)}
    for sale in facts.sales:
        rules |= {(rule.id, rule.effective_from): rule for rule in rules_for(release, sale.sold_on, on)}
    if not any(rule.function == PAYOUT_PERIOD and rule.in_force(on) for rule in rules.values()):
        raise NoRulesInForce(f"{PAYOUT_PERIOD} on {on}")
    results = list(evaluate(release, facts.sales, facts.holds, on))
    unsold: tuple[UnsoldResult, ...] = ()
    if facts.visit is not None and not facts.sales:
        rules |= {(rule.id, rule.effective_from): rule for rule in unsold_rules(release, facts.visit, on)}
        unsold = evaluate_unsold(release, facts.visit, facts.holds, on)
    outcomes = [_unsold_outcome(rules[one.rule, one.effective_from], one) for one in unsold]
    for rule in rules.values():
        concerned = rule.product_kinds is None or any(rule.concerns(sale.kind) for sale in facts.sales)
        if concerned and rule.function != UNSOLD:
            own = [
                item for item in results if (item.rule, item.effective_from) == (rule.id, rule.effective_from)
            ]
            findings = tuple(_findings(rule, own, results, facts, on, asked=bool(unsold)))
            outcomes.append(
                RuleOutcome(
                    rule=rule.id,
                    effective_from=rule.effective_from,
                    severity=rule.severity,
                    state=State.FAILED if findings else State.PASSED,
                    findings=findings,
                )
            )
    return conclude(release, Subject.RETENTION, facts.decided_at, to_plain(facts), outcomes)


def replay_disposal(decision: Decision, release: RuleRelease) -> Decision:
    """Judges the stored inputs again; equal to ``decision`` unless somebody changed one of them.

    Raises :class:`ReleaseUnknown` unless ``release`` is the one that decided, ``NotReadable`` for damaged
    inputs.
    """
    if release.digest != decision.release:
        raise ReleaseUnknown(decision.release)
    return decide_disposal(release, from_plain(DisposalFacts, decision.inputs))


def _unsold_outcome(rule: Rule, result: UnsoldResult) -> RuleOutcome:
    findings = (*(() if rule.confirmed else (unconfirmed(rule),)), *result.findings)
    return RuleOutcome(
        rule=rule.id,
        effective_from=rule.effective_from,
        severity=rule.severity,
        # Without a last day nothing passes, whatever was found.
        state=State.PASSED if result.until is not None and not findings else State.FAILED,
        findings=findings,
    )


def _findings(
    rule: Rule, own: list[RowResult], results: list[RowResult], facts: DisposalFacts, on: date, *, asked: bool
) -> Iterator[Finding]:
    if not rule.confirmed and any(rule.concerns(sale.kind) for sale in facts.sales):
        yield unconfirmed(rule)
    match rule.function:
        case "retention.dispute.v1":
            yield from _dispute_findings(own, facts, on)
        case "retention.payout_period.v1":
            yield from _period_findings(own, on)
            if rule.in_force(on):
                yield from _whole_findings(results, facts, on, asked=asked)
        case _:
            yield from _period_findings(own, on)


def _period_findings(own: Iterable[RowResult], on: date) -> Iterator[Finding]:
    code = "RETENTION_NOT_EXPIRED"
    missing: set[str] = set()
    days: set[str] = set()
    disputed = False
    for result in own:
        disputed = disputed or (result.after_dispute and result.until is None)
        missing.update(result.missing)
        if result.until is not None and on <= result.until:
            days.add(result.until.isoformat())
    if missing:
        yield Finding(code=code, missing=tuple(sorted(missing)))
    if disputed:
        yield Finding(code=code, reason="dispute")
    if days:
        yield Finding(code=code, reason="running", details={"last_day": (max(days),)})


def _whole_findings(
    results: list[RowResult], facts: DisposalFacts, on: date, *, asked: bool
) -> Iterator[Finding]:
    """``asked``: a rule about recordings that prove no sale has been asked."""
    code = "RETENTION_NOT_EXPIRED"
    if not facts.sales:
        if not asked:
            yield Finding(code=code, missing=("sale",))
    elif {sale.sale_id for sale in facts.sales} - {
        item.sale_id for item in results if not item.after_dispute
    }:
        yield Finding(code=code, missing=("rule",))
    if facts.floor is not None and on <= facts.floor:
        until = retain_until(results, facts.sales)
        if until is None or until < facts.floor:
            yield Finding(code=code, reason="ratchet", details={"last_day": (facts.floor.isoformat(),)})
    if facts.clock_trusted is not True:
        yield Finding(code="CLOCK_UNTRUSTED")


def _dispute_findings(own: Iterable[RowResult], facts: DisposalFacts, on: date) -> Iterator[Finding]:
    if matters := sorted({f"{hold.source} {hold.matter_id}" for hold in facts.holds if hold.open}):
        yield Finding(code="LEGAL_HOLD", reason="held", details={"matters": tuple(matters)})
    days = {result.until.isoformat() for result in own if result.until is not None and on <= result.until}
    if days:
        yield Finding(code="LEGAL_HOLD", reason="settled", details={"last_day": (max(days),)})
    if facts.holds_fresh is not True:
        yield Finding(code="REGISTER_STALE")
