"""The played day balances; each flaw planted into it is found by the check that is there for it."""

from datetime import date, timedelta

import pytest

from deploy.books import checks
from deploy.books.checks.effects import CONSUMED
from deploy.books.checks.retention import until
from deploy.books.databases import TABLES
from tests.books import branch, following, gate, ordering, selling
from tests.books.day import Day, at
from tests.books.flaws import Plant
from tests.books.plants import plants


@pytest.fixture
def day() -> Day:
    day = Day(tables={service: {table: [] for table in tables} for service, tables in TABLES.items()})
    branch.play(day)
    gate.play(day)
    selling.play(day)
    ordering.play(day)
    following.play(day)
    day.settle(CONSUMED)
    return day


def failing(day: Day) -> dict[str, list[str]]:
    """The checks that do not balance, with what they say."""
    return {
        result.check: [f"{found.subject}: {found.difference}" for found in result.imbalances]
        for result in checks.run(day.books())
        if not result.balanced
    }


def test_the_played_day_balances(day: Day) -> None:
    assert failing(day) == {}


def test_each_check_has_something_to_look_at(day: Day) -> None:
    looked_at = {result.check for result in checks.run(day.books()) if result.examined}
    gate.disposed(day)
    assert failing(day) == {}
    looked_at |= {result.check for result in checks.run(day.books()) if result.examined}
    assert looked_at == {name for name, _, _ in checks.checks()}


@pytest.mark.parametrize(
    ("check", "plant", "seen_by"),
    [pytest.param(*planted, id=f"{planted[0]}-{number}") for number, planted in enumerate(plants())],
)
def test_a_planted_flaw_is_found(day: Day, check: str, plant: Plant, seen_by: set[str]) -> None:
    plant(day)
    found = failing(day)
    assert found.keys() == seen_by, found
    assert check in found


def test_a_recording_that_proves_nothing_is_kept_for_its_visit(day: Day) -> None:
    for case in day.rows("compliance", "cases"):
        case.update(sale_id=None, ended_at=at(30), opened_at=at(20))
    day.row("compliance", "products")["kind"] = "WEALTH"
    day.rows("compliance", "retention_sales").clear()
    day.rows("compliance", "holds").clear()
    assert until(day.books(), branch.RECORDING) == date(2027, 11, 2)
    # What is known later is not known then.
    assert until(day.books(), branch.RECORDING, at(29)) is None
    day.row("compliance", "cases", 1)["ended_at"] = None
    assert until(day.books(), branch.RECORDING) is None


def test_a_sale_on_what_was_sealed_too_late_is_found(day: Day) -> None:
    day.row("compliance", "recordings")["started_at"] = at(25) - timedelta(hours=48)
    assert failing(day).keys() == {"sales.sales_are_recorded", "footage.risks_were_recorded_as_graded"}


def test_each_check_is_seen_to_fail() -> None:
    planted = {check for check, _, _ in plants()}
    assert sorted({name for name, _, _ in checks.checks()} - planted) == []


def test_what_cannot_be_compared_does_not_balance(day: Day) -> None:
    del day.row("ticketing", "tickets")["state"]
    assert "cannot be compared" in failing(day)["tickets.final_states_add_up"][0]
