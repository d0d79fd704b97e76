"""When who arrives at which outlet: rebuilt from real observations, or from a built-in profile.

The file (``ARRIVALS=`` path) is a parquet with one row per queue about every five minutes: ``office``,
``date``, ``time``, ``queue_id``, ``number_served`` (text with its letter, empty before the first call) and
``people_waiting``. The number served plus the people waiting is the last number that was given out; what it
grows by between two rows is who has arrived in between.
"""

import itertools
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

VARIABLE = "ARRIVALS"
COLUMNS = {
    "office": pl.String,
    "date": pl.String,
    "time": pl.String,
    "queue_id": pl.Int64,
    "number_served": pl.String,
    "people_waiting": pl.Int64,
}
#: Queue-days that are kept: at least so many numbers, and once so many people waiting.
NUMBERS_MIN, PEAK_MIN = 20, 5
#: More arrivals than this between two rows are a display that was set anew, nobody's arrival.
STEP_MAX = 60

#: Customers per hour and outlet, 9:00 to 17:00, of an outlet in a residential quarter: the morning peak of
#: pensioners and shopkeepers, the lunch hour with half of the counters, a flatter afternoon.
PROFILE_OPENS = 9
PROFILE = (34, 44, 30, 18, 20, 28, 24, 14)
#: How busy the six outlets are, relative to each other.
WEIGHTS = (1.6, 1.3, 1.0, 0.9, 0.7, 0.5)


class ArrivalsUnreadable(ValueError):
    """The file is not one of observations; the message says what is wrong with it."""


@dataclass(frozen=True, order=True)
class Arrival:
    """One customer: ``at`` seconds after the first of the day, the outlet (0 …) and the kind of queue."""

    at: float
    outlet: int
    queue: int


@dataclass(frozen=True)
class Day:
    """The arrivals of a day in order; ``source`` says where they come from."""

    source: str
    arrivals: tuple[Arrival, ...]

    @property
    def length(self) -> float:
        """Seconds from the first arrival to the last."""
        return self.arrivals[-1].at if self.arrivals else 0.0


def arrivals_of_day(
    tickets: int, *, outlets: int = 6, queues: int = 3, seed: int = 1, path: str | None = None
) -> Day:
    """Exactly ``tickets`` arrivals at ``outlets`` outlets with ``queues`` kinds of queues each.

    ``path`` (by default the variable ``ARRIVALS``) names a file of observations. Raises
    :class:`ArrivalsUnreadable`.
    """
    chance = random.Random(seed)
    named = path if path is not None else os.environ.get(VARIABLE, "")
    if named:
        source, found = observed(Path(named), outlets=outlets, queues=queues, chance=chance)
    else:
        source, found = "built-in profile", list(_profile(outlets, queues, chance))
    scaled = sorted(_scale(found, tickets, chance))
    first = scaled[0].at if scaled else 0.0
    return Day(source, tuple(Arrival(one.at - first, one.outlet, one.queue) for one in scaled))


def observed(path: Path, *, outlets: int, queues: int, chance: random.Random) -> tuple[str, list[Arrival]]:
    """The arrivals of the busiest date at the ``outlets`` busiest offices of that date."""
    by_day: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    frame = _read(path)
    frame = frame.filter(pl.col("people_waiting").max().over("office", "date", "queue_id") >= PEAK_MIN)
    for (office, date, _), rows in frame.group_by(["office", "date", "queue_id"], maintain_order=True):
        times = queue_arrivals(rows.select("time", "number_served", "people_waiting").rows(), chance)
        if times:
            by_day[str(date)][str(office)].append(times)
    if not by_day:
        raise ArrivalsUnreadable(
            f"{path.name}: no queue of a day has at least {NUMBERS_MIN} numbers and {PEAK_MIN} people waiting"
        )
    chosen = {date: _busiest(offices, outlets) for date, offices in by_day.items()}
    date = max(sorted(chosen), key=lambda day: sum(map(_count, chosen[day].values())))
    arrivals = [
        Arrival(at, number, index % queues)
        for number, times_of_queues in enumerate(chosen[date].values())
        for index, times in enumerate(sorted(times_of_queues, key=len, reverse=True))
        for at in times
    ]
    return f"{path.name}, {date}, {len(chosen[date])} offices", arrivals


