"""Rules as data, verdicts of their functions, and releases: the whole rulebook as one hashed value.

A rule in code is a pure function ``(facts, parameters) -> Verdict``; its entry in a dated rule file says
from when to when it holds, with which parameters, on whose word. Nothing here reads a clock: the instant is
a fact.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, Literal, Protocol, TypeVar

from chassis.errors import Violation
from compliance.evidence.domain import Plain, from_plain, gained, sha256_of, to_plain
from compliance.rulebook.matrix import TransactionMatrix

F_contra = TypeVar("F_contra", contravariant=True)
G = TypeVar("G")
P = TypeVar("P")


class Subject(StrEnum):
    """What a rule judges: a sale at the gate, the keeping of a recording, or what a register takes."""

    SALE = "sale"
    RETENTION = "retention"
    ADMISSION = "outlet_capability"
    SCOPE = "sales_scope"
    ASSESSMENT = "assessment"
    NAME = "product_name"
    STAFF_LIST = "staff_list"
    OFFER = "offer"
    BEHAVIOUR = "behaviour"
    PROHIBITION = "prohibition"
    WAIVER = "waiver"
    MATERIAL = "material"
    INDUCEMENT = "inducement"
    PARTNER = "partner"
    PERMIT = "permit"
    FEE_PRICE = "fee_price"
    FEE_PUBLICATION = "fee_publication"
    PERMISSION = "permission"
    CONSENT = "consent"
    NOTICE = "privacy_notice"
    INCIDENT = "data_incident"
    DELETION = "data_deletion"
    RISK_NOTICE = "risk_notice"
    RECOMMENDATION = "recommendation"
    CASE = "case"
    REVIEW = "review"
    DATA_REQUEST = "data_request"


class Severity(StrEnum):
    """What a failure does: refuse, park, note, or only report (a rule that is to come)."""

    BLOCK = "block"
    HOLD = "hold"
    FLAG = "flag"
    SHADOW = "shadow"


#: Severities whose failure keeps a decision from passing.
STOPPING = frozenset({Severity.BLOCK, Severity.HOLD})


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One text in Chinese and in English; ``{name}`` stands for a detail of the finding."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Where a rule comes from; ``article`` None: its number was not seen in the text, ``seen`` says where."""

    document: str
    number: str | None
    article: str | None
    seen: str

    @property
    def text(self) -> str:
        """As shown to people: 《title》(number)article."""
        return f"《{self.document}》" + (f"({self.number})" if self.number else "") + (self.article or "")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One dated entry of the rulebook. Dates are half-open, legal days of Asia/Shanghai.

    A rule whose failures differ in severity has a *limb*, an entry with the same ``id``, for each ``code``.
    ``code`` is the code of a failure without one of its own, ``wording`` the text of every code,
    ``code/reason`` the more exact text where there is one. ``product_kinds`` None means every kind.
    ``presumes`` names, by rule, the facts whose absence that rule reports already. ``applies_to_existing``
    lets a later retention row lengthen older records. ``confirmed_by`` None: unconfirmed, blocks sales of
    its kinds and forbids disposal.
    """

    id: str
    subject: Subject
    effective_from: date
    effective_to: date | None
    severity: Severity
    function: str
    parameters: Mapping[str, Plain]
    product_kinds: tuple[str, ...] | None
    presumes: Mapping[str, tuple[str, ...]]
    applies_to_existing: bool
    citations: tuple[Citation, ...]
    requirement: Wording
    code: str
    wording: Mapping[str, Wording]
    confirmed_by: str | None

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on the legal day ``on``."""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)

    def concerns(self, product_kind: str | None) -> bool:
        """Whether the rule is about this kind; an unknown kind is everybody's concern (fail closed)."""
        return self.product_kinds is None or product_kind is None or product_kind in self.product_kinds

    @property
    def confirmed(self) -> bool:
        """Whether somebody answers for the reading of the law."""
        return self.confirmed_by is not None

    def stated(self, shape: type[P]) -> P:
        """The parameters as a ``shape``, read once. Raises ``NotReadable``."""
        known: P | None = self._stated.get(shape)
        if known is None:
            known = self._stated[shape] = from_plain(shape, self.parameters)
        return known

    @cached_property
    def _stated(self) -> dict[type, Any]:
        return {}

    @cached_property
    def citation(self) -> str:
        """All sources as one line."""
        return ";".join(citation.text for citation in self.citations)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason why a rule is not satisfied.

    ``missing`` holds the dotted paths of facts that were not known; ``details`` the words that the wording
    names.
    """

    code: str
    reason: str | None = None
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The answer of a rule: satisfied when there is no finding."""

    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rule is satisfied."""
        return not self.findings


PASS = Verdict()


def fail(code: str, reason: str | None = None, **details: Iterable[str]) -> Verdict:
    """A verdict with one finding."""
    words = {name: tuple(value) for name, value in details.items()}
    return Verdict((Finding(code=code, reason=reason, details=words),))


def unknown(code: str, *missing: str) -> Verdict:
    """A verdict for facts that are not known: a failure."""
    return Verdict((Finding(code=code, missing=missing),))


def codes_of(code: str, *reasons: str, **detailed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What a function can find under one code: the code, its reasons, and those that come with details."""
    return {code: ()} | {f"{code}/{reason}": detailed.get(reason, ()) for reason in (*reasons, *detailed)}


