"""Decisions of the gate: whole, judged again, and each refusal with every broken rule for all who see it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from deploy.books import footage, gate, hours, matrix
from deploy.books.canonical import digest
from deploy.books.model import Books, Check, Fact, Findings, Row

REFUSED = "compliance.sale.refused.v1"
TOPIC = "compliance.sales.v1"


def decisions_are_whole(books: Books, found: Findings) -> int:
    """D1: each decision is what its digest says; its inputs, judged again, break the same rules."""
    rows = books.rows("compliance", "decisions")
    known = {
        row["digest"]: {rule["id"] for rule in row["content"]["rules"]}
        for row in books.rows("compliance", "rule_releases")
    }
    shown = {
        row["digest"]
        for row in books.rows("compliance", "rule_releases")
        if any(rule.get("code") in footage.CODES for rule in row["content"]["rules"])
    }
    for row in rows:
        key, decision = row["id"], row["decision"]
        if decision["release"] in shown and "footage" not in decision["inputs"]:
            found.add(key, "the recordings one by one are not among its inputs")
        if digest(decision) != row["digest"]:
            found.add(key, "the decision is not what its digest says")
        found.expect_equal(key, row["result"], decision["result"], "result, row and decision")
        # What a later release asks for was not asked of an earlier decision.
        asked = known.get(decision["release"], set())
        judged, again = _unsatisfied(decision), gate.broken(decision["inputs"]) & asked
        found.expect_equal(key, sorted(judged), sorted(again), "broken rules, decided and judged again")
        if decision["inputs"].get("transaction"):
            spared = matrix.not_asked(decision["inputs"], frozenset(gate.RULES)) & asked
            found.expect_equal(key, sorted(_spared(decision)), sorted(spared), "rules that were not asked")
        if (decision["result"] == "passed") != (not again):
            found.add(key, f"decided {decision['result']}, judged again: {sorted(again) or 'passes'}")
    return len(rows)


def decisions_know_the_hours(books: Books, found: Findings) -> int:
    """I3, HRS-01: what a decision says of its outlet is what staffing has told, at the decision's instant."""
    told = {
        (fact.data["outlet_id"], fact.sequence): fact.data["outlet"]
        for fact in books.of_type("staffing.outlet.opened.v1", "staffing.outlet.changed.v1")
    }
    ended = {row["id"] for row in books.rows("staffing", "outlets") if row["status"] == "closed"}
    known = [row for row in books.rows("compliance", "decisions") if row["decision"]["inputs"].get("outlet")]
    for row in known:
        inputs = row["decision"]["inputs"]
        outlet = inputs["outlet"]
        state = told.get((outlet["outlet_id"], outlet["sequence"]))
        if state is None:
            if "staffing.outlets.v1" not in books.trimmed:
                found.add(row["id"], f"staffing has told no version {outlet['sequence']} of its outlet")
            continue
        # Of an outlet that is closed for good now, nobody knows here whether it was then.
        is_closed = outlet["day"] is None and outlet["outlet_id"] in ended
        for name, value in hours.as_told(state, inputs["decided_at"], is_closed=is_closed).items():
            found.expect_equal(row["id"], outlet[name], value, f"{name} of the outlet, decided and told")
    return len(known)


def decisions_are_used(books: Books, found: Findings) -> int:
    """I4: each decision led to one sale, one transaction, one debit of a plan or one refusal."""
    rows = {row["id"] for row in books.rows("compliance", "decisions")}
    used = Counter(
        row["decision_id"]
        for table in ("sales", "transactions", "plan_debits", "refused_attempts")
        for row in books.rows("compliance", table)
    )
    found.expect_same(rows, used, lost="a decision that led to nothing", stray="rested on, does not exist")
    for key, count in used.items():
        if count > 1:
            found.add(key, f"{count} outcomes of one decision")
    return len(rows)


def releases_are_whole(books: Books, found: Findings) -> int:
    """D1: each decision names a release of the rulebook that stands and is what its digest says."""
    releases = {row["digest"]: row["content"] for row in books.rows("compliance", "rule_releases")}
    for key, release in releases.items():
        if digest(release) != key:
            found.add(key, "the release is not what its digest says")
    for row in books.rows("compliance", "decisions"):
        if row["decision"]["release"] not in releases:
            found.add(row["id"], f"decided under a release that is not there: {row['decision']['release']}")
    return len(releases)


