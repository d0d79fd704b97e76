"""The dated file of regimes."""

from datetime import date

import pytest
from pydantic import ValidationError

from feedback.complaints import regimes

ENTRY = """
- id: {id}
  rule: CMP-09
  effective_from: {start}
  effective_to: {end}
  decide_within: {{days: {days}, first_day_counts: false, rolls_over: []}}
  warn_days: 3
  citation: "-"
  confirmed_by: null
"""


def entry(id_: str, start: str, end: str = "null", days: int = 15) -> str:
    return ENTRY.format(id=id_, start=start, end=end, days=days)


def test_regime_in_force_is_the_decree_of_2020() -> None:
    regime = regimes.in_force(date(2026, 3, 2))
    period = regime.decide_within
    assert (regime.id, period.days, period.first_day_counts, period.rolls_over) == (
        "CN-CMP20",
        15,
        False,
        frozenset(),
    )
    assert regime.warn_days == 3
    assert regimes.by_id("CN-CMP20") is regime


def test_day_of_receipt_chooses_the_regime() -> None:
    read = regimes.read(entry("new", "2027-01-01", days=30) + entry("old", "2020-03-01", "2026-12-31"))
    assert [regime.id for regime in read] == ["old", "new"]
    assert regimes.in_force(date(2026, 12, 31), read).decide_within.days == 15
    assert regimes.in_force(date(2027, 1, 1), read).decide_within.days == 30
    with pytest.raises(regimes.NoRegimeInForce):
        regimes.in_force(date(2020, 2, 29), read)
    with pytest.raises(LookupError):
        regimes.by_id("older", read)


@pytest.mark.parametrize(
    "text",
    [
        entry("old", "2020-03-01", "2026-12-30") + entry("new", "2027-01-01"),
        entry("old", "2020-03-01", "2027-01-01") + entry("new", "2027-01-01"),
        entry("old", "2020-03-01") + entry("new", "2027-01-01"),
        entry("one", "2020-03-01", "2026-12-31") + entry("one", "2027-01-01"),
        entry("short", "2020-03-01", days=3),
        entry("none", "2020-03-01", days=0),
        entry("more", "2020-03-01") + "  working_days: true\n",
    ],
)
def test_refuses_a_file_that_makes_no_sense(text: str) -> None:
    with pytest.raises((ValueError, ValidationError)):
        regimes.read(text)
