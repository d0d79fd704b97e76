"""PRD-03: the clock notes what is overdue, one instant after it was due and once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from compliance.risk_notices.domain import NoticeState, RiskNotice

CHANGED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DUE = CHANGED + timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


def notice() -> RiskNotice:
    return RiskNotice(
        id=UUID(int=1),
        version=1,
        product_id=UUID(int=2),
        product_code="WM-1",
        product_version=2,
        previous_level=2,
        level=3,
        changed_at=CHANGED,
        due_at=DUE,
        overdue_at=None,
        told_at=None,
        holders=None,
        reported_by=None,
        reported_at=None,
    )


@pytest.mark.parametrize(("after", "noted"), [(-MOMENT, False), (timedelta(0), False), (MOMENT, True)])
def test_a_duty_is_overdue_from_the_instant_after_it_was_due(after: timedelta, noted: bool) -> None:
    duty = notice()
    assert (duty.note_overdue(DUE + after) is not None) is noted
    assert duty.state is (NoticeState.OVERDUE if noted else NoticeState.OPEN)


def test_it_is_noted_once_and_never_of_what_is_done() -> None:
    late = notice()
    assert late.note_overdue(DUE + MOMENT) is not None
    assert (late.note_overdue(DUE + 2 * MOMENT), late.version) == (None, 2)
    done = notice()
    done.report(told_at=DUE, holders=1, by="messages", at=DUE)
    assert (done.note_overdue(DUE + MOMENT), done.state) == (None, NoticeState.TOLD)