def refusals_name_every_rule(books: Books, found: Findings) -> int:
    """E1: each refused attempt is told once, with every rule that failed, each reason with its citation."""
    decisions = {row["id"]: row for row in books.rows("compliance", "decisions")}
    attempts = {row["id"]: row for row in books.rows("compliance", "refused_attempts")}
    told: dict[str, list[Fact]] = {}
    for fact in books.of_type(REFUSED):
        told.setdefault(fact.data["attempt_id"], []).append(fact)
    if TOPIC not in books.trimmed:
        found.expect_same(attempts, told, lost="refused, never told", stray="told as refused, no attempt")
    for key, row in attempts.items():
        decided = decisions.get(row["decision_id"])
        if decided is None or decided["result"] == "passed":
            found.add(key, "refused without a decision that refuses")
            continue
        facts = told.get(key, [])
        if len(facts) > 1:
            found.add(key, f"told {len(facts)} times")
        for fact in facts:
            failed = sorted(_failed(decided["decision"]))
            found.expect_equal(key, sorted(fact.data["rules"]), failed, "rules, told and decided")
            found.expect_equal(key, fact.data["decision"], decided["digest"], "digest, told and decided")
            _compare_reasons(books, key, fact.data["broken"], decided, found)
    return len(attempts)


def refusals_as_seen(books: Books, found: Findings) -> int:
    """E1: each seller who was refused saw every reason with rule, code, citation and both languages."""
    decisions = {row["id"]: row for row in books.rows("compliance", "decisions")}
    attempts = {row["id"]: row for row in books.rows("compliance", "refused_attempts")}
    seen = [act for act in books.done("sale", outcome="refused") if "decision_id" in act.ids]
    for act in seen:
        key = act.ids.get("attempt_id", act.ids["decision_id"])
        decided = decisions.get(act.ids["decision_id"])
        if decided is None or attempts.get(key, {}).get("decision_id") != decided["id"]:
            found.add(key, "a seller was refused, no such attempt stands")
            continue
        _compare_reasons(books, key, act.violations, decided, found)
        for shown in act.violations:
            if not all(shown["messages"].get(language) for language in ("zh-CN", "en")):
                found.add(key, f"{shown['rule']} is not worded in both languages")
    return len(seen)


def _compare_reasons(
    books: Books, key: str, shown: Iterable[Mapping[str, Any]], decided: Row, found: Findings
) -> None:
    """The reasons that were shown are those that were found, each with the source that its release names."""
    reasons = list(shown)
    wanted = sorted(_stopping(decided["decision"]))
    given = sorted((reason["rule"], reason["code"]) for reason in reasons)
    found.expect_equal(key, given, wanted, "reasons, shown and decided")
    sources = _sources(books, decided["decision"])
    for reason in reasons:
        missing = [title for title in sources.get(reason["rule"], ("?",)) if title not in reason["citation"]]
        if missing:
            found.add(key, f"{reason['rule']} is shown without its source {missing}")


def _sources(books: Books, decision: Mapping[str, Any]) -> dict[str, set[str]]:
    """The titles of the texts behind each rule that this decision applied, as its release names them."""
    applied = {(outcome["rule"], outcome["effective_from"]) for outcome in decision["outcomes"]}
    titles: dict[str, set[str]] = {}
    for row in books.rows("compliance", "rule_releases"):
        for rule in row["content"]["rules"] if row["digest"] == decision["release"] else ():
            if (rule["id"], rule["effective_from"]) in applied:
                found = titles.setdefault(rule["id"], set())
                found.update(citation["document"] for citation in rule["citations"])
    return titles


def _unsatisfied(decision: Mapping[str, Any]) -> set[str]:
    satisfied = {"passed", "not_asked"}
    return {
        outcome["rule"]
        for outcome in decision["outcomes"]
        if outcome["state"] not in satisfied and outcome["severity"] in {"block", "hold"}
    }


def _spared(decision: Mapping[str, Any]) -> set[str]:
    return {outcome["rule"] for outcome in decision["outcomes"] if outcome["state"] == "not_asked"}


def _failed(decision: Mapping[str, Any]) -> set[str]:
    return {outcome["rule"] for outcome in decision["outcomes"] if outcome["state"] == "failed"}


def _stopping(decision: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (outcome["rule"], finding["code"])
        for outcome in decision["outcomes"]
        if outcome["state"] == "failed" and outcome["severity"] in {"block", "hold"}
        for finding in outcome["findings"]
    ]


CHECKS: tuple[Check, ...] = (
    decisions_are_whole,
    decisions_know_the_hours,
    decisions_are_used,
    releases_are_whole,
    refusals_name_every_rule,
    refusals_as_seen,
)
