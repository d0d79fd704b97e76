"""Old decisions come out the same again: under old releases, by old functions, whatever was made since."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from compliance.evidence.domain import sha256_of
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import Result, decide
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.facts import ProductStatus
from compliance.sales import replaying
from compliance.sales.replaying import Flaw, Kept, flaw_of
from services.compliance.tests.unit.builders import NOW, SALE, rulebook, with_product
from services.compliance.tests.unit.rewriting import LATER, REWRITTEN, Rewritten, decided, kept


@pytest.fixture(scope="module")
def decisions() -> list[tuple[Kept, RuleRelease]]:
    """1,500 decisions under fifteen releases."""
    return [(kept(decision), release) for decision, release in decided(1500)]


def test_old_decisions_come_out_the_same_by_the_functions_of_then(
    decisions: list[tuple[Kept, RuleRelease]],
) -> None:
    refused = sum(one.result == Result.REFUSED for one, _ in decisions)
    assert refused >= 0.3 * len(decisions)
    assert len({release.digest for _, release in decisions}) == 15
    assert {flaw_of(one, release, LATER) for one, release in decisions} == {None}


@pytest.mark.parametrize("rewritten", REWRITTEN, ids=lambda one: one.rule)
def test_a_function_changed_under_its_old_name_is_found(
    decisions: list[tuple[Kept, RuleRelease]], rewritten: Rewritten
) -> None:
    careless = {**LATER, rewritten.old: rewritten.check(rewritten.old)}
    assert Flaw.OUTCOME in {flaw_of(one, release, careless) for one, release in decisions}


def altered(one: Kept, **members: Any) -> Kept:
    """The content changed with care: the digest fits again, and so do the columns."""
    assert isinstance(one.content, Mapping)
    content = {**one.content, **members}
    decided_at = datetime.fromisoformat(str(content["decided_at"]))
    return replace(
        one,
        content=content,
        digest=sha256_of(content),
        result=str(content["result"]),
        release=str(content["release"]),
        decided_at=decided_at,
    )


@pytest.mark.parametrize("shortcut", [True, False])
def test_what_was_altered_is_found_and_how(monkeypatch: pytest.MonkeyPatch, shortcut: bool) -> None:
    if not shortcut:
        monkeypatch.setattr(replaying, "_spelled_again", lambda *_: False)
    release = rulebook()
    one = kept(decide(release, SALE_CHECKS, SALE))
    bad = kept(decide(release, SALE_CHECKS, with_product(status=ProductStatus.ENDED)))
    assert isinstance(one.content, Mapping)
    inputs = one.content["inputs"]
    assert isinstance(inputs, Mapping)
    # Equal to Python, and not the same; then a number that has no canonical text.
    spelled: Any = {**inputs, "amount_minor": float(SALE.amount_minor)}
    plain = decide(release, SALE_CHECKS, replace(SALE, amount_minor=2**60)).plain
    endless = replace(one, content=json.loads(json.dumps(plain)))
    # Instants so near to the end of all dates that no period can be added.
    assert isinstance(inputs["assessment"], Mapping)
    last_days: list[Any] = [
        {**inputs, "decided_at": "9999-12-31T23:00:00Z"},
        *(
            {**inputs, "assessment": {**inputs["assessment"], "completed_at": at}}
            for at in ("9999-12-31T23:00:00Z", "9999-06-01T00:00:00Z")
        ),
    ]
    later = {"decided_at": "2026-03-02T02:00:00+00:00"}
    for wrong, flaw in (
        (replace(one, digest=bad.digest), Flaw.CONTENT),
        (replace(one, content=bad.content), Flaw.CONTENT),
        (replace(one, result="refused"), Flaw.COLUMNS),
        (replace(one, release="0" * 64), Flaw.COLUMNS),
        (replace(one, decided_at=NOW + timedelta(seconds=1)), Flaw.COLUMNS),
        (altered(bad, result="passed"), Flaw.OUTCOME),
        (altered(bad, outcomes=one.content["outcomes"], result="passed"), Flaw.OUTCOME),
        (altered(one, inputs={**inputs, "staffing_fresh": False}), Flaw.OUTCOME),
        (altered(one, inputs=None), Flaw.UNREADABLE),
        (altered(one, inputs={**inputs, "extra": None}), Flaw.UNREADABLE),
        (altered(one, inputs={**inputs, "decided_at": "1999-01-01T00:00:00Z"}), Flaw.OUTCOME),
        (altered(one, **later), Flaw.OUTCOME),
        (replace(one, content={**one.content, "inputs": spelled}), Flaw.UNREADABLE),
        (endless, Flaw.UNREADABLE),
        *((altered(one, inputs=last), Flaw.UNREADABLE) for last in last_days),
        *((replace(one, content={**one.content, "inputs": last}), Flaw.CONTENT) for last in last_days),
    ):
        assert flaw_of(wrong, release) is flaw, (wrong, flaw)
    assert flaw_of(one, None) is Flaw.RELEASE
    assert flaw_of(one, release) is None
