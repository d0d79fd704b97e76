"""The transaction matrix as data: whole or refused at loading, dated, and absent from what was before it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest
import yaml

from compliance.evidence.domain import canonical, to_plain
from compliance.retention.release import FUNCTIONS, shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import State, decide
from compliance.rulebook.domain import RuleRelease, Subject
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.loading import RULE_FOLDER, MatrixInvalid, load_release, stored_release
from compliance.rulebook.transaction_facts import TransactionFacts, TransactionKind
from compliance.rules.printing import printed, printed_changes
from compliance.sales.replaying import Kept, flaw_of
from services.compliance.tests.unit.builders import SALE, an_id

FIRST_DAY = date(2026, 2, 1)


def of_kind(kind: TransactionKind, **given: Any) -> SaleFacts:
    """The good sale as a transaction of this kind, nothing else being known of it."""
    whole: dict[str, Any] = {"holding": None, "rollover_consent": None, "heir": None} | given
    return replace(SALE, transaction=TransactionFacts(kind=kind, **whole))


def texts(change: Callable[[Any], None]) -> list[str]:
    """The rule files, the matrix changed."""
    found = []
    for entry in sorted(files(RULE_FOLDER).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            content = yaml.safe_load(entry.read_text(encoding="utf-8"))
            if entry.name == "transactions.yaml":
                content = json.loads(json.dumps(content, default=str))
                change(content)
                for each in (*content["transactions"], *content["rules"]):
                    for name in ("effective_from", "effective_to"):
                        if each.get(name):
                            each[name] = date.fromisoformat(each[name])
            found.append(yaml.safe_dump(content, allow_unicode=True))
    return found


def before(release: RuleRelease) -> RuleRelease:
    """The release as it was before there was a matrix."""
    rules = tuple(rule for rule in release.rules if not rule.id.startswith("TXN"))
    return replace(release, rules=rules, matrices=None)


def test_every_rule_of_a_sale_is_decided_for_every_kind() -> None:
    release = shipped_release()
    (matrix,) = release.matrices or ()
    rules = {rule.id for rule in release.rules if rule.subject is Subject.SALE}
    assert matrix.cells.keys() == rules
    assert all(row.keys() == set(TransactionKind) for row in matrix.cells.values())


def _row(matrix: Any, rule_id: str) -> Any:
    return next(row for row in matrix["rows"] if rule_id in row["rules"])


def _forget_rule(content: Any) -> None:
    _row(content["transactions"][0], "AML-01")["rules"].remove("AML-01")


def _forget_kind(content: Any) -> None:
    del _row(content["transactions"][0], "AML-01")["kinds"]["REDEMPTION"]


def _stranger(content: Any) -> None:
    _row(content["transactions"][0], "AML-01")["rules"].append("SUI-99")


def _twice(content: Any) -> None:
    _row(content["transactions"][0], "AML-01")["rules"].append("PRD-01")


def _no_kind(content: Any) -> None:
    _row(content["transactions"][0], "AML-01")["kinds"]["GIFT"] = "ASKED"


def _no_words(content: Any) -> None:
    _row(content["transactions"][0], "AML-01")["kinds"]["REDEMPTION"] = "WE_DO_NOT_FEEL_LIKE_IT"


def _overlap(content: Any) -> None:
    content["transactions"].append(content["transactions"][0] | {"effective_from": "2026-06-01"})


def _backwards(content: Any) -> None:
    content["transactions"][0]["effective_to"] = "2026-02-01"


def _recorded_debit(content: Any) -> None:
    content["transactions"][0]["recorded"].append("DEBIT")


def _no_rows(content: Any) -> None:
    del content["transactions"][0]["rows"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_forget_rule, "AML-01 is not in the matrix"),
        (_forget_kind, "AML-01 is not decided for REDEMPTION"),
        (_stranger, "SUI-99 in the matrix of 2026-02-01 is no rule"),
        (_twice, "PRD-01 stands in two rows"),
        (_no_kind, "decided for GIFT"),
        (_no_words, "WE_DO_NOT_FEEL_LIKE_IT, which has no words"),
        (_overlap, "overlap"),
        (_backwards, "ends before it begins"),
        (_recorded_debit, "a debit has no recording"),
        (_no_rows, "rows"),
    ],
)
def test_a_matrix_that_is_not_whole_stops_the_service(change: Callable[[Any], None], said: str) -> None:
    with pytest.raises(MatrixInvalid, match=said):
        load_release(FUNCTIONS, texts(change))


def test_a_later_version_takes_over_on_its_day() -> None:
    def later(content: Any) -> None:
        first = content["transactions"][0]
        second = json.loads(json.dumps(first)) | {"effective_from": "2026-06-01"}
        _row(second, "AML-01")["kinds"]["REDEMPTION"] = "TAKES_OUT"
        first["effective_to"] = "2026-06-01"
        content["transactions"].append(second)

    release = load_release(FUNCTIONS, texts(later))
    day = date(2026, 6, 1)
    assert release.not_asked("AML-01", "REDEMPTION", day - timedelta(days=1)) is None
    assert release.not_asked("AML-01", "REDEMPTION", day) == "TAKES_OUT"
    # Before the first version everything is asked of everything.
    assert release.not_asked("REC-01", "REDEMPTION", FIRST_DAY - timedelta(days=1)) is None


@pytest.mark.parametrize("kind", TransactionKind)
def test_each_rule_comes_out_once_for_each_kind(kind: TransactionKind) -> None:
    release = shipped_release()
    decision = decide(release, SALE_CHECKS, of_kind(kind))
    for outcome in decision.outcomes:
        reason = release.not_asked(outcome.rule, kind, decision.on)
        assert (outcome.state is State.NOT_ASKED) == (reason is not None)
        if reason is not None:
            assert [finding.reason for finding in outcome.findings] == [reason]


def test_what_is_not_known_of_a_rollover_is_a_failure() -> None:
    decision = decide(shipped_release(), SALE_CHECKS, of_kind(TransactionKind.ROLLOVER))
    failed = {outcome.rule for outcome in decision.outcomes if outcome.state is State.FAILED}
    assert failed == {"TXN-01", "TXN-02", "TXN-03"}


def test_a_release_of_before_is_spelled_and_decides_as_it_did() -> None:
    old = before(shipped_release())
    assert "matrices" not in old.plain
    read = stored_release(json.loads(canonical(old.plain)), FUNCTIONS)
    assert (read, read.digest) == (old, old.digest)
    inputs = to_plain(SALE)
    assert isinstance(inputs, dict)
    del inputs["transaction"]
    decision = decide(old, SALE_CHECKS, SALE, inputs=inputs)
    assert decision.passed
    assert State.NOT_ASKED not in {outcome.state for outcome in decision.outcomes}
    kept = Kept(
        id=an_id(1),
        result=decision.result,
        digest=decision.digest,
        release=old.digest,
        content=json.loads(canonical(to_plain(decision))),
        decided_at=decision.decided_at,
    )
    assert flaw_of(kept, read) is None


def test_the_print_out_shows_the_matrix_with_its_reasons() -> None:
    page = printed(shipped_release(), FIRST_DAY)
    assert "| REC-01 | ✓ | ✓ | ✓ | ✓ | (3) | (3) | (4) | (1) |" in page.splitlines()
    assert "- (4) 不适用 not asked: 赎回是客户收回本人资金,不是销售 · a redemption returns" in page
    assert "Which rules are asked" not in printed(shipped_release(), FIRST_DAY - timedelta(days=1))
    changed = printed_changes(shipped_release(), FIRST_DAY - timedelta(days=1), FIRST_DAY)
    assert "- REC-01, 赎回 · redemption: ✓ → 赎回是客户收回本人资金" in changed
