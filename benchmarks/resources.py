"""What the four services take: memory and CPU at rest, for every 1,000 tickets, and how long a start takes.

At rest: ten seconds, ten seconds after they are ready. The tickets are those of a whole branch day: called,
served, evaluated, some with a recorded sale, a complaint, a pay-out. The start is that of the whole stack
(PostgreSQL, broker, issuer, migrations, four services) on the data that the day has left.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import cpu
from benchmarks.report import Result, conclude, console, show_environment, show_table
from deploy.demo.day import play
from deploy.devstack.postgres import PostgresServer
from deploy.devstack.stack import Stack

LIMIT_MB = 150.0
LIMIT_START_SECONDS = 20.0
REST_SECONDS = 10.0


@dataclass(frozen=True)
class Taken:
    """What one part of the stack has at a moment: MB of resident memory, milliseconds of CPU so far."""

    mb: float
    cpu_ms: float


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def taken(stack: Stack) -> dict[str, Taken]:
    """What every service has, and PostgreSQL with all its processes (the memory is of its first)."""
    found = {
        name: Taken(resident_mb(stack.pid(name)), cpu.of_processes(stack.pids(name))) for name in stack.names
    }
    assert isinstance(stack.postgres, PostgresServer)
    pid = stack.postgres.pid
    return {**found, "PostgreSQL": Taken(resident_mb(pid), cpu.of_family(pid))}


def rows(
    rest: Mapping[str, Taken], rested: Mapping[str, Taken], played: Mapping[str, Taken], tickets: int
) -> list[list[str]]:
    """A line for each part."""
    return [
        [
            name,
            f"{before.mb:.0f} MB" if name != "PostgreSQL" else "",
            f"{(rested[name].cpu_ms - before.cpu_ms) / REST_SECONDS / 10:.1f} %",
            f"{(played[name].cpu_ms - rested[name].cpu_ms) * 1000 / tickets:.0f} ms",
            f"{(played[name].mb - rested[name].mb) * 1000 / tickets:+.1f} MB" if name != "PostgreSQL" else "",
        ]
        for name, before in rest.items()
    ]


def started(stack: Stack) -> float:
    """Seconds until everything is ready."""
    begun = time.monotonic()
    stack.start()
    return time.monotonic() - begun


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1000)
    tickets = parser.parse_args().tickets
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        stack = Stack(Path(folder))
        try:
            first = started(stack)
            time.sleep(REST_SECONDS)
            rest = taken(stack)
            time.sleep(REST_SECONDS)
            rested = taken(stack)
            asyncio.run(play(stack, tickets=tickets, seconds=45.0, stale=False, books=False))
            played = taken(stack)
            stack.stop()
            again = started(stack)
        finally:
            stack.stop()
    show_table(
        f"at rest, and for every 1,000 of {tickets} tickets",
        ["", "memory at rest", "CPU at rest", "CPU", "memory grown"],
        rows(rest, rested, played, tickets),
    )
    console.print(f"from nothing to ready: {first:.1f} s; from kept data: {again:.1f} s")
    largest = max(part.mb for name, part in rest.items() if name != "PostgreSQL")
    for name, value, unit, limit in (
        ("idle_memory", largest, "MB", LIMIT_MB),
        ("start_to_ready", again, "s", LIMIT_START_SECONDS),
    ):
        conclude(
            Result(
                name=name,
                value=round(value, 1),
                unit=unit,
                against="limit",
                reference=limit,
                ratio=round(value / limit, 3),
                goal="<= 1.0",
                met=value <= limit,
                processes=4,
                server_cpu_ms=None,
            )
        )


if __name__ == "__main__":
    main()
