"""Decisions: every rule in force on the date, every failure reported, replayable to the same answer.

A missing fact is a failure. Where the rule that owns the fact has failed for it already, the rules that
build on it are *undecided*: the refusal names the cause once, and the decision lists what could not be
judged.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from chassis.errors import Violation
from compliance.evidence.domain import Plain, digest_of_text, from_plain, plain_text, to_plain
from compliance.periods.domain import legal_date
from compliance.rulebook.domain import (
    DAYS_MAX,
    STOPPING,
    UNCONFIRMED,
    Check,
    Finding,
    Rule,
    RuleRelease,
    Severity,
    Subject,
    Verdict,
)


class Facts(Protocol):
    """What a decision needs of any facts: the instant, the product's kind where known, the transaction's."""

    @property
    def decided_at(self) -> datetime:
        """The instant that is judged."""
        ...

    @property
    def product_kind(self) -> str | None:
        """The kind of the product, None while it is unknown."""
        ...

    @property
    def transaction_kind(self) -> str:
        """The kind of the transaction: which rules are asked of it is the matrix's to say."""
        ...


G = TypeVar("G", bound=Facts)


class ReleaseUnknown(ValueError):
    """A decision is to be replayed under another release than the one that made it."""


class NoRulesInForce(ValueError):
    """No rule of the subject holds on the date: nothing may be decided, least of all passed."""


class State(StrEnum):
    """How a rule came out. Undecided: only facts were missing, and the rules that own them have failed.

    Not asked: the transaction matrix does not ask it of this kind, for the reason that its finding names.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    NOT_ASKED = "not_asked"


#: States that stand in no decision's way.
SATISFIED = frozenset({State.PASSED, State.NOT_ASKED})

#: The code of the finding that says why a rule was not asked.
RULE_NOT_ASKED = "RULE_NOT_ASKED"


class Result(StrEnum):
    """How a decision came out."""

    PASSED = "passed"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class RuleOutcome:
    """How one version of one rule came out in a decision."""

    rule: str
    effective_from: date
    severity: Severity
    state: State
    findings: tuple[Finding, ...]

    @cached_property
    def text(self) -> str:
        """The canonical JSON of the outcome; of one that a day's sales share, made once."""
        return plain_text(to_plain(self))


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided, on what, under which release: enough to decide it again.

    ``inputs`` are the facts as plain values, ``release`` the digest of the release, ``on`` the legal day
    whose rules apply.
    """

    subject: Subject
    decided_at: datetime
    on: date
    release: str
    inputs: Mapping[str, Plain]
    outcomes: tuple[RuleOutcome, ...]
    result: Result

    @property
    def passed(self) -> bool:
        """Whether nothing stands against it."""
        return self.result is Result.PASSED

    @cached_property
    def plain(self) -> Mapping[str, Plain]:
        """The decision as it is stored."""
        written = {name: to_plain(getattr(self, name)) for name in _WRITTEN}
        return {**written, "inputs": self.inputs}

    @cached_property
    def text(self) -> str:
        """The canonical JSON of the decision: :attr:`plain`, its members in the order of their names."""
        written = {name: plain_text(to_plain(getattr(self, name))) for name in _SHORT}
        written["inputs"] = plain_text(self.inputs)
        written["outcomes"] = "[" + ",".join([outcome.text for outcome in self.outcomes]) + "]"
        return "{" + ",".join([f'"{name}":{written[name]}' for name in sorted(written)]) + "}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 over :attr:`text`, in hexadecimal."""
        return digest_of_text(self.text)

    def violations(self, release: RuleRelease) -> list[Violation]:
        """Every broken rule that stops, as shown; raises :class:`ReleaseUnknown` for another release."""
        return list(self._shown(release, stopping=True))

    def warnings(self, release: RuleRelease) -> list[Violation]:
        """Every broken rule that only flags or reports; raises as :meth:`violations` does."""
        return list(self._shown(release, stopping=False))

    def _shown(self, release: RuleRelease, *, stopping: bool) -> Iterator[Violation]:
        if release.digest != self.release:
            raise ReleaseUnknown(self.release)
        for outcome in self.outcomes:
            if not outcome.findings or outcome.state is not State.FAILED:
                continue
            if (outcome.severity in STOPPING) is stopping:
                for finding in outcome.findings:
                    rule = release.find(outcome.rule, outcome.effective_from, self.subject, finding.code)
                    yield release.violation(rule, finding)


