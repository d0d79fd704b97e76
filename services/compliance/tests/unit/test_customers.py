"""Customers: which assessment counts, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from compliance.customers.domain import (
    AssessmentInFuture,
    ConfirmationNotNeeded,
    Customer,
    LevelOutOfRange,
    Standing,
    assessment_facts,
    standing,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def customer() -> Customer:
    return Customer.register(new_id(), subject="customer-1", by="crm", at=NOW)


def test_every_append_is_one_version() -> None:
    someone = customer()
    first = someone.assess(new_id(), level=3, by="customer-1", at=NOW)
    second = someone.import_assessment(new_id(), level=2, completed_at=NOW, source="crm", by="crm", at=NOW)
    told = someone.report_change(new_id(), by="customer-1", at=NOW)
    assert [first.customer_version, second.customer_version, told.customer_version] == [2, 3, 4]
    assert (someone.touch(), someone.version) == (5, 5)


def test_an_import_keeps_its_date_and_says_where_it_is_from() -> None:
    someone = customer()
    own = someone.assess(new_id(), level=3, by="customer-1", at=NOW)
    assert (own.completed_at, own.imported, own.source) == (NOW, False, None)
    before = NOW - timedelta(days=400)
    old = someone.import_assessment(new_id(), level=3, completed_at=before, source="crm", by="crm", at=NOW)
    assert (old.completed_at, old.imported, old.source, old.recorded_at) == (before, True, "crm", NOW)


def test_the_future_is_not_imported() -> None:
    tick = timedelta(microseconds=1)
    with pytest.raises(AssessmentInFuture):
        customer().import_assessment(
            new_id(), level=3, completed_at=NOW + tick, source="crm", by="crm", at=NOW
        )
    customer().import_assessment(new_id(), level=3, completed_at=NOW, source="crm", by="crm", at=NOW)


@pytest.mark.parametrize("level", [0, 6])
def test_levels_run_from_one_to_five(level: int) -> None:
    someone = customer()
    with pytest.raises(LevelOutOfRange):
        someone.assess(new_id(), level=level, by="customer-1", at=NOW)
    assert someone.version == 1
    assert [someone.assess(new_id(), level=n, by="customer-1", at=NOW).level for n in (1, 5)] == [1, 5]


def test_what_the_gate_sees() -> None:
    assert assessment_facts(None, NOW) is None
    done = customer().assess(new_id(), level=4, by="customer-1", at=NOW)
    facts = assessment_facts(Standing(assessment=done, level_before=3, confirmed_at=None), NOW)
    assert facts is not None
    assert (facts.level_before, facts.level_confirmed_at) == (3, None)
    assert (facts.assessment_id, facts.level, facts.completed_at) == (done.id, 4, NOW)
    assert facts.change_reported_at == NOW


LEVELS = st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=8)


@pytest.mark.rule("SUI-11")
@given(LEVELS)
def test_a_level_counts_when_it_is_the_first_the_same_or_confirmed(history: list[tuple[int, bool]]) -> None:
    """The plain reading: each new level is held against the last one that the customer stands by."""
    someone = customer()
    told = [
        (someone.assess(new_id(), level=level, by="customer-1", at=NOW), confirmed)
        for level, confirmed in history
    ]
    stands = standing([one for one, _ in told], {one.id: NOW for one, confirmed in told if confirmed})
    assert stands is not None
    held: list[int] = []
    for level, confirmed in history[:-1]:
        if not held or level == held[-1] or confirmed:
            held.append(level)
    (level, confirmed) = history[-1]
    assert stands.level_before == (held[-1] if held else None)
    assert stands.pending == (bool(held) and level != held[-1] and not confirmed)


def test_a_level_is_confirmed_once_and_only_where_it_differs() -> None:
    someone = customer()
    done = someone.assess(new_id(), level=4, by="customer-1", at=NOW)
    waits = Standing(assessment=done, level_before=3, confirmed_at=None)
    confirmation = someone.confirm_level(new_id(), done.id, waits, by="customer-1", at=NOW)
    assert (confirmation.assessment_id, confirmation.customer_version) == (done.id, someone.version)
    for stands in (
        None,
        Standing(assessment=done, level_before=None, confirmed_at=None),
        Standing(assessment=done, level_before=4, confirmed_at=None),
        Standing(assessment=done, level_before=3, confirmed_at=NOW),
    ):
        with pytest.raises(ConfirmationNotNeeded):
            someone.confirm_level(new_id(), done.id, stands, by="customer-1", at=NOW)