@dataclass(frozen=True, kw_only=True)
class NoParameters:
    """For functions that have nothing to set."""


#: A pure function and the parameters that it takes after the facts.
Prepared = tuple[Callable[[G, Any], Verdict], Any]


class Check(Protocol[F_contra]):
    """A registered function; its name ends in a version, so that old decisions keep their meaning."""

    @property
    def name(self) -> str:
        """The name by which rule files call it."""
        ...

    @property
    def codes(self) -> Mapping[str, tuple[str, ...]]:
        """Every ``code`` and ``code/reason`` that it can find, with the details that come along."""
        ...

    def accept(self, parameters: Mapping[str, Plain]) -> None:
        """Raises ``ValueError`` for parameters that it cannot read."""
        ...

    def judge(self, facts: F_contra, parameters: Mapping[str, Plain]) -> Verdict:
        """The verdict; pure."""
        ...

    def prepared(self, parameters: Mapping[str, Plain]) -> Prepared[F_contra]:
        """What :meth:`judge` does with these parameters, for one who asks it of many facts."""
        ...


#: How many parameters a function keeps as it has read them: those of the rules in use, and of old releases.
READ_MAX = 64


@dataclass(frozen=True)
class PureCheck(Generic[G, P]):
    """A :class:`Check` made of a pure function and the dataclass of its parameters."""

    name: str
    codes: Mapping[str, tuple[str, ...]]
    parameters: type[P]
    function: Callable[[G, P], Verdict]
    # Parameters of rules never change: read once, known again by what they are, and held so that they stay.
    _read: dict[int, tuple[Mapping[str, Plain], P]] = field(default_factory=dict, repr=False, compare=False)

    def accept(self, parameters: Mapping[str, Plain]) -> None:
        """Raises ``ValueError`` for parameters that the dataclass does not take."""
        from_plain(self.parameters, parameters)

    def judge(self, facts: G, parameters: Mapping[str, Plain]) -> Verdict:
        """The verdict; pure."""
        function, read = self.prepared(parameters)
        return function(facts, read)

    def prepared(self, parameters: Mapping[str, Plain]) -> Prepared[G]:
        """The function and its parameters as it reads them."""
        known = self._read.get(id(parameters))
        if known is None:
            if len(self._read) >= READ_MAX:
                self._read.clear()
            known = self._read[id(parameters)] = (parameters, from_plain(self.parameters, parameters))
        return self.function, known[1]


#: The code of the finding that an unconfirmed rule makes, by subject.
UNCONFIRMED = dict.fromkeys(Subject, "RULE_UNCONFIRMED") | {Subject.RETENTION: "RETENTION_UNCONFIRMED"}


#: Of how many legal days a release remembers which rules hold: a replay goes through many.
DAYS_MAX = 1024

#: How many texts of findings a release remembers: most refusals are like one of before.
VIOLATIONS_MAX = 1024


