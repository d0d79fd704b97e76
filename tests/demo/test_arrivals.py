"""Arrivals: rebuilt from observations, or drawn from the built-in profile; the same seed, the same day."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.arrivals import (
    NUMBERS_MIN,
    ArrivalsUnreadable,
    arrivals_of_day,
    queue_arrivals,
)

Row = dict[str, Any]


def observations(office: str, date: str, *, numbers: int = 40, peak: int = 6, queue: int = 1) -> list[Row]:
    """A queue-day in which ``numbers`` people come, four between two rows, and ``peak`` wait at most."""
    rows = []
    for step in range(numbers // 4 + 1):
        last = step * 4
        served = max(0, last - peak)
        rows.append(
            {
                "office": office,
                "date": date,
                "time": f"{8 + step // 12:02d}:{step * 5 % 60:02d}",
                "queue_id": queue,
                "number_served": f"A{served:03d}" if served else "",
                "people_waiting": last - served,
            }
        )
    return rows


def written(path: Path, rows: list[Row]) -> str:
    """The rows as a parquet file."""
    pl.DataFrame(rows).write_parquet(path)
    return str(path)


def test_a_queue_is_rebuilt_from_what_it_shows() -> None:
    """Whoever was given a number between two rows arrived between them."""
    rows = [(row["time"], row["number_served"], row["people_waiting"]) for row in observations("x", "d")]
    arrivals = queue_arrivals(rows, random.Random(1))
    assert len(arrivals) == 40
    assert Counter(int((at - 8 * 3600) // 300) for at in arrivals) == dict.fromkeys(range(10), 4)


def test_a_display_may_begin_at_any_number() -> None:
    """What was given out before the first row belongs to nobody."""
    rows = [("08:00", "A500", 5), ("08:05", "A520", 5), ("08:10", "A530", 5)]
    assert len(queue_arrivals(rows, random.Random(1))) == 35


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([("08:00", "A010", 9), ("08:05", "A001", 9), ("09:00", "A040", 9)], id="runs backwards"),
        pytest.param([("08:00", "", 6), ("08:05", "A003", 6)], id="too few numbers"),
        pytest.param([("08:00", "", 4), ("08:05", "A040", 4)], id="nobody waits"),
    ],
)
def test_an_unfit_queue_day_is_left_out(rows: list[tuple[str, str, int]]) -> None:
    """Numbers that fall, few numbers, no queue: nothing can be learned from it."""
    assert queue_arrivals(rows, random.Random(1)) == []


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), min_size=1, max_size=60),
    st.integers(0, 1000),
)
def test_nobody_arrives_twice(steps: list[tuple[int, int]], seed: int) -> None:
    """However a queue goes, no more people arrive than numbers were given out."""
    rows, given_out, served = [], 0, 0
    for step, (came, done) in enumerate(steps):
        given_out += came
        served = min(given_out, served + done)
        rows.append((f"{8 + step // 12:02d}:{step * 5 % 60:02d}", f"B{served}", given_out - served))
    arrivals = queue_arrivals(rows, random.Random(seed))
    assert len(arrivals) in {0, *range(NUMBERS_MIN, given_out + 1)}


def test_the_busiest_date_is_played_at_six_outlets(tmp_path: Path) -> None:
    """The file's busiest offices of its busiest date become the outlets, scaled to the number asked for."""
    rows = [row for n in range(8) for row in observations(f"office-{n}", "2020-01-07", numbers=40 + 4 * n)]
    rows += observations("office-0", "2020-01-08")
    day = arrivals_of_day(500, path=written(tmp_path / "queues.parquet", rows))
    assert len(day.arrivals) == 500
    assert {arrival.outlet for arrival in day.arrivals} == set(range(6))
    assert list(day.arrivals) == sorted(day.arrivals)
    assert day.arrivals[0].at == 0.0
    assert "2020-01-07, 6 offices" in day.source


@pytest.mark.parametrize("tickets", [1, 100, 1000, 3000])
def test_the_profile_gives_as_many_as_asked_for(tickets: int) -> None:
    """Thinned out or joined by companions: exactly as many, in order."""
    day = arrivals_of_day(tickets, path="")
    assert len(day.arrivals) == tickets
    assert list(day.arrivals) == sorted(day.arrivals)
    assert day == arrivals_of_day(tickets, path="")
    assert day != arrivals_of_day(tickets, path="", seed=2)


def test_the_profile_has_a_morning_peak_and_a_lunch_hour() -> None:
    """More people come at ten than at noon."""
    hours = Counter(int(arrival.at // 3600) for arrival in arrivals_of_day(1000, path="").arrivals)
    assert hours[1] > 1.5 * hours[3]


def test_the_path_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ARRIVALS=`` names the file."""
    rows = observations("office", "2020-01-07")
    monkeypatch.setenv("ARRIVALS", written(tmp_path / "queues.parquet", rows))
    assert arrivals_of_day(40).source.startswith("queues.parquet")


def wrong_files(folder: Path) -> dict[str, tuple[str, str]]:
    """What somebody might name instead, and what he is told."""
    text = folder / "queues.csv"
    text.write_text("office,date\n", encoding="utf-8")
    rows = observations("office", "2020-01-07")
    return {
        "absent": (str(folder / "none.parquet"), "there is no file"),
        "text": (str(text), "is no parquet file"),
        "other columns": (
            written(folder / "other.parquet", [{"office": "x"}]),
            "lacks the columns date, time",
        ),
        "other content": (
            written(folder / "content.parquet", [{**row, "people_waiting": "many"} for row in rows]),
            "another content",
        ),
        "nothing fits": (written(folder / "quiet.parquet", rows[:2]), "no queue of a day has"),
    }


@pytest.mark.parametrize("kind", ["absent", "text", "other columns", "other content", "nothing fits"])
def test_a_wrong_file_is_named_with_its_flaw(tmp_path: Path, kind: str) -> None:
    """The message says what is wrong."""
    path, message = wrong_files(tmp_path)[kind]
    with pytest.raises(ArrivalsUnreadable, match=message):
        arrivals_of_day(10, path=path)
