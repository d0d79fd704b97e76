"""Letters, cut-overs and plans of the demo bank."""

from datetime import datetime, timedelta

import pytest

from deploy.demo.branches import OUTLETS, ZONE, letters, staff_of, until_cutover
from deploy.demo.sales import BESIDES, EARLY, LAWFUL, PLANS


def test_letters_go_on_after_z() -> None:
    """A second run of a day goes on with the next ones."""
    found = letters()
    assert found[:2] == ["A", "B"]
    assert found[25:28] == ["Z", "AA", "AB"]
    assert len(set(found)) == len(found) == 26 + 26 * 26


@pytest.mark.parametrize(("hour", "away"), [(9, 23), (11, 1), (10, 24), (22, 12)])
def test_the_cutover_lies_ahead(hour: int, away: int) -> None:
    """The next one counts, also that of tomorrow."""
    now = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
    assert until_cutover(now, hour) == timedelta(hours=away)


def test_everybody_has_a_token_of_his_own() -> None:
    """No two share a client id, and nobody sees another outlet."""
    users = [user for plan in OUTLETS for user in staff_of(plan, f"id-{plan.code}")]
    assert len({user.client_id for user in users}) == len(users)
    assert all(len(user.outlets) == 1 for user in users)


def test_one_attempt_for_each_refusal() -> None:
    """Twenty attempts: twelve lawful, seven refused by the gate for one reason each, and one text file."""
    assert len(PLANS) == 20
    assert PLANS.count(LAWFUL) + PLANS.count(EARLY) == 12
    wrong = [plan for plan in PLANS if plan not in (LAWFUL, EARLY)]
    assert len({plan.code for plan in wrong}) == len(wrong) == 8
    assert sum(plan.rule is not None for plan in wrong) == 7
    assert len({*PLANS, *BESIDES}) == len({*PLANS}) + len(BESIDES)
