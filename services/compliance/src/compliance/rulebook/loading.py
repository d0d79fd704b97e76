"""The rule files: read, checked, made into one release. What is wrong stops the service at start-up.

A rule file is YAML with ``documents`` (the sources), ``terms`` (words of details), ``rules``, and in one of
them ``transactions`` (the versions of the transaction matrix). Dates are half-open legal days. An article
number that was not seen in the text (marked ``U`` or ``n.v.`` in the reference) may not stand in a file at
all.
"""

import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import combinations
from typing import Any, Protocol

import yaml

from compliance.evidence.domain import NotReadable, Plain, from_plain, to_plain
from compliance.rulebook.domain import UNCONFIRMED, Rule, RuleRelease, Subject, Wording
from compliance.rulebook.matrix import TransactionMatrix, flaws, spread

RULE_FOLDER = "compliance.rulebook.rules"


class RulebookInvalid(ValueError):
    """A rule file that cannot be used; subclasses say why."""


class RuleUnreadable(RulebookInvalid):
    """An entry does not have the shape of a rule."""


class RuleOverlap(RulebookInvalid):
    """Two versions of one limb of a rule about one subject overlap, or a period ends before it begins."""


class CitationMissing(RulebookInvalid):
    """A rule without a source, or a source without a title."""


class CitationUnverified(RulebookInvalid):
    """An article number that nobody has seen in the text."""


class FunctionUnknown(RulebookInvalid):
    """A rule names a function that is not registered for its subject."""


class ParametersInvalid(RulebookInvalid):
    """The parameters are not those of the function."""


class WordingIncomplete(RulebookInvalid):
    """A code that can be found has no text, a text has no code, or it names a detail that does not exist."""


class PresumptionInvalid(RulebookInvalid):
    """A rule presumes one that does not exist, or rules presume each other."""


class MatrixInvalid(RulebookInvalid):
    """The transaction matrix does not decide every rule of a sale for every kind."""


class Registered(Protocol):
    """What the loader needs of a registered function."""

    @property
    def codes(self) -> Mapping[str, tuple[str, ...]]:
        """Every code that it can find, with the details that come along."""
        ...

    def accept(self, parameters: Mapping[str, Plain]) -> None:
        """Raises ``ValueError`` for parameters that it cannot read."""
        ...


Functions = Mapping[Subject, Mapping[str, Registered]]


def load_release(
    functions: Functions, texts: Iterable[str] | None = None, *, subjects: Collection[Subject] | None = None
) -> RuleRelease:
    """The release made of our rule files, or of ``texts`` (YAML), of all subjects or of these.

    Raises :class:`RulebookInvalid`.
    """
    documents: dict[str, Any] = {}
    entries: list[Any] = []
    versions: list[Any] = []
    terms: dict[str, Wording] = {}
    try:
        for text in _shipped() if texts is None else texts:
            content = yaml.safe_load(text)
            documents |= content.get("documents") or {}
            entries += content.get("rules") or []
            versions += content.get("transactions") or []
            terms |= {name: from_plain(Wording, term) for name, term in (content.get("terms") or {}).items()}
    except (yaml.YAMLError, NotReadable, AttributeError, TypeError) as wrong:
        raise RuleUnreadable(str(wrong)) from wrong
    rules = sorted(
        (_rule(entry, documents) for entry in entries),
        key=lambda rule: (rule.id, rule.effective_from, rule.subject),
    )
    if subjects is not None:
        rules = [rule for rule in rules if rule.subject in subjects]
    matrices = tuple(_matrix(version) for version in versions)
    sale = subjects is None or Subject.SALE in subjects
    release = RuleRelease(rules=tuple(rules), terms=terms, matrices=matrices if sale and matrices else None)
    _check(release, functions)
    return release


def stored_release(plain: Plain, functions: Functions) -> RuleRelease:
    """A release read back from where it was kept, checked like a file; its digest is what it was."""
    try:
        release = from_plain(RuleRelease, plain)
    except NotReadable as wrong:
        raise RuleUnreadable(str(wrong)) from wrong
    _check(release, functions)
    return release


def _matrix(version: Any) -> TransactionMatrix:
    try:
        return from_plain(TransactionMatrix, to_plain(spread(version)))
    except (NotReadable, ValueError, AttributeError, KeyError, TypeError) as wrong:
        raise MatrixInvalid(str(wrong)) from wrong


def _shipped() -> list[str]:
    folder = files(RULE_FOLDER)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return [folder.joinpath(name).read_text(encoding="utf-8") for name in names]