_WRITTEN = tuple(each.name for each in fields(Decision) if each.name != "inputs")
_SHORT = tuple(name for name in _WRITTEN if name != "outcomes")


def conclude(
    release: RuleRelease,
    subject: Subject,
    decided_at: datetime,
    inputs: Plain,
    outcomes: Iterable[RuleOutcome],
) -> Decision:
    """The decision that follows from the outcomes; raises :class:`NoRulesInForce` when there is none."""
    ordered = tuple(sorted(outcomes, key=_ORDER))
    return _concluded(release, subject, decided_at, inputs, ordered, ordered)


_ORDER = attrgetter("rule", "effective_from")


def _concluded(
    release: RuleRelease,
    subject: Subject,
    decided_at: datetime,
    inputs: Plain,
    ordered: tuple[RuleOutcome, ...],
    telling: Iterable[RuleOutcome],
) -> Decision:
    """``telling`` are at least those of the ``ordered`` outcomes that are not satisfied."""
    on = legal_date(decided_at)
    if not ordered:
        raise NoRulesInForce(f"{subject} on {on}")
    assert isinstance(inputs, Mapping)
    failing = {o.severity for o in telling if o.findings and o.state not in SATISFIED}
    if Severity.BLOCK in failing:
        result = Result.REFUSED
    else:
        result = Result.HELD if Severity.HOLD in failing else Result.PASSED
    return Decision(
        subject=subject,
        decided_at=decided_at,
        on=on,
        release=release.digest,
        inputs=inputs,
        outcomes=ordered,
        result=result,
    )


def decide(
    release: RuleRelease, checks: Mapping[str, Check[G]], facts: G, *, inputs: Plain = None
) -> Decision:
    """Judges a transaction by all rules in force on its legal day that the matrix asks of its kind.

    ``inputs`` are the plain values from which ``facts`` were read, where they were: facts gain members later.

    An unconfirmed rule that concerns the product's kind is a failure of its own, whatever its function
    says; so is an unconfirmed retention row where something is recorded: what nobody knows how long to keep
    is not sold. Raises :class:`NoRulesInForce`, and ``KeyError`` for a release whose functions are not among
    ``checks``.
    """
    on = legal_date(facts.decided_at)
    agenda = _agenda(release, checks, on, facts.product_kind, facts.transaction_kind)
    if not agenda.asked:
        raise NoRulesInForce(f"{Subject.SALE} on {on}")
    broken = list(agenda.unsure)
    for place, rule, function, parameters in agenda.asked:
        verdict = function(facts, parameters)
        if rule.confirmed_by is None:
            verdict = Verdict((*verdict.findings, unconfirmed(rule)))
        if verdict.findings:
            broken.append((place, rule, verdict))
    outcomes = list(agenda.outcomes)
    settled = [*settle([(rule, verdict) for _, rule, verdict in broken])]
    for (place, *_), outcome in zip(broken, settled, strict=True):
        outcomes[place] = outcome
    kept = to_plain(facts) if inputs is None else inputs
    return _concluded(release, Subject.SALE, facts.decided_at, kept, tuple(outcomes), settled)


@dataclass(frozen=True, kw_only=True)
class _Agenda:
    """What one day asks of one kind of transaction with one kind of product: the same for every such sale.

    ``outcomes`` are those of a sale against which nothing stands, in their order; what is ``asked`` and the
    rows of retention that are ``unsure``, because nobody answers for them, name their place among them.
    """

    checks: Mapping[str, Check[Any]]
    outcomes: tuple[RuleOutcome, ...]
    asked: tuple[tuple[int, Rule, Callable[[Any, Any], Verdict], Any], ...]
    unsure: tuple[tuple[int, Rule, Verdict], ...]


def _agenda(
    release: RuleRelease, checks: Mapping[str, Check[G]], on: date, kind: str | None, transaction: str
) -> _Agenda:
    known: _Agenda | None = release.agendas.get((on, kind, transaction))
    if known is None or known.checks is not checks:
        if len(release.agendas) >= DAYS_MAX:
            release.agendas.clear()
        known = release.agendas[on, kind, transaction] = _drawn_up(release, checks, on, kind, transaction)
    return known


