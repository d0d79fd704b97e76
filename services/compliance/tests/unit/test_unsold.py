"""ABN-01: how long a recording is kept that proves no sale; its borders, and a second reading."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.evidence.domain import from_plain, to_plain
from compliance.periods.domain import end_of, legal_date, start_of
from compliance.retention.disposal import DisposalFacts, decide_disposal, replay_disposal
from compliance.retention.domain import RetentionCase, RetentionState
from compliance.retention.periods import Hold, HoldSource, SoldProduct
from compliance.retention.unsold import Visit, VisitCase, evaluate_unsold, unsold_until
from compliance.rulebook.decisions import Decision, Result
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.facts import ProductKind
from services.compliance.tests.unit import retention_oracle as oracle
from services.compliance.tests.unit.builders import an_id, broken, rulebook
from services.compliance.tests.unit.test_retention_clock import (
    NOON,
    holds,
    products,
    rematter,
    retold,
    sold,
)

ENDED = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LAST_DAY = date(2027, 3, 2)
DAY_AFTER = end_of(LAST_DAY)
OVER = VisitCase(case_id=an_id(1), kind=ProductKind.WEALTH, ended=True, ended_at=ENDED)
OPEN = VisitCase(case_id=an_id(2), kind=ProductKind.WEALTH, ended=False, ended_at=None)
VISIT = Visit(cases=(OVER,), sales=(), holds=())
FACTS = DisposalFacts(
    recording_id=an_id(9),
    decided_at=DAY_AFTER,
    sales=(),
    holds=(),
    floor=None,
    clock_trusted=True,
    holds_fresh=True,
    visit=VISIT,
)
MATTER = Hold(source=HoldSource.AUDIT, matter_id="A-1", placed_at=ENDED, released_at=None, resolved_on=None)
NOT_EXPIRED = "RETENTION_NOT_EXPIRED"
MOMENT = timedelta(microseconds=1)


def visited(*cases: VisitCase, **more: Any) -> DisposalFacts:
    return replace(FACTS, visit=replace(VISIT, cases=cases, **more))


def passes(facts: DisposalFacts) -> bool:
    return decide_disposal(rulebook(), facts).passed


def only(facts: DisposalFacts) -> tuple[str, str, str | None]:
    decision = decide_disposal(rulebook(), facts)
    assert decision.result is Result.REFUSED
    (finding,) = broken(decision)
    return finding


def test_refused_through_the_last_day_allowed_the_day_after() -> None:
    assert only(replace(FACTS, decided_at=DAY_AFTER - MOMENT)) == ("ABN-01", NOT_EXPIRED, "running")
    decision = decide_disposal(rulebook(), FACTS)
    assert decision.passed
    assert {outcome.rule for outcome in decision.outcomes} == {"REC-07", "REC-08", "ABN-01"}


def test_the_last_case_of_the_visit_counts() -> None:
    later = replace(OVER, ended_at=ENDED + timedelta(days=1))
    for cases in ((OVER, later), (later, OVER)):
        assert only(visited(*cases)) == ("ABN-01", NOT_EXPIRED, "running")
        assert passes(replace(visited(*cases), decided_at=end_of(LAST_DAY + timedelta(days=1))))


@pytest.mark.parametrize("century", [DAY_AFTER, datetime(2126, 1, 1, tzinfo=UTC)])
def test_what_is_open_or_not_known_keeps_for_ever(century: datetime) -> None:
    for cases, reason in (
        ((OVER, OPEN), "open"),
        ((), None),
        ((replace(OVER, ended_at=None),), None),
        ((OVER, replace(OVER, kind=None)), None),
        ((OVER, replace(OVER, kind=ProductKind.FUND)), None),
    ):
        assert only(replace(visited(*cases), decided_at=century)) == ("ABN-01", NOT_EXPIRED, reason)
    # Of an old recording no visit is known, of a decision of before neither.
    assert only(replace(FACTS, visit=None, decided_at=century)) == ("REC-07", NOT_EXPIRED, None)


def test_a_hold_keeps_and_so_does_the_time_after_a_dispute() -> None:
    held = replace(FACTS, holds=(MATTER,))
    assert broken(decide_disposal(rulebook(), held)) == {
        ("ABN-01", NOT_EXPIRED, "dispute"),
        ("REC-08", "LEGAL_HOLD", "held"),
    }
    settled = date(2027, 6, 1)
    over = replace(MATTER, released_at=start_of(settled) + NOON, resolved_on=settled)
    assert only(replace(FACTS, holds=(over,), decided_at=end_of(settled) - MOMENT))[2] == "running"
    assert passes(replace(FACTS, holds=(over,), decided_at=end_of(settled)))
    dispute = replace(over, source=HoldSource.COMPLAINT)
    last = end_of(date(2029, 6, 1))
    assert only(replace(FACTS, holds=(dispute,), decided_at=last - MOMENT))[2] == "running"
    assert passes(replace(FACTS, holds=(dispute,), decided_at=last))


@pytest.mark.parametrize("missing", ["clock_trusted", "holds_fresh"])
@pytest.mark.parametrize("value", [False, None])
def test_clock_and_register_must_be_trusted(missing: str, value: Any) -> None:
    codes = {"clock_trusted": "CLOCK_UNTRUSTED", "holds_fresh": "REGISTER_STALE"}
    assert only(replace(FACTS, **{missing: value}))[1] == codes[missing]


def test_what_proves_a_sale_is_kept_as_the_sales() -> None:
    proving = replace(FACTS, sales=(sold(),), decided_at=datetime(2126, 1, 1, tzinfo=UTC))
    assert only(proving) == ("REC-07", NOT_EXPIRED, None)


def test_what_was_sold_in_the_visit_on_another_recording_keeps_this_one_too() -> None:
    running = visited(OVER, sales=(sold(),))
    assert only(replace(running, decided_at=datetime(2126, 1, 1, tzinfo=UTC))) == (
        "ABN-01", NOT_EXPIRED, "sold",
    )  # fmt: skip


def test_a_rule_that_nobody_answers_for_disposes_of_nothing() -> None:
    rules = [replace(rule, confirmed_by=None) if rule.id == "ABN-01" else rule for rule in rulebook().rules]
    decision = decide_disposal(replace(rulebook(), rules=tuple(rules)), FACTS)
    assert not decision.passed
    assert ("ABN-01", "RETENTION_UNCONFIRMED", None) in broken(decision)


def test_a_longer_period_reaches_back_and_stays() -> None:
    def with_later(**changes: Any) -> RuleRelease:
        (rule,) = [rule for rule in rulebook().rules if rule.id == "ABN-01"]
        later = replace(rule, effective_from=date(2026, 6, 1), parameters={**rule.parameters, "months": 24})
        first = replace(rule, effective_to=date(2026, 6, 1))
        others = [rule for rule in rulebook().rules if rule.id != "ABN-01"]
        return replace(rulebook(), rules=(*others, first, replace(later, **changes)))

    for release in (with_later(), with_later(effective_to=date(2026, 7, 1))):
        assert unsold_until(evaluate_unsold(release, VISIT, (), LAST_DAY)) == date(2028, 3, 2)
    assert (
        unsold_until(evaluate_unsold(with_later(applies_to_existing=False), VISIT, (), LAST_DAY)) == LAST_DAY
    )


def test_a_release_of_before_keeps_and_its_decisions_come_out_again() -> None:
    rules = tuple(rule for rule in rulebook().rules if rule.id != "ABN-01")
    release = replace(rulebook(), rules=rules)
    decision = decide_disposal(release, replace(FACTS, visit=None))
    plain = to_plain(decision)
    assert replay_disposal(from_plain(Decision, plain), release) == decision
    assert broken(decide_disposal(release, FACTS)) == {("REC-07", NOT_EXPIRED, None)}
    again = from_plain(Decision, to_plain(decide_disposal(rulebook(), FACTS)))
    assert replay_disposal(again, rulebook()).passed


# --- A second reading --------------------------------------------------------------------------------------


@st.composite
def visit_cases(draw: st.DrawFn) -> VisitCase:
    ended = draw(st.sampled_from([True, True, True, True, False]))
    known = ended and draw(st.sampled_from([True, True, True, False]))
    day = draw(st.dates(date(2023, 1, 1), date(2027, 12, 31)))
    hour = timedelta(hours=draw(st.integers(0, 23)))
    return VisitCase(
        case_id=draw(st.uuids()),
        kind=draw(st.sampled_from([*ProductKind, ProductKind.WEALTH, ProductKind.INSURANCE, None])),
        ended=ended,
        ended_at=start_of(day) + hour if known else None,
    )


def visits() -> st.SearchStrategy[Visit]:
    ordinary = visit_cases().map(
        lambda one: replace(one, ended=True, ended_at=one.ended_at or ENDED, kind=ProductKind.GOV_BOND)
    )
    return st.builds(
        lambda cases, sales, matters: Visit(cases=tuple(cases), sales=tuple(sales), holds=tuple(matters)),
        st.lists(ordinary, min_size=1, max_size=3) | st.lists(visit_cases(), max_size=3),
        st.lists(products(), max_size=1),
        st.lists(holds(), max_size=1),
    )


def must_keep(visit: Visit, matters: list[Hold], day: date) -> bool:
    intents = [
        oracle.Intent(
            None if case.kind is None else case.kind.value,
            case.ended,
            None if case.ended_at is None else legal_date(case.ended_at),
        )
        for case in visit.cases
    ]
    return oracle.must_keep_unsold(
        intents,
        [rematter(one) for one in matters],
        [retold(one) for one in visit.sales],
        [rematter(one) for one in visit.holds],
        day,
    )


def days_of(visit: Visit, matters: list[Hold]) -> set[date]:
    """Days that could tell the readings apart: around the last day as the rule has it, and far from it."""
    case = RetentionCase(
        recording_id=an_id(9),
        state=RetentionState.KEPT,
        sales=(),
        holds=tuple(matters),
        retain_until=None,
        floor=None,
        certificate=None,
        visit=visit,
    )
    last = case.last_day(rulebook(), date(2040, 1, 1))
    if last is None:
        return {date(2023, 1, 1), date(2040, 1, 1), date(2300, 1, 1)}
    return {last + timedelta(days=offset) for offset in (-400, -31, -1, 0, 1, 2, 31, 400, 20000)}


@given(visits(), st.lists(holds(), max_size=2))
@example(VISIT, [])
def test_nothing_goes_on_a_day_on_which_the_second_reading_keeps_it(
    visit: Visit, matters: list[Hold]
) -> None:
    for day in days_of(visit, matters):
        # The first and the last moment of the legal day.
        for at in (start_of(day), end_of(day) - MOMENT):
            facts = replace(FACTS, visit=visit, holds=tuple(matters), decided_at=at)
            if day >= date(2016, 1, 1):
                assert passes(facts) is not must_keep(visit, matters, day), (day, at)


@given(
    visits().filter(lambda one: one.cases), st.lists(holds(), max_size=2), visit_cases(), products(), holds()
)
def test_more_news_never_shortens(
    visit: Visit, matters: list[Hold], case: VisitCase, sale: SoldProduct, hold: Hold
) -> None:
    def until(visit: Visit, *holds: Hold) -> date:
        found = unsold_until(evaluate_unsold(rulebook(), visit, holds, date(2040, 1, 1)))
        return date.max if found is None else found

    before = until(visit, *matters)
    for more in (
        replace(visit, cases=(*visit.cases, case)),
        replace(visit, sales=(*visit.sales, replace(sale, sale_id=an_id(7)))),
        replace(visit, holds=(*visit.holds, hold)),
    ):
        assert until(more, *matters) >= before
    assert until(visit, *matters, hold) >= before