OPTIONAL: Mapping[str, Plain] = {
    "effective_to": None,
    "product_kinds": None,
    "presumes": {},
    "applies_to_existing": False,
    "parameters": {},
}


def _rule(entry: Any, documents: Mapping[str, Any]) -> Rule:
    try:
        citations = [_citation(entry["id"], citation, documents) for citation in entry["citations"] or []]
        return from_plain(Rule, to_plain({**OPTIONAL, **entry, "citations": citations}))
    except (NotReadable, AttributeError, KeyError, TypeError) as wrong:
        raise RuleUnreadable(f"{entry.get('id') if isinstance(entry, dict) else entry}: {wrong}") from wrong


def _citation(rule_id: str, citation: Any, documents: Mapping[str, Any]) -> dict[str, Any]:
    if citation["source"] not in documents:
        raise CitationMissing(f"{rule_id}: no document {citation['source']}")
    own = {name: value for name, value in citation.items() if name != "source"}
    return {**documents[citation["source"]], **own}


def _check(release: RuleRelease, functions: Functions) -> None:
    rules = release.rules
    for rule in rules:
        _check_dates(rule)
        _check_citations(rule)
        _check_function(rule, functions)
    for one, other in combinations(rules, 2):
        if (
            (one.id, one.subject, one.code) == (other.id, other.subject, other.code)
            and one.effective_from <= other.effective_from
            and (one.effective_to is None or other.effective_from < one.effective_to)
        ):
            raise RuleOverlap(f"{one.id}: {one.effective_from} and {other.effective_from}")
    _check_presumptions(rules)
    of_a_sale = [rule for rule in rules if rule.subject is Subject.SALE]
    if found := list(flaws(release.matrices or (), of_a_sale, release.terms)):
        raise MatrixInvalid("; ".join(found))


def _check_dates(rule: Rule) -> None:
    if rule.effective_to is not None and rule.effective_to <= rule.effective_from:
        raise RuleOverlap(f"{rule.id}: ends on {rule.effective_to}, before it begins")


def _check_citations(rule: Rule) -> None:
    if not rule.citations or any(not citation.document.strip() for citation in rule.citations):
        raise CitationMissing(rule.id)
    for citation in rule.citations:
        unseen = citation.seen.split()[:1] in ([], ["U"]) or "n.v." in citation.seen
        if citation.article is not None and unseen:
            raise CitationUnverified(f"{rule.id}: {citation.document} {citation.article}")


def _check_function(rule: Rule, functions: Functions) -> None:
    function = functions.get(rule.subject, {}).get(rule.function)
    if function is None:
        raise FunctionUnknown(f"{rule.id}: {rule.function}")
    try:
        function.accept(rule.parameters)
    except ValueError as wrong:
        raise ParametersInvalid(f"{rule.id}: {wrong}") from wrong
    needed = {code.split("/")[0] for code in function.codes} | {rule.code}
    if not rule.confirmed:
        needed.add(UNCONFIRMED[rule.subject])
    if missing := needed - rule.wording.keys():
        raise WordingIncomplete(f"{rule.id}: no text for {', '.join(sorted(missing))}")
    if foreign := rule.wording.keys() - function.codes.keys() - needed:
        raise WordingIncomplete(f"{rule.id}: nothing finds {', '.join(sorted(foreign))}")
    for code, wording in rule.wording.items():
        for text in (wording.zh, wording.en):
            if not text.strip():
                raise WordingIncomplete(f"{rule.id}: {code} is empty")
            _check_placeholders(rule, code, text, function.codes.get(code, ()))


def _check_placeholders(rule: Rule, code: str, text: str, details: Sequence[str]) -> None:
    try:
        named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as wrong:
        raise WordingIncomplete(f"{rule.id}: {code}: {wrong}") from wrong
    if strangers := named - set(details):
        raise WordingIncomplete(
            f"{rule.id}: {code} names {', '.join(sorted(strangers))}, which it never gets"
        )


def _check_presumptions(rules: Sequence[Rule]) -> None:
    presumed: dict[str, set[str]] = {}
    for rule in rules:
        presumed.setdefault(rule.id, set()).update(rule.presumes)
    for rule_id, others in presumed.items():
        if strangers := others - presumed.keys():
            raise PresumptionInvalid(f"{rule_id} presumes {', '.join(sorted(strangers))}, which is no rule")
    resolved: set[str] = set()
    while left := presumed.keys() - resolved:
        free = {rule_id for rule_id in left if presumed[rule_id] <= resolved}
        if not free:
            raise PresumptionInvalid(f"in a circle: {', '.join(sorted(left))}")
        resolved |= free
