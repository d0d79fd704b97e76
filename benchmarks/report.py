"""What every benchmark prints and keeps: the environment, a table, a line of JSON, ``.local/bench.json``."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

KEPT = Path(__file__).parents[1] / ".local" / "bench.json"

console = Console(width=110, highlight=False)


@dataclass(frozen=True)
class Result:
    """One figure beside what it is measured against, both taken in one run on one machine.

    ``ratio`` is ``value / reference``, or the median of that over paired rounds; ``goal`` says in words what
    is wanted, ``met`` whether it was reached.
    ``server_cpu_ms`` is CPU of all service processes for one operation, the database's apart.
    """

    name: str
    value: float
    unit: str
    against: str
    reference: float
    ratio: float
    goal: str
    met: bool
    processes: int
    server_cpu_ms: float | None


def environment() -> dict[str, str | int | float]:
    """Where it was measured; the load average tells how quiet it was there."""
    return {
        "python": platform.python_version(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def show_environment() -> None:
    """Prints where it is measured."""
    console.print("environment: " + ", ".join(f"{name} {value}" for name, value in environment().items()))


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table; the first column holds names, the others figures."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for index, name in enumerate(columns):
        table.add_column(name, justify="left" if index == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def rounds_row(name: str, unit: str, digits: int, values: Sequence[float]) -> list[str]:
    """A row of a table: a figure of each round, and their median; each with its unit."""
    return [name, *(f"{value:.{digits}f}{unit}" for value in [*values, statistics.median(values)])]


def rounds_columns(count: int) -> list[str]:
    """The columns of such a table."""
    return ["", *(f"round {number}" for number in range(1, count + 1)), "median"]


def conclude(result: Result) -> None:
    """Keeps the result with its environment and prints it, as the last line, as one JSON object."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else []
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    kept.append({**asdict(result), "taken_at": taken, "environment": environment()})
    KEPT.parent.mkdir(exist_ok=True)
    draft = KEPT.with_suffix(".new")
    draft.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.rename(KEPT)
    print(json.dumps(asdict(result), ensure_ascii=False), flush=True)
