"""What one served ticket adds."""

from datetime import UTC, datetime, timedelta

import pytest

from staffing.workload.domain import service_seconds

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "counted"), [(0, 0), (0.9, 0), (300, 300), (300.999, 300), (-5, 0)])
def test_whole_seconds_and_never_less_than_none(seconds: float, counted: int) -> None:
    assert service_seconds(START, START + timedelta(seconds=seconds)) == counted