def queue_arrivals(rows: Sequence[tuple[str, str | None, int]], chance: random.Random) -> list[float]:
    """Seconds of the day at which somebody arrived in one queue on one day; none for an unfit queue-day.

    ``rows`` are (time ``HH:MM``, number served, people waiting) in the order of time; arrivals between two
    rows are spread over the time between them.
    """
    arrivals: list[float] = []
    given, before, served, peak = 0, None, 0, 0
    for time, text, waiting in rows:
        at = _seconds(time)
        number = _number(text)
        if number is not None and number < served:
            return []
        served = served if number is None else number
        last = served + waiting
        if before is None:
            # What was given out before the first row: nobody knows when; a display may begin at any number.
            given = served
        new = last - given
        if 0 < new <= STEP_MAX:
            since = at - 300 if before is None else before
            arrivals += sorted(chance.uniform(since, at) for _ in range(new))
        given, before, peak = max(given, last), at, max(peak, waiting)
    return arrivals if len(arrivals) >= NUMBERS_MIN and peak >= PEAK_MIN else []


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise ArrivalsUnreadable(f"{VARIABLE}: there is no file {path}")
    try:
        lazy = pl.scan_parquet(path)
        known = lazy.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ArrivalsUnreadable(f"{path.name} is no parquet file: {error}") from error
    if missing := [name for name in COLUMNS if name not in known]:
        raise ArrivalsUnreadable(f"{path.name} lacks the columns {', '.join(missing)}")
    try:
        frame = lazy.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items()).collect()
    except pl.exceptions.PolarsError as error:
        raise ArrivalsUnreadable(f"{path.name}: a column has another content: {error}") from error
    frame = frame.filter(pl.col("people_waiting") >= 0, pl.col("time").str.contains(r"^\d\d:\d\d"))
    return frame.sort("office", "date", "queue_id", "time", maintain_order=True)


def _busiest(offices: Mapping[str, list[list[float]]], outlets: int) -> dict[str, list[list[float]]]:
    names = sorted(offices, key=lambda name: (-_count(offices[name]), name))[:outlets]
    return {name: offices[name] for name in names}


def _count(queues: Iterable[list[float]]) -> int:
    return sum(map(len, queues))


def _seconds(time: str) -> float:
    hours, minutes = time.split(":")[:2]
    return int(hours) * 3600.0 + int(minutes) * 60.0


def _number(text: str | None) -> int | None:
    found = re.search(r"\d+", text or "")
    return int(found[0]) if found else None


def _profile(outlets: int, queues: int, chance: random.Random) -> Iterator[Arrival]:
    """A Poisson number of arrivals for each hour and outlet, spread evenly over the hour."""
    shares = [chance.uniform(0.8, 1.2) / (1 + index) for index in range(queues)]
    weights = itertools.islice(itertools.cycle(WEIGHTS), outlets)
    for outlet, weight in enumerate(weights):
        for hour, rate in enumerate(PROFILE, start=PROFILE_OPENS):
            for _ in range(_poisson(rate * weight, chance)):
                queue = chance.choices(range(queues), shares)[0]
                yield Arrival((hour + chance.random()) * 3600.0, outlet, queue)


def _poisson(mean: float, chance: random.Random) -> int:
    # Knuth's way is enough for means of this size.
    count, product, limit = 0, chance.random(), 2.718281828459045**-mean
    while product > limit:
        count += 1
        product *= chance.random()
    return count


def _scale(found: Sequence[Arrival], tickets: int, chance: random.Random) -> list[Arrival]:
    """Exactly ``tickets`` of the same shape: thinned out, or some joined by a companion a moment later."""
    if len(found) >= tickets:
        return chance.sample(list(found), tickets)
    more = chance.choices(list(found), k=tickets - len(found)) if found else []
    joined = [Arrival(one.at + chance.uniform(1, 300), one.outlet, one.queue) for one in more]
    return [*found, *joined]