def _drawn_up(
    release: RuleRelease, checks: Mapping[str, Check[G]], on: date, kind: str | None, transaction: str
) -> _Agenda:
    outcomes: list[tuple[RuleOutcome, Rule]] = []
    for rule in release.in_force(Subject.SALE, on):
        reason = release.not_asked(rule.id, transaction, on)
        if reason is not None:
            outcomes.append((_not_asked(rule, reason), rule))
        elif rule.concerns(kind):
            outcomes.append((_satisfied(rule), rule))
    if release.is_recorded(transaction, on) and kind is not None:
        outcomes += [
            (_satisfied(rule), rule)
            for rule in release.in_force(Subject.RETENTION, on)
            if not rule.confirmed and rule.concerns(kind)
        ]
    outcomes.sort(key=lambda pair: _ORDER(pair[0]))
    places = [
        (place, rule) for place, (outcome, rule) in enumerate(outcomes) if outcome.state is State.PASSED
    ]
    return _Agenda(
        checks=checks,
        outcomes=tuple(outcome for outcome, _ in outcomes),
        asked=tuple(
            (place, rule, *checks[rule.function].prepared(rule.parameters))
            for place, rule in places
            if rule.subject is Subject.SALE
        ),
        unsure=tuple(
            (place, rule, Verdict((unconfirmed(rule),)))
            for place, rule in places
            if rule.subject is Subject.RETENTION
        ),
    )


def replay(
    decision: Decision, release: RuleRelease, checks: Mapping[str, Check[G]], shape: type[G]
) -> Decision:
    """Judges the stored inputs again; equal to ``decision`` unless somebody changed one of them.

    Raises :class:`ReleaseUnknown` unless ``release`` is the one that decided, ``NotReadable`` for damaged
    inputs.
    """
    if release.digest != decision.release:
        raise ReleaseUnknown(decision.release)
    return decide(release, checks, from_plain(shape, decision.inputs), inputs=decision.inputs)


def unconfirmed(rule: Rule) -> Finding:
    """The finding about a rule for whose reading nobody answers yet."""
    return Finding(code=UNCONFIRMED[rule.subject])


def settle(judged: Iterable[tuple[Rule, Verdict]]) -> Iterator[RuleOutcome]:
    """Outcomes from verdicts; what the failure of a presumed rule explains is undecided, not failed."""
    verdicts = [(rule, verdict) for rule, verdict in judged]
    # Ends, because rule files presume in no circle (checked when they are loaded).
    states: dict[tuple[str, str], State] = {}
    limbs: dict[str, list[tuple[Rule, Verdict]]] = {}
    for rule, verdict in verdicts:
        if verdict.findings:
            limbs.setdefault(rule.id, []).append((rule, verdict))

    def explained(rule: Rule, verdict: Verdict) -> bool:
        failed = {
            path
            for presumed, paths in rule.presumes.items()
            for limb, found in limbs.get(presumed, ())
            if limb.severity is Severity.BLOCK and state_of(limb, found) is State.FAILED
            for path in paths
        }
        return all(finding.missing and set(finding.missing) <= failed for finding in verdict.findings)

    def state_of(rule: Rule, verdict: Verdict) -> State:
        if not verdict.findings:
            return State.PASSED
        limb = rule.id, rule.code
        if limb not in states:
            states[limb] = State.UNDECIDED if explained(rule, verdict) else State.FAILED
        return states[limb]

    for rule, verdict in verdicts:
        if verdict.findings:
            yield RuleOutcome(
                rule=rule.id,
                effective_from=rule.effective_from,
                severity=rule.severity,
                state=state_of(rule, verdict),
                findings=verdict.findings,
            )
        else:
            yield _satisfied(rule)


def _satisfied(rule: Rule) -> RuleOutcome:
    return RuleOutcome(
        rule=rule.id,
        effective_from=rule.effective_from,
        severity=rule.severity,
        state=State.PASSED,
        findings=(),
    )


def _not_asked(rule: Rule, reason: str) -> RuleOutcome:
    """The outcome of a rule that the matrix does not ask, with its reason."""
    return RuleOutcome(
        rule=rule.id,
        effective_from=rule.effective_from,
        severity=rule.severity,
        state=State.NOT_ASKED,
        findings=(Finding(code=RULE_NOT_ASKED, reason=reason),),
    )