@dataclass(frozen=True, kw_only=True)
class RuleRelease:
    """All dated rules as one immutable, hashed set; ``terms`` are the words of details in both languages.

    ``matrices``: which rules of a sale are asked of which transaction; without them all are asked of all.
    """

    rules: tuple[Rule, ...]
    terms: Mapping[str, Wording]
    matrices: tuple[TransactionMatrix, ...] | None = gained()

    @cached_property
    def plain(self) -> Mapping[str, Plain]:
        """As it is stored; a release of before there was a matrix is spelled as it was then."""
        plain = to_plain(self)
        assert isinstance(plain, Mapping)
        return {name: value for name, value in plain.items() if name != "matrices" or value is not None}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the release, in hexadecimal."""
        return sha256_of(self.plain)

    def matrix(self, on: date) -> TransactionMatrix | None:
        """The transaction matrix that holds on the legal day ``on``."""
        return next((one for one in self.matrices or () if one.in_force(on)), None)

    def not_asked(self, rule_id: str, kind: str, on: date) -> str | None:
        """Why the rule of a sale is not asked of this kind of transaction, as a term; None: it is asked."""
        matrix = self.matrix(on)
        return None if matrix is None else matrix.reason(rule_id, kind)

    def is_recorded(self, kind: str, on: date) -> bool:
        """Whether this kind of transaction is a sale that rests on a recording, which is kept."""
        matrix = self.matrix(on)
        return matrix is None or kind in matrix.recorded

    def in_force(self, subject: Subject, on: date) -> tuple[Rule, ...]:
        """The rules of the subject that hold on the legal day ``on``, by id."""
        known = self._days.get((subject, on))
        if known is None:
            if len(self._days) >= DAYS_MAX:
                self._days.clear()
            known = tuple(rule for rule in self.rules if rule.subject is subject and rule.in_force(on))
            self._days[subject, on] = known
        return known

    @cached_property
    def agendas(self) -> dict[tuple[object, ...], Any]:
        """What decisions have worked out of the release, by day and kinds: kept with it."""
        return {}

    @cached_property
    def _days(self) -> dict[tuple[Subject, date], tuple[Rule, ...]]:
        return {}

    @cached_property
    def _violations(self) -> dict[tuple[object, ...], Violation]:
        return {}

    @cached_property
    def _versions(self) -> dict[tuple[str, date], list[Rule]]:
        found: dict[tuple[str, date], list[Rule]] = {}
        for rule in self.rules:
            found.setdefault((rule.id, rule.effective_from), []).append(rule)
        return found

    def find(
        self,
        rule_id: str,
        effective_from: date,
        subject: Subject = Subject.SALE,
        code: str | None = None,
    ) -> Rule:
        """One version of a rule: of several subjects that of ``subject``, of limbs the one wording ``code``.

        Raises ``KeyError``.
        """
        versions = self._versions[rule_id, effective_from]
        ours = [rule for rule in versions if rule.subject is subject] or versions[:1]
        for rule in ours:
            if code is None or code in rule.wording:
                return rule
        raise KeyError(f"{rule_id} of {effective_from}: {code}")

    def violation(self, rule: Rule, finding: Finding) -> Violation:
        """The finding as it is shown: rule id, code, citation, wording."""
        details = tuple((name, tuple(words)) for name, words in finding.details.items())
        version = (rule.id, rule.subject, rule.effective_from)
        key = (*version, finding.code, finding.reason, details, finding.missing)
        known = self._violations.get(key)
        if known is None:
            if len(self._violations) >= VIOLATIONS_MAX:
                self._violations.clear()
            known = self._violations[key] = Violation(
                rule=rule.id,
                code=finding.code,
                citation=rule.citation,
                messages={
                    "zh-CN": self._message(rule, finding, "zh"),
                    "en": self._message(rule, finding, "en"),
                },
            )
        return known

    def _message(self, rule: Rule, finding: Finding, language: Literal["zh", "en"]) -> str:
        exact = rule.wording.get(f"{finding.code}/{finding.reason}", rule.wording[finding.code])
        words = {name: self._words(values, language) for name, values in finding.details.items()}
        text = _in(exact, language).format(**words)
        if not finding.missing:
            return text
        missing = self._words(finding.missing, language)
        return f"{text}(尚无记录:{missing})" if language == "zh" else f"{text} (not on record: {missing})"

    def _words(self, values: Iterable[str], language: Literal["zh", "en"]) -> str:
        known = [_in(self.terms[value], language) if value in self.terms else value for value in values]
        return ("、" if language == "zh" else ", ").join(known)


def _in(wording: Wording, language: Literal["zh", "en"]) -> str:
    return wording.zh if language == "zh" else wording.en
