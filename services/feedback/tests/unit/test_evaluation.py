"""An evaluation: answered once, in time, with a score that exists."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.evaluations.domain import (
    OFFER_STANDS,
    Dimension,
    Evaluation,
    EvaluationAlreadySubmitted,
    EvaluationExpired,
    EvaluationStatus,
    ScoreOutOfRange,
    Visit,
    expiry_of,
)

COMPLETED = datetime(2026, 3, 2, 1, tzinfo=UTC)
VISIT = Visit(
    ticket_id=UUID(int=1),
    outlet_id=UUID(int=2),
    business_date=date(2026, 3, 2),
    service_code="cash",
    employee_id=UUID(int=3),
    counter_id=UUID(int=4),
    completed_at=COMPLETED,
    visitor=None,
)


def offer() -> Evaluation:
    return Evaluation(
        id=UUID(int=9),
        version=1,
        ticket_id=VISIT.ticket_id,
        outlet_id=VISIT.outlet_id,
        business_date=VISIT.business_date,
        service_code=VISIT.service_code,
        employee_id=VISIT.employee_id,
        counter_id=VISIT.counter_id,
        visitor=VISIT.visitor,
        offered_at=COMPLETED,
        expires_at=expiry_of(VISIT),
        status=EvaluationStatus.OFFERED,
    )


def submit(evaluation: Evaluation, score: int, at: datetime) -> int:
    return evaluation.submit(
        score=score,
        dimensions=frozenset({Dimension.QUALITY}),
        comment=None,
        submitted_by="visitor-1",
        device_id=None,
        at=at,
    ).version


@given(st.lists(st.tuples(st.integers(-1, 7), st.integers(0, 100)), max_size=8))
def test_first_good_answer_in_time_stands(tries: list[tuple[int, int]]) -> None:
    evaluation = offer()
    taken: int | None = None
    for score, hours in sorted(tries, key=lambda one: one[1]):
        at = COMPLETED + timedelta(hours=hours)
        if taken is not None:
            with pytest.raises(EvaluationAlreadySubmitted):
                submit(evaluation, score, at)
        elif hours >= OFFER_STANDS / timedelta(hours=1):
            with pytest.raises(EvaluationExpired):
                submit(evaluation, score, at)
        elif not 1 <= score <= 5:
            with pytest.raises(ScoreOutOfRange):
                submit(evaluation, score, at)
        else:
            assert submit(evaluation, score, at) == 2
            taken = score
    assert (evaluation.answer.score if evaluation.answer else None) == taken
    assert evaluation.version == (1 if taken is None else 2)


def test_expiry_counts_from_the_completion_of_the_ticket() -> None:
    assert expiry_of(VISIT) == datetime(2026, 3, 5, 1, tzinfo=UTC)
